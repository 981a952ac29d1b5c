"""完了・保存 over HTTP: delivered, returned, closed, reopened; and how long the file is kept."""

from datetime import datetime, timedelta

from api.web.pages.days import in_full
from ledger.clock import day_in_japan, now
from ledger.lifetimes import case_day
from tests.database import Database
from tests.doors.cases.desk import POST_NUMBER, look, today
from tests.doors.test_procedures import in_days, version
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet
from tests.pages.office import Office, Person, open_office
from tests.pages.sending import corrected, decided, press, status


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


def test_a_returned_letter_is_closed_with_what_was_tried(work: Work, officer: Person) -> None:
    case = work.begun().dispatched()
    press(officer, form_of(officer, case, "returned-mail"), returned_for="not_collected")
    form = form_of(officer, case, "close")
    assert press(officer, form, note="電話でも連絡がつかない") == (303, path_of(case))
    assert status(work, case) == "closed"


def test_a_request_that_is_answered_elsewhere_is_closed_here(work: Work, officer: Person) -> None:
    case = work.begun(kind="retained_data").do("documents", look()).do("verification")
    assert officer.get(f"/desk/cases/{case.id}/next").headers["location"] == path_of(case)
    note = "保有個人データの窓口から回答した"
    form = form_of(officer, case, "close")
    assert press(officer, form, note=note) == (303, path_of(case))
    assert status(work, case) == "closed"


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


def test_where_no_supplement_is_due_the_page_says_how_the_case_ends(
    office: Office, work: Work, officer: Person
) -> None:
    case, _ = decided(office, work)
    case.do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    who = work.office.api("GET", f"/v1/cases/{case.id}", work.key("officer")).json()
    case.do("reopen", {"reason": "発送後の確認"})
    identifiers = who["application"]["identifiers"]
    case.do("principal", {"identifiers": identifiers, "evidence": "会員番号が一致"})
    decision = f"/desk/cases/{case.id}/decision"
    form = sheet(officer.get(decision).text, decision)
    code, page = form.sent(officer, "submit")
    assert code == 409
    assert "追加の回答は不要です。この請求は「完了する」で閉じてください。" in page
    assert "先の回答の後に行われた提供は、新しい請求で回答します。" in page
    # And so it is: the door is open where the page says.
    assert press(officer, form_of(officer, case, "close")) == (303, path_of(case))
    assert status(work, case) == "closed"


def test_who_may_only_read_sees_no_form(office: Office, work: Work) -> None:
    case = work.begun().dispatched()
    page = office.person("chief").get(path_of(case)).text
    assert f'action="{path_of(case)}' not in page
    assert "控え" not in page


def test_what_is_sent_after_the_time_is_up_waits_on_the_page(office: Office, work: Work) -> None:
    case = work.begun().dispatched()
    officer = office.signed_in("officer")
    form = form_of(officer, case, "close")
    office.let_sessions_lapse()
    code, location = press(officer, form, note="電話で到着を確かめた")
    assert code == 303
    assert location == f"/sign-in?page={path_of(case)}&ended=1"
    officer = office.signed_in("officer")
    page = officer.get(path_of(case)).text
    assert "電話で到着を確かめた" in page
    assert "下書きから再開しています" in page
    assert "電話で到着を確かめた" not in office.signed_in("colleague").get(path_of(case)).text
    assert "下書きから再開しています" in officer.get(path_of(case)).text
    assert status(work, case) == "dispatched"
    assert press(officer, form_of(officer, case, "close")) == (303, path_of(case))
    assert "下書きから再開しています" not in officer.get(path_of(case)).text


def test_what_shows_the_records_needs_a_fresh_proof_of_who_opens_it(
    office: Office, work: Work
) -> None:
    case = work.begun().dispatched()
    waits = work.begun().submitted()
    officer, approver = office.signed_in("officer"), office.signed_in("approver")
    files = {
        f"{path_of(case)}/reply.pdf": officer,
        f"{path_of(case)}/reply.zip": officer,
        f"/desk/cases/{case.id}/post/reply.pdf": officer,
        f"/desk/cases/{waits.id}/approval/reply.pdf": approver,
    }
    for path, who in files.items():
        assert who.get(path).status_code == 200
    office.age_proofs()
    for path, who in files.items():
        answer = who.get(path)
        assert answer.status_code == 303
        step = path.rpartition("/")[0]
        assert answer.headers["location"] == f"/sign-in?page={step}&proof=1"


def test_where_the_procedure_says_so_a_returned_letter_is_posted_once_more(
    database: Database,
) -> None:
    clock = [now()]

    def at() -> datetime:
        return clock[0]

    with open_office(database.urls, clock=at) as office:
        body = version(in_days(1), readings={"returned_mail": "send_again"})
        key = office.key("notices:write", owner="chief")
        assert office.api("POST", "/v1/procedures", key, body).status_code == 200
        clock[0] += timedelta(days=2)
        work, day = Work(office), in_days(2)
        case = work.begun(arrived_on=day).submitted().do("approve", by="approver")
        case.do("dispatch", {"dispatched_on": day, "item_number": POST_NUMBER})
        case.do("returned-mail", {"returned_on": day, "reason": "not_collected"})
        officer = office.person("officer")
        assert "再送する" in officer.get(path_of(case)).text
        post = f"/desk/cases/{case.id}/post"
        printed = officer.get(f"{path_of(case)}/reply.pdf?reply=1")
        page = officer.get(post).text
        assert "再送の登録" in page
        again = press(officer, sheet(page, post), item_number="123-45-67890-2")
        assert again == (303, path_of(case))
        assert status(work, case) == "dispatched"
        assert officer.get(f"{path_of(case)}/reply.pdf?reply=2").content == printed.content
