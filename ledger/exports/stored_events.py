"""Facts and sealed records of exports, and back."""

from collections.abc import Mapping
from typing import cast

from ledger.exports.events import ExportProduced
from ledger.values import Json, principal_of


def export_parts_of(event: ExportProduced) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    record: dict[str, Json] = {
        "asked": dict(event.asked),
        "identified": event.identified,
        "whole": event.whole,
        "records": event.records,
        "digest": event.digest.hex(),
    }
    if event.reason is not None:
        record["reason"] = event.reason
    if event.identifiers:
        record["identifiers"] = [{"scheme": one.scheme, "id": one.id} for one in event.identifiers]
    return {"as_of": event.as_of}, record


def export_event_of(facts: Mapping[str, Json], record: Mapping[str, Json]) -> ExportProduced:
    """The event with these facts and this sealed record."""
    named = cast("list[dict[str, Json]]", record.get("identifiers", []))
    return ExportProduced(
        cast("int", facts["as_of"]),
        cast("dict[str, Json]", record["asked"]),
        cast("bool", record["identified"]),
        cast("bool", record["whole"]),
        cast("int", record["records"]),
        bytes.fromhex(cast("str", record["digest"])),
        cast("str | None", record.get("reason")),
        tuple(principal_of(one) for one in named),
    )
