"""The three addresses, the correction round, open facts and open questions of a request."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.policies.identity.request import (
    AddressJudgement,
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


@pytest.mark.parametrize("name", SUPPLEMENTS)
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


@pytest.mark.parametrize(
    ("request_", "ground"),
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


@pytest.mark.parametrize("request_", [own(addresses=UNSEEN), agents(addresses=UNSEEN)])
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


@pytest.mark.parametrize(
    ("request_", "opened"),
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


@pytest.mark.parametrize(
    ("changes", "opened"),
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
