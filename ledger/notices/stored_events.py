"""Facts and sealed records of notices' events, and back."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from ledger.format.events import NoticeEvent, NoticePublished, NoticeWithdrawn
from ledger.policies.notice_changes import JudgedChange, stated_of
from ledger.values import Json

Parts = tuple[dict[str, Json], dict[str, Json]]


def notice_parts_of(event: NoticeEvent) -> Parts:
    """(facts in clear, sealed record) of `event`."""
    if isinstance(event, NoticeWithdrawn):
        return {"day": event.day.isoformat()}, {"reason": event.reason}
    facts: dict[str, Json] = {
        "kind": event.kind,
        "in_force_from": event.in_force_from.isoformat(),
        "published_on": event.published_on.isoformat(),
        "number": event.number,
    }
    record: dict[str, Json] = {"notice_id": event.notice_id, "notice": dict(event.notice)}
    if event.version is not None:
        record["version"] = dict(event.version)
    # Absent where there is nothing to say, as in all that was written before changes were judged.
    if stated := event.stated.members():
        record["stated"] = stated
    if event.changes:
        record["changes"] = [
            {"kind": one.kind, "pointer": one.pointer, "code": one.code} for one in event.changes
        ]
    return facts, record


def notice_event_of(
    event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]
) -> NoticeEvent:
    """The event with these facts and this sealed record, of whatever release."""
    if event_type == NoticeWithdrawn.TYPE:
        return NoticeWithdrawn(_day(facts["day"]), cast("str", record["reason"]))
    changes = cast("list[dict[str, str]]", record.get("changes") or [])
    return NoticePublished(
        notice_id=cast("str", record["notice_id"]),
        kind=cast("str", facts["kind"]),
        notice=cast("dict[str, Json]", record["notice"]),
        version=cast("dict[str, Json] | None", record.get("version")),
        number=cast("int", facts["number"]),
        in_force_from=_day(facts["in_force_from"]),
        published_on=_day(facts["published_on"]),
        stated=stated_of(cast("dict[str, Json]", record.get("stated") or {})),
        changes=tuple(JudgedChange(one["kind"], one["pointer"], one["code"]) for one in changes),
    )


def _day(value: Json) -> date:
    return date.fromisoformat(cast("str", value))
