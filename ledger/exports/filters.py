"""Which records an export holds: as asked, checked, and held against the versions of a record.

A record belongs to an export when one of its versions does: what a correction took out of the
filters was recorded, and an inspector asks for what was recorded.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from ledger.emitters.sources import is_within
from ledger.errors import Defect, MalformedError
from ledger.exports.small_cells import SMALLEST, fits
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.policies.my_number import my_number_defects
from ledger.values import Counterparty, Json, PrincipalRef, days_of

ANY: Final = "any"
"""In place of codes of findings: whatever was found."""
VALUES_MAX: Final = 100
"""Codes in one filter, and identifiers of a person."""
_PARTY_ID: Final = re.compile("[!-~]+")
TEXT_MAX: Final = 500
"""Characters of a reason, a name, a source."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records, and how they are shown. Nothing given: all records.

    Attributes:
        first, last: days in Japan, both inclusive; a record whose period touches them, and every
            record without a day.
        counterparty: its `party_id`; where persons are named, its name as recorded, too.
        bases: codes; findings: codes, or `any`.
        source: of the emitter, or a prefix at a boundary (`ledger.emitters.sources`).
        person: identifiers of one person; those linked to them belong to it. Needs `case`.
        case: the number of the case for which somebody looks at a person.
        reason: why; needed for what is identified, whole, or of one person.
        identified: identifiers and names as recorded, in place of pseudonyms.
        whole: also what nobody else may know of (Order 11) and what is destroyed, with every header
            of the ledger, so that nothing can be missing unseen.
        smallest: the least count of requests that is told, other than 0; see `small_cells.fits`.
    """

    first: date | None = None
    last: date | None = None
    counterparty: str | None = None
    bases: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    source: str | None = None
    person: tuple[PrincipalRef, ...] = ()
    case: str | None = None
    reason: str | None = None
    identified: bool = False
    whole: bool = False
    smallest: int = SMALLEST

    @property
    def members(self) -> dict[str, Json]:
        """As a bag tells it; of a person the case alone, for an identifier would name whom."""
        named: dict[str, Json] = {
            "first": None if self.first is None else self.first.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
            "counterparty": self.counterparty,
            "bases": list(self.bases) or None,
            "findings": list(self.findings) or None,
            "source": self.source,
            "identifiers": len(self.person) or None,
            "case": self.case,
        }
        return {name: value for name, value in named.items() if value is not None}


def check(filters: Filters) -> None:
    """Refuse what makes no sense.

    Raises:
        MalformedError: a period that ends before it begins, an unknown code, a person without a
            case, a missing reason, a name where nobody is named, a text that is too long or shows
            an individual number.
    """
    if defects := tuple(_defects(filters)):
        raise MalformedError(defects)


def _defects(filters: Filters) -> Iterator[Defect]:
    first, last = filters.first, filters.last
    if first is not None and last is not None and last < first:
        yield Defect("/last", "DATE_RANGE_REVERSED", "a period ends on its first day or later")
    known: tuple[tuple[str, tuple[str, ...], Collection[str]], ...] = (
        ("bases", filters.bases, BASES),
        ("findings", filters.findings, {ANY, *FINDINGS}),
    )
    for name, codes, allowed in known:
        if len(codes) > VALUES_MAX:
            yield Defect(f"/{name}", "SCHEMA", f"give at most {VALUES_MAX}")
        for n, code in enumerate(codes):
            if code not in allowed:
                yield Defect(f"/{name}/{n}", "SCHEMA", "there is no such code")
    for name in ("counterparty", "source", "case", "reason"):
        text = cast("str | None", getattr(filters, name))
        if text is not None and not 0 < len(text.strip()) <= len(text) <= TEXT_MAX:
            yield Defect(f"/{name}", "SCHEMA", f"give 1 to {TEXT_MAX} characters, or nothing")
        yield from my_number_defects(text or "", f"/{name}")
    party = filters.counterparty
    if party is not None and not filters.identified and _PARTY_ID.fullmatch(party) is None:
        # What is asked for stands in the bag, and a name may be an individual's.
        yield Defect(
            "/counterparty",
            "SCHEMA",
            "give the party_id (ASCII, without spaces): names only where persons are named",
        )
    if len(filters.person) > VALUES_MAX:
        yield Defect("/person", "SCHEMA", f"give at most {VALUES_MAX} identifiers")
    if filters.person and filters.case is None:
        yield Defect("/case", "SCHEMA", "name the case for which a person is looked at")
    if not fits(filters.smallest):
        yield Defect("/smallest", "SCHEMA", "give 1, or 3 or more: what is below 2 could only be 1")
    if filters.reason is None and (filters.person or filters.identified or filters.whole):
        yield Defect("/reason", "SCHEMA", "say why persons are named, or everything is shown")


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """One version of a record, as far as filters ask.

    Attributes:
        facts: in clear, of its header.
        party: None when its content is gone.
        findings: of the transfer and of its persons.
    """

    facts: Mapping[str, Json]
    party: Counterparty | None
    findings: frozenset[str]


def holds(filters: Filters, version: RecordVersion) -> bool:
    """Whether the version is one of those that are asked for, its source and persons apart."""
    if filters.bases and version.facts.get("basis") not in filters.bases:
        return False
    if filters.findings and not _has_finding(filters.findings, version.findings):
        return False
    if not _touches(filters, version.facts):
        return False
    return filters.counterparty is None or _is_party(filters, version.party)


def asks_of_versions(filters: Filters) -> bool:
    """Whether `holds` could refuse any version."""
    bounds = (filters.first, filters.last, filters.counterparty)
    return bool(filters.bases or filters.findings) or any(one is not None for one in bounds)


def is_from(filters: Filters, source: str | None) -> bool:
    """Whether the source of a record (None: gone) is asked for."""
    if filters.source is None:
        return True
    return source is not None and is_within(source, filters.source)


def _has_finding(codes: Collection[str], findings: frozenset[str]) -> bool:
    return bool(findings) if ANY in codes else not findings.isdisjoint(codes)


def _touches(filters: Filters, facts: Mapping[str, Json]) -> bool:
    begin, end = days_of(facts)
    if begin is None:
        return True
    if filters.last is not None and begin > filters.last:
        return False
    return filters.first is None or end is None or end >= filters.first


def _is_party(filters: Filters, party: Counterparty | None) -> bool:
    if party is None:
        return False
    if filters.identified:
        return filters.counterparty in (party.party_id, party.name)
    # Where nobody is named, no question may tell who an individual is.
    return party.kind != "individual" and filters.counterparty == party.party_id
