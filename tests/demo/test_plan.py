"""The fictional year as data: always the same, accepted by the contract, and of every kind."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

from pydantic import TypeAdapter

from api.contract import check, defects
from api.demo import year_sender
from api.demo.applicants import APPLICANTS
from api.demo.people import HERO, people
from api.demo.plan import (
    PLATFORMS,
    DailyDeclarations,
    DeskRequest,
    Planned,
    PlannedStep,
    Send,
    requests,
)
from api.demo.run import SEED
from api.demo.year import DAYS, mistakes, year
from api.demo.year import PERSONS as PRACTISING
from api.resources.notices import endpoints
from ledger.crypto.names import folded_name

TODAY = date(2026, 11, 25)
PERSONS = 300


def planned(persons: int = PERSONS) -> list[Planned]:
    random = Random(SEED)  # noqa: S311 -- the demo's own
    begin = TODAY - timedelta(days=DAYS)
    return list(requests(year(begin, people(persons, random), random)))


def sent(plan: list[Planned]) -> list[dict[str, Any]]:
    return [item for one in plan if isinstance(one, Send) for item in one.items]


def test_the_year_is_the_same_every_time() -> None:
    assert planned() == planned()


def test_nobody_else_bears_the_name_of_who_asks() -> None:
    """Else an officer of the demo would have to say of each namesake why it is another one."""
    everybody = people(100_000, Random(SEED))  # noqa: S311 -- the demo's own
    asking = {folded_name(one.name) for one in APPLICANTS.values()}
    asking |= {folded_name(one.name) for one in PRACTISING}
    assert {one.name for one in everybody if folded_name(one.name) in asking} == {HERO.name}


def test_every_transfer_of_the_year_is_well_formed_under_a_key_of_its_own() -> None:
    items = sent(planned())
    for item in items:
        check(item["data"], TODAY)
    keys = Counter((item["source"], item["id"]) for item in items)
    assert keys.total() == len(keys)
    assert {item["source"] for item in items} == set(PLATFORMS)


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


def test_an_act_of_the_desk_comes_after_the_transfer_it_speaks_of() -> None:
    labels: set[str] = set()
    for one in planned():
        if isinstance(one, Send):
            labels |= {label for _, label in one.labels}
        elif isinstance(one, DeskRequest | PlannedStep) and one.label is not None:
            assert one.label in labels


def test_nothing_is_sent_before_its_day() -> None:
    for one in planned():
        if isinstance(one, Send):
            for item in sent([one]):
                data = item["data"]
                assert data.get("transferred_on", data.get("transferred_to")) <= str(one.day)


def test_everything_before_a_search_is_declared_before_it() -> None:
    declared, first = TODAY - timedelta(days=DAYS), None
    for one in planned():
        if isinstance(one, DailyDeclarations):
            first = first or one.first
            assert one.first == declared
            declared = one.day
        elif isinstance(one, PlannedStep) and one.door == "principal":
            assert declared == one.day
    assert first == TODAY - timedelta(days=DAYS)
    assert declared == TODAY


def test_the_platform_makes_each_kind_of_mistake() -> None:
    plan = planned()
    largest = max((one for one in plan if isinstance(one, Send)), key=lambda one: len(one.items))
    made = mistakes(largest, TODAY).items
    *again, changed, malformed, tomorrow = made
    assert again == list(largest.items[: len(again)])
    assert changed["id"] == made[0]["id"]
    assert changed["data"] != made[0]["data"]
    check(changed["data"], TODAY)
    assert {defect.code for defect in defects(malformed["data"], TODAY)} == {
        "SCHEMA",
        "CORPORATE_NUMBER_CHECK_DIGIT",
    }
    assert {defect.code for defect in defects(tomorrow["data"], TODAY)} == {"DATE_IN_FUTURE"}


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


def test_the_notices_are_what_the_end_point_takes() -> None:
    bodies = year_sender.notices()
    adapter: TypeAdapter[Any] = TypeAdapter(endpoints.Published)
    assert [adapter.validate_python(body).kind for body in bodies] == ["joint_use", "opt_out"]
