"""Foreign third parties: who is one, and what must be told before consent (Art. 28, 31(1)(ii))."""

from datetime import date

from ledger.law.countries import HOME, is_foreign
from ledger.values import Consent, Transfer


def is_foreign_third_party(transfer: Transfer, day: date) -> bool:
    """Whether Art. 28(1) takes the recipient for a third party in a foreign country on `day`.

    The receiving side has no such question.
    """
    party = transfer.counterparty
    if party.country == HOME or transfer.direction != "provided" or party.equivalent_measures:
        return False
    return is_foreign(party.country, day)


def is_information_complete(consent: Consent) -> bool:
    """Whether everything that Rule 17(2) asks for, or its substitute (17(3)(4)), was given."""
    given = consent.foreign_information
    country = given >= {"country", "regime"} or "country_unspecified_reason" in given
    return country and ("measures" in given or "measures_unavailable_reason" in given)
