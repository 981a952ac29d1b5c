"""回答内容の確認 on the pages: what goes out, and how it is looked at before it does."""

from datetime import date
from typing import Any

from ledger.cases.case import CaseStatus
from ledger.policies.my_number import check_digit
from tests.canary import RARE
from tests.doors.samples import RECIPIENT, provision, receipt
from tests.pages.casework import Work
from tests.pages.deciding import (
    NAME,
    REASON,
    STRANGER,
    identified,
    opened,
    path,
    whole,
)
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, member, sent, verified
from tests.replying.desk import text_of

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'history-viewed'"
PREVIEWS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


def test_everything_is_disclosed_with_one_click(
    office: Office, work: Work, officer: Person
) -> None:
    case = identified(
        work,
        provision(transferred_on="2026-01-05"),
        receipt(transferred_on="2026-03-07", acquisition="本人から直接取得"),
    )
    before = office.rows(LOOKS)[0][0]
    page, form = opened(officer, case)
    assert office.rows(LOOKS)[0][0] == before + 1
    words = words_of(page)
    for told in (
        "提供した記録（1件）",
        "提供を受けた記録（1件）",
        "台帳の件数 2 ＝ 開示 2 ＋ 不開示 0",
        "送信元の網羅：",
        "本人から直接取得",
        RECIPIENT["address"],
        RECIPIENT["representative"],
        "法定の記録事項ではないため記載していません",
        f"台帳の位置 #{whole(case)['search']['as_of']}",
    ):
        assert told in words, told
    assert form.fields["medium"] == ["paper"]
    assert form.sent(officer, "submit") == (303, f"/desk/cases/{case.id}/next")
    told = whole(case)
    assert (told["status"], told["decision"]["outcome"]) == (
        CaseStatus.SUBMITTED,
        "full_disclosure",
    )
    shown = officer.get(path(case)).text
    assert "不開示に加える" not in words_of(shown)
    assert officer.get(f"/desk/cases/{case.id}/next").headers["location"].endswith("/approval")


def test_nothing_recorded_becomes_a_notice_that_nothing_exists(work: Work, officer: Person) -> None:
    case = identified(work)
    page, form = opened(officer, case)
    assert "該当する第三者提供記録はありません。" in words_of(page)
    assert "不存在の通知を作成" in words_of(page)
    assert form.sent(officer, "submit")[0] == 303
    assert whole(case)["decision"]["outcome"] == "not_exist"


def test_the_letter_is_looked_at_before_anything_is_decided_and_the_look_is_on_record(
    office: Office, work: Work, officer: Person
) -> None:
    case = identified(work, provision(transferred_on="2026-01-05"))
    _, form = opened(officer, case)
    _, page = form.sent(officer, "add", tick="all")
    held = sheet(page, path(case))
    before = office.rows(PREVIEWS)[0][0]
    given = {
        **held.fields,
        "action": "preview",
        "block_1_ground": "ART33_2_I",
        "block_1_reason": REASON,
    }
    answer = officer.post(path(case), given)
    assert answer.headers["content-type"] == "application/pdf"
    assert REASON in text_of(answer.content)
    assert office.rows(PREVIEWS)[0][0] == before + 1
    assert (whole(case)["status"], whole(case)["decision"]) == (CaseStatus.REVIEW, None)
    unknown = officer.post(path(case), {**given, "block_1_item": "nothing"})
    assert unknown.status_code == 422
    assert 'id="block_1_items-error"' in unknown.text
    case.etag = f'"{whole(case)["version"]}"'
    case.do("decisions", {})
    letter = officer.get(f"{path(case)}/preview.pdf")
    assert letter.headers["content-type"] == "application/pdf"
    assert "当社が提供した記録" in text_of(letter.content)


def test_who_asked_for_paper_gets_another_medium_for_a_reason_or_by_agreement(
    work: Work, officer: Person
) -> None:
    case = identified(work, provision(), medium="paper")
    _, form = opened(officer, case)
    assert form.fields["medium"] == ["paper"]
    status, page = form.sent(officer, "submit", medium="electronic")
    assert status == 422
    assert 'id="medium-error"' in page
    half = sheet(page, path(case)).sent(officer, "submit", agreed_how="電話で確認しました。")
    assert half[0] == 422
    assert 'id="agreed_on-error"' in half[1]
    on = date.fromisoformat(whole(case)["application"]["arrived_on"])
    day = {"agreed_on_year": on.year, "agreed_on_month": on.month, "agreed_on_day": on.day}
    texts: dict[str, Any] = {name: str(one) for name, one in day.items()}
    done = sheet(half[1], path(case)).sent(officer, "submit", **texts)
    assert done[0] == 303
    agreed = {"agreed_on": on.isoformat(), "how": "電話で確認しました。"}
    decision = whole(case)["decision"]
    assert (decision["medium"], decision["medium_agreement"]) == ("electronic", agreed)


def test_a_character_that_cannot_be_printed_is_given_a_form_on_the_same_page(
    work: Work, officer: Person
) -> None:
    rare = RARE
    who = member()
    case = verified(work, who, name=rare).do(
        "principal", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    )
    _, form = opened(officer, case)
    status, page = form.sent(officer, "submit")
    assert status == 409
    assert "書面に印字できない文字があります" in words_of(page)
    assert "U+9089 U+E010F" in words_of(page)
    assert whole(case)["status"] == CaseStatus.DECIDED, "what was decided stands"
    lacking = sheet(page, path(case))
    assert (lacking.fields["written"], lacking.fields["printed"]) == (["U+9089 U+E010F"], ["邉"])
    status, page = lacking.sent(officer, "substitutes")
    assert status == 422
    assert 'id="substitutes-error"' in page
    status, page = sheet(page, path(case)).sent(
        officer, "substitutes", printed_because="戸籍統一文字の親字"
    )
    assert status == 200, words_of(page)
    events = len(whole(case)["events"])
    assert sheet(page, path(case)).sent(officer, "submit")[0] == 303
    told = whole(case)
    assert told["status"] == CaseStatus.SUBMITTED
    assert len(told["events"]) == events + 1, "what stands decided is not decided once more"


HOSTILE = '<script>alert("x")</script>{{7*7}}'


def test_nobody_elses_line_and_no_hostile_text_stands_on_the_page(
    office: Office, work: Work, officer: Person
) -> None:
    who, other = member(), member()
    party = {**RECIPIENT, "name": HOSTILE}
    persons = [{**who, "name": NAME}, {**other, "name": STRANGER}]
    sent(office, provision(principals=persons, counterparty=party, items=[HOSTILE, "住所"]))
    case = identified(work, who=who)
    page, form = opened(officer, case)
    assert STRANGER not in page
    assert other["id"] not in page
    assert HOSTILE not in page
    assert HOSTILE in words_of(page)
    _, page = form.sent(officer, "add", tick="all")
    held = sheet(page, path(case))
    assert ("block_1_item", HOSTILE) in held.boxes
    _, page = held.sent(officer, "show", block_1_reason=HOSTILE)
    assert HOSTILE not in page
    done = sheet(page, path(case)).sent(
        officer, "submit", block_1_ground="ART33_2_I", block_1_item=HOSTILE
    )
    assert done[0] == 303
    assert whole(case)["decision"]["withheld"][0]["items"] == [HOSTILE]


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
