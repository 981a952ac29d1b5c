"""Facts and sealed records of emitters, and back. The days stand in clear: they name nobody."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from ledger.events.emitter import CoverageDeclared, EmitterEvent, EmitterRegistered, Registration
from ledger.values import Json

EMITTER_TYPES = frozenset({EmitterRegistered.TYPE, CoverageDeclared.TYPE})
"""Types of the events of emitters."""


def emitter_parts_of(event: EmitterEvent) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    registration = event.registration
    record: dict[str, Json] = {
        "id": registration.id,
        "source": registration.source,
        "name": registration.name,
    }
    if isinstance(event, EmitterRegistered):
        return _membership(registration), record
    facts: dict[str, Json] = {
        "first_day": event.first_day.isoformat(),
        "last_day": event.last_day.isoformat(),
        "complete": event.complete,
    }
    record |= _membership(registration)
    if event.expected_count is not None:
        record["expected_count"] = event.expected_count
    return facts, record


def _membership(registration: Registration) -> dict[str, Json]:
    days: dict[str, Json] = {"since": registration.since.isoformat()}
    if registration.until is not None:
        days["until"] = registration.until.isoformat()
    return days


def emitter_event_of(
    event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]
) -> EmitterEvent:
    """The event with these facts and this sealed record."""
    if event_type == EmitterRegistered.TYPE:
        return EmitterRegistered(_registration(record, facts))
    return CoverageDeclared(
        _registration(record, record),
        _day(facts["first_day"]),
        _day(facts["last_day"]),
        cast("bool", facts["complete"]),
        cast("int | None", record.get("expected_count")),
    )


def _registration(record: Mapping[str, Json], days: Mapping[str, Json]) -> Registration:
    until = days.get("until")
    return Registration(
        cast("str", record["id"]),
        cast("str", record["source"]),
        cast("str", record["name"]),
        _day(days["since"]),
        None if until is None else _day(until),
    )


def _day(value: Json) -> date:
    return date.fromisoformat(cast("str", value))
