"""A mistake of the desk as it is shown, and the case in which its request goes on."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast
from uuid import UUID

from api.resources.cases.schemas.case_view import render_link, render_links
from api.resources.cases.schemas.whole_case import plain
from api.web.schemas import Schema, closed
from ledger.cases import case
from ledger.cases.case import CaseStatus, State
from ledger.cases.mistake_steps import CAUSES, WHATS
from ledger.format.header import instant_text
from ledger.values import Json

Known = Mapping[UUID, State]
"""Every case that lives, by its stream."""


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, schema]}


_TEXT: Final[Schema] = {"type": "string"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_WHAT: Final[Schema] = {"enum": list(WHATS)}
COMPARED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "answered": "somebody answers by it, or has answered and the reply did not come back",
        "name_agrees": "both forms name the principal, in spellings of one name",
        "identifiers_agree": "the two forms share an identifier",
        "identifiers_covered": "it names every identifier that this case names",
        "sides_covered": "it asks for every side that this case asks for",
        "period_covered": "it asks for every day that this case asks for records of",
        "medium_agrees": "both ask for the same medium, or neither says any",
        "requester_agrees": "both were made by the principal, by an agent, or by a legal"
        " representative of one sort",
        "reply_address_agrees": "the same address was chosen for the reply, or none in either",
        "arrived_on_agrees": "both arrived on one day",
    }
)
"""What is compared of the two cases, and what it says when it is true."""
REPLACEMENT: Final[Schema] = {
    **_or_null(
        closed(
            {
                "case": _UUID,
                "number": _TEXT,
                "arrived_on": {"type": "string", "format": "date"},
                "status": {"enum": [one.value for one in CaseStatus]},
                "kind": _TEXT,
                **{
                    name: {"type": "boolean", "description": description}
                    for name, description in COMPARED.items()
                },
            }
        )
    ),
    "description": "the case that was named as the one that goes on, to be compared before the"
    " confirmation; null: none was, or it is gone",
}
WAITING: Final[Schema] = {
    **_or_null(closed({"what": _WHAT, "replacement": REPLACEMENT})),
    "description": "what is reported as a mistake and waits for a second person",
}
MISTAKE: Final[Schema] = _or_null(
    closed(
        {
            "what": _WHAT,
            "reason": _TEXT,
            "reported_by": _TEXT,
            "reported_at": {"type": "string", "format": "date-time"},
            "confirmed": {
                "type": "boolean",
                "description": "false: it waits for a second person",
            },
            "replacement": REPLACEMENT,
        },
        {"cause": {"enum": list(CAUSES)}, "replaced_by": _UUID},
    )
)


def waiting_mistake(state: State) -> str | None:
    """What is reported as a mistake and waits for a second person; None when nothing is."""
    if state.report is None or state.status == CaseStatus.ENTERED_IN_ERROR:
        return None
    return state.report.event.what


def render_waiting_mistake(state: State, known: Known) -> Json:
    """What waits for a second person, with the case that the request is said to go on in."""
    what = waiting_mistake(state)
    return None if what is None else {"what": what, "replacement": _replacement(state, known)}


def render_mistake(state: State, known: Known) -> dict[str, Json]:
    """What is reported as a mistake or was confirmed as one; which cases replace one another."""
    named = _named(state) if state.status == CaseStatus.ENTERED_IN_ERROR else None
    by = None if named is None else known.get(named)
    replaced = [
        one
        for one in known.values()
        if one.status == CaseStatus.ENTERED_IN_ERROR and _named(one) == state.case
    ]
    return {
        "mistake": _mistake(state, known),
        "replaced_by": None if by is None else render_link(by),
        "replaces": render_links(replaced),
    }


def _mistake(state: State, known: Known) -> Json:
    report = state.report
    if report is None:
        return None
    return {
        **cast("dict[str, Json]", plain(report.event)),
        "reported_by": report.actor,
        "reported_at": instant_text(report.at),
        "confirmed": state.status == CaseStatus.ENTERED_IN_ERROR,
        "replacement": _replacement(state, known),
    }


def _replacement(state: State, known: Known) -> Json:
    named = _named(state)
    other = None if named is None else known.get(named)
    if other is None:
        return None
    found = case.agreement(state, other)
    return {
        **render_link(other),
        "kind": other.application.kind,
        "answered": found.answered,
        "name_agrees": found.name,
        "identifiers_agree": found.identifiers,
        "identifiers_covered": found.every_identifier,
        "sides_covered": found.sides,
        "period_covered": found.period,
        "medium_agrees": found.medium,
        "requester_agrees": found.requester,
        "reply_address_agrees": found.reply_address,
        "arrived_on_agrees": found.arrived_on,
    }


def _named(state: State) -> UUID | None:
    return None if state.report is None else state.report.event.replaced_by
