"""The tables are complete, and every finding of them is raised by a scenario."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.law.act import LAWS, law_on
from ledger.law.bases import BASES
from ledger.law.countries import EQUIVALENT_COUNTRIES, is_foreign
from ledger.law.findings import FINDINGS, NOT_LAWFUL, ON_RECEIPT, article_of
from ledger.law.items import ITEM_SETS, STATUTORY_ITEMS, citation
from ledger.law.readings import HISTORY, READING, law_and_reading, law_code
from ledger.policies.context import ActiveStop, Context, NoticePurpose, is_same
from ledger.policies.duty import article_of_finding, judge
from ledger.values import Transfer
from tests.law.building import (
    ABROAD,
    CITY,
    CORPORATION,
    DAY,
    FILING,
    P1,
    P2,
    REMOVED,
    V1,
    earlier,
    first_persons,
    joint_use,
    notice,
    notices,
    opt_out,
    received,
    referable,
    stops,
    transfer,
    version,
    whole,
)
from tests.matrix import every

CASE_SCHEMA = json.loads(
    (Path(__file__).parents[1] / "acceptance" / "case.schema.json").read_bytes()
)
_CLASSIFY: dict[str, Any] = CASE_SCHEMA["oneOf"][0]["properties"]["expect"]["properties"]

OPEN_DATE = {
    "transferred_on": REMOVED,
    "date_not_recorded": True,
    "backfill": {"source_system": "old", "batch": "1"},
}
_V2 = version("v2", date(2024, 7, 1), purposes=(*V1.purposes, NoticePurpose("②", "調査のため")))
_RECEIPT = received(basis="opt_out_27_2", opt_out_published=True, consent=REMOVED)
_OMITTING = {"base_record": "R1", "omitted_items": ["ITEMS"]}
_CONTRACT = {"method": "contract", "contract_reference": "C-1"}
_ANONYMOUS = {
    "basis": "not_applicable",
    "data_kind": "anonymously_processed",
    "consent": REMOVED,
    "principals": REMOVED,
}
_LATE = {"obtained": True, "at": "2024-04-02T00:00:00+09:00"}

Scenario = tuple[Callable[[], Transfer], Context]


def _stop(kind: str) -> Context:
    return stops(ActiveStop(kind, DAY))


SCENARIOS: Mapping[str, Scenario] = {
    "NO_VALID_BASIS": (lambda: transfer(basis="none", consent=REMOVED), Context()),
    "CONSENT_NOT_OBTAINED": (lambda: transfer(consent={"obtained": False}), Context()),
    "CONSENT_AFTER_TRANSFER": (lambda: transfer(consent=_LATE), Context()),
    "CONSENT_WITHDRAWN": (transfer, _stop("consent_withdrawn")),
    "ART28_CONSENT_MISSING": (lambda: transfer(counterparty=ABROAD), Context()),
    "JU_NO_NOTICE": (lambda: joint_use(notice_id=None), notices(notice())),
    "JU_BEFORE_START": (lambda: joint_use(transferred_on="2022-09-30"), notices(notice())),
    "JU_RECIPIENT_OUT_OF_SCOPE": (
        lambda: joint_use(counterparty=CORPORATION | {"party_id": "y"}),
        notices(notice()),
    ),
    "JU_ITEM_OUT_OF_SCOPE": (lambda: joint_use(items=["氏名", "指紋"]), notices(notice())),
    "JU_PURPOSE_OUT_OF_SCOPE": (lambda: joint_use(purpose="名簿販売"), notices(notice())),
    "JU_PURPOSE_NOT_YET_ANNOUNCED": (lambda: joint_use(purpose="②"), notices(notice(V1, _V2))),
    "JU_RESPONSIBLE_STALE": (
        joint_use,
        notices(notice(V1, responsible_changes=((DAY, "representative"),))),
    ),
    "ENTRUSTMENT_SCOPE_EXCEEDED": (
        lambda: transfer(basis="entrustment_27_5_i", use_beyond_entrustment=True, consent=REMOVED),
        Context(),
    ),
    "OPT_OUT_NOT_FILED": (lambda: opt_out(notice_id=None), notices(FILING)),
    "OPT_OUT_BEFORE_START": (lambda: opt_out(transferred_on="2024-01-09"), notices(FILING)),
    "OPT_OUT_ITEM_NOT_FILED": (lambda: opt_out(items=["住所"]), notices(FILING)),
    "OPT_OUT_SPECIAL_CARE": (lambda: opt_out(special_care=True), notices(FILING)),
    "OPT_OUT_CHAIN": (
        lambda: opt_out(derived_from=["R1"]),
        Context({"OO": FILING}, derived=(earlier(_RECEIPT),)),
    ),
    "OPT_OUT_UNLAWFUL_SOURCE": (lambda: opt_out(acquired_unlawfully=True), notices(FILING)),
    "OPT_OUT_STOPPED": (
        opt_out,
        Context({"OO": FILING}, stops={0: (ActiveStop("opt_out_stop", DAY),)}),
    ),
    "PROVISION_STOPPED": (transfer, _stop("provision_stopped")),
    "ART28_INFORMATION_MISSING": (
        lambda: transfer(basis="consent_28_1", counterparty=ABROAD),
        Context(),
    ),
    "ART31_CONSENT_MISSING": (lambda: referable(consent={"obtained": False}), Context()),
    "ART31_FOREIGN_INFORMATION_MISSING": (lambda: referable(counterparty=ABROAD), Context()),
    "CONFIRMATION_INCOMPLETE": (lambda: received(acquisition=None), Context()),
    "PSEUDONYMOUS_NO_VALID_ROUTE": (
        lambda: transfer(data_kind="pseudonymously_processed"),
        Context(),
    ),
    "ANONYMOUS_NOT_PUBLISHED": (
        lambda: transfer(
            **_ANONYMOUS, anonymous={"items_published": False, "stated_to_recipient": True}
        ),
        Context(),
    ),
    "ANONYMOUS_NOT_STATED": (
        lambda: transfer(
            **_ANONYMOUS, anonymous={"items_published": True, "stated_to_recipient": False}
        ),
        Context(),
    ),
    "OPT_OUT_COLLECTIVE_NOT_ALLOWED": (
        lambda: opt_out(method="collective", series_id="S"),
        notices(FILING),
    ),
    "OPT_OUT_CONTRACT_NOT_ALLOWED": (lambda: opt_out(**_CONTRACT), notices(FILING)),
    "CONTRACT_ITEMS_INCOMPLETE": (
        lambda: transfer(**_CONTRACT, contract_missing_items=["CONSENT"]),
        Context(),
    ),
    "CONTRACT_CONDITIONS_NOT_MET": (
        lambda: transfer(**_CONTRACT, supply_to_principal=False),
        Context(),
    ),
    "OMISSION_BASE_NOT_RETAINED": (lambda: transfer(**_OMITTING), Context()),
    "OMISSION_BASE_DIFFERENT": (
        lambda: transfer(**_OMITTING),
        Context(base=earlier(transfer(items=["住所"], principals=[P2]))),
    ),
    "COUNTERPARTY_INCOMPLETE": (
        lambda: transfer(counterparty=CORPORATION | {"representative": None}),
        Context(),
    ),
    "DATE_MISSING": (lambda: transfer(basis="none", consent=REMOVED, **OPEN_DATE), Context()),
}
_WITH_IT: Mapping[str, tuple[str, ...]] = {"DATE_MISSING": ("NO_VALID_BASIS",)}


@every("code", FINDINGS)
def test_every_finding_is_raised_alone_by_its_scenario(code: str) -> None:
    make, context = SCENARIOS[code]
    verdict = first_persons(make(), context)
    assert verdict.findings == tuple(sorted((code, *_WITH_IT.get(code, ()))))
    assert verdict.lawful is (NOT_LAWFUL.isdisjoint(verdict.findings))


def test_the_findings_are_those_of_the_vocabulary() -> None:
    assert set(FINDINGS) == set(_CLASSIFY["findings"]["items"]["enum"])


def test_the_bases_are_those_of_the_input_contract() -> None:
    schema = CASE_SCHEMA["oneOf"][1]["properties"]["given"]["properties"]["basis"]
    assert set(BASES) == set(schema["enum"])


def test_the_statutory_items_are_those_of_the_vocabulary() -> None:
    assert set(STATUTORY_ITEMS) == set(_CLASSIFY["statutory_items"]["items"]["enum"])
    for (direction, route), items in ITEM_SETS.items():
        assert set(items) <= set(STATUTORY_ITEMS)
        assert all(citation(code, direction, route) for code in items)


def test_a_finding_on_receipt_names_the_article_that_binds_the_recipient() -> None:
    told = {
        ("OPT_OUT_SPECIAL_CARE", "opt_out_27_2"): ("27(2) proviso", "20(2)"),
        ("OPT_OUT_NOT_FILED", "opt_out_27_2"): ("27(2)", "27(2), 27(4)"),
        ("CONSENT_NOT_OBTAINED", "non_operator_source"): ("27(1)", "20(2)"),
        ("CONSENT_NOT_OBTAINED", "consent_27_1"): ("27(1)", "27(1)"),
        ("NO_VALID_BASIS", "none"): ("27(1), 29(1)", "27(1), 30(1), 30(3)"),
    }
    for (code, basis), (provided, on_receipt) in told.items():
        assert article_of(code, "provided", basis) == provided == FINDINGS[code].article
        assert article_of(code, "received", basis) == on_receipt
    assert {code for code, _ in ON_RECEIPT} <= set(FINDINGS)


def test_a_transfer_on_consent_of_28_1_breaches_28_1_where_the_consent_fails() -> None:
    codes = ("CONSENT_NOT_OBTAINED", "CONSENT_AFTER_TRANSFER", "CONSENT_WITHDRAWN")
    for side in ("provided", "received"):
        assert {article_of(code, side, "consent_28_1") for code in codes} == {"28(1)"}
        assert {article_of(code, side, "consent_27_1") for code in codes} == {"27(1)"}
    assert article_of("PROVISION_STOPPED", "provided", "consent_28_1") == "35"


def test_a_consent_of_28_1_is_one_of_27_1_where_the_recipient_is_no_foreign_third_party() -> None:
    made = {"direction": "provided", "basis": "consent_28_1", "transferred_on": "2024-06-01"}
    home = [{}, {"country": "JP"}, {"country": "GB"}, {"country": "FR"}]
    equal = {"country": "US", "equivalent_measures": True}
    parties = {"27(1)": [*home, equal], "28(1)": [{"country": "US"}, {"country": "SG"}]}
    told = {
        (article, article_of_finding("CONSENT_WITHDRAWN", checked(party, made), date(2024, 6, 1)))
        for article, those in parties.items()
        for party in those
    }
    assert told == {("27(1)", "27(1)"), ("28(1)", "28(1)")}
    taken = checked({"country": "JP"}, made, direction="received")
    assert article_of_finding("CONSENT_WITHDRAWN", taken, date(2024, 6, 1)) == "28(1)"


def checked(party: dict[str, Any], made: dict[str, Any], **more: str) -> dict[str, Any]:
    named = {"kind": "corporation", "name": "株式会社見本", **party}
    return {**made, "method": "individual", "items": ["氏名"], "counterparty": named, **more}


def test_the_law_of_a_day_is_the_one_in_force_on_it() -> None:
    assert [law.in_force_from for law in LAWS] == sorted(law.in_force_from for law in LAWS)
    for law in LAWS:
        assert law_on(law.in_force_from) is law
        assert law_on(law.in_force_from - timedelta(days=1)) is not law or law is LAWS[0]
    assert law_on(date(2017, 5, 30)) is LAWS[0]


def test_a_verdict_names_the_law_of_the_transfers_first_day() -> None:
    assert whole(transfer(transferred_on="2023-03-31")).law == "2022-04-01.r3"
    assert whole(transfer(transferred_on="2023-04-01")).law == "2023-04-01.r3"
    assert whole(transfer(transferred_on="2027-01-17")).law == "2027-01-17.r3"
    assert whole(transfer(**OPEN_DATE), recorded_on=date(2022, 5, 1)).law == "2022-04-01.r3"


def test_the_penal_articles_move_by_five_in_2023_and_by_one_in_2027() -> None:
    days = (date(2022, 4, 1), date(2023, 3, 31), date(2023, 4, 1), date(2027, 1, 17))
    told = [tuple(law_on(day).penal_articles.values()) for day in days]
    first = ("177(i)", "179", "180(i)")
    assert told == [
        first,
        first,
        ("182(i)", "184", "185(i)"),
        ("183(i)", "185", "186(i)"),
    ]


def test_the_union_and_the_kingdom_are_equivalent_and_others_are_foreign() -> None:
    assert len([row for row in EQUIVALENT_COUNTRIES.values() if "Union" in row.note]) == 28
    assert all(not is_foreign(code, DAY) for code in ("JP", "DE", "FR", "GB", "NO"))
    assert all(is_foreign(code, DAY) for code in ("US", "SG", "VN", "CN", "CH", "ZZ"))


def test_an_equivalent_country_was_foreign_before_its_designation() -> None:
    assert is_foreign("DE", date(2019, 1, 22))
    assert not is_foreign("DE", date(2019, 1, 23))


# -- which reading of the law a verdict was given under, and what is the same verdict --------------


def test_editions_are_numbered_from_one_and_say_what_changed() -> None:
    assert [one.number for one in HISTORY] == list(range(1, READING + 1))
    assert [one.since for one in HISTORY] == sorted(one.since for one in HISTORY)
    assert [bool(one.changed) for one in HISTORY] == [False, *[True] * (READING - 1)]


def test_a_verdict_without_a_number_is_of_the_first_reading() -> None:
    assert law_and_reading("2023-04-01") == ("2023-04-01", 1)
    assert law_code("2023-04-01", 1) == "2023-04-01"
    for number in range(1, 12):
        assert law_and_reading(law_code("2027-01-17", number)) == ("2027-01-17", number)


def test_two_verdicts_that_differ_in_the_reading_alone_are_the_same() -> None:
    now = whole(transfer())
    then = replace(now, law="2023-04-01")
    assert is_same(now, then)
    assert is_same(then, now)
    assert is_same(None, None)
    assert not is_same(now, None)
    assert not is_same(None, now)
    assert not is_same(now, replace(then, duty="none"))
    assert not is_same(now, replace(then, law="2022-04-01"))
    assert not is_same(now, replace(then, retain_through=date(2030, 1, 1)))


# -- stops: which person, which transfer, from which day; and that nobody else is told -------------

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
