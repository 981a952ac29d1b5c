"""What the matrix asks of a requester, and how far the papers go: one answer a slot."""

from collections.abc import Iterator

from ledger.law.procedure import codes
from ledger.law.procedure.reasons import REASONS
from ledger.law.procedure.tables import PaperKind, Slot
from ledger.law.procedure.version import Procedure
from ledger.policies.deadlines import is_minor
from ledger.policies.identity.papers import GOOD, PaperFinding, best, examine_paper, supplement
from ledger.policies.identity.request import IdentityRequest, OpenFact, Shortcoming

_SEAL = "seal_certificate"
RESIDENCE = "residence_certificate"
"""The paper that is a supplement, too, where it is an original (補助書類)."""


def answers(request: IdentityRequest, procedure: Procedure) -> tuple[PaperFinding, ...]:
    """One answer for each paper that the matrix asks for."""
    readings = procedure.readings
    found = [
        _answer(slot, request, procedure)
        for slot in procedure.slots(request.requester, request.arrived_on)
        if not (slot.of_question and readings.agents_principal_paper == "none")
    ]
    is_own = request.requester == codes.SELF
    if is_own and readings.own_papers == "any" and any(one.is_good for one in found):
        return ()
    return tuple(found)


def supplements(request: IdentityRequest, procedure: Procedure) -> list[PaperFinding]:
    """The answers of the principal's supplements, in order."""
    kinds = {one.code for one in procedure.documents if one.supplement}
    return [
        supplement(index, request, procedure)
        for index in _indexes(request, codes.PRINCIPAL)
        if request.papers[index].kind in kinds
    ]


def certificates(request: IdentityRequest, procedure: Procedure) -> list[PaperFinding]:
    """The answers of the principal's residence certificates that serve as supplements, in order.

    One serves where somebody says that it shows the address of the form, and where that may be
    another address than the papers': beside a substitute, or a second certificate. A seal
    certificate is of the same register, and shows what the certificate does.
    """
    own = _indexes(request, codes.PRINCIPAL)
    sent = [index for index in own if request.papers[index].kind == RESIDENCE]
    kinds = {one.code for one in procedure.documents if one.substitute}
    may_differ = len(sent) > 1 or any(request.papers[index].kind in kinds for index in own)
    found: list[PaperFinding] = []
    for index in sent if may_differ else ():
        says = request.papers[index].as_supplement
        seen = examine_paper(index, request, procedure)
        if says is True:
            found.append(seen)
        elif says is None and seen.is_good:
            found.append(PaperFinding(open=(OpenFact("as_supplement", index),)))
    return found


def _answer(slot: Slot, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    if slot.need == codes.AUTHORITY:
        return _authority(slot, request, procedure)
    accepted_kinds = [slot.need]
    if slot.of_question and procedure.readings.agents_principal_paper == "any_identity_paper":
        accepted_kinds += [one.code for one in procedure.documents if one.substitute]
    sent = [i for i in _indexes(request, slot.person) if request.papers[i].kind in accepted_kinds]
    document = procedure.document(slot.need, request.arrived_on)
    if sent and document is not None and document.is_mandate:
        return best([_mandate(index, request, procedure) for index in sent])
    if sent:
        return best([_identity_paper(index, request, procedure) for index in sent])
    if slot.need == _SEAL or slot.substitute:
        return _substitute(slot, request, procedure)
    if document is not None and document.is_mandate:
        return _nothing(slot, "MANDATE_MISSING")
    return _nothing(slot, _missing(slot))


def _substitute(slot: Slot, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    """No seal certificate came: a substitute does for a person without a registered seal."""
    # A kind that has gone out of use is still a try at one; `look` says that it is not accepted.
    kinds = {one.code for one in procedure.documents if one.substitute}
    sent = [i for i in _indexes(request, slot.person) if request.papers[i].kind in kinds]
    if not sent:
        return _nothing(slot, _missing(slot))
    registered = request.seal_registered.get(slot.person)
    if not slot.substitute or registered is True:
        return _nothing(slot, "SUBSTITUTE_NOT_ALLOWED")
    if registered is None:
        return PaperFinding(open=(OpenFact("seal_registered"),))
    return best([_identity_paper(index, request, procedure) for index in sent])


def _identity_paper(index: int, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    """The paper, and what must come together with it."""
    found = examine_paper(index, request, procedure)
    document = procedure.document(request.papers[index].kind, request.arrived_on)
    if document is None or any(one.code == "DOCUMENT_NOT_ACCEPTED" for one in found.shortcomings):
        return found
    besides = (
        _together(index, document, request, procedure),
        _supplemented(index, document, request, procedure),
    )
    return PaperFinding(
        (*found.shortcomings, *(one for more in besides for one in more.shortcomings)),
        (*found.open, *(one for more in besides for one in more.open)),
    )


def _together(
    index: int, document: PaperKind, request: IdentityRequest, procedure: Procedure
) -> PaperFinding:
    paper = request.papers[index]
    if document.together_with is None or paper.permanent_resident is True:
        return GOOD
    sent = [
        examine_paper(other, request, procedure)
        for other in _indexes(request, paper.person)
        if request.papers[other].kind == document.together_with
    ]
    if paper.permanent_resident is None and not any(one.is_good for one in sent):
        return PaperFinding(open=(OpenFact("permanent_resident", index),))
    if not sent:
        code = "PASSPORT_MISSING"
        return PaperFinding((Shortcoming(code, paper.person, document.together_with, None),))
    return best(sent)


def _supplemented(
    index: int, document: PaperKind, request: IdentityRequest, procedure: Procedure
) -> PaperFinding:
    """A receipt or an original residence certificate is a supplement (補助書類)."""
    if not document.needs_supplement:
        return GOOD
    person = request.papers[index].person
    certificates = [
        examine_paper(other, request, procedure)
        for other in _indexes(request, person)
        if request.papers[other].kind == RESIDENCE
    ]
    if any(one.is_good for one in certificates):
        return GOOD
    receipts = supplements(request, procedure) if person == codes.PRINCIPAL else []
    if receipts or certificates:
        return best(receipts or certificates)
    code = "DOCUMENT_NOT_ACCEPTED"
    return PaperFinding((Shortcoming(code, person, document.code, index),))


def _mandate(index: int, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    found = examine_paper(index, request, procedure)
    compared = any(
        request.papers[other].kind == _SEAL for other in _indexes(request, codes.PRINCIPAL)
    )
    if compared:
        if request.papers[index].seal_as_certified is None:
            return PaperFinding(
                found.shortcomings, (*found.open, OpenFact("seal_as_certified", index))
            )
        return found
    # Without the certificate there is no seal to compare with; its absence is named by its slot.
    kept = tuple(one for one in found.shortcomings if one.code != "MANDATE_SEAL_DIFFERS")
    return PaperFinding(kept, found.open)


def _authority(slot: Slot, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    representation = request.representation
    if representation is None:
        return PaperFinding(open=(OpenFact("representation"),))
    if representation not in codes.LEGAL:
        return PaperFinding((Shortcoming("NOT_A_LEGAL_REPRESENTATIVE", slot.person),))
    found = _paper_of_authority(slot, representation, request, procedure)
    return PaperFinding(
        (*_of_age(slot, representation, request), *found.shortcomings),
        (*_age_open(representation, request), *found.open),
    )


def _paper_of_authority(
    slot: Slot, representation: str, request: IdentityRequest, procedure: Procedure
) -> PaperFinding:
    kinds = {
        one.code
        for one in procedure.documents_on(request.arrived_on)
        if representation in one.authority_for
    }
    # The paper speaks of both persons, so it may have been put down under either.
    of = (slot.person, codes.PRINCIPAL)
    sent = [i for i, one in enumerate(request.papers) if one.person in of and one.kind in kinds]
    if not sent:
        return _nothing(slot, "AUTHORITY_DOCUMENT_MISSING")
    return best([examine_paper(index, request, procedure) for index in sent])


def _of_age(slot: Slot, representation: str, request: IdentityRequest) -> Iterator[Shortcoming]:
    born = request.birth_date
    if representation not in codes.OF_MINORS or born is None:
        return
    if not is_minor(born, request.arrived_on):
        yield Shortcoming("PRINCIPAL_IS_ADULT", slot.person)


def _age_open(representation: str, request: IdentityRequest) -> Iterator[OpenFact]:
    if representation in codes.OF_MINORS and request.birth_date is None:
        yield OpenFact("birth_date")


def _missing(slot: Slot) -> str:
    code = f"{slot.need.upper()}_MISSING"
    return code if code in REASONS else "DOCUMENT_MISSING"


def _nothing(slot: Slot, code: str) -> PaperFinding:
    return PaperFinding((Shortcoming(code, slot.person, slot.need, None),))


def _indexes(request: IdentityRequest, person: str) -> tuple[int, ...]:
    return tuple(i for i, paper in enumerate(request.papers) if paper.person == person)
