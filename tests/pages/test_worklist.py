"""受付一覧: open requests stand by their term, and a number that is typed or scanned opens one."""

import re
from datetime import date, timedelta

import pytest

from api.resources.cases.pages import worklist
from api.resources.cases.pages.worklist import BY_CODE, ListPosition
from tests.doors.cases.desk import NAME, WHO, today
from tests.pages.casework import Work, Worked
from tests.pages.office import Office, Person

LATE = {"late_entry_reason": "他部署に届いていた"}


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


def test_what_is_overdue_longest_stands_first_of_what_falls_due(
    work: Work, officer: Person
) -> None:
    arrived = (days_ago(60), days_ago(200), days_ago(100))
    cases = [work.begun(arrived_on=day, **LATE) for day in arrived]
    first, second, third = (one.number for one in cases)
    shown = numbers(officer.get("/desk?tab=soon").text)
    assert shown[:3] == [second, third, first]


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


def test_a_page_stays_where_it_was_when_a_name_is_shown(
    officer: Person, three: list[Worked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "ROWS_MAX", 1)
    page = officer.get("/desk?tab=desk").text
    found = re.search(r'href="(/desk\?tab=desk&amp;before=[^"]+)"', page)
    assert found is not None
    second = officer.get(found[1].replace("&amp;", "&")).text
    hidden = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', second)[0]
        for name in ("tab", "before", "term")
    }
    told = officer.post(f"/desk/cases/{three[0].id}/name", hidden).text
    assert numbers(told) == numbers(second)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        (("12", "2026-12-08"), ListPosition(date(2026, 12, 8), 12)),
        (("12", ""), ListPosition(date.min, 12)),
        (("", "2026-12-08"), None),
        (("12", "8 December"), None),
        (("１２", ""), None),
        (("9" * 16, ""), None),
    ],
)
def test_what_a_form_says_of_its_place_is_read_or_passed_over(
    typed: tuple[str, str], place: ListPosition | None
) -> None:
    assert ListPosition.typed(*typed) == place


@pytest.mark.parametrize("bad", ["term=8", "before=x&term=2026-12-08"])
def test_an_address_with_a_bad_place_is_no_page(officer: Person, bad: str) -> None:
    assert officer.get(f"/desk?tab=desk&{bad}").status_code == 404


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


@pytest.mark.parametrize("typed", [NAME, WHO["id"], "2026-999999"])
def test_what_is_no_number_is_listed_even_where_it_is_one(
    work: Work, officer: Person, typed: str
) -> None:
    case = work.begun()
    answer = officer.post("/desk/search", {"q": typed})
    assert answer.status_code == 200
    assert (case.number in numbers(answer.text)) == (typed != "2026-999999")


def test_a_number_that_somebody_else_uses_as_an_identifier_lists_both(
    work: Work, officer: Person
) -> None:
    case = work.begun()
    other = work.begun(identifiers=[{"scheme": "member", "id": case.number}])
    answer = officer.post("/desk/search", {"q": case.number})
    assert answer.status_code == 200
    assert set(numbers(answer.text)) == {case.number, other.number}


def test_open_lists_are_those_by_term() -> None:
    by_term = {code for code, tab in BY_CODE.items() if tab.by_term}
    assert by_term == {"own", "desk", "approval", "correction", "dispatch", "soon"}
