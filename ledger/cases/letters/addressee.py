"""Who a letter goes to, from the names that the form has for it.

Source: the published procedure (reply rules: never to a mandated agent).
"""

from ledger.cases.addressee_fields import ADDRESSES, NAME, PERSONS, lacking
from ledger.cases.addresses import REGISTERED_BECAUSE, unexplained
from ledger.cases.case import State
from ledger.cases.events.intake import Application
from ledger.cases.letters.letter import Addressee
from ledger.errors import Defect, MalformedError
from ledger.law.procedure import codes
from ledger.policies.identity.request import ReplyTo


def addressee_of(state: State) -> Addressee:
    """To whom a reply goes once somebody is verified, and until then a letter about the papers.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`, the form lacks the name or the address.
    """
    application = state.application
    to = state.reply_to or _before(application)
    postal_code, address = ADDRESSES[to.address]
    name = PERSONS[to.person]
    is_represented = to.person == codes.LEGAL_REPRESENTATIVE
    form = application.form
    if missing := lacking(form, to):
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
    examination = state.check.examination if state.check is not None else None
    if examination is None:
        return False
    if state.application.requester == codes.LEGAL_REPRESENTATIVE:
        return bool(examination.addresses.representative_is_on_papers) and any(
            one.person == codes.LEGAL_REPRESENTATIVE and one.shows_current_address
            for one in examination.papers
        )
    judged = examination.addresses
    if REGISTERED_BECAUSE in unexplained(examination, state.application.form):
        return False
    return bool(judged.has_registered and judged.form_is_registered)


def _before(application: Application) -> ReplyTo:
    if application.requester == codes.LEGAL_REPRESENTATIVE:
        return ReplyTo(codes.LEGAL_REPRESENTATIVE, "representative_identity_document")
    return ReplyTo(codes.PRINCIPAL, "registered")
