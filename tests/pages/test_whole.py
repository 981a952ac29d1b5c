"""What is done with a case as a whole: a withdrawal, a death, a mistake that two people settle."""

from datetime import date
from typing import Any

from ledger.clock import day_in_japan, now
from tests.pages.casework import DOUBLE, Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.looked import day, told
from tests.pages.office import Office, Person


def this_day() -> date:
    return day_in_japan(now())


def send(office: Office, case: Worked, door: str, who: str = "officer", /, **typed: object) -> Any:  # noqa: ANN401 -- the client's own
    """Fill in one form of the case's page, and send it."""
    return sent_by(office.person(who), case, door, **typed)


def sent_by(person: Person, case: Worked, door: str, /, **typed: object) -> Any:  # noqa: ANN401 -- the client's own
    """The same, by somebody whose session is known."""
    page = person.get(f"/desk/cases/{case.id}").text
    path = f"/desk/cases/{case.id}/{door}"
    fields: dict[str, Any] = {**sheet(page, path).fields, **typed}
    token = fields.pop("form_token")[0]
    return person.post(path, fields, token=token)


def offered(office: Office, case: Worked, who: str = "officer") -> set[str]:
    """The forms that the page offers to somebody."""
    page = office.person(who).get(f"/desk/cases/{case.id}").text
    doors = ("withdrawal", "death", "entry-mistake", "end-mistake")
    settling = ("mistake-confirmation", "mistake-dismissal")
    return {
        door for door in (*doors, *settling) if f'action="/desk/cases/{case.id}/{door}"' in page
    }


def test_a_withdrawal_ends_the_case(office: Office, work: Work) -> None:
    case = work.begun()
    typed = {**day("withdrawn_on", this_day()), "withdrawn_evidence": "取下書（本人自署）"}
    answer = send(office, case, "withdrawal", **typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/cases/{case.id}")
    assert told(office, case)["status"] == "withdrawn"
    assert offered(office, case) == {"end-mistake"}


def test_a_double_is_reported_and_confirmed_by_a_second_person(office: Office, work: Work) -> None:
    stays, double = work.begun(), work.begun()
    typed = {"entry_cause": "double", "entry_reason": DOUBLE, "entry_replaced_by": stays.number}
    assert send(office, double, "entry-mistake", **typed).status_code == 303
    assert told(office, double)["mistake"]["replaced_by"] == stays.id
    assert offered(office, double) == {"mistake-dismissal"}
    assert offered(office, double, "approver") == {"mistake-confirmation", "mistake-dismissal"}
    shown = words_of(office.person("approver").get(f"/desk/cases/{double.id}").text)
    assert "氏名：一致" in shown
    assert "識別子：一致するものあり" in shown
    assert send(office, double, "mistake-confirmation", "approver").status_code == 303
    assert told(office, double)["status"] == "entered_in_error"
    assert offered(office, double) == set()


def test_an_end_that_was_a_mistake_is_undone_by_two(office: Office, work: Work) -> None:
    case = work.begun().do("withdrawal", {"withdrawn_on": str(this_day()), "evidence": "取下書"})
    assert send(office, case, "end-mistake", end_reason="別の方の取下書").status_code == 303
    shown = words_of(office.person("approver").get(f"/desk/cases/{case.id}").text)
    assert "終了は取り消され" in shown
    assert send(office, case, "mistake-confirmation", "approver").status_code == 303
    assert told(office, case)["status"] == "received"
