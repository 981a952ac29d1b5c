"""Who a letter goes to, from the names that the form has for it.

Source: the published procedure (reply rules: never to a mandated agent).
"""

from collections.abc import Mapping
from types import MappingProxyType

from ledger.case import State
from ledger.errors import Defect, MalformedError
from ledger.events.case import Application
from ledger.law.procedure import codes
from ledger.letters.letter import Addressee
from ledger.policies.identity.request import ReplyTo

NAME = "name"
REPRESENTATIVE_NAME = "representative_name"
_PERSONS: Mapping[str, str] = MappingProxyType(
    {codes.PRINCIPAL: NAME, codes.LEGAL_REPRESENTATIVE: REPRESENTATIVE_NAME}
)
_ADDRESSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "registered": ("postal_code", "address"),
        "billing": ("billing_postal_code", "billing_address"),
        "representative_identity_document": (
            "representative_postal_code",
            "representative_address",
        ),
    }
)
"""Address of the procedure → fields of the form that hold it, as the applicant wrote it.

The registered address is the form's: the two were judged to be the same before anybody is verified.
"""

FORM_FIELDS = frozenset(
    {*_PERSONS.values(), *(name for pair in _ADDRESSES.values() for name in pair)}
)
"""The fields that a letter is addressed with; a postal code may be missing."""


def addressee_of(state: State) -> Addressee:
    """To whom a reply goes once somebody is verified, and until then a letter about the papers.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`, the form lacks the name or the address.
    """
    application = state.application
    to = state.reply_to or _before(application)
    postal_code, address = _ADDRESSES[to.address]
    name = _PERSONS[to.person]
    is_represented = to.person == codes.LEGAL_REPRESENTATIVE
    needed = (name, address, *((NAME,) if is_represented else ()))
    form = application.form
    missing = tuple(one for one in needed if not form.get(one, "").strip())
    if missing:
        detail = "the form must hold it: no letter goes out without a name and an address"
        raise MalformedError(
            tuple(Defect(f"/form/{one}", "ADDRESSEE_MISSING", detail) for one in missing)
        )
    return Addressee(
        form.get(postal_code, ""),
        form[address],
        form[name],
        form[NAME] if is_represented else None,
    )


def is_known(state: State) -> bool:
    """Whether somebody found that the address is that of whom the letter goes to.

    A legal representative's is found on papers of theirs, the principal's in the register.
    """
    if state.reply_to is not None:
        return True
    look = state.check.examination if state.check is not None else None
    if look is None:
        return False
    if state.application.requester == codes.LEGAL_REPRESENTATIVE:
        return bool(look.addresses.representative_is_on_papers) and any(
            one.person == codes.LEGAL_REPRESENTATIVE and one.shows_current_address
            for one in look.papers
        )
    return bool(look.addresses.has_registered and look.addresses.form_is_registered)


def _before(application: Application) -> ReplyTo:
    if application.requester == codes.LEGAL_REPRESENTATIVE:
        return ReplyTo(codes.LEGAL_REPRESENTATIVE, "representative_identity_document")
    return ReplyTo(codes.PRINCIPAL, "registered")
