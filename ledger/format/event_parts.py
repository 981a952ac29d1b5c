"""Facts and sealed records of the events that are not a transfer's, and back."""

from collections.abc import Mapping
from datetime import date
from typing import assert_never, cast
from uuid import UUID

from ledger.accesses.stored_events import ACCESS_TYPES, access_event_of, access_parts_of
from ledger.cases.stored_events import CASE_TYPES, case_event_of, case_parts_of
from ledger.emitters.stored_events import EMITTER_TYPES, emitter_event_of, emitter_parts_of
from ledger.errors import CorruptRecordError
from ledger.exclusions.stored_events import EXCLUSION_TYPES, exclusion_event_of, exclusion_parts_of
from ledger.exports.stored_events import export_event_of, export_parts_of
from ledger.format.events import (
    AccessEvent,
    CaseEvent,
    CoverageDeclared,
    DayClosed,
    DirectiveEvent,
    DirectiveLifted,
    DirectiveReceived,
    DocumentViewed,
    EmitterEvent,
    EmitterRegistered,
    Event,
    ExclusionEvent,
    ExclusionsSealed,
    ExpiryPlanned,
    ExportProduced,
    HistoryViewed,
    HoldPlaced,
    HoldReleased,
    IdentifiersLinked,
    IdentifiersUnlinked,
    LinkEvent,
    LogEpochStarted,
    NoticeEvent,
    NoticePublished,
    NoticeWithdrawn,
    PrincipalRenamed,
    ProcedurePublished,
    ReviewSealed,
    SeriesClosed,
    SeriesEvent,
    SeriesExtended,
    SeriesOpened,
    TransferFindingsSettled,
    TransferRetracted,
)
from ledger.log.stored_events import log_event_of, log_parts_of
from ledger.notices.stored_events import notice_event_of, notice_parts_of
from ledger.procedures.stored_events import procedure_event_of, procedure_parts_of
from ledger.retention.stored_events import retention_event_of, retention_parts_of
from ledger.values import Json, PrincipalRef, principal_of

OtherEvent = (
    TransferRetracted
    | TransferFindingsSettled
    | SeriesEvent
    | LinkEvent
    | DirectiveEvent
    | NoticeEvent
    | EmitterEvent
    | AccessEvent
    | ExportProduced
    | ProcedurePublished
    | LogEpochStarted
    | HoldPlaced
    | HoldReleased
    | ExpiryPlanned
    | CaseEvent
    | ExclusionEvent
)
Parts = tuple[dict[str, Json], dict[str, Json]]


def other_parts_of(event: OtherEvent) -> Parts:
    """(facts in clear, sealed record) of `event`."""
    match event:
        case TransferRetracted():
            return {"reason": event.reason}, _present(note=event.note)
        case TransferFindingsSettled():
            done: dict[str, Json] = {"codes": [*event.codes], "action": event.action}
            return {}, {**done, "reason": event.reason}
        case SeriesOpened() | SeriesExtended() | SeriesClosed():
            return _series(event)
        case IdentifiersLinked() | IdentifiersUnlinked():
            record: dict[str, Json] = {
                "a": _ref(event.a),
                "b": _ref(event.b),
                "evidence": event.evidence,
            }
            return {}, record
        case DirectiveReceived():
            return {"kind": event.kind, "day": event.day.isoformat()}, {
                "principal": _ref(event.principal),
                **_present(counterparty=event.counterparty_party_id, reference=event.reference),
            }
        case DirectiveLifted():
            return {"day": event.day.isoformat()}, {
                "kind": event.kind,
                **_present(counterparty=event.counterparty_party_id, reference=event.reference),
            }
        case PrincipalRenamed():
            return {}, {"principal": _ref(event.principal), "name": event.name}
        case NoticePublished() | NoticeWithdrawn():
            return notice_parts_of(event)
        case EmitterRegistered() | CoverageDeclared() | DayClosed():
            return emitter_parts_of(event)
        case HistoryViewed() | DocumentViewed():
            return access_parts_of(event)
        case ExportProduced():
            return export_parts_of(event)
        case ProcedurePublished():
            return procedure_parts_of(event)
        case LogEpochStarted():
            return log_parts_of(event)
        case HoldPlaced() | HoldReleased() | ExpiryPlanned():
            return retention_parts_of(event)
        case ReviewSealed() | ExclusionsSealed():
            return exclusion_parts_of(event)
        case _:
            return case_parts_of(event)


def _present(**members: str | None) -> dict[str, Json]:
    return {key: value for key, value in members.items() if value is not None}


def _ref(principal: PrincipalRef) -> dict[str, Json]:
    return {"scheme": principal.scheme, "id": principal.id, **_present(name=principal.name)}


def _series(event: SeriesEvent) -> Parts:
    record: dict[str, Json] = {"transfer": str(event.transfer)}
    match event:
        case SeriesOpened():
            record |= {"source": event.source, "series_id": event.series_id}
            facts: dict[str, Json] = {
                "direction": event.direction,
                "method": event.method,
                "first_day": event.first_day.isoformat(),
            }
            return facts, record
        case SeriesExtended():
            day = event.last_day
            return ({} if day is None else {"last_day": day.isoformat()}), record
        case SeriesClosed():
            return {"last_day": event.last_day.isoformat()}, record
        case _:
            assert_never(event)


def other_event_of(event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]) -> Event:
    """The event with these facts and this sealed record.

    Raises:
        CorruptRecordError: no such type.
    """
    if event_type in (SeriesOpened.TYPE, SeriesExtended.TYPE, SeriesClosed.TYPE):
        return _series_of(event_type, facts, record)
    if event_type in (IdentifiersLinked.TYPE, IdentifiersUnlinked.TYPE):
        cls = IdentifiersLinked if event_type == IdentifiersLinked.TYPE else IdentifiersUnlinked
        return cls(_ref_of(record["a"]), _ref_of(record["b"]), _text(record["evidence"]))
    if event_type in EXCLUSION_TYPES:
        return exclusion_event_of(event_type, record)
    if event_type in ACCESS_TYPES:
        return access_event_of(event_type, facts, record)
    if event_type in EMITTER_TYPES:
        return emitter_event_of(event_type, facts, record)
    if event_type in CASE_TYPES:
        return case_event_of(event_type, facts, record)
    match event_type:
        case TransferRetracted.TYPE:
            return TransferRetracted(_text(facts["reason"]), _optional(record.get("note")))
        case TransferFindingsSettled.TYPE:
            codes = tuple(cast("list[str]", record["codes"]))
            return TransferFindingsSettled(codes, _text(record["action"]), _text(record["reason"]))
        case DirectiveReceived.TYPE:
            return DirectiveReceived(
                _ref_of(record["principal"]),
                _text(facts["kind"]),
                _day(facts["day"]),
                _optional(record.get("counterparty")),
                _optional(record.get("reference")),
            )
        case DirectiveLifted.TYPE:
            return DirectiveLifted(
                _text(record["kind"]),
                _day(facts["day"]),
                _optional(record.get("counterparty")),
                _optional(record.get("reference")),
            )
        case PrincipalRenamed.TYPE:
            return PrincipalRenamed(_ref_of(record["principal"]), _text(record["name"]))
        case NoticePublished.TYPE | NoticeWithdrawn.TYPE:
            return notice_event_of(event_type, facts, record)
        case ProcedurePublished.TYPE:
            return procedure_event_of(facts, record)
        case LogEpochStarted.TYPE:
            return log_event_of(facts, record)
        case ExportProduced.TYPE:
            return export_event_of(facts, record)
        case HoldPlaced.TYPE | HoldReleased.TYPE | ExpiryPlanned.TYPE:
            return retention_event_of(event_type, facts, record)
        case _:
            raise CorruptRecordError(f"no event type is called {event_type}")


def _series_of(event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]) -> Event:
    transfer = UUID(_text(record["transfer"]))
    if event_type == SeriesOpened.TYPE:
        return SeriesOpened(
            _text(record["source"]),
            _text(record["series_id"]),
            transfer,
            _text(facts["direction"]),
            _text(facts["method"]),
            _day(facts["first_day"]),
        )
    if event_type == SeriesClosed.TYPE:
        return SeriesClosed(transfer, _day(facts["last_day"]))
    last = facts.get("last_day")
    return SeriesExtended(transfer, None if last is None else _day(last))


def _ref_of(value: Json) -> PrincipalRef:
    return principal_of(cast("dict[str, Json]", value))


def _text(value: Json) -> str:
    return cast("str", value)


def _optional(value: Json) -> str | None:
    return cast("str | None", value)


def _day(value: Json) -> date:
    return date.fromisoformat(cast("str", value))
