"""Domain events → drafts: what of a transfer stands in the header, what is sealed.

Formats: `docs/reference/event-format.md`, sections 1 to 3 and 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from ledger.fast_init import fast_init
from ledger.format.content import SHOWN
from ledger.format.envelope import EventDraft
from ledger.format.event_parts import other_parts_of
from ledger.format.events import (
    EXPIRY_COUNTS,
    Event,
    ExemptTransferRecorded,
    JointUseTransferRecorded,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    ReceiptRecorded,
    Record,
    RecordCarriedForward,
    RecordedEvent,
    RecordsExpired,
    ReferableProvisionRecorded,
    ReplyStored,
    TransferCompleted,
    TransferCorrected,
    TransferReclassified,
)
from ledger.format.json import canonical, encoded
from ledger.values import Json

_SHOWN = frozenset(SHOWN)


@fast_init
@dataclass(frozen=True, slots=True)
class EventMetadata:
    """Where an event goes, and on whose word."""

    stream: UUID
    version: int
    at: datetime
    actor: str
    command: UUID
    judged_at: int | None = None


def draft_of(event: Event, place: EventMetadata, party_key: bytes | None = None) -> EventDraft:
    """The draft of `event` at `place`.

    Args:
        party_key: 16 bytes for the counterparty, None when it is an individual.
    """
    match event:
        case (
            ProvisionRecorded()
            | ReceiptRecorded()
            | ReferableProvisionRecorded()
            | JointUseTransferRecorded()
            | ExemptTransferRecorded()
        ):
            return _recorded(event, place, party_key)
        case TransferCorrected() | TransferReclassified():
            return _corrected(event, place, party_key)
        case PrincipalsAppended():
            lines = tuple(line_of(line) for _, line in sorted(event.lines.items()))
            return chunk_of(lines, min(event.lines), place)
        case TransferCompleted():
            return _draft(event.TYPE, place, {})
        case RecordCarriedForward():
            raise ValueError("a copy is made of an opened event: `ledger.format.copies`")
        case RecordsExpired():
            counts: dict[str, Json] = {name: event.counts.get(name, 0) for name in EXPIRY_COUNTS}
            return replace(_draft(event.TYPE, place, {"counts": counts}), keys=event.keys)
        case ReplyStored():
            facts, record = other_parts_of(event)
            return replace(_draft(event.TYPE, place, facts), record=record, attached=event.pieces)
        case _:
            facts, record = other_parts_of(event)
            return replace(_draft(event.TYPE, place, facts), record=record)


def chunk_of(lines: tuple[bytes, ...], first: int, place: EventMetadata) -> EventDraft:
    """The draft of a chunk of persons whose lines are written already, from number `first` on."""
    draft = _draft(PrincipalsAppended.TYPE, place, {"persons": len(lines)})
    return replace(draft, lines=lines, first=first)


def _draft(event_type: str, place: EventMetadata, facts: Mapping[str, Json]) -> EventDraft:
    return EventDraft(
        event_type,
        place.stream,
        place.version,
        place.at,
        place.actor,
        place.command,
        facts,
        place.judged_at,
    )


def _recorded(event: RecordedEvent, place: EventMetadata, party_key: bytes | None) -> EventDraft:
    entry = event.entry
    sealed: dict[str, Json] = {"source": entry.source, "id": entry.id}
    # Always there, so that its presence tells nothing; a correction never changes it.
    sealed["order_11"] = str(entry.order_11)
    sealed |= _sealed_record(entry.record, entry.lines)
    if entry.series is not None:
        sealed["series"] = str(entry.series)
    lines = tuple([line_of(line) for line in entry.lines.values()])
    facts = _facts(entry.record, party_key)
    facts["persons"] = entry.persons
    facts["series"] = entry.series is not None
    return EventDraft(
        event.TYPE,
        place.stream,
        place.version,
        place.at,
        place.actor,
        place.command,
        facts,
        place.judged_at,
        sealed,
        _statement(entry.record),
        lines,
        0 if lines else None,
        entry.fingerprint,
    )


def _corrected(
    event: TransferCorrected | TransferReclassified, place: EventMetadata, party_key: bytes | None
) -> EventDraft:
    # Everybody in the transfer may be shown this header with the corrected statement: what caused
    # it, and whose lines went, would tell one person that another one withdrew. Both are sealed.
    facts = _facts(event.record, party_key)
    sealed: dict[str, Json] = {"reason": event.reason}
    sealed |= _sealed_record(event.record, event.lines)
    if event.removed:
        sealed["removed"] = list(event.removed)
    if isinstance(event, TransferReclassified) and event.cause_position is not None:
        sealed["cause_position"] = event.cause_position
    return replace(
        _draft(event.TYPE, place, facts),
        record=sealed,
        statement=_statement(event.record),
        lines=tuple(line_of(line, n) for n, line in sorted(event.lines.items())),
    )


def _facts(record: Record, party_key: bytes | None) -> dict[str, Json]:
    data, verdict = record.data, record.verdict
    facts: dict[str, Json] = {
        "direction": data["direction"],
        "basis": data["basis"],
        "method": data["method"],
        "effective_method": verdict.effective_method,
        "duty": verdict.duty,
        "data_kind": data.get("data_kind", "personal_data"),
        "law": verdict.law,
        "findings": list(verdict.findings),
        "statutory_items": list(verdict.statutory_items),
        "recorded_on": record.recorded_on.isoformat(),
        "backfill": "backfill" in data,
    }
    for member in ("transferred_on", "transferred_from", "transferred_to", "date_not_recorded"):
        value = data.get(member)
        if value is not None:
            facts[member] = value
    if verdict.retain_through is not None:
        facts["retain_through"] = verdict.retain_through.isoformat()
    if record.notice_position is not None:
        facts["notice_position"] = record.notice_position
    if party_key is not None:
        facts["party_key"] = party_key.hex()
    return facts


def _sealed_record(record: Record, lines: Mapping[int, PersonLine]) -> dict[str, Json]:
    sealed: dict[str, Json] = {}
    input_members: dict[str, Json] = {k: v for k, v in record.data.items() if k not in _SHOWN}
    consent = input_members.pop("consent", None)
    if isinstance(consent, dict) and "evidence" in consent:
        input_members["consent_evidence"] = consent["evidence"]
    if "recorded_on" in input_members:
        input_members["recorded_on"] = (
            True  # stated by the sender; the day itself stands in the statement
        )
    if input_members:
        sealed["input"] = input_members
    if record.verdict.notice_version is not None:
        sealed["notice_version"] = record.verdict.notice_version
    tally: dict[str, Json] = {}
    for line in lines.values():
        if line.verdict is not None:
            for code in line.verdict.findings:
                if code not in record.verdict.findings:
                    key = code.lower()  # keys of the format are lower case
                    tally[key] = cast("int", tally.get(key, 0)) + 1
    if tally:
        sealed["tally"] = tally
    return sealed


def _statement(record: Record) -> bytes:
    data = record.data
    statement: dict[str, Json] = {k: data[k] for k in SHOWN if k in data}
    consent = data.get("consent")
    if isinstance(consent, dict):
        if "evidence" in consent:
            consent = {k: v for k, v in consent.items() if k != "evidence"}
        statement["consent"] = consent
    statement["duty"] = record.verdict.duty
    statement["recorded_on"] = record.recorded_on.isoformat()
    return canonical(statement)


def line_of(line: PersonLine, n: int | None = None) -> bytes:
    """The line of a person as bytes; `n`: its number, where the line says it itself."""
    principal: dict[str, Json] = {"scheme": line.principal.scheme, "id": line.principal.id}
    if line.principal.name is not None:
        principal["name"] = line.principal.name
    data: dict[str, Json] = {"principal": principal}
    own = line.verdict
    if own is not None:
        verdict: dict[str, Json] = {
            "duty": own.duty,
            "findings": list(own.findings),
            "statutory_items": list(own.statutory_items),
        }
        if own.retain_through is not None:
            verdict["retain_through"] = own.retain_through.isoformat()
        data["verdict"] = verdict
    if n is not None:
        data["n"] = n
    # Its keys stand above and its values are texts and a number: nothing is left to check.
    return encoded(data)
