"""Facts and sealed record of an epoch of the log, and back."""

from collections.abc import Mapping
from typing import cast

from ledger.log.events import LogEpochStarted
from ledger.values import Json


def log_parts_of(event: LogEpochStarted) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    facts: dict[str, Json] = {
        "epoch": event.epoch,
        "origin": event.origin,
        "size": event.size,
        "root": event.root.hex(),
        "note": event.note.hex(),
    }
    if event.parted_after is not None:
        facts["parted_after"] = event.parted_after
    return facts, {"by": event.by, "reason": event.reason}


def log_event_of(facts: Mapping[str, Json], record: Mapping[str, Json]) -> LogEpochStarted:
    """The event with these facts and this sealed record."""
    return LogEpochStarted(
        cast("int", facts["epoch"]),
        cast("str", facts["origin"]),
        cast("int", facts["size"]),
        bytes.fromhex(cast("str", facts["root"])),
        bytes.fromhex(cast("str", facts["note"])),
        cast("int | None", facts.get("parted_after")),
        cast("str", record["reason"]),
        cast("str", record["by"]),
    )
