"""Facts and sealed record of a published procedure, and back."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from ledger.procedures.events import ProcedurePublished
from ledger.values import Json


def procedure_parts_of(event: ProcedurePublished) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    record: dict[str, Json] = {"document": dict(event.document)}
    return {"effective_from": event.effective_from.isoformat()}, record


def procedure_event_of(facts: Mapping[str, Json], record: Mapping[str, Json]) -> ProcedurePublished:
    """The event with these facts and this sealed record."""
    first_day = date.fromisoformat(cast("str", facts["effective_from"]))
    return ProcedurePublished(first_day, cast("dict[str, Json]", record["document"]))
