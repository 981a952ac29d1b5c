"""The endpoints of the steps of a case, and which of them are open to a case and a caller."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from api.auth import Caller, Scope
from api.case_replies.enclosures import has_medium
from ledger.cases import case, mistake_steps, steps
from ledger.cases.case import State, Step
from ledger.law.procedure.version import Procedure
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class StepEndpoint:
    """What takes a step.

    Attributes:
        path: below the case's address.
        scopes: of which one lets a caller take the step.
    """

    path: str
    scopes: tuple[Scope, ...] = ("cases:write",)


_APPROVER: Final[tuple[Scope, ...]] = ("cases:approve",)
_EITHER: Final[tuple[Scope, ...]] = ("cases:write", "cases:approve")
ENDPOINTS: Final[Mapping[type[Step], StepEndpoint]] = {
    steps.CheckDocuments: StepEndpoint("documents"),
    steps.RequestCorrection: StepEndpoint("correction-request"),
    steps.Resubmit: StepEndpoint("resubmission"),
    steps.Verify: StepEndpoint("verification"),
    steps.Refuse: StepEndpoint("refusal"),
    steps.IdentifyRecords: StepEndpoint("principal"),
    steps.Decide: StepEndpoint("decisions"),
    steps.IdentifyPerson: StepEndpoint("person"),
    steps.DecideMeasures: StepEndpoint("measures"),
    steps.Submit: StepEndpoint("submit"),
    steps.Approve: StepEndpoint("approve", _APPROVER),
    steps.SendBack: StepEndpoint("return", _EITHER),
    steps.Dispatch: StepEndpoint("dispatch"),
    steps.PostPassword: StepEndpoint("password-letter"),
    steps.Deliver: StepEndpoint("delivery"),
    steps.Return: StepEndpoint("returned-mail"),
    steps.Close: StepEndpoint("close"),
    steps.Withdraw: StepEndpoint("withdrawal"),
    steps.RecordDeath: StepEndpoint("death"),
    steps.Reopen: StepEndpoint("reopen"),
    mistake_steps.ReportEntry: StepEndpoint("entry-mistake"),
    mistake_steps.ReportEnd: StepEndpoint("end-mistake"),
    mistake_steps.ConfirmMistake: StepEndpoint("mistake-confirmation", _APPROVER),
    mistake_steps.DismissMistake: StepEndpoint("mistake-dismissal", _EITHER),
    steps.PrintAs: StepEndpoint("print-as"),
}

_EXAMINATION: Final = ENDPOINTS[steps.CheckDocuments].path

assert set(ENDPOINTS) == set(case.OPEN_TO), "every step has an endpoint"


def open_endpoints(state: State, procedure: Procedure, caller: Caller) -> list[Json]:
    """The endpoints that are open to the case and to the caller, in the order of the procedure.

    Who prepared what is submitted is shown no endpoint to approve it, who reported a mistake none
    to confirm it.
    """
    endpoints: list[Json] = [
        ENDPOINTS[step].path
        for step in case.open_steps(state, procedure)
        if any(caller.may(scope) for scope in ENDPOINTS[step].scopes)
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
