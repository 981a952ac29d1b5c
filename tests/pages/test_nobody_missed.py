"""On the pages: whom the names find, what may make an answer wrong, and a minor who asks."""

from ledger.cases.case import CaseStatus
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME, dated, identified, whole
from tests.pages.deciding import opened as decision_of
from tests.pages.filling import sheet, words_of
from tests.pages.finding import named, opened, path
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, member, sent, verified

SAID = "会員登録の生年月日が申請書と異なる"


def approval(approver: Person, case: Worked) -> str:
    page = approver.get(f"/desk/cases/{case.id}/approval")
    assert page.status_code == 200, page.text
    return words_of(page.text)


def test_a_namesake_is_decided_on_with_a_reason_that_the_approver_reads(
    office: Office, work: Work, officer: Person
) -> None:
    name, stranger, mine = f"{NAME}同名", member(), member()
    sent(office, provision(principals=named(stranger, name)))
    case = verified(work, mine, ABSENT, name=name)
    page, form = opened(officer, case)
    assert "氏名 候補" in words_of(page)
    status, page = form.sent(officer, "nobody", answers=False, evidence="該当なし")
    assert status == 422
    assert 'id="left_out_3-error"' in page
    assert whole(case)["status"] == CaseStatus.SEARCH
    again = sheet(page, path(case))
    assert again.sent(officer, "nobody", answers=False, left_out_3=SAID)[0] == 303
    [kept] = whole(case)["search"]["left_out"]
    assert (kept["identifier"], kept["because"]) == (stranger, SAID)
    assert sheet(opened(officer, case)[0], path(case)).text("left_out_3") == SAID
    _, decision = decision_of(officer, case)
    assert decision.sent(officer, "submit")[0] == 303
    words = approval(office.signed_in("approver"), case)
    for shown in (name, stranger["id"], SAID, mine["id"], ABSENT["id"]):
        assert shown in words


def test_each_point_is_answered_before_the_approval_and_shown_there(
    office: Office, work: Work, officer: Person
) -> None:
    mine = member()
    case = identified(work, dated("2026-01-05"), who=mine)
    reject = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[], principals=[mine])}
    key = office.key("events:write", owner="emitter", source=SOURCE)
    assert office.api("POST", "/v1/transfers", key, {"items": [reject]}).status_code == 422
    page, form = decision_of(officer, case)
    assert "記録の指摘事項（1件）" in words_of(page)
    assert "この方に関わる可能性がある隔離中のデータ（1件）" in words_of(page)
    status, page = form.sent(officer, "submit", answers=False, point_findings="none")
    assert status == 422
    assert 'id="point_findings-error"' in page
    assert 'id="point_quarantine-error"' in page
    assert whole(case)["decision"] is None
    again = sheet(page, f"/desk/cases/{case.id}/decision")
    assert again.text("point_findings") == "none", "what was said stays"
    typed = {"point_findings_because": "決定に影響しない", "point_quarantine": "some"}
    typed["point_quarantine_because"] = "修復後に追加で回答する"
    assert again.sent(officer, "submit", answers=False, **typed)[0] == 303
    words = approval(office.signed_in("approver"), case)
    for shown in ("影響なし", "決定に影響しない", "影響あり", "修復後に追加で回答する"):
        assert shown in words
    said = {one["point"]: one["answer"]["influence"] for one in whole(case)["points"]}
    assert said == {"findings": False, "quarantine": True}


def test_a_namesake_who_comes_after_the_search_is_asked_about_on_the_pages(
    office: Office, work: Work, officer: Person
) -> None:
    name, stranger, mine = f"{NAME}後着", member(), member()
    case = verified(work, mine, ABSENT, name=name)
    _, form = opened(officer, case)
    assert form.sent(officer, "nobody", answers=False, evidence="該当なし")[0] == 303
    _, decision = decision_of(officer, case)
    early = {"recorded_on": "2026-05-20", "transferred_on": "2026-05-20"}
    sent(office, provision(principals=named(stranger, name), **early))
    status, page = decision.sent(officer, "submit")
    assert status == 409
    assert "記録を特定した時点から記録が変わりました" in words_of(page)
    assert whole(case)["decision"] is None
    page, stale = decision_of(officer, case)
    assert "最新の位置で取り直してから" in words_of(page)
    status, page = stale.sent(officer, "again")
    assert status == 409
    assert "「記録の特定」の画面で、この方の識別子と氏名を確かめて" in words_of(page)
    _, form = opened(officer, case)
    said = form.sent(officer, "nobody", answers=False, evidence="該当なし", left_out_3=SAID)
    assert said[0] == 303
    assert decision_of(officer, case)[1].sent(officer, "submit")[0] == 303
