"""What is shown of a case: to whoever took a step, as a link, and on the work list."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from api.auth import Caller
from api.resources.cases.step_endpoints import open_endpoints
from ledger.cases import case
from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.letters.addressee import NAME
from ledger.law.procedure.version import Procedure
from ledger.values import Json

_MASK: Final = "＊"
LINKS_MAX: Final = 50
"""Earlier cases in one answer, the newest; nobody has more but a test identifier."""


def render_step(
    state: State, procedure: Procedure, caller: Caller, position: int
) -> dict[str, Json]:
    """The answer to a step: where the case stands, and what comes next."""
    shown: dict[str, Json] = {
        "case": str(state.case),
        "number": state.number,
        "position": position,
        "version": state.version,
        "status": state.status.value,
        "next": open_endpoints(state, procedure, caller),
    }
    if state.check is not None and state.reply_to is None:
        check = state.check
        shown["check"] = {
            "outcome": check.outcome,
            "reasons": list(check.reasons),
            "open": list(check.open),
        }
    if state.search is not None:
        shown["search"] = _counts(state)
    if isinstance(state.decision, CaseDecided | CaseMeasuresDecided):
        shown["outcome"] = state.decision.outcome
    return shown


def _counts(state: State) -> Json:
    assert state.search is not None, "asked only where a search was made"
    search = state.search
    return {"as_of": search.as_of, "provided": search.provided, "received": search.received}


def render_links(states: Sequence[State]) -> list[Json]:
    """Earlier cases as links, the first `LINKS_MAX` of them."""
    return [render_link(one) for one in states[:LINKS_MAX]]


def render_link(state: State) -> dict[str, Json]:
    """An earlier case as a link: nothing of it is taken over."""
    return {
        "case": str(state.case),
        "number": state.number,
        "arrived_on": state.application.arrived_on.isoformat(),
        "status": state.status.value,
    }


def render_worklist_row(state: State, procedure: Procedure) -> dict[str, Json]:
    """A line of the work list, but what is reported as a mistake; the name is masked."""
    return {
        "case": str(state.case),
        "number": state.number,
        "position": state.position,
        "version": state.version,
        "kind": state.application.kind,
        "arrived_on": state.application.arrived_on.isoformat(),
        "name": masked(state.application.form.get(NAME, "")),
        "requester": state.application.requester,
        "status": state.status.value,
        "due": render_due(state, procedure),
    }


def render_due(state: State, procedure: Procedure) -> Json:
    """The clock that falls due next, and when; None when none runs."""
    due = case.next_due(state, procedure)
    return None if due is None else {"clock": due[0], "on": due[1].isoformat()}


def masked(name: str) -> str:
    """The first character of each part of a name, and one mark for the rest: 山＊　太＊.

    A part that is no longer than that has its mark alone: nothing would be left out of it.
    """
    return "\u3000".join(_masked(part) for part in name.split())


def _masked(part: str) -> str:
    first = _first(part)
    return _MASK if first == part else f"{first}{_MASK}"


def _first(part: str) -> str:
    """The first character with what modifies it: a variation selector, a combining mark."""
    end = 1
    while end < len(part) and unicodedata.category(part[end]) in ("Mn", "Me", "Mc"):
        end += 1
    return part[:end]
