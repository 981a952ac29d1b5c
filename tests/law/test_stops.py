"""Stops: which person, which transfer, from which day; and that nobody else is told."""

from datetime import date

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
from tests.matrix import every

KINDS = ("opt_out_stop", "consent_withdrawn", "provision_stopped")
WITHDRAWN, STOPPED = ("CONSENT_WITHDRAWN",), ("PROVISION_STOPPED",)


def withdrawn(day: int) -> ActiveStop:
    return ActiveStop("consent_withdrawn", date(2024, 3, day))


def consented(day: int) -> Transfer:
    return transfer(consent={"obtained": True, "at": f"2024-03-{day:02}T00:00:00+09:00"})


def period(last: str | None) -> Transfer:
    days = {"transferred_on": REMOVED, "transferred_from": "2024-03-01", "transferred_to": last}
    return transfer(method="collective", **days)


DAYS: dict[str, tuple[Transfer, tuple[ActiveStop, ...], tuple[str, ...]]] = {
    "the day before": (transfer(), (ActiveStop(KINDS[1], date(2024, 3, 31)),), WITHDRAWN),
    "the day itself": (transfer(), (ActiveStop(KINDS[1], date(2024, 4, 1)),), WITHDRAWN),
    "the day after": (transfer(), (ActiveStop(KINDS[1], date(2024, 4, 2)),), ()),
    "a period, its last day": (
        period("2024-04-30"),
        (ActiveStop(KINDS[1], date(2024, 4, 30)),),
        WITHDRAWN,
    ),
    "a period, after it": (period("2024-04-30"), (ActiveStop(KINDS[1], date(2024, 5, 1)),), ()),
    "every party": (transfer(), (ActiveStop(KINDS[2], DAY),), STOPPED),
    "this party": (transfer(), (ActiveStop(KINDS[2], DAY, "x"),), STOPPED),
    "another party": (transfer(), (ActiveStop(KINDS[2], DAY, "y"),), ()),
    "a new consent of the same day": (consented(10), (withdrawn(10),), WITHDRAWN),
    "a new consent of the next day": (consented(11), (withdrawn(10),), ()),
    "a consent without a day": (transfer(), (withdrawn(10),), WITHDRAWN),
    "a withdrawal after the new consent": (
        consented(15),
        (withdrawn(10), withdrawn(20)),
        WITHDRAWN,
    ),
    "a new consent ends no stop under Art. 35": (
        consented(20),
        (ActiveStop(KINDS[2], date(2024, 3, 10)),),
        STOPPED,
    ),
}


@every("name", DAYS)
def test_a_stop_applies_from_its_day_to_whom_it_names(name: str) -> None:
    made, standing, found = DAYS[name]
    assert first_persons(made, stops(*standing)).findings == found


@every("at, reached", [("2024-03-10T15:00:00Z", False), (None, True)])
def test_the_day_of_a_consent_is_one_in_japan_on_both_sides(
    at: str | None, *, reached: bool
) -> None:
    consent = {"obtained": True, **({"at": at} if at else {})}
    for made in (transfer(consent=consent), received(consent=consent)):
        assert (first_persons(made, stops(withdrawn(10))).findings == WITHDRAWN) is reached


def test_an_open_period_is_tested_on_the_day_of_its_record() -> None:
    for day, found in ((date(2024, 3, 9), ()), (date(2024, 3, 10), WITHDRAWN)):
        assert first_persons(period(None), stops(withdrawn(10)), day).findings == found


@every(
    "made, kind, found",
    [
        (transfer(), "opt_out_stop", ()),
        (transfer(), "consent_withdrawn", WITHDRAWN),
        (transfer(), "provision_stopped", STOPPED),
        (opt_out(), "opt_out_stop", ("OPT_OUT_STOPPED",)),
        (opt_out(), "consent_withdrawn", ()),
        (opt_out(), "provision_stopped", STOPPED),
        (joint_use(), "provision_stopped", ()),
        (transfer(basis="entrustment_27_5_i", consent=REMOVED), "provision_stopped", ()),
        (transfer(basis="exempt_27_1_i", consent=REMOVED), "provision_stopped", ()),
        (received(), "provision_stopped", ()),
        (received(), "consent_withdrawn", WITHDRAWN),
        (
            transfer(basis="none", consent=REMOVED),
            "provision_stopped",
            ("NO_VALID_BASIS", *STOPPED),
        ),
        (
            transfer(counterparty=ABROAD),
            "provision_stopped",
            ("ART28_CONSENT_MISSING", *STOPPED),
        ),
        (transfer(counterparty=ABROAD), "consent_withdrawn", ("ART28_CONSENT_MISSING",)),
    ],
)
def test_a_stop_reaches_what_rests_on_its_ground(
    made: Transfer, kind: str, found: tuple[str, ...]
) -> None:
    context = Context({"OO": FILING, "JU": notice()}, stops={0: (ActiveStop(kind, DAY),)})
    assert first_persons(made, context).findings == found


STOP = st.builds(
    ActiveStop,
    st.sampled_from(KINDS),
    st.dates(date(2024, 3, 30), date(2024, 4, 3)),
    st.sampled_from((None, "x", "y")),
)


@given(st.sampled_from([transfer(), opt_out(), received()]), st.lists(STOP, min_size=2, max_size=5))
def test_many_stops_of_one_person_find_what_each_finds_alone(
    made: Transfer, several: list[ActiveStop]
) -> None:
    def found(*standing: ActiveStop) -> set[str]:
        context = Context({"OO": FILING}, stops={0: standing})
        return set(first_persons(made, context).findings)

    each = set[str]().union(*(found(one) for one in several))
    assert found(*several) == each | found()
    assert found(*reversed(several)) == found(*several)


def test_a_withdrawal_makes_the_record_one_without_a_basis_and_a_stop_does_not() -> None:
    verdict = first_persons(transfer(), stops(ActiveStop("consent_withdrawn", DAY)))
    assert verdict.statutory_items == ("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS")
    stop = stops(ActiveStop("provision_stopped", DAY))
    assert first_persons(transfer(), stop).statutory_items[0] == "CONSENT"
    city = first_persons(transfer(counterparty=CITY), stop)
    assert (city.duty, city.lawful, city.in_reply) == ("none", False, False)


def test_after_a_withdrawal_a_contract_document_no_longer_stands_for_the_record() -> None:
    made = transfer(method="contract", contract_reference="C-1")
    judged = judge(made, stops(ActiveStop("consent_withdrawn", DAY)), DAY)
    assert judged.whole.retain_through == date(2025, 3, 31)
    own = judged.persons[0]
    assert (own.effective_method, own.retain_through) == ("individual", date(2027, 4, 1))


def test_the_whole_never_shows_a_stop_not_even_one_that_all_have() -> None:
    made = transfer(principals=[P1, P2])
    stop = (ActiveStop("consent_withdrawn", DAY),)
    judged = judge(made, Context(stops={0: stop, 1: stop}), DAY)
    assert judged.whole == judge(made, Context(), DAY).whole
    assert {index: v.findings for index, v in judged.persons.items()} == {
        0: WITHDRAWN,
        1: WITHDRAWN,
    }


@given(st.dictionaries(st.integers(0, 4), st.lists(STOP, max_size=4).map(tuple)))
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
