"""Facts and sealed records of looks, and back. A member that is None is absent."""

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from ledger.accesses.events import AccessEvent, DocumentViewed, HistoryViewed
from ledger.values import Json, PrincipalRef, principal_of

ACCESS_TYPES = frozenset({HistoryViewed.TYPE, DocumentViewed.TYPE})
"""Types of the events of looks."""


def access_parts_of(event: AccessEvent) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    facts: dict[str, Json] = {}
    record: dict[str, Json | None]
    if isinstance(event, HistoryViewed):
        facts["as_of"] = event.as_of
        record = {
            "case": event.case,
            "identifiers": [_ref(one) for one in event.identifiers],
            "entries": event.entries,
        }
    else:
        record = {
            "case": None if event.case is None else str(event.case),
            "what": event.what,
            "number": event.number,
            "document": event.document,
            "transfer": None if event.transfer is None else str(event.transfer),
            "case_given": event.case_given,
        }
    record["reason"] = event.reason
    return facts, {name: value for name, value in record.items() if value is not None}


def access_event_of(
    event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]
) -> AccessEvent:
    """The event with these facts and this sealed record."""
    reason = cast("str | None", record.get("reason"))
    if event_type == HistoryViewed.TYPE:
        named = cast("list[dict[str, Json]]", record["identifiers"])
        return HistoryViewed(
            cast("int", facts["as_of"]),
            cast("str", record["case"]),
            tuple(principal_of(one) for one in named),
            cast("int", record["entries"]),
            reason,
        )
    return DocumentViewed(
        _uuid(record.get("case")),
        cast("str", record["what"]),
        cast("int | None", record.get("number")),
        cast("str | None", record.get("document")),
        reason,
        _uuid(record.get("transfer")),
        cast("str | None", record.get("case_given")),
    )


def _uuid(text: Json) -> UUID | None:
    return None if text is None else UUID(cast("str", text))


def _ref(principal: PrincipalRef) -> dict[str, Json]:
    named: dict[str, Json] = {"scheme": principal.scheme, "id": principal.id}
    return named if principal.name is None else {**named, "name": principal.name}
