"""受付一覧: open requests stand by their term, and a number that is typed or scanned opens one."""

import re
from datetime import date, timedelta

import pytest

from api.resources.cases.pages import worklist
from tests.doors.cases.desk import today
from tests.pages.casework import Work, Worked
from tests.pages.office import Office, Person


def days_ago(days: int) -> str:
    return (date.fromisoformat(today()) - timedelta(days=days)).isoformat()


def numbers(page: str) -> list[str]:
    return re.findall(r'<tr role="row" id="row-([^"]+)">', page)


@pytest.fixture
def three(work: Work) -> list[Worked]:
    """The second falls due first, the first last."""
    arrived = ({"arrived_on": today()}, {"arrived_on": days_ago(9)}, {"arrived_on": days_ago(5)})
    return [work.begun(**one) for one in arrived]


def test_open_requests_stand_by_their_term_and_others_by_their_age(
    officer: Person, three: list[Worked]
) -> None:
    first, second, third = (one.number for one in three)
    own = {first, second, third}
    by_term = [one for one in numbers(officer.get("/desk?tab=desk").text) if one in own]
    assert by_term == [second, third, first]
    newest = [one for one in numbers(officer.get("/desk?tab=all").text) if one in own]
    assert newest == [third, second, first]
    assert "期限の近い順" in officer.get("/desk?tab=soon").text
    assert "新しい順" in officer.get("/desk?tab=all").text


def test_the_pages_of_a_list_by_term_show_each_once(
    officer: Person, three: list[Worked], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = numbers(officer.get("/desk?tab=desk").text)
    monkeypatch.setattr(worklist, "ROWS_MAX", 2)
    path, seen = "/desk?tab=desk", list[str]()
    while path:
        page = officer.get(path).text
        assert len(numbers(page)) <= 2
        seen += numbers(page)
        found = re.search(r'href="(/desk\?tab=desk&amp;before=[^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == whole
    assert len(set(seen)) == len(seen) >= len(three)


def test_a_number_opens_its_request_wherever_it_stands(
    office: Office, work: Work, officer: Person
) -> None:
    case = work.begun()
    for who in ("reception", "officer", "approver"):
        answer = office.person(who).post("/desk/search", {"q": f" {case.number} "})
        told = (answer.status_code, answer.headers["location"])
        assert told == (303, f"/desk/cases/{case.id}/next")
    ended = work.begun().do("withdrawal", {"withdrawn_on": today(), "evidence": "電話で申出"})
    answer = officer.post("/desk/search", {"q": ended.number})
    assert answer.headers["location"] == f"/desk/cases/{ended.id}/next"
