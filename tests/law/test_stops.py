"""Stops: which person, which transfer, from which day; and that nobody else is told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.policies.context import ActiveStop, Context
from ledger.policies.duty import judge
from ledger.values import Transfer
from tests.law.building import (
    ABROAD,
    CITY,
    DAY,
    FILING,
    P1,
    P2,
    REMOVED,
    first_persons,
    joint_use,
    notice,
    opt_out,
    received,
    stops,
    transfer,
)

KINDS = ("opt_out_stop", "consent_withdrawn", "provision_stopped")


@pytest.mark.parametrize(
    ("day", "applies"),
    [(date(2024, 3, 31), True), (date(2024, 4, 1), True), (date(2024, 4, 2), False)],
)
def test_a_stop_applies_from_its_day_inclusive(day: date, *, applies: bool) -> None:
    verdict = first_persons(transfer(), stops(ActiveStop("consent_withdrawn", day)))
    assert (verdict.findings == ("CONSENT_WITHDRAWN",)) is applies


def test_a_period_is_tested_on_its_last_day() -> None:
    period = transfer(
        transferred_on=REMOVED,
        method="collective",
        transferred_from="2024-03-01",
        transferred_to="2024-04-30",
    )
    for day, found in ((date(2024, 4, 30), ("CONSENT_WITHDRAWN",)), (date(2024, 5, 1), ())):
        assert first_persons(period, stops(ActiveStop("consent_withdrawn", day))).findings == found


def test_an_open_period_is_tested_on_the_day_of_its_record() -> None:
    period = transfer(
        transferred_on=REMOVED,
        method="collective",
        transferred_from="2024-03-01",
        transferred_to=None,
    )
    stop = stops(ActiveStop("consent_withdrawn", date(2024, 3, 10)))
    assert first_persons(period, stop, date(2024, 3, 9)).findings == ()
    assert first_persons(period, stop, date(2024, 3, 10)).findings == ("CONSENT_WITHDRAWN",)


@pytest.mark.parametrize(("party", "applies"), [(None, True), ("x", True), ("y", False)])
def test_a_stop_that_names_a_counterparty_reaches_no_other(
    party: str | None, *, applies: bool
) -> None:
    verdict = first_persons(transfer(), stops(ActiveStop("provision_stopped", DAY, party)))
    assert (verdict.findings == ("PROVISION_STOPPED",)) is applies


@pytest.mark.parametrize(
    ("made", "kind", "found"),
    [
        (transfer(), "opt_out_stop", ()),
        (transfer(), "consent_withdrawn", ("CONSENT_WITHDRAWN",)),
        (transfer(), "provision_stopped", ("PROVISION_STOPPED",)),
        (opt_out(), "opt_out_stop", ("OPT_OUT_STOPPED",)),
        (opt_out(), "consent_withdrawn", ()),
        (opt_out(), "provision_stopped", ("PROVISION_STOPPED",)),
        (joint_use(), "provision_stopped", ()),
        (transfer(basis="entrustment_27_5_i", consent=REMOVED), "provision_stopped", ()),
        (transfer(basis="exempt_27_1_i", consent=REMOVED), "provision_stopped", ()),
        (received(), "provision_stopped", ()),
        (received(), "consent_withdrawn", ("CONSENT_WITHDRAWN",)),
        (
            transfer(basis="none", consent=REMOVED),
            "provision_stopped",
            ("NO_VALID_BASIS", "PROVISION_STOPPED"),
        ),
        (
            transfer(counterparty=ABROAD),
            "provision_stopped",
            ("ART28_CONSENT_MISSING", "PROVISION_STOPPED"),
        ),
        (transfer(counterparty=ABROAD), "consent_withdrawn", ("ART28_CONSENT_MISSING",)),
    ],
)
def test_a_stop_reaches_what_rests_on_its_ground(
    made: Transfer, kind: str, found: tuple[str, ...]
) -> None:
    context = Context({"OO": FILING, "JU": notice()}, stops={0: (ActiveStop(kind, DAY),)})
    assert first_persons(made, context).findings == found


@given(
    st.sampled_from([transfer(), opt_out(), received()]),
    st.lists(
        st.builds(
            ActiveStop,
            st.sampled_from(KINDS),
            st.sampled_from((date(2024, 3, 31), DAY, date(2024, 4, 2))),
            st.sampled_from((None, "x", "y")),
        ),
        min_size=2,
        max_size=5,
    ),
)
def test_many_stops_of_one_person_find_what_each_finds_alone(
    made: Transfer, several: list[ActiveStop]
) -> None:
    def found(*standing: ActiveStop) -> set[str]:
        context = Context({"OO": FILING}, stops={0: standing})
        return set(first_persons(made, context).findings)

    each = set[str]().union(*(found(one) for one in several))
    assert found(*several) == each | found()
    assert found(*reversed(several)) == found(*several)


def test_the_second_stop_of_a_person_counts_like_the_first() -> None:
    later = ActiveStop("provision_stopped", date(2024, 4, 2))
    for pair in (
        (later, ActiveStop("consent_withdrawn", DAY)),
        (ActiveStop("consent_withdrawn", DAY), later),
    ):
        context = Context(stops={0: pair})
        assert first_persons(transfer(), context).findings == ("CONSENT_WITHDRAWN",)


def test_a_withdrawal_makes_the_record_one_without_a_basis_and_a_stop_does_not() -> None:
    withdrawn = first_persons(transfer(), stops(ActiveStop("consent_withdrawn", DAY)))
    assert withdrawn.statutory_items == ("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS")
    stopped = first_persons(transfer(), stops(ActiveStop("provision_stopped", DAY)))
    assert stopped.statutory_items == ("CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS")


def test_after_a_withdrawal_a_contract_document_no_longer_stands_for_the_record() -> None:
    made = transfer(method="contract", contract_reference="C-1")
    judged = judge(made, stops(ActiveStop("consent_withdrawn", DAY)), DAY)
    assert judged.whole.retain_through == date(2025, 3, 31)
    own = judged.persons[0]
    assert (own.effective_method, own.retain_through) == ("individual", date(2027, 4, 1))


def test_a_stop_before_a_public_body_is_a_breach_without_a_duty() -> None:
    verdict = first_persons(
        transfer(counterparty=CITY), stops(ActiveStop("provision_stopped", DAY))
    )
    assert (verdict.duty, verdict.lawful, verdict.in_reply) == ("none", False, False)


def test_the_whole_never_shows_a_stop_not_even_one_that_all_have() -> None:
    made = transfer(principals=[P1, P2])
    stop = (ActiveStop("consent_withdrawn", DAY),)
    judged = judge(made, Context(stops={0: stop, 1: stop}), DAY)
    assert judged.whole == judge(made, Context(), DAY).whole
    assert {index: v.findings for index, v in judged.persons.items()} == {
        0: ("CONSENT_WITHDRAWN",),
        1: ("CONSENT_WITHDRAWN",),
    }


def test_one_stop_among_a_thousand_persons_changes_one_verdict() -> None:
    principals = [{"scheme": "member", "id": f"M{n}"} for n in range(1000)]
    made = transfer(principals=principals)
    judged = judge(made, Context(stops={617: (ActiveStop("consent_withdrawn", DAY),)}), DAY)
    assert set(judged.persons) == {617}
    assert judged.whole.lawful
    assert not judged.persons[617].lawful


STOPS = st.lists(
    st.builds(
        ActiveStop,
        st.sampled_from(KINDS),
        st.dates(date(2024, 3, 1), date(2024, 5, 1)),
        st.sampled_from([None, "x", "y"]),
    ),
    max_size=4,
).map(tuple)


@given(st.dictionaries(st.integers(0, 4), STOPS))
def test_persons_hold_the_findings_of_the_whole_and_their_own_and_only_if_they_differ(
    given_stops: dict[int, tuple[ActiveStop, ...]],
) -> None:
    made = transfer(principals=[{"scheme": "member", "id": f"M{n}"} for n in range(5)])
    judged = judge(made, Context(stops=given_stops), DAY)
    assert judged.whole == judge(made, Context(), DAY).whole
    for index, own in judged.persons.items():
        assert own != judged.whole
        assert set(own.findings) > set(judged.whole.findings)
        alone = judge(made, Context(stops={index: given_stops[index]}), DAY)
        assert alone.persons == {index: own}
