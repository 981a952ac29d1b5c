"""What is short of the papers, as a letter lists it: which paper of whom, and what would help.

Source: the published procedure (本人確認書類, 注意事項).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from ledger.case import State
from ledger.case.papers import judged_request
from ledger.law.procedure import codes
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.reasons import REASONS
from ledger.law.procedure.version import Procedure
from ledger.letters.contents import Fault
from ledger.policies.identity.deciding import decide_identity
from ledger.policies.identity.papers import ran_out
from ledger.policies.identity.request import IdentityRequest, Shortcoming

_PERSONS: Mapping[str, str] = MappingProxyType(
    {
        codes.PRINCIPAL: "ご本人",
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
    state: State, procedure: Procedure, reasons: Sequence[str], day: date
) -> tuple[Fault, ...]:
    """Each of `reasons` with the papers that it is about, in the order of the procedure.

    Args:
        reasons: codes of `ledger.law.procedure.reasons`, as the case put them down.
    """
    wanted = set(reasons)
    request = judged_request(state, procedure, day)
    verdict = decide_identity(request, procedure)
    found = [
        _fault(one, _paper(one, state, procedure), request, procedure)
        for one in verdict.shortcomings
        if one.code in wanted
    ]
    # A reason of an earlier look stays in the letter even when the papers say no more of it.
    found += [Fault(code) for code in wanted - {one.reason for one in found}]
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


def _fault(one: Shortcoming, paper: str, request: IdentityRequest, procedure: Procedure) -> Fault:
    if one.code == "FORM_INCOMPLETE":
        missing = tuple(field for field in FORM_LABELS if field in request.form_missing)
        return Fault(one.code, paper, missing=missing or None)
    if one.code in _RUN_OUT and one.paper is not None:
        return Fault(one.code, paper, ran_out(one.paper, request, procedure))
    return Fault(one.code, paper)


def _paper(one: Shortcoming, state: State, procedure: Procedure) -> str:
    """The paper's published name and whose it is; empty when it is about no paper."""
    name = _AUTHORITY if one.need == codes.AUTHORITY else ""
    if one.need and not name:
        document = procedure.document(one.need, state.application.arrived_on)
        labels = {kind.code: kind.label for kind in procedure.documents}
        name = document.label if document is not None else labels.get(one.need, "")
    person = _PERSONS.get(one.person or "", "")
    return f"{name}（{person}）" if name and person else name
