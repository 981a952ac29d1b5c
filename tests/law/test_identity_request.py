"""The three addresses, the correction round, open facts and open questions of a request."""

from dataclasses import replace
from datetime import date
from typing import Any

from ledger.policies.identity.request import (
    AddressJudgement,
    EnvelopePaper,
    IdentityRequest,
    OpenFact,
)
from tests.law.papers import (
    AGREEING,
    MANDATE,
    OLD_PAPER,
    RECEIPT,
    RESIDENCE,
    SEAL,
    agents,
    both,
    card,
    own,
    parents,
    read_with,
    reasons,
    verdict,
)
from tests.matrix import every

NO_SEAL = {"seal_registered": {"principal": False}}
OLD = date(2026, 8, 23)


DIFFERENT = AddressJudgement(has_registered=True, form_is_registered=False)
SUPPLEMENTS = {
    "none": ((), ("IDENTITY_ADDRESS_DIFFERS",)),
    "good": ((RECEIPT,), ()),
    "stamped": ((replace(RECEIPT, day_mark="stamped"),), ()),
    "of somebody else": (
        (replace(RECEIPT, in_name=False),),
        ("IDENTITY_ADDRESS_DIFFERS", "SUPPLEMENT_NOT_IN_NAME"),
    ),
    "old": (
        (replace(RECEIPT, issued_on=OLD),),
        ("IDENTITY_ADDRESS_DIFFERS", "SUPPLEMENT_EXPIRED"),
    ),
    "without a day": (
        (replace(RECEIPT, issued_on=None, undated=True),),
        ("IDENTITY_ADDRESS_DIFFERS", "SUPPLEMENT_NOT_DATED"),
    ),
    "without a stamp or a day": (
        (replace(RECEIPT, issued_on=None, day_mark="none"),),
        ("IDENTITY_ADDRESS_DIFFERS", "SUPPLEMENT_NOT_DATED"),
    ),
    "without a day or an address": (
        (replace(RECEIPT, issued_on=None, undated=True, shows_current_address=False),),
        ("DOCUMENT_CONTENT_MISSING", "IDENTITY_ADDRESS_DIFFERS", "SUPPLEMENT_NOT_DATED"),
    ),
    "with another address": (
        (replace(RECEIPT, shows_current_address=False),),
        ("DOCUMENT_CONTENT_MISSING", "IDENTITY_ADDRESS_DIFFERS"),
    ),
    "one bad, one good": ((replace(RECEIPT, in_name=False), RECEIPT), ()),
}


@every("name", SUPPLEMENTS)
def test_a_valid_supplement_bridges_an_old_address_on_the_identity_papers(name: str) -> None:
    papers, expected = SUPPLEMENTS[name]
    request = own(SEAL, RESIDENCE, *papers, addresses=OLD_PAPER)
    assert reasons(request) == expected
    # Where the addresses agree, a useless supplement does no harm.
    assert reasons(replace(request, addresses=AGREEING)) == ()
    # Where form and register differ, the papers are not judged.
    assert reasons(replace(request, addresses=DIFFERENT)) == ("REGISTERED_ADDRESS_DIFFERS",)


def test_without_a_registered_address_there_is_another_way_and_no_refusal() -> None:
    nowhere = AddressJudgement(has_registered=False)
    for over in (False, True):
        found = verdict(own(addresses=nowhere, correction_round_over=over))
        assert (found.outcome, found.ground) == ("alternative_path", None)
    assert verdict(own(SEAL, addresses=nowhere)).outcome == "correction_requested"


@every(
    "request_, ground",
    [
        (own(form_missing=("signature",)), "FORM"),
        (own(SEAL), "IDENTITY"),
        (own(SEAL, form_missing=("signature",)), "IDENTITY"),
        (own(addresses=DIFFERENT), "IDENTITY"),
    ],
)
def test_after_the_correction_round_the_ground_is_the_form_only_when_it_is_the_sole_defect(
    request_: IdentityRequest, ground: str
) -> None:
    before = verdict(request_)
    assert (before.outcome, before.ground) == ("correction_requested", None)
    after = verdict(replace(request_, correction_round_over=True))
    assert (after.outcome, after.ground) == ("procedural_refusal", ground)
    assert after.reply_to is None


def test_a_paper_that_came_later_is_looked_at_as_of_its_own_arrival() -> None:
    later = date(2026, 12, 10)
    fresh = replace(RESIDENCE, issued_on=date(2026, 12, 1), arrived_on=later)
    assert reasons(own(SEAL, fresh)) == ()
    stale = replace(RESIDENCE, issued_on=date(2026, 9, 9), arrived_on=later)
    assert reasons(own(SEAL, stale)) == ("DOCUMENT_EXPIRED",)


# -- where the reply goes ------------------------------------------------------------------------

UNSEEN = replace(AGREEING, billing_is_registered=None, representative_is_on_papers=None)


@every("request_", [own(addresses=UNSEEN), agents(addresses=UNSEEN)])
def test_an_address_that_no_reply_goes_to_need_not_be_looked_up(
    request_: IdentityRequest,
) -> None:
    assert verdict(request_).outcome == "verified"


def test_an_address_of_a_reply_that_is_nobodys_as_far_as_is_known_is_short() -> None:
    strange = replace(AGREEING, billing_is_registered=False, representative_is_on_papers=False)
    short = reasons(own(addresses=strange, reply_address="billing"))
    assert short == ("REGISTERED_ADDRESS_DIFFERS",)
    assert reasons(parents(addresses=strange)) == ("IDENTITY_ADDRESS_DIFFERS",)
    assert reasons(own(addresses=strange)) == ()


# -- what nobody has looked at -------------------------------------------------------------------


@every(
    "request_, opened",
    [
        (own(replace(SEAL, shows_name=None), RESIDENCE), OpenFact("shows_name", 0)),
        (own(replace(SEAL, address_mark=None), RESIDENCE), OpenFact("address_mark", 0)),
        (own(replace(SEAL, issued_on=None), RESIDENCE), OpenFact("issued_on", 0)),
        (own(SEAL, replace(RESIDENCE, my_number_shown=None)), OpenFact("my_number_shown", 1)),
        (own(card(), RESIDENCE), OpenFact("seal_registered")),
        (own(card(international=None), RESIDENCE, **NO_SEAL), OpenFact("international", 0)),
        (
            own(card("residence_card", permanent_resident=None), RESIDENCE, **NO_SEAL),
            OpenFact("permanent_resident", 0),
        ),
        (
            agents(
                papers=(SEAL, RESIDENCE, *both("agent"), replace(MANDATE, seal_as_certified=None))
            ),
            OpenFact("seal_as_certified", 4),
        ),
        (parents(representation=None), OpenFact("representation")),
        (parents(birth_date=None), OpenFact("birth_date")),
        (replace(own(), form_checked=False), OpenFact("form_checked")),
        (own(addresses=AddressJudgement(has_registered=True)), OpenFact("form_is_registered")),
        (own(addresses=replace(AGREEING, identity_is_form=None)), OpenFact("identity_is_form")),
        *(
            (own(unexplained=(name,)), OpenFact(name))
            for name in ("form_is_registered_because", "identity_is_form_because")
        ),
        (
            own(SEAL, RESIDENCE, replace(RECEIPT, in_name=None), addresses=OLD_PAPER),
            OpenFact("in_name", 2),
        ),
        (own(addresses=UNSEEN, reply_address="billing"), OpenFact("billing_is_registered")),
        (agents(addresses=UNSEEN, reply_address="billing"), OpenFact("billing_is_registered")),
        (parents(addresses=UNSEEN), OpenFact("representative_is_on_papers")),
    ],
)
def test_a_fact_that_nobody_looked_at_keeps_the_outcome_open(
    request_: IdentityRequest, opened: OpenFact
) -> None:
    found = verdict(request_)
    assert found.open == (opened,)
    assert (found.outcome, found.reply_to, found.ground) == (None, None, None)


@every(
    "changes, opened",
    [
        ({"issued_on": None, "in_name": None}, {"issued_on", "in_name"}),
        ({"day_mark": None}, {"day_mark"}),
        ({"day_mark": "none", "issued_on": None, "in_name": None}, {"in_name"}),
        (
            {"day_mark": "none", "issued_on": None, "shows_current_address": None},
            {"shows_current_address"},
        ),
        ({"day_mark": None, "issued_on": None, "undated": True}, set[str]()),
    ],
)
def test_a_supplement_opens_only_what_can_still_be_looked_at(
    changes: dict[str, Any], opened: set[str]
) -> None:
    request = own(SEAL, RESIDENCE, replace(RECEIPT, **changes), addresses=OLD_PAPER)
    assert {one.fact for one in verdict(request).open} == opened


def test_the_identity_address_is_judged_only_when_a_paper_of_the_principal_shows_one() -> None:
    request = agents(papers=(*both("agent"), MANDATE, RECEIPT), addresses=OLD_PAPER)
    assert "IDENTITY_ADDRESS_DIFFERS" not in reasons(request)
    with_one = replace(
        request, papers=(*request.papers, RESIDENCE, replace(RECEIPT, in_name=False))
    )
    assert "IDENTITY_ADDRESS_DIFFERS" not in reasons(with_one)
    without_receipt = replace(request, papers=(*both("agent"), MANDATE, RESIDENCE))
    assert "IDENTITY_ADDRESS_DIFFERS" in reasons(without_receipt)


# -- open questions ------------------------------------------------------------------------------


def test_each_answer_to_an_open_question_changes_what_it_asks_and_nothing_else() -> None:
    bridged = own(SEAL, RESIDENCE, RECEIPT, addresses=OLD_PAPER)
    assert reasons(bridged, read_with(supplement_bridges=False)) == ("IDENTITY_ADDRESS_DIFFERS",)

    assert reasons(own(SEAL)) == ("RESIDENCE_CERTIFICATE_MISSING",)
    assert reasons(own(SEAL), read_with(own_papers="any")) == ()
    assert reasons(own(RESIDENCE), read_with(own_papers="any")) == ()
    assert len(reasons(own(RECEIPT), read_with(own_papers="any"))) == 2

    without = agents(papers=(SEAL, *both("agent"), MANDATE))
    licensed = replace(without, papers=(*without.papers, card()))
    for answer, bare, with_licence in (
        ("residence_certificate", 1, 1),
        ("any_identity_paper", 1, 0),
        ("none", 0, 0),
    ):
        procedure = read_with(agents_principal_paper=answer)
        assert len(reasons(without, procedure)) == bare
        assert len(reasons(licensed, procedure)) == with_licence
        assert reasons(agents(), procedure) == ()

    posted = own(replace(SEAL, issued_on=OLD), RESIDENCE, postmarked_on=date(2026, 11, 20))
    assert reasons(posted) == ("DOCUMENT_EXPIRED",)
    assert reasons(posted, read_with(age_counts_to="postmark")) == ()
    assert reasons(replace(posted, postmarked_on=None), read_with(age_counts_to="postmark")) == (
        "DOCUMENT_EXPIRED",
    )


# -- an original residence certificate is a listed supplement: it bridges an old address -----------

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


@every(
    "certificate, reason",
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
    for certificate in (RESIDENCE, LISTED):
        found = verdict(own(SEAL, certificate, addresses=OLD_PAPER))
        assert found.reasons == ("IDENTITY_ADDRESS_DIFFERS",)
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


# -- the address on the identity paper as that of the reply ---------------------------------------


def test_a_reply_may_go_to_the_address_on_the_principals_identity_paper() -> None:
    found = verdict(own(reply_address="identity_document"))
    assert found.reply_to is not None
    assert (found.reply_to.person, found.reply_to.address) == ("principal", "identity_document")


def test_none_goes_to_an_old_address_that_a_supplement_bridges() -> None:
    old = verdict(asked(LISTED, reply_address="identity_document"))
    assert (old.outcome, old.reasons) == ("correction_requested", ("IDENTITY_ADDRESS_DIFFERS",))
