"""How much of a malformed transfer is looked at: its defects must not cost more than it did.

An error of the schema repeats the part that is wrong: five megabytes of empty objects would become
gigabytes of errors. What fits the schema is never cut.
"""

from typing import Final, cast

from ledger.errors import Defect
from ledger.policies.wellformedness import SCHEMA as CODE

DEFECTS_MAX: Final = 100
"""Defects of one transfer that are named."""
VALUES_MAX: Final = 5_000
"""Members and elements, at any depth: a thousand persons with all that is known of each."""
CHARACTERS_MAX: Final = 1_000
"""Of one text or name."""
DEPTH_MAX: Final = 16

NOT_READ_ON: Final = Defect(
    "",
    CODE,
    f"does not fit the schema, and is too large for every defect to be named: at most the first "
    f"{VALUES_MAX:,} values, {DEPTH_MAX} levels and {CHARACTERS_MAX:,} characters of each text "
    "were looked at",
)

NOT_CHECKED: Final = Defect(
    "",
    CODE,
    "was not checked in detail, for its body names as many defects as it may: send this one again "
    "by itself, or with fewer others, and its defects are named",
)
"""Stands for all defects of what is malformed, where none may be named any more."""


def has_more_values(data: object, most: int) -> bool:
    """Whether there are more members and elements in `data` than `most`, at any depth."""
    left, waiting = most, [data]
    while waiting and left >= 0:
        one = waiting.pop()
        if isinstance(one, dict):
            one = [*cast("dict[str, object]", one).values()]
        if isinstance(one, list):
            inner = cast("list[object]", one)
            left -= len(inner)
            waiting += inner
    return left < 0


def has_more_characters(data: object, most: int) -> bool:
    """Whether the different texts and names in `data` have more characters than `most` together."""
    left, waiting = most, [data]
    counted: set[str] = set()
    while waiting and left >= 0:
        one = waiting.pop()
        if isinstance(one, dict):
            members = cast("dict[str, object]", one)
            waiting += members
            waiting += members.values()
        elif isinstance(one, list):
            waiting += cast("list[object]", one)
        elif isinstance(one, str) and one not in counted:
            counted.add(one)
            left -= len(one)
    return left < 0


def counted_values(data: object) -> int:
    """How many of the members and elements of `data` are looked at, at any depth."""
    left, waiting = VALUES_MAX, [data]
    while waiting and left > 0:
        one = waiting.pop()
        if isinstance(one, dict):
            one = [*cast("dict[str, object]", one).values()]
        if isinstance(one, list):
            inner = cast("list[object]", one)
            left -= len(inner)
            waiting += inner[:left] if left > 0 else ()
    return VALUES_MAX - max(left, 0)


def within_bounds(data: object) -> tuple[object, bool]:
    """The first part of what a JSON parser made, and whether that is all of it."""
    copying = _Copying(VALUES_MAX)
    return copying.of(data, DEPTH_MAX), copying.is_whole


class _Copying:
    def __init__(self, values_max: int) -> None:
        self._left = values_max
        self.is_whole = True

    def of(self, value: object, depth: int) -> object:
        if isinstance(value, str):
            self.is_whole &= len(value) <= CHARACTERS_MAX
            return value[:CHARACTERS_MAX]
        if not isinstance(value, dict | list):
            return value
        if depth == 0:
            self.is_whole = False
            return None
        if isinstance(value, list):
            return [self.of(one, depth - 1) for one in cast("list[object]", value) if self._takes()]
        members = cast("dict[str, object]", value)
        return {
            cast("str", self.of(name, 1)): self.of(one, depth - 1)
            for name, one in members.items()
            if self._takes()
        }

    def _takes(self) -> bool:
        self.is_whole &= self._left > 0
        self._left -= 1
        return self._left >= 0
