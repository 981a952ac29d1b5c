"""Facts and sealed records of emitters, and back. The days stand in clear: they name nobody."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from ledger.emitters.events import (
    CoverageDeclared,
    DayClosed,
    EmitterEvent,
    EmitterRegistered,
    ItemWhereabouts,
    MissingTransfer,
    Registration,
)
from ledger.values import Json

EMITTER_TYPES = frozenset({EmitterRegistered.TYPE, CoverageDeclared.TYPE, DayClosed.TYPE})
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
    if isinstance(event, DayClosed):
        return _closed(event, record | _membership(registration))
    facts: dict[str, Json] = {
        "first_day": event.first_day.isoformat(),
        "last_day": event.last_day.isoformat(),
        "complete": event.complete,
    }
    record |= _membership(registration)
    if event.expected_count is not None:
        record["expected_count"] = event.expected_count
    return facts, record


def _closed(event: DayClosed, record: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Numbers are sealed, as all counts of an emitter are; what stands for none is left out."""
    facts: dict[str, Json] = {
        "day": event.day.isoformat(),
        "matches": event.matches,
        "as_of": event.as_of,
    }
    record |= {"count": event.count, "hash": event.id_hash}
    if event.recorded is not None:
        record["recorded"] = event.recorded
    if event.unnamed is not None:
        record["unnamed"] = event.unnamed
    counts = {
        "missing": event.missing,
        "quarantined": event.quarantined,
        "other_day": event.other_day,
    }
    record |= {name: number for name, number in counts.items() if number}
    if event.named:
        record["named"] = [[one.source, one.id, one.found] for one in event.named]
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
    if event_type == DayClosed.TYPE:
        return _day_closed(facts, record)
    return CoverageDeclared(
        _registration(record, record),
        _day(facts["first_day"]),
        _day(facts["last_day"]),
        cast("bool", facts["complete"]),
        cast("int | None", record.get("expected_count")),
    )


def _day_closed(facts: Mapping[str, Json], record: Mapping[str, Json]) -> DayClosed:
    named = cast("list[tuple[str, str, ItemWhereabouts]]", record.get("named", []))
    return DayClosed(
        _registration(record, record),
        _day(facts["day"]),
        cast("bool", facts["matches"]),
        cast("int", facts["as_of"]),
        cast("int", record["count"]),
        cast("str", record["hash"]),
        cast("int | None", record.get("recorded")),
        cast("int", record.get("missing", 0)),
        cast("int", record.get("quarantined", 0)),
        cast("int", record.get("other_day", 0)),
        cast("int | None", record.get("unnamed")),
        tuple(MissingTransfer(*one) for one in named),
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
