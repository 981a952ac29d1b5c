"""What is done with a case as a whole, for whoever comes second: what stands, and what they typed.

What they send after their time is up waits for them, too.
"""

from tests.doors.cases.desk import today
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows, is_told
from tests.pages.sending import press
from tests.pages.test_keeping import on
from tests.pages.test_whole import told

CLOSED = "入力した内容は登録できません"
FIRST, SECOND = "先に書いた理由", "後から書いた理由"
TYPED = {
    "withdrawal": {**on("withdrawn_on", "2026-01-05"), "withdrawn_evidence": SECOND},
    "death": {**on("learned_on", "2026-01-05"), "learned_evidence": SECOND},
    "entry-mistake": {"entry_cause": "other", "entry_reason": SECOND},
}


def form_of(person: Person, case: Worked, door: str) -> Sheet:
    path = f"/desk/cases/{case.id}"
    return sheet(person.get(path).text, f"{path}/{door}")


def short(day: str) -> str:
    return day.replace("-", "/")


def test_a_withdrawal_that_somebody_else_put_down_stands_beside_what_was_typed(
    work: Work, officer: Person
) -> None:
    case = work.begun()
    form = form_of(officer, case, "withdrawal")
    body = {"withdrawn_on": today(), "evidence": FIRST}
    case.do("withdrawal", body, by="colleague")
    status, page = press(officer, form, **TYPED["withdrawal"])
    assert status == 409
    for words in (CONFLICT, "取下げ（", CLOSED):
        assert words in words_of(page)
    assert differing_rows(page) == [
        ("取下げの日", short(today()), "2026/01/05"),
        ("取下げの根拠", FIRST, SECOND),
    ]
    # It waits for whoever typed it, to be copied, until they throw it away.
    address = f"/desk/cases/{case.id}"
    assert SECOND in officer.get(address).text
    assert officer.post(f"{address}/discard").status_code == 303
    assert SECOND not in officer.get(address).text
    # The end may be a mistake: who reports it first leaves the second one theirs to copy.
    form = form_of(officer, case, "end-mistake")
    case.do("end-mistake", {"reason": FIRST}, by="colleague")
    status, page = press(officer, form, end_reason=SECOND)
    assert (status, CLOSED in words_of(page)) == (409, True)
    assert differing_rows(page) == [("終了を誤りとする理由", FIRST, SECOND)]


def test_what_somebody_else_said_to_be_the_mistake_stands_beside_what_was_typed(
    office: Office, work: Work, officer: Person
) -> None:
    stays, case = work.begun(), work.begun()
    form = form_of(officer, case, "entry-mistake")
    body = {"cause": "double", "reason": FIRST, "replaced_by": stays.id}
    case.do("entry-mistake", body, by="colleague")
    status, page = press(officer, form, **TYPED["entry-mistake"])
    assert (status, CLOSED in words_of(page)) == (409, True)
    assert differing_rows(page) == [
        ("誤りの内容", "二重に登録した", "その他"),
        ("誤登録とする理由", FIRST, SECOND),
        ("手続を続ける請求の受付番号", stays.number, "―"),
    ]
    approver = office.person("approver")
    form = form_of(approver, case, "mistake-dismissal")
    case.do("mistake-dismissal", {"reason": FIRST}, by="colleague")
    status, page = press(approver, form, dismiss_reason=SECOND)
    assert (status, CLOSED in words_of(page)) == (409, True)
    assert ("却下又は取下げの理由", FIRST, SECOND) in differing_rows(page)


def test_a_form_that_may_still_be_sent_is_open_and_full_and_what_differs_stays_after_a_defect(
    office: Office, work: Work, officer: Person
) -> None:
    case = work.begun()
    form = form_of(officer, case, "entry-mistake")
    case.reported(work.begun()).do("mistake-dismissal", {"reason": FIRST}, by="colleague")
    status, page = press(officer, form, **TYPED["entry-mistake"])
    assert (status, CLOSED in words_of(page)) == (409, False)
    # What was reported is taken back, so nothing of it stands beside what was typed.
    assert differing_rows(page) == [
        ("誤りの内容", "―", "その他"),
        ("誤登録とする理由", "―", SECOND),
        ("却下又は取下げの理由", FIRST, "―"),
    ]
    path = f"/desk/cases/{case.id}/entry-mistake"
    assert '<details class="group" open>' in page
    again = sheet(page, path)
    assert again.text("entry_reason") == SECOND
    status, page = press(officer, again, entry_reason="")
    assert (status, 'id="errors"' in page) == (422, True)
    assert differing_rows(page)[1:] == [("却下又は取下げの理由", FIRST, "―")]
    assert press(officer, sheet(page, path), entry_reason=SECOND)[0] == 303
    assert not is_told(officer.get(f"/desk/cases/{case.id}").text)
    assert told(office, case)["mistake"]["reason"] == SECOND
