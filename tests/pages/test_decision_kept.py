"""Nothing typed on the page of 回答内容の確認 is lost: to changed records, to others, to time."""

from ledger.cases.case import CaseStatus
from ledger.policies.my_number import check_digit
from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.deciding import NAME, REASON, STRANGER, identified, opened, path, whole
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent

MY_NUMBER = "12345678901" + str(check_digit("12345678901"))


def test_records_that_changed_are_searched_anew_and_nothing_typed_is_lost(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    [transfer] = sent(office, provision(principals=[{**who, "name": NAME}]))
    case = identified(work, who=who)
    _, form = opened(officer, case)
    _, page = form.sent(officer, "add", tick="all")
    held = sheet(page, path(case))
    key = office.key("records:write", owner="officer")
    change = {"changes": {"items": ["訂正後の項目"]}, "reason": "誤り"}
    corrected = office.api("POST", f"/v1/transfers/{transfer}/corrections", key, change)
    assert corrected.status_code == 200, corrected.text
    status, page = held.sent(officer, "submit", block_1_ground="ART33_2_I", block_1_reason=REASON)
    assert status == 409
    assert "最新の位置で取り直してから" in words_of(page)
    # What cannot be shown is not counted: a 0 would read as if nothing existed.
    for shown in (page, officer.get(path(case)).text):
        assert "提供した記録 ― 提供を受けた記録 ― 不開示 ―" in words_of(shown)
        assert 'class="count"' not in shown
    stale = sheet(page, path(case))
    status, page = stale.sent(officer, "again")
    assert status == 200, words_of(page)
    assert "取り直しました" in words_of(page)
    fresh = sheet(page, path(case))
    assert fresh.text("block_1_reason") == REASON
    assert "訂正後の項目" in words_of(page)
    assert fresh.sent(officer, "submit")[0] == 303


def test_a_stranger_who_was_recorded_meanwhile_stops_the_new_search(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    case = identified(work, who=who)
    _, form = opened(officer, case)
    sent(office, provision(principals=[{**who, "name": STRANGER}], items=["別人の項目"]))
    status, page = form.sent(officer, "again")
    assert status == 409
    assert "最新の位置で取り直せませんでした" in words_of(page)
    assert STRANGER not in page
    assert "別人の項目" not in page
    assert whole(case)["search"]["provided"] == 1, "the search that stands is the one before"


def test_who_was_overtaken_decides_nothing_and_keeps_what_was_typed(
    work: Work, officer: Person
) -> None:
    case = identified(work, provision())
    _, form = opened(officer, case)
    _, page = form.sent(officer, "add", tick="all")
    held = sheet(page, path(case))
    case.do("decisions", {}, by="colleague")
    status, page = held.sent(officer, "submit", block_1_ground="ART33_2_I", block_1_reason=REASON)
    assert status == 409
    assert "ほかの担当者が先に更新しました" in words_of(page)
    assert sheet(page, path(case)).text("block_1_reason") == REASON
    assert whole(case)["decision"]["withheld"] == []


def test_what_is_typed_outlives_the_session_and_is_gone_once_it_is_on_record(
    office: Office, work: Work
) -> None:
    case = identified(work, provision())
    person = office.signed_in("colleague")
    _, form = opened(person, case)
    _, page = form.sent(person, "add", tick="all")
    held = sheet(page, path(case))
    office.let_sessions_lapse()
    status, where = held.sent(person, "submit", block_1_ground="ART33_2_I", block_1_reason=REASON)
    assert (status, "ended=1" in where) == (303, True)
    again = office.signed_in("colleague")
    page, kept = opened(again, case)
    assert "下書きから再開しています" in words_of(page)
    assert (kept.text("block_1_reason"), kept.fields["block_1_ground"]) == (REASON, ["ART33_2_I"])
    assert whole(case)["status"] == CaseStatus.REVIEW
    assert kept.sent(again, "submit")[0] == 303
    case.etag = f'"{whole(case)["version"]}"'
    case.do("return", {"reason": "確認"}, by="approver")
    assert "下書きから再開しています" not in words_of(opened(again, case)[0])


def test_a_draft_is_thrown_away_and_holds_no_individual_number(work: Work, officer: Person) -> None:
    case = identified(work, provision())
    _, form = opened(officer, case)
    draft, gone = f"{path(case)}/draft", f"{path(case)}/discard"
    refused = officer.post(draft, {**form.fields, "medium_reason": f"番号 {MY_NUMBER}"})
    assert refused.status_code == 422
    assert "個人番号" in words_of(refused.text)
    assert "下書きから再開しています" not in words_of(opened(officer, case)[0])
    assert officer.post(draft, {**form.fields, "medium_reason": "理由"}).status_code == 200
    assert "下書きから再開しています" in words_of(opened(officer, case)[0])
    assert officer.post(gone, form.fields).headers["location"] == path(case)
    assert "下書きから再開しています" not in words_of(opened(officer, case)[0])
