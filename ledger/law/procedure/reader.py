"""Reads members of a JSON object one by one and notes every defect instead of raising.

A place that does not fit gives a value of the right type that stands for nothing, so that the rest
is still read; nothing made of it may be used when a defect was noted.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import cast

from ledger.errors import Defect

SCHEMA = "SCHEMA"
# A version is read by people; these bound how large one may be.
TEXT_LENGTH_MAX = 2_000
ROWS_MAX = 200
NUMBER_MAX = 1_000_000

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,39}")
_NOWHERE = date(1, 1, 1)


class Reader:
    """One object of the document, with the pointer to it (RFC 6901)."""

    def __init__(self, data: object, pointer: str, found: list[Defect]) -> None:
        self.pointer = pointer
        self._found = found
        self._read_members: set[str] = set()
        self._data: Mapping[object, object] = {}
        self._is_object = isinstance(data, dict)
        if isinstance(data, dict):
            self._data = cast("dict[object, object]", data)
        else:
            self._found.append(Defect(pointer, SCHEMA, "must be an object"))

    def refuse(self, member: str, detail: str, code: str = SCHEMA) -> None:
        """Note a defect of `member`; of the object itself when the name is empty.

        Of what is no object, that alone is said, and nothing of its members.
        """
        if self._is_object:
            place = f"{self.pointer}/{member}" if member else self.pointer
            self._found.append(Defect(place, code, detail))

    def text(self, member: str) -> str:
        """A text with something to see in it."""
        value = self._get(member)
        if not isinstance(value, str) or not value.strip() or len(value) > TEXT_LENGTH_MAX:
            self.refuse(member, f"give a text of 1 to {TEXT_LENGTH_MAX:,} characters")
            return ""
        return value

    def text_or(self, member: str, default: str) -> str:
        """The text, or `default` when it is left out."""
        return self.text(member) if self.has(member) else default

    def choice(self, member: str, options: Collection[str]) -> str:
        """One of `options`."""
        value = self._get(member)
        if not isinstance(value, str) or value not in options:
            self.refuse(member, f"must be {' or '.join(sorted(options))}")
            return min(options)
        return value

    def choices(self, member: str, options: Collection[str]) -> tuple[str, ...]:
        """At least one of `options`, none twice."""
        value = self._get(member)
        given = cast("list[object]", value) if isinstance(value, list) else []
        chosen = tuple(one for one in given if isinstance(one, str) and one in options)
        if not chosen or len(chosen) != len(given) or len(set(chosen)) != len(chosen):
            self.refuse(member, f"list some of {', '.join(sorted(options))}, none twice")
        return chosen

    def texts(self, member: str) -> tuple[str, ...]:
        """A list of texts, at least one."""
        value = self._get(member)
        given = cast("list[object]", value) if isinstance(value, list) else []
        texts = tuple(one for one in given if isinstance(one, str) and one.strip())
        long = any(len(one) > TEXT_LENGTH_MAX for one in texts)
        if not texts or len(texts) != len(given) or len(texts) > ROWS_MAX or long:
            self.refuse(member, f"list 1 to {ROWS_MAX} texts")
        return texts

    def flag(self, member: str, *, default: bool = False) -> bool:
        """True or false; `default` when it is left out."""
        if not self.has(member):
            return default
        value = self._get(member)
        if not isinstance(value, bool):
            self.refuse(member, "must be true or false")
            return default
        return value

    def number(self, member: str, at_least: int) -> int:
        """A whole number."""
        value = self._get(member)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(member, f"give a whole number from {at_least} to {NUMBER_MAX:,}")
            return at_least
        if not at_least <= value <= NUMBER_MAX:
            self.refuse(member, f"give a whole number from {at_least} to {NUMBER_MAX:,}")
            return at_least
        return value

    def day(self, member: str) -> date:
        """A day of the calendar."""
        value = self._get(member)
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.refuse(member, "give a day of the calendar, YYYY-MM-DD")
        return _NOWHERE

    def day_or_open(self, member: str) -> date | None:
        """A day, or None when it is null or left out."""
        return None if self._get(member) is None else self.day(member)

    def child(self, member: str) -> "Reader":
        """The object under `member`."""
        return Reader(self._get(member), f"{self.pointer}/{member}", self._found)

    def rows(self, member: str) -> tuple["Reader", ...]:
        """The objects of the list under `member`, at least one."""
        value = self._get(member)
        if not isinstance(value, list) or not value or len(cast("list[object]", value)) > ROWS_MAX:
            self.refuse(member, f"list 1 to {ROWS_MAX} rows")
            return ()
        rows = enumerate(cast("list[object]", value))
        return tuple(Reader(row, f"{self.pointer}/{member}/{n}", self._found) for n, row in rows)

    def has(self, member: str) -> bool:
        """Whether `member` is there and not null."""
        return self._get(member) is not None

    def finish(self, why_not: Mapping[str, str] | None = None) -> None:
        """Note every member that nobody asked for: nothing of a procedure is passed over.

        Args:
            why_not: member → what to say of it instead.
        """
        for name in self._data:
            if name in self._read_members:
                continue
            # An unknown name may be somebody's own words: only what looks like a field is shown.
            shown = name if isinstance(name, str) and _FIELD_NAME.fullmatch(name) else ""
            reason = (why_not or {}).get(shown)
            self.refuse(shown, reason or "holds a member that a procedure does not know")

    def _get(self, member: str) -> object:
        self._read_members.add(member)
        return self._data.get(member)
