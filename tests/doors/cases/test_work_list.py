"""The work list: pages of cases, masked, by status and by the day on which something falls due."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from api.resources.cases.schemas import answers
from api.resources.cases.schemas.case_view import masked
from ledger.clock import day_in_japan, now
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import DESK, Case, begun, fits, look
from tests.doors.corridor import Corridor, open_doors


def listed(corridor: Corridor, query: str = "") -> dict[str, Any]:
    """A page of the work list."""
    key = corridor.key(*DESK, label="officer")
    answer = corridor.ask("GET", f"/v1/cases{query}", key=key)
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    fits(answers.WORK_LIST, answer.body)
    return answer.body


def ids(corridor: Corridor, query: str = "") -> list[str]:
    return [one["case"] for one in listed(corridor, query)["cases"]]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("山田 太郎", "山＊\u3000太＊"),
        ("山田\u3000太郎", "山＊\u3000太＊"),
        ("林", "＊"),
        ("林 太郎", "＊\u3000太＊"),
        ("林 誠", "＊\u3000＊"),
        ("邉\U000e0110", "＊"),
        ("邉\U000e0110田 花子", "邉\U000e0110＊\u3000花＊"),
        ("", ""),
    ],
)
def test_a_name_is_masked_but_for_its_first_characters(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_the_work_list_comes_in_pages_and_masks_names(corridor: Corridor) -> None:
    cases = [begun(corridor).id for _ in range(3)]
    everything = ids(corridor, "?limit=100")
    assert everything[:3] == list(reversed(cases))
    found, cursor = list[str](), ""
    while True:
        page = listed(corridor, f"?limit=2{cursor}")
        found += [one["case"] for one in page["cases"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert found == everything
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == cases[0]]
    assert row["name"] == "神＊\u3000金＊"
    assert NAME not in repr(listed(corridor))


def test_cases_are_found_by_their_status(corridor: Corridor) -> None:
    one, two = begun(corridor), begun(corridor)
    two.do("documents", look()).do("verification")
    search = ids(corridor, "?status=search&limit=100")
    assert (two.id in search, one.id in search) == (True, False)
    both = ids(corridor, "?status=search&status=received&limit=100")
    assert {one.id, two.id} <= set(both)
    key = corridor.key(*DESK, label="officer")
    assert corridor.ask("GET", "/v1/cases?status=lost", key=key).status == 422


class Days:
    """A desk whose days pass."""

    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now

    @property
    def today(self) -> date:
        return day_in_japan(self.now)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def desk(database: Database, days: Days) -> Iterator[Corridor]:
    with open_doors(database.urls, clock=days) as corridor:
        yield corridor


def test_cases_are_found_by_the_clock_that_falls_due_next(desk: Corridor, days: Days) -> None:
    case = begun(desk, arrived_on=days.today.isoformat())
    first = date.fromisoformat(case.read()["due"]["on"])
    assert first > days.today
    before = (first - timedelta(days=1)).isoformat()
    assert ids(desk, f"?due={before}") == []
    assert ids(desk, f"?due={first.isoformat()}") == [case.id]
    assert ids(desk, "?due=today") == ids(desk, "?due=overdue") == []
    days.now += first - days.today
    assert (ids(desk, "?due=today"), ids(desk, "?due=overdue")) == ([case.id], [])
    days.now += timedelta(days=1)
    assert ids(desk, "?due=today") == ids(desk, "?due=overdue") == [case.id]
    case.do("withdrawal", {"withdrawn_on": days.today.isoformat(), "evidence": "取下書"})
    assert ids(desk, "?due=overdue") == []
    assert ids(desk) == [case.id]


@pytest.mark.parametrize("due", ["tomorrow", "2026-02-30", "2026-2-3", ""])
def test_a_day_that_there_is_not_is_refused(corridor: Corridor, due: str) -> None:
    key = corridor.key(*DESK, label="officer")
    answer = corridor.ask("GET", f"/v1/cases?due={due}", key=key)
    assert (answer.status, answer.errors) == (422, {"/query/due": "SCHEMA"})


def test_a_second_process_sees_what_the_first_one_did(desk: Corridor, days: Days) -> None:
    with open_doors(desk.urls, clock=days, followed=False) as other:
        case = begun(desk)
        assert ids(other) == ids(desk) == [case.id]
        there = Case(other, case.id, case.etag).do("documents", look())
        assert listed(desk)["cases"][0]["status"] == there.status
