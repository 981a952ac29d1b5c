"""本人確認 over several rounds: one envelope, a correction that nobody answers, papers again."""

from datetime import date

from api.web.pages import days
from ledger.clock import day_in_japan, now
from tests.doors.cases.desk import AGREEING, look, paper
from tests.pages.casework import Work, Worked
from tests.pages.filling import words_of
from tests.pages.looked import ADDRESS, Papers, day, told
from tests.pages.office import Office


def this_day() -> date:
    return day_in_japan(now())


NOT_YET = "書類はまだ確認していません。"
WRITTEN = {"on_papers": "東京都千代田区永田町二丁目11番1号", "registered": ADDRESS}
AGAIN = "補正書類が届いたため、改めて確認が必要です。次は前回の確認内容です。"


def due_on(office: Office, case: Worked) -> date:
    return date.fromisoformat(told(office, case)["correction"]["due_on"])


def test_the_papers_of_an_envelope_are_taken_over_and_the_form_is_looked_at_here(
    office: Office,
) -> None:
    work = Work(office)
    first = work.begun()
    second = Papers(
        office.person("officer"), work.begun(same_envelope_as=first.id, kind="retained_data")
    ).opened()
    answer = second.send("/same-papers", same_form_checked="yes")
    assert "元の請求の書類をまだ確認していません" in words_of(answer.text)
    first.do("documents", look())
    second.opened()
    second.done("/same-papers", same_form_checked="yes")
    whole = told(office, second.case)
    assert whole["check"]["outcome"] == "verified"
    assert whole["status"] == "completeness_check"


def test_papers_that_came_again_start_from_the_look_before(office: Office) -> None:
    case = Work(office).begun().do("documents", look(paper("seal_certificate")))
    page = Papers(office.person("officer"), case).opened()
    page.done("/correction")
    page.further(**day("further_on", this_day()))
    page.opened()
    assert page.fields["p0_name"] == ["yes"]
    assert "p1_name" not in page.fields
    assert "（保存前）" in page.words
    assert page.fields["version"] == [str(told(office, case)["version"])]


def test_the_look_before_is_shown_until_papers_that_came_again_are_looked_at(
    office: Office,
) -> None:
    judged = {**AGREEING, **WRITTEN, "identity_is_form_because": "表記だけが異なる"}
    case = Work(office).begun()
    officer, own = office.person("officer"), f"/desk/cases/{case.id}"
    assert NOT_YET in words_of(officer.get(own).text)
    case.do("documents", look(paper("seal_certificate"), addresses=judged))
    page = Papers(officer, case).opened()
    page.done("/correction")
    sent, due = (days.in_full(one) for one in (this_day(), due_on(office, case)))
    assert f"補正の依頼：{sent} 発送、期限 {due}" in words_of(officer.get(own).text)
    page.further(**day("further_on", this_day()))
    words = words_of(officer.get(own).text)
    assert AGAIN in words
    assert NOT_YET not in words
    assert words.count("印鑑登録証明書") == 1
    assert f"本人確認書類{WRITTEN['on_papers']}" in words
    assert f"登録住所{WRITTEN['registered']}" in words
    assert "担当者の判断：申請書と登録住所同じ住所" in words
    assert "判断の理由：本人確認書類と申請書表記だけが異なる" in words
    assert "不足している点" not in words
    whole = told(office, case)
    assert whole["examination"] is None
    case.etag = f'"{whole["version"]}"'
    case.do("documents", look())
    words = words_of(officer.get(own).text)
    assert AGAIN not in words
    assert "本人確認書類未入力" in words
