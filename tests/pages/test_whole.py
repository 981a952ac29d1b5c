"""Kept, returned, closed, reopened, withdrawn, or a mistake: how a case ends on its pages."""

from datetime import date, timedelta
from typing import Any

from api.web.pages.days import in_full
from ledger.clock import day_in_japan, now
from ledger.lifetimes import case_day
from tests.doors.cases.desk import POST_NUMBER, look, today
from tests.pages.casework import DOUBLE, Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.looked import day, told
from tests.pages.office import Office, Person
from tests.pages.sending import corrected, decided, press, status, whole


def path_of(case: Worked) -> str:
    return f"/desk/cases/{case.id}/keeping"


def form_of(person: Person, case: Worked, what: str) -> Sheet:
    return sheet(person.get(path_of(case)).text, f"{path_of(case)}/{what}")


def on(name: str, day: str) -> dict[str, str]:
    parts = dict(zip(("year", "month", "day"), day.split("-"), strict=True))
    return {f"{name}_{part}": text for part, text in parts.items()}


def test_a_delivery_closes_the_case_and_the_page_says_until_when_it_is_kept(
    work: Work, officer: Person
) -> None:
    case = work.begun().dispatched()
    assert "保存期限は決まっていません" in officer.get(path_of(case)).text
    form = form_of(officer, case, "delivery")
    assert press(officer, form)[0] == 422
    before = day_in_japan(now())
    assert press(officer, form, **on("delivered_on", today())) == (303, path_of(case))
    assert status(work, case) == "closed"
    page = officer.get(path_of(case)).text
    days = {case_day(one) - timedelta(days=1) for one in (before, day_in_japan(now()))}
    assert any(f"<strong>{in_full(day)}</strong>まで保存されます" in page for day in days)
    assert f"{today()} 配達".replace("-", "/") in page


def test_a_letter_comes_back_and_the_papers_are_looked_at_anew(work: Work, officer: Person) -> None:
    case = work.begun().dispatched()
    form = form_of(officer, case, "returned-mail")
    code, page = press(officer, form)
    assert (code, 'id="returned_for-error"' in page) == (422, True)
    assert press(officer, form, returned_for="unknown_address") == (303, path_of(case))
    assert status(work, case) == "returned"
    page = officer.get(path_of(case)).text
    assert "返戻：あて所に尋ねあたりません" in page
    assert f"/desk/cases/{case.id}/papers" in page
    # By the procedure that is built in, no letter goes out again without a new look at the papers.
    assert "再送する" not in page
    assert "発送できる書面はありません" not in officer.get(f"/desk/cases/{case.id}/post").text
    again = work.office.api("GET", f"/v1/cases/{case.id}", work.key("officer"))
    case.etag = again.headers["etag"]
    case.do("documents", look()).do("verification")
    assert status(work, case) == "search"


def test_a_case_is_opened_again_and_a_supplement_replaces_what_was_sent(
    office: Office, work: Work, officer: Person
) -> None:
    case, record = decided(office, work)
    case.do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    first = officer.get(f"{path_of(case)}/reply.pdf")
    assert first.content.startswith(b"%PDF")
    corrected(office, record)
    # A flag is shown as far as the read side has followed.
    while "再開して回答し直してください" not in officer.get(path_of(case)).text:
        pass
    form = form_of(officer, case, "reopen")
    code, refused = press(officer, form)
    assert (code, 'id="reason-error"' in refused) == (422, True)
    assert press(officer, form, reason="記録が訂正された") == (303, f"/desk/cases/{case.id}/next")
    assert status(work, case) == "reopened"
    again = work.office.api("GET", f"/v1/cases/{case.id}", work.key("officer"))
    case.etag = again.headers["etag"]
    who = again.json()["application"]["identifiers"]
    case.do("principal", {"identifiers": who, "evidence": "会員番号が一致"}).do("decisions", {})
    case.do("submit").do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": "123-45-67890-2"})
    page = officer.get(path_of(case)).text
    assert "後の回答があります" in page
    assert "（追加）" in page
    # The first reply is kept as it was sent.
    assert officer.get(f"{path_of(case)}/reply.pdf?reply=1").content == first.content
    second = officer.get(f"{path_of(case)}/reply.pdf?reply=2").content
    assert second not in (first.content, b"")
    assert officer.get(f"{path_of(case)}/reply.pdf?reply=3").status_code == 404
    assert officer.get(f"{path_of(case)}/reply.zip?reply=1").content.startswith(b"PK")


def returned(work: Work, case: Worked) -> list[object]:
    return [one["returned"] for one in whole(work, case)["replies"]]


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
