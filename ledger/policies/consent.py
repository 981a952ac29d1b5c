"""Consent of the principal: obtained, and beforehand (Art. 27(1), 28(1)(2), 31(1))."""

from datetime import date

from ledger.clock import day_in_japan
from ledger.law.transition import INFORMED_SINCE
from ledger.policies.foreign import is_information_complete
from ledger.values import Consent, Transfer


def consent_findings(transfer: Transfer, day: date, *, foreign: bool) -> tuple[str, ...]:
    """What is wrong with the consent of Art. 27(1) or 28(1) on which the transfer rests.

    The sender of a receipt got the consent itself: the day that it states is not judged.

    Args:
        day: the first day of the transfer, or the day of the record where that is unknown.
        foreign: the recipient is a third party in a foreign country.
    """
    consent = transfer.consent
    if consent is None or not consent.obtained:
        # Art. 28(2) speaks of a consent that is sought; without one there is nothing to inform of.
        return ("CONSENT_NOT_OBTAINED",)
    if consent.at is None and not foreign:
        return ()
    found: list[str] = []
    if transfer.direction == "provided" and _is_late(transfer):
        found.append("CONSENT_AFTER_TRANSFER")
    if foreign and _must_be_informed(consent, day) and not is_information_complete(consent):
        found.append("ART28_INFORMATION_MISSING")
    return tuple(found)


def special_care_findings(transfer: Transfer) -> tuple[str, ...]:
    """What is wrong with a receipt from somebody who is no operator (Art. 20(2))."""
    consent = transfer.consent
    if transfer.special_care and (consent is None or not consent.obtained):
        return ("CONSENT_NOT_OBTAINED",)
    return ()


def is_given_after(consent: Consent | None, day: date) -> bool:
    """Whether a consent was given on a later day than `day`, in Japan."""
    return consent is not None and consent.at is not None and day_in_japan(consent.at) > day


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
    first_day = transfer.first_day
    return first_day is not None and is_given_after(transfer.consent, first_day)


def _must_be_informed(consent: Consent, day: date) -> bool:
    """Whether 28(2) applies: to a consent that was obtained when it was in force, or later.

    A consent of an unknown day was given by the day of the transfer.
    Source: supplementary provisions of 令和2年法律第44号, Art. 4(1).
    """
    given_on = day if consent.at is None else day_in_japan(consent.at)
    return given_on >= INFORMED_SINCE
