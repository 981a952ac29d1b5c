"""Frozen dataclasses that are made many times for each transfer, made in a third of the time.

A frozen dataclass refuses assignments, so its own `__init__` makes a call of `object.__setattr__`
for each field. `fast_init` gives it one that assigns as that of a mutable class does: while it runs
the object is of a twin class with the same slots and without the refusal. Nobody else sees the
object yet, and once it is made it refuses assignments like every other.
"""

from dataclasses import MISSING, Field, fields
from typing import Any, Final, TypeVar, cast

Made = TypeVar("Made")

_SET_CLASS: Final = object.__setattr__


def fast_init(made: type[Made]) -> type[Made]:
    """The frozen dataclass, with an `__init__` of the same parameters and the same effect.

    To stand above `@dataclass(frozen=True, slots=True)`. Worth it from some four fields on.

    Raises:
        TypeError: the class has a base or a `__post_init__`, or a field with a factory, without a
            parameter or by keyword only: those take the usual way.
    """
    given = fields(cast("Any", made))
    is_plain = made.__bases__ == (object,) and not hasattr(made, "__post_init__")
    if not is_plain or not all(map(_is_plain, given)):
        raise TypeError(f"{made.__name__} is not a plain frozen dataclass with slots")
    slots = cast("tuple[str, ...]", vars(made)["__slots__"])
    known: dict[str, object] = {
        "_set_class": _SET_CLASS,
        "_made": made,
        "_open": type(made.__name__, (), {"__slots__": slots}),
    }
    parameters: list[str] = []
    for one in given:
        has_default = one.default is not MISSING
        parameters.append(f"{one.name}=_default_{one.name}" if has_default else one.name)
        known[f"_default_{one.name}"] = one.default
    lines = [
        f"def __init__(self, {', '.join(parameters)}):",
        " _set_class(self, '__class__', _open)",
        *[f" self.{one.name} = {one.name}" for one in given],
        " self.__class__ = _made",
    ]
    exec("\n".join(lines), known)  # noqa: S102 -- as `dataclasses` makes its own; of names in our source
    init = cast("Any", known["__init__"])
    plain = cast("Any", made.__init__)
    init.__qualname__, init.__module__ = plain.__qualname__, made.__module__
    init.__annotations__ = plain.__annotations__
    cast("Any", made).__init__ = init
    return made


def _is_plain(one: Field[Any]) -> bool:
    return one.init and not one.kw_only and one.default_factory is MISSING
