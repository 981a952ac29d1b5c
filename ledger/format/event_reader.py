"""Opened events → domain events: the inverse of `ledger.format.event_writer`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, cast
from uuid import UUID

from ledger.errors import CorruptRecordError
from ledger.format.envelope import Header, OpenEvent, SealedContent
from ledger.format.event_parts import other_event_of
from ledger.format.events import (
    Entry,
    Event,
    ExemptTransferRecorded,
    ExpiredEvent,
    Fact,
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
    TransferCompleted,
    TransferCorrected,
    TransferReclassified,
)
from ledger.format.json import parse
from ledger.law.readings import law_and_reading
from ledger.policies.context import Verdict
from ledger.policies.duty import PSEUDONYMOUS, complete, judged_kind, of_person
from ledger.values import Json, PrincipalRef, principal_of, transfer_of

RECORDED: Mapping[str, type[RecordedEvent]] = {
    cls.TYPE: cls
    for cls in (
        ProvisionRecorded,
        ReceiptRecorded,
        ReferableProvisionRecorded,
        JointUseTransferRecorded,
        ExemptTransferRecorded,
    )
}

_OF_NO_WHOLE = complete(
    duty="none",
    findings=(),
    statutory_items=(),
    data_kind="personal_data",
    effective_method="individual",
    retain_through=None,
    law="",
    notice_version=None,
)


def fact_of(opened: OpenEvent) -> Fact[Event | ExpiredEvent]:
    """The domain event of a stored event, at its place; `ExpiredEvent` once its key is dead."""
    header = opened.header
    return Fact(
        opened.position,
        header.stream,
        header.version,
        header.at,
        header.actor,
        event_of(opened),
        header.judged_at,
        header.facts,
    )


def event_of(opened: OpenEvent) -> Event | ExpiredEvent:
    """The domain event of a stored event."""
    header, content = opened.header, opened.content
    if header.type == TransferCompleted.TYPE:
        return TransferCompleted()
    if header.type == RecordCarriedForward.TYPE:
        assert header.copies is not None, "the codec refuses a copy that names no original"
        return RecordCarriedForward(header.copies.position, header.copies.version)
    if header.type == RecordsExpired.TYPE:
        return RecordsExpired(header.keys, cast("dict[str, int]", header.facts["counts"]))
    if content is None:
        return ExpiredEvent(header.type)
    if header.type in RECORDED:
        return RECORDED[header.type](_entry_of(header, content))
    if header.type in (TransferCorrected.TYPE, TransferReclassified.TYPE):
        return _correction_of(header.type, header.facts, content)
    if header.type == PrincipalsAppended.TYPE:
        first = header.lines_first or 0
        return PrincipalsAppended(_lines_of(content, None, first))
    return other_event_of(header.type, header.facts, content.record or {})


def _entry_of(header: Header, content: SealedContent) -> Entry:
    assert content.record is not None, "a recorded transfer has a sealed record"
    sealed = content.record
    record = _record_of(header.facts, content)
    series = sealed.get("series")
    lines = _lines_of(content, record.verdict, 0)
    return Entry(
        source=cast("str", sealed["source"]),
        id=cast("str", sealed["id"]),
        order_11=int(cast("str", sealed["order_11"])),
        fingerprint=content.fingerprint,
        record=record,
        lines=lines,
        persons=cast("int", header.facts["persons"]),
        series=UUID(cast("str", series)) if series is not None else None,
        gone=header.lines_count - len(lines),
    )


def _correction_of(
    event_type: str, facts: Mapping[str, Json], content: SealedContent
) -> TransferCorrected | TransferReclassified:
    sealed = content.record or {}
    record = _record_of(facts, content)
    lines = _lines_of(content, record.verdict, None)
    removed = tuple(cast("list[int]", sealed.get("removed") or []))
    reason = cast("str", sealed["reason"])
    if event_type == TransferCorrected.TYPE:
        return TransferCorrected(record, lines, removed, reason)
    cause = cast("int | None", sealed.get("cause_position"))
    return TransferReclassified(record, lines, removed, reason, cause)


def _record_of(facts: Mapping[str, Json], content: SealedContent) -> Record:
    assert content.statement is not None, "a transfer's record has a statement"
    sealed = content.record or {}
    statement = cast("dict[str, Json]", parse(content.statement))
    _check_repeated_members(facts, statement)
    recorded_on = cast("str", statement.pop("recorded_on"))
    del statement["duty"]
    input_members = dict(cast("dict[str, Json]", sealed.get("input") or {}))
    evidence = input_members.pop("consent_evidence", None)
    if evidence is not None:
        statement["consent"] = {
            **cast("dict[str, Json]", statement["consent"]),
            "evidence": evidence,
        }
    if "recorded_on" in input_members:
        input_members["recorded_on"] = recorded_on
    data = {**statement, **input_members}
    recorded = date.fromisoformat(recorded_on)
    return Record(
        data,
        recorded,
        _verdict_of(facts, data, recorded, cast("str | None", sealed.get("notice_version"))),
        cast("int | None", facts.get("notice_position")),
    )


# What stands in clear in the header and sealed in the statement. Nobody without the key can change
# the second, so a header that was rewritten in the database does not agree with it.
_STATED_TWICE = ("direction", "basis", "method", "duty", "recorded_on")


def _check_repeated_members(facts: Mapping[str, Json], statement: Mapping[str, Json]) -> None:
    for member in _STATED_TWICE:
        if facts.get(member) != statement.get(member):
            raise CorruptRecordError("a header says something else than its sealed statement")


def _verdict_of(
    facts: Mapping[str, Json],
    data: Mapping[str, Json],
    recorded_on: date,
    notice_version: str | None,
) -> Verdict:
    law, data_kind = cast("str", facts["law"]), cast("str", facts["data_kind"])
    if data_kind == PSEUDONYMOUS:
        data_kind = judged_kind(transfer_of(data), law_and_reading(law)[1], recorded_on)
    return complete(
        duty=cast("str", facts["duty"]),
        findings=tuple(cast("list[str]", facts["findings"])),
        statutory_items=tuple(cast("list[str]", facts["statutory_items"])),
        data_kind=data_kind,
        effective_method=cast("str", facts["effective_method"]),
        retain_through=_day(facts.get("retain_through")),
        law=law,
        notice_version=notice_version,
    )


def _lines_of(
    content: SealedContent, whole: Verdict | None, first: int | None
) -> dict[int, PersonLine]:
    """The lines by number: counted from `first`, or as each line says (`n`, in a correction).

    A chunk of a bulk transfer does not know the verdict of the whole: the fold completes its own.
    """
    lines: dict[int, PersonLine] = {}
    for j, text in _indexed(content):
        data = cast("dict[str, Json]", parse(text))
        own = data.get("verdict")
        verdict = None
        if own is not None:
            verdict = _own_verdict(cast("dict[str, Json]", own), whole or _OF_NO_WHOLE)
        n = cast("int", data["n"]) if first is None else first + j
        lines[n] = PersonLine(principal_of(cast("dict[str, Json]", data["principal"])), verdict)
    return lines


def _indexed(content: SealedContent) -> Iterable[tuple[int, bytes]]:
    """The lines by their index in the original: what is carried forward may be some of them."""
    if content.copy is None:
        return ((j, line) for j, line in enumerate(content.lines) if line)
    return [(j, line) for j, _, line in content.copy.lines]


def _own_verdict(own: Mapping[str, Json], whole: Verdict) -> Verdict:
    """The person's verdict: what the line states, and the transfer's for the rest."""
    stated = replace(
        whole,
        duty=cast("str", own.get("duty", whole.duty)),
        findings=tuple(cast("list[str]", own["findings"])),
        statutory_items=tuple(cast("list[str]", own.get("statutory_items", whole.statutory_items))),
        retain_through=_day(own.get("retain_through")),
    )
    return of_person(stated, whole)


def _day(value: Json) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


_CORRECTED: Final = (TransferCorrected.TYPE, TransferReclassified.TYPE)
# Lines are canonical JSON: in a text the quotes would be escaped.
_OWN_VERDICT: Final = b'"verdict":{'


def with_verdicts(opened: OpenEvent) -> OpenEvent | None:
    """A chunk with those of its lines that have a verdict of their own; None: it has none.

    The others are empty: nobody is read there, and the numbers of the lines stay.
    """
    content = opened.content
    if content is None:
        return opened
    if _OWN_VERDICT not in b"\n".join(content.lines):  # as in nearly every chunk
        return None
    lines = tuple(line if _OWN_VERDICT in line else b"" for line in content.lines)
    return replace(opened, content=replace(content, lines=lines))


def with_persons(opened: OpenEvent, persons: Collection[PrincipalRef]) -> OpenEvent:
    """An event with the lines of these persons alone, as they are written; the others are empty.

    A correction stays whole: it may say of a line, by its number, that it is another person's now.
    """
    content = opened.content
    if content is None or not content.lines or opened.header.type in _CORRECTED:
        return opened
    lines = (b"",) * len(content.lines)
    if persons:
        named = {(one.scheme, one.id, one.name) for one in persons}
        lines = tuple(
            line if (one["scheme"], one["id"], one.get("name")) in named else b""
            for line, one in zip(content.lines, raw_principals(content), strict=True)
        )
    return replace(opened, content=replace(content, lines=lines))


def speaks_of_a_transfer(header: Header) -> bool:
    """Whether it holds a transfer's record or persons; a copy does, though its header is bare."""
    return header.statement is not None or header.lines_count > 0 or header.copies is not None


def principals_in(content: SealedContent) -> list[PrincipalRef]:
    """The persons whose lines an event holds."""
    return [
        PrincipalRef(one["scheme"], one["id"], one.get("name")) for one in raw_principals(content)
    ]


def raw_principals(content: SealedContent) -> list[dict[str, str]]:
    """The same as their lines state them: all that the index needs, of a million one by one."""
    text = b"[" + b",".join(content.lines) + b"]"
    lines = cast("list[dict[str, dict[str, str]]]", parse(text))
    return [line["principal"] for line in lines]
