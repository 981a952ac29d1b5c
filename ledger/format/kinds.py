"""Kinds of values that may stand in a header's `facts`, each with the bytes it can take.

Nothing typed by an emitter or officer fits into any of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol, cast

from ledger.values import Json

NUMBER_MAX = 2**53 - 1
_CODE = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
_KEY = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
# No quote, no backslash (both would be escaped), no plus.
_LOG_NAME = re.compile(r"[!#-*,-\[\]-~]{1,240}")


class Kind(Protocol):
    """One kind of value."""

    def allows(self, value: Json) -> bool:
        """True when `value` is of this kind and within its bound."""
        ...

    @property
    def bytes_max(self) -> int:
        """Most bytes that the JSON of such a value takes."""
        ...


@lru_cache(maxsize=4_096)
def _is_code(text: str, length_max: int) -> bool:
    return len(text) <= length_max and _CODE.fullmatch(text) is not None


@lru_cache(maxsize=16_384)
def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Code:
    """A code or a version: ASCII letters, digits, `.`, `_`, `-`."""

    length_max: int

    def allows(self, value: Json) -> bool:
        """True for such a code."""
        return type(value) is str and _is_code(value, self.length_max)

    @property
    def bytes_max(self) -> int:
        """The code and its quotes."""
        return self.length_max + 2


@dataclass(frozen=True, slots=True)
class Codes:
    """A list of codes: different ones sorted by bytes, or in an order with a meaning."""

    length_max: int
    count_max: int
    sorted: bool

    def allows(self, value: Json) -> bool:
        """True for such a list."""
        if type(value) is not list:
            return False
        codes = cast("list[str]", value)
        length_max = self.length_max
        for code in codes:
            if type(code) is not str or not _is_code(code, length_max):
                return False
        if len(codes) > self.count_max:
            return False
        return not self.sorted or len(codes) < 2 or sorted(set(codes)) == codes  # noqa: PLR2004 -- one is sorted

    @property
    def bytes_max(self) -> int:
        """All codes, quotes, commas and brackets."""
        return self.count_max * (self.length_max + 3) + 2


@dataclass(frozen=True, slots=True)
class Day:
    """A day in Japan, `2026-11-24`."""

    def allows(self, value: Json) -> bool:
        """True for a day that there is."""
        return type(value) is str and _is_day(value)

    @property
    def bytes_max(self) -> int:
        """Ten characters and quotes."""
        return 12


@dataclass(frozen=True, slots=True)
class Number:
    """A count or a position, from 0."""

    def allows(self, value: Json) -> bool:
        """True for an integer (no boolean) within the bound."""
        return type(value) is int and 0 <= value <= NUMBER_MAX

    @property
    def bytes_max(self) -> int:
        """The digits of the largest."""
        return len(str(NUMBER_MAX))


_NUMBER = Number()


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def allows(self, value: Json) -> bool:
        """True for a boolean."""
        return type(value) is bool

    @property
    def bytes_max(self) -> int:
        """The length of `false`."""
        return 5


@dataclass(frozen=True, slots=True)
class PartyKey:
    """A keyed hash of a party that is no individual: 16 bytes, hex."""

    def allows(self, value: Json) -> bool:
        """True for 32 lower-case hex digits."""
        return type(value) is str and _KEY.fullmatch(value) is not None

    @property
    def bytes_max(self) -> int:
        """32 digits and quotes."""
        return 34


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash of something that is no content of anybody: 32 bytes, hex."""

    def allows(self, value: Json) -> bool:
        """True for 64 lower-case hex digits."""
        return type(value) is str and _HASH.fullmatch(value) is not None

    @property
    def bytes_max(self) -> int:
        """64 digits and quotes."""
        return 66


@dataclass(frozen=True, slots=True)
class LogName:
    """The name of a log: visible ASCII characters that a name of a key may have."""

    def allows(self, value: Json) -> bool:
        """True for such a name."""
        return type(value) is str and _LOG_NAME.fullmatch(value) is not None

    @property
    def bytes_max(self) -> int:
        """The name and its quotes."""
        return 242


@dataclass(frozen=True, slots=True)
class Counts:
    """An object of counts with closed names."""

    names: tuple[str, ...]

    def allows(self, value: Json) -> bool:
        """True when each member is a known name with a number."""
        if type(value) is not dict:
            return False
        counts = cast("Mapping[str, Json]", value)
        return all(name in self.names and _NUMBER.allows(n) for name, n in counts.items())

    @property
    def bytes_max(self) -> int:
        """Names, quotes, colons, numbers, commas and braces."""
        return sum(len(name) + 4 + _NUMBER.bytes_max for name in self.names) + 2
