"""Classes that are made quickly: like the plain ones in everything but the time it takes."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.fast_init import fast_init


@dataclass(frozen=True, slots=True)
class Plain:
    """The oracle: the same fields, made in the usual way."""

    first: int
    second: str
    third: tuple[int, ...] = (3,)
    fourth: str | None = None


@fast_init
@dataclass(frozen=True, slots=True)
class Quick:
    """The same, made quickly."""

    first: int
    second: str
    third: tuple[int, ...] = (3,)
    fourth: str | None = None


NAMES = ("first", "second", "third", "fourth", "fifth")
GIVEN = st.lists(st.integers(), max_size=5)
NAMED = st.dictionaries(st.sampled_from(NAMES), st.integers(), max_size=5)


def made(kind: Any, given: list[int], named: dict[str, int]) -> str:  # noqa: ANN401 -- a class of either kind
    """What comes of the arguments: the fields of the object, or what is said against them."""
    try:
        return repr(kind(*given, **named))
    except TypeError as error:
        return str(error)


@given(GIVEN, NAMED)
def test_what_a_quick_class_takes_and_makes_is_what_the_plain_one_does(
    given: list[int], named: dict[str, int]
) -> None:
    assert made(Quick, given, named) == made(Plain, given, named).replace("Plain", "Quick")


def test_once_it_is_made_it_is_of_its_class_and_refuses_assignments() -> None:
    one = Quick(1, "a")
    assert type(one) is Quick
    assert isinstance(one, Quick)
    with pytest.raises(FrozenInstanceError):
        one.first = 2  # pyright: ignore[reportAttributeAccessIssue] -- what is tried here
    with pytest.raises(FrozenInstanceError):
        del one.second  # pyright: ignore[reportAttributeAccessIssue] -- as above
    with pytest.raises((AttributeError, TypeError)):
        one.other = 3  # pyright: ignore[reportAttributeAccessIssue] -- what is tried here
    assert one == Quick(1, "a", (3,), None)


def test_it_is_compared_hashed_copied_changed_and_matched_like_every_other() -> None:
    one = Quick(1, "a")
    assert {one: 1}[Quick(1, "a")] == 1
    assert one != Quick(2, "a")
    for same in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301 -- ours
        assert same == one
        assert type(same) is Quick
    changed = replace(one, second="b")
    assert (type(changed), changed) == (Quick, Quick(1, "b"))
    match one:
        case Quick(first, second):
            assert (first, second) == (1, "a")


@dataclass(frozen=True, slots=True)
class _WithFactory:
    some: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class _WithoutParameter:
    some: int = field(init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByKeyword:
    some: int


@dataclass(frozen=True, slots=True)
class _Based(Plain):
    some: int = 1


@dataclass(frozen=True, slots=True)
class _Checked:
    some: int

    def __post_init__(self) -> None:
        assert self.some


@pytest.mark.parametrize("kind", [_WithFactory, _WithoutParameter, _ByKeyword, _Based, _Checked])
def test_a_class_that_is_not_plain_is_refused_when_it_is_declared(kind: type[object]) -> None:
    with pytest.raises(TypeError, match="not a plain frozen dataclass"):
        fast_init(kind)
