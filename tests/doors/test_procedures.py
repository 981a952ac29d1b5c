"""The procedure as an operator publishes it: checked, published, listed, and without code."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from ledger.clock import day_in_japan, now
from ledger.law.procedure.questions import QUESTIONS
from tests.database import Database
from tests.doors.corridor import Answer, Corridor, open_doors
from tests.law.papers import document_with
from tests.ledger.case_given import MY_NUMBER
from tests.matrix import every

DAY = timedelta(days=1)
PATH = "/v1/procedures"


@pytest.fixture
def fresh(database: Database) -> Iterator[Corridor]:
    """A ledger in which nothing was published yet."""
    with open_doors(database.urls, followed=False) as opened:
        yield opened


def in_days(days: int) -> str:
    return (day_in_japan(now()) + days * DAY).isoformat()


def version(first_day: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a document
    return document_with({"effective_from": first_day, **changes})


def post(corridor: Corridor, body: object, path: str = PATH, **headers: str) -> Answer:
    return corridor.ask("POST", path, body, key=corridor.key("notices:write"), headers=headers)


def get(corridor: Corridor, path: str = PATH) -> Answer:
    return corridor.ask("GET", path, key=corridor.key("cases:read"))


def versions(corridor: Corridor) -> list[dict[str, Any]]:
    answer = get(corridor)
    assert answer.status == 200
    return answer.body["procedures"]


def test_the_built_in_version_is_listed_and_shown_with_every_setting(fresh: Corridor) -> None:
    [one] = versions(fresh)
    assert (one["version"], one["effective_to"]) == ("2022-10-01", None)
    assert (one["in_force"], one["built_in"]) == (True, True)
    shown = get(fresh, f"{PATH}/2022-10-01").body
    assert set(shown["readings"]) == set(QUESTIONS)


def test_a_version_is_published_listed_and_goes_back_in_as_it_came_out(fresh: Corridor) -> None:
    first, second = in_days(10), in_days(20)
    published = post(fresh, version(first))
    assert published.status == 200, published.text
    assert (published.body["version"], published.body["position"]) == (first, fresh.head())
    shown = get(fresh, f"{PATH}/{first}").body
    again = post(fresh, {**shown, "effective_from": second})
    assert again.status == 200
    assert again.body["defaults"] == [], "what is shown leaves nothing out"
    assert get(fresh, f"{PATH}/{second}").body == {**shown, "effective_from": second}
    found = versions(fresh)
    assert [one["version"] for one in found] == ["2022-10-01", first, second]
    assert [one["effective_to"] for one in found] == [in_days(9), in_days(19), None]
    assert [one["in_force"] for one in found] == [True, False, False]
    assert [one.get("position") for one in found[1:]] == [
        published.body["position"],
        again.body["position"],
    ]


def test_a_check_says_what_changes_and_records_nothing(fresh: Corridor) -> None:
    body = version(in_days(5), readings={"own_papers": "any"})
    body["documents"] = [row for row in body["documents"] if row["code"] != "driving_licence"]
    body["correction"][0]["days"] = 28
    head = fresh.head()
    answer = post(fresh, body, f"{PATH}/check")
    assert answer.status == 200
    assert (answer.body["publishable"], answer.body["defects"]) == (True, [])
    assert answer.body["compared_with"] == "2022-10-01"
    told = [(one["table"], one["row"], one["change"]) for one in answer.body["differences"]]
    assert told == [
        ("documents", "driving_licence", "removed"),
        ("correction", "", "changed"),
        ("readings", "", "changed"),
    ]
    assert len(answer.body["defaults"]) > 10
    assert fresh.head() == head


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], dict[str, str]]] = {
    "two defects": (
        lambda it: (it["fee"][0].update(yen=-1), it.update(desk=[])),
        {"/desk": "SCHEMA", "/fee/0/yen": "SCHEMA"},
    ),
    "a number of a person": (
        lambda it: it["desk"][0].update(name=MY_NUMBER),
        {"/desk/0/name": "MY_NUMBER_SHOWN"},
    ),
    "long ago": (
        lambda it: it.update(effective_from="2022-10-01"),
        {"/effective_from": "VERSION_NOT_LATER"},
    ),
}


@every("name", BROKEN)
def test_a_broken_version_is_refused_with_every_place(corridor: Corridor, name: str) -> None:
    change, errors = BROKEN[name]
    body = deepcopy(version(in_days(30)))
    change(body)
    refused = post(corridor, body)
    assert (refused.status, refused.errors) == (422, errors)
    assert MY_NUMBER not in refused.text
    checked = post(corridor, body, f"{PATH}/check")
    assert checked.body["publishable"] is False
    assert {one["pointer"]: one["code"] for one in checked.body["defects"]} == errors
