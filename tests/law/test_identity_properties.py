"""Properties of the identity check over generated papers."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.policies.identity.request import EnvelopePaper, IdentityRequest
from tests.law.papers import (
    OLD_PAPER,
    RECEIPT,
    RESIDENCE,
    SEAL,
    agents,
    card,
    own,
    paper,
    parents,
    verdict,
)

NO_SEAL = {"seal_registered": {"principal": False}}


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


def test_the_facts_of_the_generated_papers_are_all_that_can_be_looked_at() -> None:
    assert set(_BITS) >= {"shows_name", "my_number_shown", "in_name", "covers_this_request"}
    assert all(verdict(one).outcome == "verified" for one in VERIFIED)


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
