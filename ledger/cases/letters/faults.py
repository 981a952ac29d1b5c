"""What is short of the papers, as a letter lists it: which paper of whom, and what would help.

Source: the published procedure (本人確認書類, 注意事項).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from ledger.cases.case import State
from ledger.cases.letters.contents import PaperFault
from ledger.cases.letters.words import day_text
from ledger.cases.papers import judged_request
from ledger.law.procedure import codes
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.reasons import REASONS
from ledger.law.procedure.version import Procedure
from ledger.policies.deadlines import valid_through
from ledger.policies.identity.papers import ran_out
from ledger.policies.identity.request import IdentityRequest, Shortcoming
from ledger.policies.identity.verdict import decide_identity

_PERSONS: Mapping[str, str] = MappingProxyType(
    {
        codes.PRINCIPAL: "ご本人",
        codes.AGENT: "代理人の方",
        codes.LEGAL_REPRESENTATIVE: "法定代理人の方",
    }
)
_WHOSE: Mapping[str, str] = MappingProxyType(
    {
        codes.PRINCIPAL: "ご本人（ご契約者）",
        codes.AGENT: "代理人の方",
        codes.LEGAL_REPRESENTATIVE: "法定代理人の方",
    }
)
_AUTHORITY = "代理権を確認できる書類"
_RUN_OUT = frozenset({"DOCUMENT_EXPIRED", "SUPPLEMENT_EXPIRED"})

_NOTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "content": frozenset(
            {
                "SEAL_CERTIFICATE_MISSING",
                "RESIDENCE_CERTIFICATE_MISSING",
                "DOCUMENT_MISSING",
                "DOCUMENT_EXPIRED",
                "DOCUMENT_NOT_ACCEPTED",
                "DOCUMENT_CONTENT_MISSING",
            }
        ),
        "address_mark": frozenset({"ADDRESS_NOT_PERMANENT"}),
        "address_change_first": frozenset({"REGISTERED_ADDRESS_DIFFERS"}),
        "supplement": frozenset({"IDENTITY_ADDRESS_DIFFERS"}),
    }
)
"""Note of the procedure → the reasons with which it helps."""


def faults_of(
    state: State,
    procedure: Procedure,
    reasons: Sequence[str],
    day: date,
    wording: int | None = None,
) -> tuple[PaperFault, ...]:
    """Each of `reasons` with the papers that it is about, in the order of the procedure.

    Args:
        reasons: codes of `ledger.law.procedure.reasons`, as the case put them down.
        wording: of the letter; None: the first one, which names no person in the words.
    """
    reason_codes = set(reasons)
    request = judged_request(state, procedure, day)
    verdict = decide_identity(request, procedure)
    found = [
        _fault(one, _paper(one, state, procedure), request, procedure)
        for one in verdict.shortcomings
        if one.code in reason_codes
    ]
    if wording is not None:
        pairs = zip(
            found, (one for one in verdict.shortcomings if one.code in reason_codes), strict=True
        )
        found = [_of_whom(fault, one, request, procedure) for fault, one in pairs]
    # A reason of an earlier look stays in the letter even when the papers say no more of it.
    found += [PaperFault(code) for code in reason_codes - {one.reason for one in found}]
    order = list(REASONS)
    found.sort(key=lambda one: (order.index(one.reason), one.paper))
    return tuple(dict.fromkeys(found))


def notes_of(procedure: Procedure, reasons: Sequence[str], day: date) -> tuple[str, ...]:
    """The sentences of the procedure that help with `reasons`, as it publishes them."""
    return tuple(
        note.label
        for note in procedure.notes_on(day)
        if not _NOTES.get(note.code, frozenset[str]()).isdisjoint(reasons)
    )


def age_notes(procedure: Procedure, faults: Sequence[PaperFault], due_on: date) -> tuple[str, ...]:
    """How old the papers that are asked for may be, and how that is counted (注意事項).

    Args:
        due_on: last day for the correction, for which an example is given.
    """
    limits = {one.months for one in faults if one.months is not None}
    if not limits:
        return ()
    months = min(limits)
    oldest = due_on
    while valid_through(oldest - timedelta(days=1), months) >= due_on:
        oldest -= timedelta(days=1)
    is_postmark = procedure.readings.age_counts_to == "postmark"
    counted = "当社に届いた日"
    first = "最初にお送りいただく書類については消印の日、改めてお送りいただく書類については"
    note = (
        f"発行日から{months}か月以内のものをお願いしている書類は、発行日の翌日から数えて、"
        f"{first if is_postmark else ''}{counted}までに{months}か月が過ぎていないものに限ります"
        f"（例えば、{day_text(due_on)}に届く書類は、{day_text(oldest)}以後に発行されたものです）"
    )
    return (note,)


def _of_whom(
    fault: PaperFault, one: Shortcoming, request: IdentityRequest, procedure: Procedure
) -> PaperFault:
    """The fault with whose paper it is about, and how old that may be."""
    if one.need is None or one.person is None:
        return fault
    is_authority = one.need == codes.AUTHORITY
    known = procedure.documents_on(request.arrived_on)
    documents = [
        document
        for document in known
        if (is_authority and document.authority_for) or document.code == one.need
    ]
    ages = [document.max_age_months for document in documents]
    limits = [months for months in ages if months is not None]
    return replace(fault, whose=_WHOSE[one.person], months=min(limits, default=None))


def _fault(
    one: Shortcoming, paper: str, request: IdentityRequest, procedure: Procedure
) -> PaperFault:
    if one.code == "FORM_INCOMPLETE":
        missing = tuple(field for field in FORM_LABELS if field in request.form_missing)
        return PaperFault(one.code, paper, missing=missing or None)
    if one.code in _RUN_OUT and one.paper is not None:
        return PaperFault(one.code, paper, ran_out(one.paper, request, procedure))
    return PaperFault(one.code, paper)


def _paper(one: Shortcoming, state: State, procedure: Procedure) -> str:
    """The paper's published name and whose it is; empty when it is about no paper."""
    name = _AUTHORITY if one.need == codes.AUTHORITY else ""
    if one.need and not name:
        document = procedure.document(one.need, state.application.arrived_on)
        labels = {kind.code: kind.label for kind in procedure.documents}
        name = document.label if document is not None else labels.get(one.need, "")
    person = _PERSONS.get(one.person or "", "")
    return f"{name}（{person}）" if name and person else name
