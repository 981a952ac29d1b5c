"""Consent of the principal: obtained, and beforehand (Art. 27(1), 28(1)(2), 31(1))."""

from ledger.clock import day_in_japan
from ledger.policies.foreign import is_information_complete
from ledger.values import Transfer


def consent_findings(transfer: Transfer, *, foreign: bool) -> tuple[str, ...]:
    """What is wrong with the consent of Art. 27(1) or 28(1) on which the transfer rests.

    Args:
        foreign: the recipient is a third party in a foreign country.
    """
    consent = transfer.consent
    if consent is None or not consent.obtained:
        # Art. 28(2) speaks of a consent that is sought; without one there is nothing to inform of.
        return ("CONSENT_NOT_OBTAINED",)
    if consent.at is None and not foreign:
        return ()
    found: list[str] = []
    if _is_late(transfer):
        found.append("CONSENT_AFTER_TRANSFER")
    if foreign and not is_information_complete(consent):
        found.append("ART28_INFORMATION_MISSING")
    return tuple(found)


def referable_findings(transfer: Transfer, *, foreign: bool) -> tuple[str, ...]:
    """What Art. 31(1) asks to confirm beforehand and is not confirmed."""
    consent = transfer.consent
    found: list[str] = []
    if consent is None or not consent.obtained or _is_late(transfer):
        found.append("ART31_CONSENT_MISSING")
    if foreign and (consent is None or not is_information_complete(consent)):
        found.append("ART31_FOREIGN_INFORMATION_MISSING")
    return tuple(found)


def _is_late(transfer: Transfer) -> bool:
    """Whether the consent is later than the (first) day of the transfer, in Japan."""
    consent, first_day = transfer.consent, transfer.first_day
    if consent is None or consent.at is None or first_day is None:
        return False
    return day_in_japan(consent.at) > first_day
