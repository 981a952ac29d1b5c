"""An original residence certificate is a listed supplement: it bridges an old address elsewhere."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.policies.identity.request import EnvelopePaper, IdentityRequest, OpenFact
from tests.law.papers import (
    OLD_PAPER,
    RECEIPT,
    RESIDENCE,
    SEAL,
    both,
    card,
    own,
    parents,
    read_with,
    verdict,
)

NO_SEAL = {"seal_registered": {"principal": False}}
LISTED = replace(RESIDENCE, as_supplement=True)
NO_NAME = replace(RECEIPT, in_name=False)


def asked(*papers: EnvelopePaper, **more: object) -> IdentityRequest:
    """A card with an old address and these papers beside it."""
    return own(card(), *papers, addresses=OLD_PAPER, **{**NO_SEAL, **more})


def test_a_certificate_with_the_address_of_the_form_bridges_the_old_one_of_a_card() -> None:
    found = verdict(asked(LISTED))
    assert (found.outcome, found.reasons) == ("verified", ())
    assert found.reply_to is not None
    assert (found.reply_to.person, found.reply_to.address) == ("principal", "registered")


def test_a_second_certificate_bridges_as_a_receipt_does() -> None:
    second = own(SEAL, RESIDENCE, LISTED, addresses=OLD_PAPER)
    assert verdict(second).outcome == "verified"


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (replace(LISTED, issued_on=date(2026, 8, 23)), "DOCUMENT_EXPIRED"),
        (replace(LISTED, my_number_shown=True), "MY_NUMBER_SHOWN"),
        (replace(LISTED, is_original=False), "ORIGINAL_REQUIRED"),
        (replace(LISTED, shows_current_address=False), "DOCUMENT_CONTENT_MISSING"),
    ],
)
def test_one_that_is_no_good_paper_bridges_nothing(certificate: EnvelopePaper, reason: str) -> None:
    assert set(verdict(asked(certificate)).reasons) == {"IDENTITY_ADDRESS_DIFFERS", reason}


def test_the_last_day_of_its_three_months_is_the_last_on_which_it_bridges() -> None:
    assert verdict(asked(replace(LISTED, issued_on=date(2026, 8, 24)))).outcome == "verified"


def test_nobody_takes_a_tick_of_an_address_for_that_of_the_form() -> None:
    # The box of every certificate says that it shows an address; only the officer knows which.
    unsaid = verdict(asked(RESIDENCE))
    assert (unsaid.outcome, unsaid.open) == (None, (OpenFact("as_supplement", 1),))
    denied = verdict(asked(replace(RESIDENCE, as_supplement=False)))
    assert denied.reasons == ("IDENTITY_ADDRESS_DIFFERS",)


def test_beside_a_seal_certificate_alone_it_is_no_other_address() -> None:
    # Both are of one register, and what is asked for of everybody bridges nothing by itself.
    assert verdict(own(SEAL, RESIDENCE, addresses=OLD_PAPER)).reasons == (
        "IDENTITY_ADDRESS_DIFFERS",
    )
    receipt = verdict(own(SEAL, RESIDENCE, NO_NAME, addresses=OLD_PAPER))
    assert receipt.reasons == ("IDENTITY_ADDRESS_DIFFERS", "SUPPLEMENT_NOT_IN_NAME")


def test_a_good_certificate_makes_up_for_a_receipt_that_is_none() -> None:
    assert verdict(asked(LISTED, NO_NAME)).outcome == "verified"


def test_only_the_principals_certificate_bridges_the_principals_address() -> None:
    representatives = both("legal_representative")
    listed = replace(representatives[1], as_supplement=True)
    family = replace(SEAL, kind="family_register", person="legal_representative")
    request = parents(
        papers=(card(), RESIDENCE, representatives[0], listed, family),
        addresses=OLD_PAPER,
        seal_registered={"principal": False, "legal_representative": True},
    )
    assert verdict(request).open == (OpenFact("as_supplement", 1),)


def test_where_the_procedure_takes_no_supplement_none_bridges() -> None:
    found = verdict(asked(LISTED), read_with(supplement_bridges=False))
    assert found.reasons == ("IDENTITY_ADDRESS_DIFFERS",)


# -- the address on the identity paper as that of the reply ---------------------------------------


def test_a_reply_may_go_to_the_address_on_the_principals_identity_paper() -> None:
    found = verdict(own(reply_address="identity_document"))
    assert found.reply_to is not None
    assert (found.reply_to.person, found.reply_to.address) == ("principal", "identity_document")


def test_none_goes_to_an_old_address_that_a_supplement_bridges() -> None:
    old = verdict(asked(LISTED, reply_address="identity_document"))
    assert (old.outcome, old.reasons) == ("correction_requested", ("IDENTITY_ADDRESS_DIFFERS",))
