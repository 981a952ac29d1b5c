"""The oracle's transfers: what each of them says as of a position, in the most obvious way.

Written from the specification (architecture 1 and 6, vocabulary 1 to 6, event format 4), it imports
nothing of the product. It knows identifiers in plain text and goes through all events up to the
position, each time.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.decoder import Seen

Identifier = tuple[str, str]
Finding = tuple[int | None, str]
"""A code, of the person with that line, or (None) of the transfer."""
SETTLED = "transfer-findings-settled"


def normal(scheme: str, identifier: str) -> Identifier:
    """What the ledger may not tell apart. Plain ASCII and kana are all that the tests use."""
    text = unicodedata.normalize("NFC", identifier).strip()
    return (scheme, text.lower() if scheme == "email" else text)


@dataclass(slots=True)
class Transfer:
    """One transfer as of a position, in plain text."""

    id: str
    position: int
    positions: list[int]
    source: str
    key: str
    order_11: str
    series: str | None
    facts: Mapping[str, Any]
    data: dict[str, Any]
    lines: dict[int, Mapping[str, Any]]
    judged_at: int
    notice_version: str | None
    retracted: str | None = None
    is_gone: bool = False
    settled: set[Finding] = field(default_factory=set[Finding])

    def stands(self) -> set[Finding]:
        """Every finding of the transfer, and what single persons have besides."""
        if self.is_gone or self.retracted is not None:
            return set()
        own: set[Finding] = {
            (n, code)
            for n, line in self.lines.items()
            for code in line.get("verdict", {}).get("findings", [])
            if code not in self.facts["findings"]
        }
        return own | {(None, code) for code in self.facts["findings"]}

    def persons(self) -> set[Identifier]:
        return {person_of(line) for line in self.lines.values()}

    def whole(self) -> dict[str, Any]:
        """The transfer as a platform would send it now."""
        if not self.lines:
            return self.data
        return {**self.data, "principals": [self.lines[n]["principal"] for n in sorted(self.lines)]}


def person_of(line: Mapping[str, Any]) -> Identifier:
    return normal(line["principal"]["scheme"], line["principal"]["id"])


def transfers_at(events: Sequence[Seen], position: int) -> dict[str, Transfer]:
    """Every transfer as of `position`; one whose first event is dead is none."""
    found: dict[str, Transfer] = {}
    for event in events[:position]:
        if SETTLED in (event.type, events[event.copies - 1].type if event.copies else ""):
            # It says nothing of the transfer, so no history shows it, nor what carries it.
            if event.content is not None:
                codes = event.record["codes"]
                one = found[event.stream]
                one.settled |= {finding for finding in one.stands() if finding[1] in codes}
        elif event.is_dead:
            if event.stream in found:
                found[event.stream].positions.append(event.position)
                found[event.stream].is_gone = True
        elif event.type.endswith("-recorded"):
            found[event.stream] = Transfer(
                id=event.stream,
                position=event.position,
                positions=[event.position],
                source=event.record["source"],
                key=event.record["id"],
                order_11=event.record["order_11"],
                series=event.record.get("series"),
                facts=event.facts,
                data=data_of(event),
                lines=dict(event.lines),
                judged_at=event.judged_at,
                notice_version=event.record.get("notice_version"),
            )
        elif event.stream not in found or event.copies:
            continue  # a copy says nothing new, and may be kept for somebody who is hidden
        elif event.type in ("transfer-corrected", "transfer-reclassified"):
            one = found[event.stream]
            one.positions.append(event.position)
            one.is_gone = False
            one.facts, one.data, one.judged_at = event.facts, data_of(event), event.judged_at
            one.notice_version = event.record.get("notice_version")
            for number in event.record.get("removed", []):
                one.lines.pop(number, None)  # whoever was not carried forward is not there
            one.lines |= event.lines
            # What goes and comes again is new, and so is what another person has.
            one.settled = {
                finding
                for finding in one.settled & one.stands()
                if finding[0] not in event.record.get("removed", [])
            }
        elif event.type == "transfer-retracted":
            found[event.stream].positions.append(event.position)
            found[event.stream].retracted = event.facts["reason"]
    return found


def told_of(events: Sequence[Seen], stream: str, says: Callable[[Transfer], object]) -> list[int]:
    """Positions of the events of a transfer that change what `says` gives; a copy never does."""
    told: list[int] = []
    for event in events:
        if event.stream != stream or event.copies:
            continue
        is_told = True
        if event.type in ("transfer-corrected", "transfer-reclassified"):
            before, after = (transfers_at(events, event.position - n)[stream] for n in (1, 0))
            is_told = says(before) != says(after)
        if is_told:
            told.append(event.position)
    return told


def said_of(one: Transfer, lines: Iterable[Mapping[str, Any]]) -> object:
    """What a transfer says of itself, and of the persons of some of its lines."""
    # The header of the event that records it counts the persons, and says that there is a series.
    facts = {name: fact for name, fact in one.facts.items() if name not in ("persons", "series")}
    return facts, one.data, one.notice_version, [*lines]


def data_of(event: Seen) -> dict[str, Any]:
    """The transfer as received, without persons: the statement, and what is never shown."""
    data = {k: v for k, v in event.statement.items() if k not in ("duty", "recorded_on")}
    for member, value in event.record.get("input", {}).items():
        if member == "consent_evidence":
            data["consent"] = {**data["consent"], "evidence": value}
        elif member == "recorded_on":
            data["recorded_on"] = event.statement["recorded_on"]
        else:
            data[member] = value
    return data
