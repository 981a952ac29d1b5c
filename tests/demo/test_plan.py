"""The fictional year as data: always the same, accepted by the contract, and of every kind."""

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.demo.applicants import APPLICANTS
from api.demo.people import HERO, people
from api.demo.plan import (
    DailyDeclarations,
    DeskRequest,
    Planned,
    PlannedStep,
    Send,
    requests,
)
from api.demo.run import SEED, DemoCalendar
from api.demo.year import DAYS, year
from api.demo.year import PERSONS as PRACTISING
from ledger.clock import day_in_japan, now
from ledger.crypto.names import folded_name

TODAY = date(2026, 11, 25)
PERSONS = 300


def planned(persons: int = PERSONS) -> list[Planned]:
    random = Random(SEED)  # noqa: S311 -- the demo's own
    begin = TODAY - timedelta(days=DAYS)
    return list(requests(year(begin, people(persons, random), random)))


def sent(plan: list[Planned]) -> list[dict[str, Any]]:
    return [item for one in plan if isinstance(one, Send) for item in one.items]


def test_nobody_else_bears_the_name_of_who_asks() -> None:
    """Else an officer of the demo would have to say of each namesake why it is another one."""
    everybody = people(100_000, Random(SEED))  # noqa: S311 -- the demo's own
    asking = {folded_name(one.name) for one in APPLICANTS.values()}
    asking |= {folded_name(one.name) for one in PRACTISING}
    assert {one.name for one in everybody if folded_name(one.name) in asking} == {HERO.name}


def test_the_year_holds_every_kind_that_it_promises() -> None:
    data = [item["data"] for item in sent(planned())]
    assert {one["basis"] for one in data} >= {
        "consent_27_1",
        "consent_28_1",
        "opt_out_27_2",
        "joint_use_27_5_iii",
        "entrustment_27_5_i",
        "personally_referable_31_1",
        "exempt_27_1_i",
    }
    assert {one["direction"] for one in data} == {"provided", "received"}
    assert {one["method"] for one in data} == {"individual", "collective", "contract"}
    assert max(len(one.get("principals", ())) for one in data) == PERSONS
    asked = {one.path for one in planned() if isinstance(one, DeskRequest)}
    assert asked == {
        "/v1/links",
        "/v1/directives",
        "/v1/renames",
        "/v1/transfers/{transfer}/corrections",
        "/v1/transfers/{transfer}/retraction",
        "/v1/exclusions",
    }


def test_everything_before_a_search_is_declared_before_it() -> None:
    declared, first = TODAY - timedelta(days=DAYS), None
    for one in planned():
        if isinstance(one, DailyDeclarations):
            first = first or one.first
            assert one.first == declared
            declared = one.day
        elif isinstance(one, PlannedStep) and one.endpoint == "principal":
            assert declared == one.day
    assert first == TODAY - timedelta(days=DAYS)
    assert declared == TODAY


def test_no_two_persons_share_an_identifier() -> None:
    everybody = people(2_000, Random(SEED))  # noqa: S311 -- the demo's own
    assert everybody[0] == HERO
    named = [
        (scheme, principal["id"])
        for person in everybody
        for scheme in ("member", "account", "device")
        if (principal := person.known_as(scheme)) is not None
    ]
    assert len(named) == len(set(named))


BEGIN = date(2022, 10, 1)


@given(st.lists(st.dates(date(2022, 1, 1), date(2090, 1, 1)), max_size=12))
def test_whatever_it_is_turned_to_it_goes_neither_back_nor_beyond_the_real_time(
    days: list[date],
) -> None:
    calendar = DemoCalendar(BEGIN)
    before = calendar()
    for day in days:
        today = day_in_japan(now())
        calendar.turn(day)
        told = calendar()
        assert before <= told <= now()
        assert day_in_japan(told) >= min(day, today)
        before = told
