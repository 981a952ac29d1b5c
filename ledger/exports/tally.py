"""What an export holds, in numbers: counted while it is written, counted again by who verifies."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from ledger.values import Json

UNDATED: Final = "undated"


@dataclass(slots=True)
class Tally:
    """Counts of what was written.

    Attributes:
        persons: lines that are shown, one a person of an event.
        months: month of the first day, as the newest version has it → records.
        laws: version of the Act → versions of records that were judged under it.
    """

    records: int = 0
    events: int = 0
    persons: int = 0
    months: Counter[str] = field(default_factory=Counter[str])
    laws: Counter[str] = field(default_factory=Counter[str])

    def add(self, row: Mapping[str, Json], versions: list[Mapping[str, Json]]) -> None:
        """Count a line of the bag.

        Args:
            versions: facts of its versions, oldest first; at least one.
        """
        events = cast("list[dict[str, Json]]", row["events"])
        self.records += 1
        self.events += len(events)
        for event in events:
            if "lines" in event:
                self.persons += len(cast("list[Json]", event["lines"]))
        newest = versions[-1]
        day = newest.get("transferred_on") or newest.get("transferred_from")
        self.months[UNDATED if day is None else str(day)[:7]] += 1
        for version in versions:
            self.laws[str(version["law"])] += 1

    @property
    def members(self) -> dict[str, Json]:
        """As a bag tells it."""
        return {
            "records": self.records,
            "events": self.events,
            "persons": self.persons,
            "by_month": dict(sorted(self.months.items())),
        }
