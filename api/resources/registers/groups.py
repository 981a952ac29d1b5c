"""The rows of one transfer on their way to being one: what they state, where, and what is wrong."""

from dataclasses import dataclass, field
from typing import cast

from api.contract import PERSONS_MAX
from api.resources.registers.conversion import ConvertedCell
from api.resources.registers.fields import PERSON
from ledger.values import Json

Fault = tuple[int, str, str, str]
"""Row, title of the column, JSON Pointer, code."""


def pointer_of(name: str) -> str:
    """JSON Pointer to a field of a transfer."""
    return "/" + name.replace(".", "/")


@dataclass(slots=True)
class TransferRows:
    """The rows of one transfer so far.

    Attributes:
        first, last: numbers of its rows.
        id: as its number stands in the register; None when it has none, or none that can be read.
        members: field → value, without the persons' fields.
        rows_of: field → the row that states it.
        persons: each with the row that states it.
        faults: where something is wrong.
    """

    first: int
    last: int
    id: str | None
    members: dict[str, Json] = field(default_factory=dict[str, Json])
    rows_of: dict[str, int] = field(default_factory=dict[str, int])
    persons: list[tuple[int, dict[str, Json]]] = field(
        default_factory=list[tuple[int, dict[str, Json]]]
    )
    faults: list[Fault] = field(default_factory=list[Fault])
    _known: set[str] = field(default_factory=set[str])
    _is_too_large: bool = False
    _rows: int = 0

    def fault(self, row: int, title: str, pointer: str, code: str) -> None:
        """Note what is wrong; once a place and code."""
        if (row, title, pointer, code) not in self.faults[-8:]:
            self.faults.append((row, title, pointer, code))

    def take(self, row: int, found: list[tuple[str, ConvertedCell]]) -> None:
        """Take what one row states.

        Args:
            found: for each column its title and what its cell brought.
        """
        self.last = row
        self._rows += 1
        if self._rows > PERSONS_MAX:
            # Told once; else one number in a million rows would be a million rows in memory.
            of_person = (t for t, cell in found if any(n.startswith(PERSON) for n in cell.members))
            self._too_large(row, next(of_person, ""))
            return
        persons: dict[str, list[Json]] = {}
        titles: dict[str, str] = {}
        here: dict[str, Json] = {}
        for title, cell in found:
            for name, code in cell.faults.items():
                self.fault(row, title, self._place(name), code)
            for name, value in cell.members.items():
                titles.setdefault(name, title)
                if name.startswith(PERSON):
                    persons[name] = cast("list[Json]", value)
                elif name in here:
                    if here[name] != value:
                        self.fault(row, title, pointer_of(name), "VALUES_DIFFER")
                else:
                    here[name] = value
        for name, value in here.items():
            if name not in self.members:
                self.members[name] = value
                self.rows_of[name] = row
            elif self.members[name] != value:
                self.fault(row, titles[name], pointer_of(name), "GROUP_DIFFERS")
        self._take_persons(row, persons, titles)

    def _place(self, name: str) -> str:
        if name.startswith(PERSON):
            return f"/principals/{len(self.persons)}/{name.removeprefix(PERSON)}"
        return pointer_of(name)

    def _too_large(self, row: int, title: str) -> None:
        if not self._is_too_large:
            self.fault(row, title, "/principals", "PERSONS_TOO_MANY")
        self._is_too_large = True

    def _take_persons(
        self, row: int, stated: dict[str, list[Json]], titles: dict[str, str]
    ) -> None:
        count = max((len(values) for values in stated.values()), default=0)
        for name, values in stated.items():
            # A scheme may be stated once for all persons of the cell.
            if len(values) != count and not (len(values) == 1 and name == f"{PERSON}scheme"):
                self.fault(row, titles[name], "/principals", "PERSONS_DIFFER")
                return
        for n in range(count):
            if len(self.persons) == PERSONS_MAX:
                self._too_large(row, next(iter(titles[name] for name in stated)))
                return
            person = {
                name.removeprefix(PERSON): values[n] if len(values) > 1 else values[0]
                for name, values in stated.items()
            }
            known = repr(sorted(person.items()))
            if known in self._known:
                title = next(iter(titles[name] for name in stated))
                self.fault(row, title, "/principals", "PERSON_TWICE")
                continue
            self._known.add(known)
            self.persons.append((row, person))
