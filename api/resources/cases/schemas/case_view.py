"""What is shown of a case: to whoever took a step, as a link, and on the work list."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from api.auth import Caller, Scope
from api.case_replies.enclosures import has_medium
from ledger.cases import case, mistake_steps, steps
from ledger.cases.case import State, Step
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.letters.addressee import NAME
from ledger.law.procedure.version import Procedure
from ledger.values import Json

PATHS: Final[Mapping[type[Step], str]] = {
    steps.CheckDocuments: "documents",
    steps.RequestCorrection: "correction-request",
    steps.Resubmit: "resubmission",
    steps.Verify: "verification",
    steps.Refuse: "refusal",
    steps.IdentifyRecords: "principal",
    steps.Decide: "decisions",
    steps.IdentifyPerson: "person",
    steps.DecideMeasures: "measures",
    steps.Submit: "submit",
    steps.Approve: "approve",
    steps.SendBack: "return",
    steps.Dispatch: "dispatch",
    steps.PostPassword: "password-letter",
    steps.Deliver: "delivery",
    steps.Return: "returned-mail",
    steps.Close: "close",
    steps.Withdraw: "withdrawal",
    steps.RecordDeath: "death",
    steps.Reopen: "reopen",
    mistake_steps.ReportEntry: "entry-mistake",
    mistake_steps.ReportEnd: "end-mistake",
    mistake_steps.ConfirmMistake: "mistake-confirmation",
    mistake_steps.DismissMistake: "mistake-dismissal",
    steps.PrintAs: "print-as",
}
"""Step → the endpoint that takes it, below the case's address."""

_APPROVERS: Final = frozenset({steps.Approve, mistake_steps.ConfirmMistake})
_EITHERS: Final = frozenset({steps.SendBack, mistake_steps.DismissMistake})
_MASK: Final = "＊"
_EXAMINATION: Final = "documents"
LINKS_MAX: Final = 50
"""Earlier cases in one answer, the newest; nobody has more but a test identifier."""

assert set(PATHS) == set(case.OPEN_TO), "every step has an endpoint"


def scopes_of(step: type[Step]) -> tuple[Scope, ...]:
    """The scopes of which one lets a caller take the step."""
    if step in _APPROVERS:
        return ("cases:approve",)
    return ("cases:write", "cases:approve") if step in _EITHERS else ("cases:write",)


def open_endpoints(state: State, procedure: Procedure, caller: Caller) -> list[Json]:
    """The endpoints that are open to the case and to the caller, in the order of the procedure.

    Who prepared what is submitted is shown no endpoint to approve it, who reported a mistake none
    to confirm it.
    """
    endpoints: list[Json] = [
        PATHS[step]
        for step in case.open_steps(state, procedure)
        if any(caller.may(scope) for scope in scopes_of(step))
        and not (step is steps.PostPassword and _has_its_password(state))
        and caller.actors.isdisjoint(_first_persons(step, state, procedure))
    ]
    # Another endpoint of the same step, for who need not look at the same papers twice.
    if state.application.same_envelope_as is not None and _EXAMINATION in endpoints:
        endpoints.insert(endpoints.index(_EXAMINATION) + 1, "same-papers")
    return endpoints


def owes_password(state: State) -> bool:
    """Whether the newest reply is out on a medium, and no letter with its password is on record."""
    is_out = bool(state.replies) and state.replies[-1].returned is None
    return is_out and not _has_its_password(state)


def _has_its_password(state: State) -> bool:
    """Whether no password is owed to the newest reply: its item is known, or it has no medium."""
    newest = state.replies[-1]
    return newest.password_letter is not None or not has_medium(newest.decision)


def _first_persons(step: type[Step], state: State, procedure: Procedure) -> Collection[str]:
    """Who may not take the step: it takes two, and they are the first."""
    if step is steps.Approve:
        return state.step_actors.preparers(procedure.readings.preparers)
    if step is mistake_steps.ConfirmMistake and state.report is not None:
        return {state.report.actor}
    return ()


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
