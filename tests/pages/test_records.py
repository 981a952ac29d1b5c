"""記録の特定 on the pages: who is found, who is chosen and why, and what is never told."""

from api.web.services import Services
from ledger.cases.case import CaseStatus
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, joint_use, notice, provision, receipt
from tests.ledger.given import ACTOR
from tests.pages.casework import Work, Worked
from tests.pages.deciding import dated, identified, whole
from tests.pages.deciding import opened as decision_of
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, OTHER, named, opened, path
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, member, sent, verified

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'history-viewed'"
PHONE = {"scheme": "phone", "id": "03-0000-0099"}


def test_one_person_is_found_by_the_search_itself_and_named_with_one_click(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(
        office,
        provision(principals=named(who), transferred_on="2026-01-05"),
        receipt(principals=named(who), transferred_on="2026-03-07"),
    )
    case = verified(work, who, name=NAME)
    before = office.rows(LOOKS)[0][0]
    page, form = opened(officer, case)
    assert office.rows(LOOKS)[0][0] == before + 1
    words = words_of(page)
    for told in (
        "識別子 一致",
        "提供した記録 1件、提供を受けた記録 1件",
        "2026/01/05 ～ 2026/03/07",
        "記録の氏名は申請書と一致",
    ):
        assert told in words
    assert form.fields["chosen"] == ["1"]
    assert form.text("evidence") == "会員IDと氏名が一致した。"
    assert "入力済みです" in words
    assert form.sent(officer, "identify") == (303, f"/desk/cases/{case.id}/next")
    told = whole(case)
    assert told["status"] == CaseStatus.REVIEW
    assert told["search"]["identifiers"] == [who]
    assert officer.get(f"/desk/cases/{case.id}/next").headers["location"].endswith("/decision")


def test_nobody_is_looked_for_before_who_asks_is_verified(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, provision(principals=named(who)))
    case = work.begun(identifiers=[who])
    before = office.rows(LOOKS)[0][0]
    page = officer.get(path(case)).text
    assert "本人確認が終わると" in words_of(page)
    assert who["id"] not in page
    assert office.rows(LOOKS)[0][0] == before


def test_nobody_is_found_until_two_kinds_were_tried(work: Work, officer: Person) -> None:
    name = f"{NAME}皆無"
    who, form = member(), {"name": name, "address": "東京都千代田区永田町2-11-1"}
    case = verified(work, who, name=name, form={**form, "phone": PHONE["id"]})
    page, first = opened(officer, case)
    assert "該当する方が見つかりません。" in words_of(page)
    assert "残り 1 項目" in words_of(page)
    assert first.buttons["action", "nobody"] is False
    assert ("action", "identify") not in first.buttons
    # The telephone of the form is proposed; it is tried by the button, not by being there.
    assert (first.fields["scheme"][0], first.fields["identifier"][0]) == ("phone", PHONE["id"])
    status, page = first.sent(officer, "search")
    assert status == 200
    second = sheet(page, path(case))
    assert second.buttons["action", "nobody"] is True
    assert second.text("evidence") == "会員ID・電話番号で探し、該当する記録がないことを確認した。"
    assert second.sent(officer, "nobody")[0] == 303
    told = whole(case)
    assert told["status"] == CaseStatus.REVIEW
    search = told["search"]
    assert (search["identifiers"], search["tried"]) == ([], [who, PHONE])


def test_a_record_of_somebody_else_is_left_out_with_a_reason(
    office: Office, work: Work, officer: Person
) -> None:
    mine, mothers = member(), {"scheme": "phone", "id": f"CNRY-{member()['id']}"}
    sent(office, provision(principals=named(mine)), provision(principals=named(mothers, OTHER)))
    case = verified(work, mine, mothers, name=NAME)
    page, form = opened(officer, case)
    assert "▲ 記録の氏名が申請書と異なる" in words_of(page)
    assert OTHER not in page
    assert form.fields.get("chosen") is None, "two were found: nobody is chosen beforehand"
    done = form.sent(
        officer, "identify", chosen="1", evidence="会員IDが一致", not_the_person="母の電話番号"
    )
    assert done[0] == 303
    search = whole(case)["search"]
    assert (search["identifiers"], search["tried"]) == ([mine], [mothers])
    assert search["not_the_person"] == "母の電話番号"


SAID = "会員登録の生年月日が申請書と異なる"


def approval(approver: Person, case: Worked) -> str:
    page = approver.get(f"/desk/cases/{case.id}/approval")
    assert page.status_code == 200, page.text
    return words_of(page.text)


def test_an_identifier_in_full_width_finds_who_is_decided_on_with_a_reason(
    office: Office, work: Work, officer: Person
) -> None:
    kept, name = member(), f"{NAME}全角"
    typed = {**kept, "id": kept["id"].translate({0x21 + n: 0xFF01 + n for n in range(0x5E)})}
    sent(office, provision(principals=[kept]))
    case = verified(work, typed, ABSENT, name=name)
    page, form = opened(officer, case)
    for shown in (kept["id"], "識別子 表記違い", "ハイフンだけが異なる識別子"):
        assert shown in words_of(page)
    status, page = form.sent(officer, "nobody", answers=False, evidence="該当なし")
    assert status == 422
    assert 'id="left_out_3-error"' in page
    again = sheet(page, path(case))
    assert again.sent(officer, "nobody", answers=False, left_out_3=SAID)[0] == 303
    [left_out] = whole(case)["search"]["left_out"]
    assert left_out == {"identifier": kept, "name": typed["id"], "because": SAID}
    _, decision = decision_of(officer, case)
    assert decision.sent(officer, "submit")[0] == 303
    words = approval(office.signed_in("approver"), case)
    assert f"{kept['id']}（{typed['id']}）：{SAID}" in words


def test_who_is_found_in_another_spelling_is_chosen_as_the_person(
    office: Office, work: Work, officer: Person
) -> None:
    kept = member()
    typed = {**kept, "id": kept["id"].replace("-", "−")}
    sent(office, provision(principals=[kept]))
    case = verified(work, typed, ABSENT, name=f"{NAME}表記")
    _, form = opened(officer, case)
    assert form.sent(officer, "identify", evidence="表記だけが異なる", chosen="3")[0] == 303
    search = whole(case)["search"]
    assert (search["identifiers"], search["tried"]) == ([kept], [typed, ABSENT])
    assert search["provided"] == 1
    assert "left_out" not in search


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
    assert again.sent(officer, "submit", answers=True, **typed)[0] == 303
    words = approval(office.signed_in("approver"), case)
    for shown in ("影響なし", "決定に影響しない", "影響あり", "修復後に追加で回答する"):
        assert shown in words
    said = {one["point"]: one["answer"]["influence"] for one in whole(case)["points"]}
    # Other tests may leave days undeclared, or transfers that wait: points of their own.
    own = {one: said[one] for one in ("findings", "quarantine")}
    assert own == {"findings": False, "quarantine": True}
    assert said.keys() <= {*own, "coverage", "bulk", "reassessment"}


def test_nothing_is_said_not_to_exist_beside_a_transfer_that_waits_to_be_judged_anew(
    office: Office, work: Work, officer: Person
) -> None:
    keeper = office.key("notices:write", owner="keeper")
    named = f"ju-{fresh_id()}"
    joint = joint_use(notice_id=named, transferred_on="2026-01-05")
    assert office.api("POST", "/v1/notices", keeper, notice(notice_id=named)).status_code == 200
    case = identified(work, joint)
    end = {"day": "2026-01-01", "reason": "共同利用は前年末で終了していた"}
    withdrawn = office.api("POST", f"/v1/notices/{named}/withdrawal", keeper, end)
    assert withdrawn.status_code == 200
    page, form = decision_of(officer, case)
    words = words_of(page)
    assert "判定の見直しを待つ、この方に関わる可能性がある記録（1件）" in words
    assert "2026年1月5日 提供（記録の番号" in words
    assert "判定し直すと、回答する記録になります。" in words
    assert 'href="/desk/exceptions/late"' in page
    bears = {"point_reassessment": "some", "point_reassessment_because": "見直しを待っている"}
    status, page = form.sent(officer, "submit", answers=False, **bears)
    assert status == 422
    assert "判定の見直しの後に記録を特定し直すか、影響しない理由を記入" in words_of(page)
    again = sheet(page, f"/desk/cases/{case.id}/decision")
    none = {"point_reassessment": "none", "point_reassessment_because": "別法人への提供と確認した"}
    assert again.sent(officer, "submit", answers=True, **none)[0] == 303
    words = approval(office.signed_in("approver"), case)
    for shown in ("判定し直すと、回答する記録になります。", "影響なし", "別法人への提供と確認した"):
        assert shown in words


def test_records_of_before_are_found_by_the_name_and_the_page_is_shown_again(
    office: Office, work: Work, officer: Person
) -> None:
    name, mine = f"{NAME}不可視", member()
    twin = {**mine, "id": mine["id"] + "\u200b"}
    old = CheckedTransfer(provision(principals=named(twin, name)))
    record_before(office, old)
    case = verified(work, mine, name=name)
    _, form = opened(officer, case)
    assert form.sent(officer, "identify", chosen="2", evidence="会員登録で確認")[0] == 303
    search = whole(case)["search"]
    assert (search["identifiers"], search["tried"], search["provided"]) == ([twin], [mine], 1)
    page, form = opened(officer, case)
    assert twin["id"] in words_of(page)
    status, page = form.sent(officer, "search")
    assert status == 200, "what the case names already is searched for once more"
    assert decision_of(officer, case)[0]


def record_before(office: Office, content: CheckedTransfer) -> None:
    """Record what a version of before accepted."""
    inside: Services = office.app.state.services
    command = RecordTransfer(random_uuid(), ACTOR, SOURCE, fresh_id(), content)
    inside.group.call(lambda ledger, at: ledger.record([command], at))
