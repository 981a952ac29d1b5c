"""The verdict over one request: verified, or everything that keeps it from being so.

Source: the published procedure; Act Art. 37(1) to (4); Order 12(ii)(iii), 13.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from ledger.errors import Defect, MalformedError
from ledger.law.procedure import codes
from ledger.law.procedure.version import Procedure
from ledger.policies.deadlines import is_minor
from ledger.policies.identity.papers import PaperFinding, best
from ledger.policies.identity.request import (
    IdentityRequest,
    IdentityVerdict,
    OpenFact,
    ReplyTo,
    Shortcoming,
)
from ledger.policies.identity.slots import answers, certificates, supplements

REPLY_ADDRESS_NOT_ALLOWED = "REPLY_ADDRESS_NOT_ALLOWED"
_ALTERNATIVE = "NO_REGISTERED_ADDRESS"
# The registered address is judged in any case, together with the papers.
_ADDRESS_RULES: Mapping[str, tuple[str, str, str | None]] = MappingProxyType(
    {
        "billing": ("billing_is_registered", "REGISTERED_ADDRESS_DIFFERS", None),
        # An address that a supplement says is old is none to send a reply to.
        "identity_document": ("identity_is_form", "IDENTITY_ADDRESS_DIFFERS", codes.PRINCIPAL),
        "representative_identity_document": (
            "representative_is_on_papers",
            "IDENTITY_ADDRESS_DIFFERS",
            codes.LEGAL_REPRESENTATIVE,
        ),
    }
)
"""Address of the reply → fact of `AddressJudgement`, the shortcoming it is, and whose."""


def decide_identity(request: IdentityRequest, procedure: Procedure) -> IdentityVerdict:
    """Decide over the papers of `request`; every shortcoming is named, not only the first.

    Args:
        procedure: the version for the day of arrival (`procedure_on`).

    Raises:
        MalformedError: `REPLY_ADDRESS_NOT_ALLOWED`, the reply may not go to the chosen address.
    """
    reply_to = reply_to_of(request, procedure)
    found = [*answers(request, procedure), _authority(request), _form(request)]
    found += [_addresses(request, procedure), _reply_address(request, reply_to)]
    # One paper may serve two purposes; what is wrong with it is said once.
    shortcomings = tuple(dict.fromkeys(one for each in found for one in each.shortcomings))
    opens = tuple(dict.fromkeys(one for each in found for one in each.open))
    outcome = None if opens else _outcome(shortcomings, request)
    return IdentityVerdict(
        outcome=outcome,
        shortcomings=shortcomings,
        open=opens,
        ground=_ground(shortcomings) if outcome == "procedural_refusal" else None,
        reply_to=reply_to if outcome == "verified" else None,
        procedure=procedure.version,
    )


def dispatch_on(request: IdentityRequest, day: date) -> str:
    """`send`, or `hold` when the principal has come of age by the day of dispatch.

    A representation of a minor ends with that day, and with it the right to receive the reply.
    """
    if request.representation not in codes.OF_MINORS or request.birth_date is None:
        return "send"
    return "send" if is_minor(request.birth_date, day) else "hold"


def reply_to_of(request: IdentityRequest, procedure: Procedure) -> ReplyTo:
    """To whom the reply goes once the request is verified, and where to.

    Raises:
        MalformedError: `REPLY_ADDRESS_NOT_ALLOWED`, not to the chosen address.
    """
    rule = procedure.reply_rule(request.requester, request.arrived_on)
    address = request.reply_address or rule.addresses[0]
    if address not in rule.addresses:
        detail = f"the reply goes to {' or '.join(rule.addresses)} of {rule.to}"
        raise MalformedError((Defect("/reply_address", REPLY_ADDRESS_NOT_ALLOWED, detail),))
    return ReplyTo(rule.to, address)


def _outcome(shortcomings: tuple[Shortcoming, ...], request: IdentityRequest) -> str:
    if not shortcomings:
        return "verified"
    if all(one.code == _ALTERNATIVE for one in shortcomings):
        # No burden that is not needed: another way to prove identity, no refusal (37(4)).
        return "alternative_path"
    return "procedural_refusal" if request.correction_round_over else "correction_requested"


def _ground(shortcomings: tuple[Shortcoming, ...]) -> str:
    only_form = all(one.code == "FORM_INCOMPLETE" for one in shortcomings)
    return "FORM" if only_form else "IDENTITY"


def _authority(request: IdentityRequest) -> PaperFinding:
    """Who asks about another person needs an authority, whatever papers came (Order 13)."""
    if request.requester == codes.SELF and request.about_other_person:
        return PaperFinding((Shortcoming("AUTHORITY_DOCUMENT_MISSING", codes.PRINCIPAL),))
    return PaperFinding()


def _form(request: IdentityRequest) -> PaperFinding:
    if request.form_missing:
        return PaperFinding((Shortcoming("FORM_INCOMPLETE"),))
    return (
        PaperFinding() if request.form_checked else PaperFinding(open=(OpenFact("form_checked"),))
    )


def _addresses(request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    """The three addresses: form and register first; the papers only when those two agree."""
    judged = request.addresses
    if not judged.has_registered:
        return PaperFinding((Shortcoming(_ALTERNATIVE),))
    if judged.form_is_registered is None:
        return PaperFinding(open=(OpenFact("form_is_registered"),))
    if not judged.form_is_registered:
        return PaperFinding((Shortcoming("REGISTERED_ADDRESS_DIFFERS"),))
    owed = _owed("form_is_registered_because", request)
    found = _address_on_papers(request, procedure)
    return PaperFinding(found.shortcomings, (*owed, *found.open))


def _address_on_papers(request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    judged = request.addresses
    if not _shows_an_address(request, procedure):
        return PaperFinding()
    if judged.identity_is_form is None:
        return PaperFinding(open=(OpenFact("identity_is_form"),))
    if judged.identity_is_form:
        return PaperFinding(open=_owed("identity_is_form_because", request))
    differs = Shortcoming("IDENTITY_ADDRESS_DIFFERS", codes.PRINCIPAL)
    if not procedure.readings.supplement_bridges:
        return PaperFinding((differs,))
    bridges = [*supplements(request, procedure), *certificates(request, procedure)]
    if not bridges:
        return PaperFinding((differs,))
    found = best(bridges)
    if found.shortcomings:
        return PaperFinding((differs, *found.shortcomings), found.open)
    return found


def _owed(reason: str, request: IdentityRequest) -> tuple[OpenFact, ...]:
    """Two addresses that were said to be one against the proposal: nobody has said why."""
    return (OpenFact(reason),) if reason in request.unexplained else ()


def _reply_address(request: IdentityRequest, reply_to: ReplyTo) -> PaperFinding:
    """An address that only the form names is looked up before anything is sent there."""
    rule = _ADDRESS_RULES.get(reply_to.address)
    if rule is None:
        return PaperFinding()
    fact, code, person = rule
    found = getattr(request.addresses, fact)
    if found is None:
        return PaperFinding(open=(OpenFact(fact),))
    return PaperFinding() if found else PaperFinding((Shortcoming(code, person),))


def _shows_an_address(request: IdentityRequest, procedure: Procedure) -> bool:
    """Whether a paper of the principal came that shows an address and is no mere supplement."""
    kinds = {
        one.code
        for one in procedure.documents
        if "current_address" in one.shows and not one.supplement
    }
    return any(one.person == codes.PRINCIPAL and one.kind in kinds for one in request.papers)
