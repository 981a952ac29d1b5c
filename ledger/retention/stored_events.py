"""Facts and sealed records of holds and plans, and back."""

from collections.abc import Mapping
from datetime import date
from typing import assert_never, cast
from uuid import UUID

from ledger.format.events import EXPIRY_COUNTS, ExpiryPlanned, HoldPlaced, HoldReleased
from ledger.values import Json, PrincipalRef, principal_of

_Sealed = HoldPlaced | HoldReleased | ExpiryPlanned


def retention_parts_of(event: _Sealed) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    match event:
        case HoldPlaced():
            record: dict[str, Json] = {"reason": event.reason}
            if event.transfer is not None:
                record["transfer"] = str(event.transfer)
            if event.principals:
                record["principals"] = [_ref(one) for one in event.principals]
            if event.reference is not None:
                record["reference"] = event.reference
            return {}, record
        case HoldReleased():
            return {}, {"reason": event.reason}
        case ExpiryPlanned():
            counts: dict[str, Json] = {name: event.counts.get(name, 0) for name in EXPIRY_COUNTS}
            return {"counts": counts}, {
                "through": event.through.isoformat(),
                "keys": [key.hex() for key in event.keys],
                "holds": [str(hold) for hold in event.holds],
                "cases": [str(case) for case in event.cases],
                "confirmed": event.confirmed,
            }
        case _:
            assert_never(event)


def retention_event_of(
    event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]
) -> _Sealed:
    """The hold, release or plan with these facts and this sealed record."""
    if event_type == HoldReleased.TYPE:
        return HoldReleased(cast("str", record["reason"]))
    if event_type == HoldPlaced.TYPE:
        transfer = record.get("transfer")
        principals = cast("list[dict[str, Json]]", record.get("principals") or [])
        return HoldPlaced(
            cast("str", record["reason"]),
            None if transfer is None else UUID(cast("str", transfer)),
            tuple(principal_of(one) for one in principals),
            cast("str | None", record.get("reference")),
        )
    return ExpiryPlanned(
        date.fromisoformat(cast("str", record["through"])),
        tuple(bytes.fromhex(key) for key in cast("list[str]", record["keys"])),
        tuple(UUID(hold) for hold in cast("list[str]", record["holds"])),
        tuple(UUID(case) for case in cast("list[str]", record["cases"])),
        cast("dict[str, int]", facts["counts"]),
        cast("bool", record["confirmed"]),
    )


def _ref(principal: PrincipalRef) -> dict[str, Json]:
    return {"scheme": principal.scheme, "id": principal.id}
