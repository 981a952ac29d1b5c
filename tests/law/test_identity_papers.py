"""Which papers verify a request, what is wrong with one, and where the reply goes."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.policies.identity.request import (
    EnvelopePaper,
    IdentityRequest,
    ReplyTo,
    Shortcoming,
)
from ledger.policies.identity.verdict import dispatch_on
from tests.law.papers import (
    ARRIVED,
    MANDATE,
    OLD_PAPER,
    RECEIPT,
    RESIDENCE,
    SEAL,
    agents,
    both,
    card,
    own,
    paper,
    parents,
    read_with,
    reasons,
    verdict,
)
from tests.matrix import every

NO_SEAL = {"seal_registered": {"principal": False}}
OLD = date(2026, 8, 23)


@every(
    "request_, person, address",
    [
        (own(), "principal", "registered"),
        (own(reply_address="billing"), "principal", "billing"),
        (agents(), "principal", "registered"),
        (agents(reply_address="billing"), "principal", "billing"),
        (parents(), "legal_representative", "representative_identity_document"),
    ],
)
def test_a_request_with_all_papers_is_verified_and_the_reply_goes_where_the_procedure_says(
    request_: IdentityRequest, person: str, address: str
) -> None:
    found = verdict(request_)
    assert (found.outcome, found.shortcomings, found.open) == ("verified", (), ())
    assert found.reply_to == ReplyTo(person, address)
    assert found.procedure == "2022-10-01"


@every("address", ["representative_identity_document", "agent", "form"])
def test_a_reply_never_goes_to_an_agents_address(address: str) -> None:
    with pytest.raises(MalformedError) as refused:
        verdict(agents(reply_address=address))
    (defect,) = refused.value.defects
    assert (defect.pointer, defect.code) == ("/reply_address", "REPLY_ADDRESS_NOT_ALLOWED")
    assert address not in defect.detail


PAPER_FAULTS = {
    "one day too old": (replace(SEAL, issued_on=OLD), "DOCUMENT_EXPIRED"),
    "a copy": (replace(SEAL, is_original=False), "ORIGINAL_REQUIRED"),
    "no name": (replace(SEAL, shows_name=False), "DOCUMENT_CONTENT_MISSING"),
    "no birth date": (replace(SEAL, shows_birth_date=False), "DOCUMENT_CONTENT_MISSING"),
    "no address": (replace(SEAL, shows_current_address=False), "DOCUMENT_CONTENT_MISSING"),
    "no day": (replace(SEAL, issued_on=None, undated=True), "DOCUMENT_CONTENT_MISSING"),
    "pencil": (replace(SEAL, address_mark="pencil"), "ADDRESS_NOT_PERMANENT"),
    "number": (replace(SEAL, my_number_shown=True), "MY_NUMBER_SHOWN"),
    "made after it came": (
        replace(SEAL, issued_on=ARRIVED + timedelta(days=1)),
        "DOCUMENT_NOT_ACCEPTED",
    ),
}


@every("name", PAPER_FAULTS)
def test_a_seal_certificate_with_a_fault_is_named_by_it(name: str) -> None:
    faulty, code = PAPER_FAULTS[name]
    found = verdict(own(faulty, RESIDENCE))
    assert found.outcome == "correction_requested"
    assert found.shortcomings == (Shortcoming(code, "principal", "seal_certificate", 0),)


def test_every_fault_of_a_paper_is_named_at_once() -> None:
    faulty = replace(RESIDENCE, is_original=False, issued_on=OLD, my_number_shown=True)
    assert reasons(own(SEAL, faulty)) == (
        "DOCUMENT_EXPIRED",
        "MY_NUMBER_SHOWN",
        "ORIGINAL_REQUIRED",
    )


def test_nothing_sent_names_each_slot() -> None:
    assert reasons(own(RECEIPT)) == ("RESIDENCE_CERTIFICATE_MISSING", "SEAL_CERTIFICATE_MISSING")
    assert reasons(replace(agents(), papers=())) == (
        "MANDATE_MISSING",
        "RESIDENCE_CERTIFICATE_MISSING",
        "SEAL_CERTIFICATE_MISSING",
    )
    assert reasons(replace(parents(), papers=())) == (
        "AUTHORITY_DOCUMENT_MISSING",
        "RESIDENCE_CERTIFICATE_MISSING",
        "SEAL_CERTIFICATE_MISSING",
    )


SUBSTITUTES = {
    "licence": ((card(),), ()),
    "licence past its day": (
        (card(valid_until=ARRIVED - timedelta(days=1)),),
        ("DOCUMENT_EXPIRED",),
    ),
    "licence on its last day": ((card(valid_until=ARRIVED),), ()),
    "international permit": ((card(international=True),), ("DOCUMENT_NOT_ACCEPTED",)),
    "card with its back": (
        (card("my_number_card", my_number_shown=True),),
        ("MY_NUMBER_SHOWN",),
    ),
    "booklet without validity, fresh": (
        (card("rehabilitation_certificate", valid_until=None, issued_on=date(2026, 8, 24)),),
        (),
    ),
    "booklet without validity, old": (
        (card("rehabilitation_certificate", valid_until=None, issued_on=OLD),),
        ("DOCUMENT_EXPIRED",),
    ),
    "residence card alone": ((card("residence_card"),), ("PASSPORT_MISSING",)),
    "residence card and passport": ((card("residence_card"), card("foreign_passport")), ()),
    "residence card and an old passport": (
        (card("residence_card"), card("foreign_passport", valid_until=OLD)),
        ("DOCUMENT_EXPIRED",),
    ),
    "old residence card alone": (
        (card("residence_card", valid_until=OLD),),
        ("DOCUMENT_EXPIRED", "PASSPORT_MISSING"),
    ),
    "permanent resident": ((card("residence_card", permanent_resident=True),), ()),
    "insurance card": ((card("health_insurance_card"),), ("DOCUMENT_NOT_ACCEPTED",)),
    "abolished card": (
        (card("alien_registration_certificate", valid_until=None, issued_on=date(2011, 4, 1)),),
        ("DOCUMENT_EXPIRED",),
    ),
    "one bad, one good": ((card(international=True), card("disability_certificate")), ()),
}


@every("name", SUBSTITUTES)
def test_a_substitute_does_for_a_person_without_a_registered_seal(name: str) -> None:
    papers, expected = SUBSTITUTES[name]
    assert reasons(own(*papers, RESIDENCE, **NO_SEAL)) == expected
    registered = own(*papers, RESIDENCE, seal_registered={"principal": True})
    assert reasons(registered) == ("SUBSTITUTE_NOT_ALLOWED",)


def test_an_expired_seal_certificate_is_looked_at_before_any_substitute() -> None:
    request = own(replace(SEAL, issued_on=OLD), card(), RESIDENCE, **NO_SEAL)
    assert reasons(request) == ("DOCUMENT_EXPIRED",)


def test_the_principal_of_an_agent_has_no_substitute_but_the_agent_has() -> None:
    papers = (card(), RESIDENCE, *both("agent"), replace(MANDATE, seal_as_certified=None))
    assert reasons(agents(papers=papers, **NO_SEAL)) == ("SUBSTITUTE_NOT_ALLOWED",)
    papers = (SEAL, RESIDENCE, card(person="agent"), both("agent")[1], MANDATE)
    assert reasons(agents(papers=papers, seal_registered={"agent": False})) == ()


def test_an_insurance_card_did_until_it_lapsed_with_a_supplement() -> None:
    insurance = card("health_insurance_card")
    residence = replace(RESIDENCE, issued_on=date(2025, 11, 1))
    for day, expected in (
        (date(2025, 12, 1), ()),
        (date(2025, 12, 2), ("DOCUMENT_NOT_ACCEPTED",)),
    ):
        assert reasons(replace(own(insurance, residence, **NO_SEAL), arrived_on=day)) == expected


def test_an_insurance_card_without_any_supplement_does_not() -> None:
    either = read_with(own_papers="any")
    request = replace(own(card("health_insurance_card"), **NO_SEAL), arrived_on=date(2025, 11, 1))
    assert "DOCUMENT_NOT_ACCEPTED" in reasons(request, either)
    fresh = replace(RECEIPT, issued_on=date(2025, 10, 1))
    assert reasons(replace(request, papers=(*request.papers, fresh)), either) == ()
    family = replace(fresh, in_name=False)
    found = reasons(replace(request, papers=(*request.papers, family)), either)
    assert "SUPPLEMENT_NOT_IN_NAME" in found


@every(
    "changes, code",
    [
        ({"by_principal": False}, "MANDATE_NOT_BY_PRINCIPAL"),
        ({"seal_as_certified": False}, "MANDATE_SEAL_DIFFERS"),
        ({"covers_this_request": False}, "MANDATE_OTHER_REQUEST"),
    ],
)
def test_a_mandate_is_the_principals_sealed_and_for_this_request(
    changes: dict[str, bool], code: str
) -> None:
    papers = (SEAL, RESIDENCE, *both("agent"), replace(MANDATE, **changes))
    assert reasons(agents(papers=papers)) == (code,)


def test_who_asks_about_another_person_needs_an_authority() -> None:
    assert reasons(own(about_other_person=True)) == ("AUTHORITY_DOCUMENT_MISSING",)


@every(
    "representation, kind, born, expected",
    [
        ("parent_of_minor", "family_register", date(2016, 3, 3), ()),
        ("guardian_of_minor", "family_register", date(2016, 3, 3), ()),
        ("guardian_of_adult", "registration_certificate", date(1950, 1, 1), ()),
        ("guardian_of_adult", "family_register", None, ("AUTHORITY_DOCUMENT_MISSING",)),
        ("parent_of_minor", "family_register", date(2008, 11, 24), ("PRINCIPAL_IS_ADULT",)),
        ("parent_of_minor", "family_register", date(2008, 11, 25), ()),
        ("curator", "registration_certificate", None, ("NOT_A_LEGAL_REPRESENTATIVE",)),
        ("assistant", "registration_certificate", None, ("NOT_A_LEGAL_REPRESENTATIVE",)),
    ],
)
def test_only_representatives_of_minors_and_wards_represent_by_law(
    representation: str, kind: str, born: date | None, expected: tuple[str, ...]
) -> None:
    authority = paper(kind, "legal_representative")
    papers = (SEAL, RESIDENCE, *both("legal_representative"), authority)
    request = parents(papers=papers, representation=representation, birth_date=born)
    assert reasons(request) == expected


def test_a_reply_waits_when_the_principal_has_come_of_age_by_the_day_of_dispatch() -> None:
    request = parents(birth_date=date(2008, 12, 15))
    assert verdict(request).outcome == "verified"
    assert dispatch_on(request, date(2026, 12, 14)) == "send"
    assert dispatch_on(request, date(2026, 12, 15)) == "hold"
    assert dispatch_on(own(birth_date=date(2008, 12, 15)), date(2026, 12, 15)) == "send"


def test_of_several_papers_for_one_purpose_the_best_one_counts() -> None:
    faulty = replace(SEAL, is_original=False)
    worse = replace(SEAL, is_original=False, issued_on=OLD, address_mark="pencil")
    unread = replace(SEAL, shows_name=None)
    assert reasons(own(faulty, worse, RESIDENCE)) == ("ORIGINAL_REQUIRED",)
    assert reasons(own(worse, faulty, RESIDENCE)) == ("ORIGINAL_REQUIRED",)
    other = replace(SEAL, address_mark="pencil")
    assert reasons(own(faulty, other, RESIDENCE)) == ("ORIGINAL_REQUIRED",)
    assert reasons(own(other, faulty, RESIDENCE)) == ("ADDRESS_NOT_PERMANENT",)
    for papers in ((faulty, unread), (unread, faulty)):
        found = verdict(own(*papers, RESIDENCE))
        assert found.shortcomings == ()
        assert [one.fact for one in found.open] == ["shows_name"]
    assert verdict(own(unread, SEAL, RESIDENCE)).outcome == "verified"


# -- properties of the identity check over generated papers ----------------------------------------

KINDS = [
    *("seal_certificate", "residence_certificate", "driving_licence", "my_number_card"),
    *("health_insurance_card", "residence_card", "foreign_passport", "power_of_attorney"),
    *("family_register", "registration_certificate", "utility_receipt", "unheard_of"),
]
_BITS = [one.name for one in fields(EnvelopePaper) if one.type == (bool | None)]
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def some_papers(draw: st.DrawFn) -> EnvelopePaper:
    """A paper of any kind and person, of which somebody may not have looked at everything."""
    facts: dict[str, Any] = {name: draw(st.sampled_from([None, False, True])) for name in _BITS}
    return paper(
        draw(st.sampled_from(KINDS)),
        draw(st.sampled_from(["principal", "agent", "legal_representative"])),
        issued_on=draw(days),
        valid_until=draw(st.none() | days),
        address_mark=draw(st.sampled_from(["printed", "ink", "pencil"])),
        **facts,
    )


VERIFIED = [
    own(),
    own(card(), RESIDENCE, **NO_SEAL),
    own(SEAL, RESIDENCE, RECEIPT, addresses=OLD_PAPER),
    agents(),
    parents(),
]


@given(st.sampled_from(VERIFIED), st.lists(some_papers(), max_size=3), st.data())
def test_a_further_paper_never_makes_a_verified_request_less_unless_it_contradicts(
    request: IdentityRequest, more: list[EnvelopePaper], data: st.DataObject
) -> None:
    # A seal certificate contradicts who says that there is no registered seal.
    without_seal = {person for person, has in request.seal_registered.items() if not has}
    assume(not any(one.kind == "seal_certificate" and one.person in without_seal for one in more))
    papers = data.draw(st.permutations([*request.papers, *more]))
    assert verdict(replace(request, papers=tuple(papers))).outcome == "verified"


@given(st.sampled_from(VERIFIED), st.data())
def test_a_verified_request_with_one_needed_paper_less_is_not_verified(
    request: IdentityRequest, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, len(request.papers) - 1))
    papers = tuple(one for n, one in enumerate(request.papers) if n != gone)
    assert verdict(replace(request, papers=papers)).outcome == "correction_requested"


@given(
    st.sampled_from(["self", "mandated_agent", "legal_representative"]),
    st.lists(some_papers(), max_size=6),
    st.booleans(),
)
def test_a_verdict_is_verified_exactly_when_nothing_is_missing_or_open(
    requester: str,
    papers: list[EnvelopePaper],
    over: bool,  # noqa: FBT001 -- drawn by Hypothesis
) -> None:
    request = parents(requester=requester, papers=tuple(papers), correction_round_over=over)
    found = verdict(request)
    assert (found.outcome == "verified") is (not found.shortcomings and not found.open)
    assert (found.outcome is None) is bool(found.open)
    assert (found.reply_to is not None) is (found.outcome == "verified")
    assert (found.ground is not None) is (found.outcome == "procedural_refusal")
    for one in found.shortcomings:
        assert one.paper is None or papers[one.paper].kind == one.need
