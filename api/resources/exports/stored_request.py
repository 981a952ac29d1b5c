"""What was asked for and what was made, as it is kept sealed beside an export."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final, cast

from ledger.exports.filters import Filters
from ledger.exports.store import ExportRow, State
from ledger.values import Json, PrincipalRef

REQUEST: Final = "asked"
MADE: Final = "made"
HIDDEN: Final = "hidden"
"""`ActiveExclusions.digest` of what the bag was made without, in hex. Nobody is shown it."""


@dataclass(frozen=True, slots=True)
class PackedBag:
    """A bag that is kept.

    Attributes:
        position: of the event that put it on record; None: it is not on record yet.
        as_of: position of the ledger that it shows.
        digest: SHA-256 of its tag manifest, in hex.
        bytes, sha256: of the zip file.
    """

    as_of: int
    records: int
    events: int
    persons: int
    signed: bool
    digest: str
    bytes: int
    sha256: str
    position: int | None = None


def dump_filters(filters: Filters) -> dict[str, Json]:
    """The question as JSON."""
    return {
        "first": _text(filters.first),
        "last": _text(filters.last),
        "counterparty": filters.counterparty,
        "bases": list(filters.bases),
        "findings": list(filters.findings),
        "source": filters.source,
        "person": [[one.scheme, one.id] for one in filters.person],
        "case": filters.case,
        "reason": filters.reason,
        "identified": filters.identified,
        "whole": filters.whole,
        "smallest": filters.smallest,
    }


def filters_of(one: ExportRow) -> Filters:
    """The question of an export."""
    members = cast("Mapping[str, Json]", one.members[REQUEST])
    person = cast("list[list[str]]", members["person"])
    return Filters(
        first=_day(members["first"]),
        last=_day(members["last"]),
        counterparty=cast("str | None", members["counterparty"]),
        bases=tuple(cast("list[str]", members["bases"])),
        findings=tuple(cast("list[str]", members["findings"])),
        source=cast("str | None", members["source"]),
        person=tuple(PrincipalRef(scheme, found) for scheme, found in person),
        case=cast("str | None", members["case"]),
        reason=cast("str | None", members["reason"]),
        identified=bool(members["identified"]),
        whole=bool(members["whole"]),
        smallest=cast("int", members["smallest"]),
    )


def packed_of(one: ExportRow) -> PackedBag | None:
    """What was made of it; None: nothing yet."""
    made = one.members.get(MADE)
    return None if made is None else PackedBag(**cast("dict[str, int]", made))  # pyright: ignore[reportArgumentType] -- as `with_bag` wrote it


def confirmed_state(one: ExportRow) -> State:
    """Its state, as far as what is sealed confirms it: whoever writes to the database sets the row.

    A bag is ready once its event stands, and packed once it was made.
    """
    if one.state not in ("packed", "ready"):
        return one.state
    made = packed_of(one)
    if made is None:
        return "making"
    return "packed" if made.position is None else one.state


def with_bag(one: ExportRow, packed: PackedBag) -> dict[str, Json]:
    """What is told of the export from here on."""
    return {**one.members, MADE: cast("dict[str, Json]", asdict(packed))}


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: Json) -> date | None:
    return None if text is None else date.fromisoformat(str(text))
