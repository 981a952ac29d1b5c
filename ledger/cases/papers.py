"""Identity and form: looking at the papers, asking for corrections, verified or refused.

Source: Act Art. 37(1) to (4); Order 12, 13; the published procedure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ledger.cases.addressee_fields import lacking
from ledger.cases.addresses import reason_defects, unexplained
from ledger.cases.events.case import (
    CaseCorrectionRequested,
    CaseDocumentsChecked,
    CaseRefused,
    CaseResubmitted,
    CaseVerified,
)
from ledger.cases.events.intake import Application, Examination
from ledger.cases.intake import form_defects, future, reply_defects, request_of
from ledger.cases.refusals import IdentityNotProvenError
from ledger.cases.state import State
from ledger.cases.steps import CheckDocuments, Resubmit
from ledger.errors import Defect, MalformedError
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure
from ledger.policies.deadlines import correction_due_on
from ledger.policies.identity.request import AddressJudgement, IdentityRequest, IdentityVerdict
from ledger.policies.identity.verdict import decide_identity, reply_to_of
from ledger.policies.my_number import my_number_defects

_OPEN = "open"
_VERIFIED = "verified"
_CORRECTABLE = frozenset({"correction_requested", "procedural_refusal", "alternative_path"})
# A correction was asked for and nothing came: there is nothing new to look at.
_NOTHING = Examination((), AddressJudgement(has_registered=True))


def identity_request(state: State, today: date, seen: Examination | None = None) -> IdentityRequest:
    """What the verdict reads: the form, the newest look at the papers, and whether time is up."""
    examination = seen or (state.check.examination if state.check is not None else _NOTHING)
    return replace(
        request_of(state.application),
        papers=examination.papers,
        addresses=examination.addresses,
        seal_registered=examination.seal_registered,
        form_missing=examination.form_missing,
        form_checked=examination.form_checked,
        correction_round_over=_is_round_over(state, today),
    )


def judged_request(
    state: State, procedure: Procedure, today: date, seen: Examination | None = None
) -> IdentityRequest:
    """The same, with what the case itself knows of the form.

    A form that no reply can be addressed with is incomplete, whatever was ticked; that two written
    addresses are one although they differ is open until the officer says why.
    """
    request = identity_request(state, today, seen)
    form = state.application.form
    examination = seen or (state.check.examination if state.check is not None else _NOTHING)
    lacks = lacking(form, reply_to_of(request, procedure))
    return replace(
        request,
        form_missing=tuple(dict.fromkeys((*request.form_missing, *lacks))),
        unexplained=unexplained(examination, form),
    )


def _is_round_over(state: State, today: date) -> bool:
    """Whether time is up. What a verification cured is over: a newer defect is asked for anew."""
    due_on = state.correction_due_on
    if due_on is None or state.corrected is None:
        return False
    is_of_this_check = state.corrected.position > state.searchable_from
    return is_of_this_check and today > due_on


def completed(application: Application, form: Mapping[str, str] | None) -> Application:
    """The request with the fields of the form that further papers complete or replace."""
    return replace(application, form={**application.form, **(form or {})})


def check(
    step: CheckDocuments, state: State, procedure: Procedure, today: date
) -> CaseDocumentsChecked:
    """Return the event of a look at the papers, with what the policy makes of it.

    Raises:
        MalformedError: a paper of the future, an individual number in a text, a reason that says
            nothing, or `FORM_FIELD_UNKNOWN`.
    """
    seen = step.examination
    texts = {"note": seen.note, "identity_address": seen.identity_address}
    texts["registered_address"] = seen.registered_address
    defects = [*my_number_defects(texts), *_unknown_fields(seen.form_missing)]
    defects += reason_defects(seen)
    for n, paper in enumerate(seen.papers):
        for name in ("issued_on", "arrived_on"):
            day = getattr(paper, name)
            if day is not None:
                defects += future(f"/papers/{n}/{name}", day, today)
    if defects:
        raise MalformedError(tuple(defects))
    verdict = _verdict(state, procedure, today, seen)
    return CaseDocumentsChecked(seen, verdict.outcome, verdict.reasons, verdict.open_facts)


def _unknown_fields(missing: Sequence[str]) -> Iterator[Defect]:
    for n, field in enumerate(missing):
        if field not in FORM_LABELS:
            detail = "not a field of the form that a letter can name"
            yield Defect(f"/form_missing/{n}", "FORM_FIELD_UNKNOWN", detail)


def request_correction(state: State, procedure: Procedure, today: date) -> CaseCorrectionRequested:
    """Return the event of a letter that names everything that is short.

    Raises:
        IdentityNotProvenError: nothing is short, or somebody must still look at something.
    """
    verdict = _verdict(state, procedure, today)
    if verdict.outcome not in _CORRECTABLE:
        raise _not(verdict)
    return CaseCorrectionRequested(verdict.reasons, today, correction_due_on(today, procedure))


def resubmit(step: Resubmit, state: State, today: date) -> CaseResubmitted:
    """Return the event of further papers.

    Raises:
        MalformedError: of the future, from before the request, a number in the note or the form,
            a field that is none, or an address of the reply that is or may be the agent's.
    """
    defects = [
        *future("/arrived_on", step.arrived_on, today),
        *my_number_defects(step.note or "", "/note"),
        *form_defects(step.form or {}),
        *reply_defects(completed(state.application, step.form)),
    ]
    if step.arrived_on < state.application.arrived_on:
        detail = "further papers come after the request"
        defects.append(Defect("/arrived_on", "BEFORE_THE_REQUEST", detail))
    if defects:
        raise MalformedError(tuple(defects))
    form = dict(step.form) if step.form else None
    return CaseResubmitted(step.arrived_on, step.note, form)


def verify(state: State, procedure: Procedure, today: date) -> CaseVerified:
    """Return the event that who asks may ask.

    Raises:
        IdentityNotProvenError: the policy's outcome is another one than `verified`.
    """
    verdict = _verdict(state, procedure, today)
    if verdict.outcome != _VERIFIED or verdict.reply_to is None:
        raise _not(verdict)
    return CaseVerified(verdict.reply_to.person, verdict.reply_to.address)


def refuse(state: State, procedure: Procedure, today: date) -> CaseRefused:
    """Return the event of a refusal for form or identity.

    Raises:
        IdentityNotProvenError: no correction was asked for, its time is not over, or nothing is
            short.
    """
    verdict = _verdict(state, procedure, today)
    if verdict.outcome != "procedural_refusal" or verdict.ground is None:
        raise _not(verdict)
    return CaseRefused(verdict.ground, verdict.reasons)


def _verdict(
    state: State, procedure: Procedure, today: date, seen: Examination | None = None
) -> IdentityVerdict:
    return decide_identity(judged_request(state, procedure, today, seen), procedure)


def _not(verdict: IdentityVerdict) -> IdentityNotProvenError:
    return IdentityNotProvenError(verdict.outcome or _OPEN, verdict.reasons, verdict.open_facts)
