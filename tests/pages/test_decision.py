"""回答内容の確認 on the pages: what goes out, what is withheld, what stands beside it."""

import re
from typing import Any

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.print_step import SUBSTITUTES_MAX
from ledger.policies.my_number import check_digit
from tests.canary import RARE
from tests.doors.cases.desk import today
from tests.doors.samples import RECIPIENT, REMOVED, notice, provision, receipt
from tests.pages.casework import Work, Worked
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
NO_BIRTH_DATE = "申請書の生年月日が入力されていない"
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
        NO_BIRTH_DATE,
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
    unused = ("フリガナでは探していません", NO_BIRTH_DATE)
    assert all(told in words_of(page) for told in unused)
    assert form.sent(officer, "submit")[0] == 303
    assert whole(case)["decision"]["outcome"] == "not_exist"
    approval = words_of(officer.get(f"/desk/cases/{case.id}/approval").text)
    assert all(told in approval for told in unused)


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


def test_what_has_no_form_is_printed_by_its_code_points_with_a_reason(
    work: Work, officer: Person
) -> None:
    many = "".join(map(chr, range(0xF0000, 0xF0000 + SUBSTITUTES_MAX + 10)))
    case = identified(work, provision(items=[many]))
    _, form = opened(officer, case)
    status, page = form.sent(officer, "submit")
    assert status == 409
    lacking = sheet(page, path(case))
    assert len(lacking.fields["written"]) == SUBSTITUTES_MAX, "no more than can be chosen"
    status, page = lacking.sent(officer, "substitutes", others_because=f"{STRANGER} と協議")
    assert status == 200, words_of(page)
    [stands] = whole(case)["substitutes"]
    assert (stands["written"], stands["printed"]) == ("", "U+")
    assert sheet(page, path(case)).text("others_because") == stands["evidence"]
    assert sheet(page, path(case)).sent(officer, "submit")[0] == 303
    overview = words_of(officer.get(f"/desk/cases/{case.id}").text)
    assert "そのほかの印字できない文字" in overview
    assert stands["evidence"] in overview


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


@pytest.fixture
def case(office: Office) -> Worked:
    """A request to stop, of which the person is known."""
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    found = {"identifiers": [who], "evidence": "会員番号が一致"}
    return verified(Work(office), who, name=NAME, kind="provision_stop").do("person", found)


def test_a_stop_of_today_is_decided_and_submitted(officer: Person, case: Worked) -> None:
    page, form = opened(officer, case)
    assert "提供した記録（" not in words_of(page), "no record is part of the answer"
    done = form.sent(officer, "submit", outcome="taken", measure_1="provision_stopped")
    assert done == (303, f"/desk/cases/{case.id}/next")
    told = whole(case)
    assert told["status"] == CaseStatus.SUBMITTED
    stopped = {"measure": "provision_stopped", "from_day": today()}
    assert told["decision"]["measures"] == [stopped]
    shown = words_of(officer.get(path(case)).text)
    assert "措置の実施" in shown
    assert "第三者への提供の停止" in shown


def test_an_item_of_a_record_is_withheld_with_ground_reason_and_cause(
    work: Work, officer: Person
) -> None:
    case = identified(
        work,
        provision(transferred_on="2026-01-05"),
        provision(transferred_on="2026-02-06", items=["住所"]),
    )
    page, form = opened(officer, case)
    status, page = form.sent(officer, "add")
    assert status == 422
    assert "不開示にする記録を選んでください" in words_of(page)
    ticks = [value for name, value in form.boxes if name == "tick" and value != "all"]
    status, page = form.sent(officer, "add", tick=sorted(ticks)[:1])
    assert status == 200
    held = sheet(page, path(case))
    status, page = held.sent(officer, "submit")
    assert status == 422
    assert 'id="block_1_ground-error"' in page
    assert 'id="block_1_reason-error"' in page
    typed = sheet(page, path(case))
    status, page = typed.sent(
        officer,
        "submit",
        block_1_ground="ART33_2_I",
        block_1_reason=REASON,
        block_1_item="COUNTERPARTY",
        block_1_cause="volume",
    )
    assert status == 422
    assert 'id="block_1_causes-error"' in page
    again = sheet(page, path(case))
    assert again.text("block_1_reason") == REASON
    done = again.sent(officer, "submit", block_1_cause="other_interest")
    assert done == (303, f"/desk/cases/{case.id}/next")
    [kept] = whole(case)["decision"]["withheld"]
    del kept["record"]
    assert kept == {
        "ground": "ART33_2_I",
        "reason": REASON,
        "items": ["COUNTERPARTY"],
        "causes": ["other_interest"],
    }
    assert whole(case)["decision"]["outcome"] == "partial_disclosure"


TITLE = "共同利用等（法定対象外）"


def on(basis: str, **changes: object) -> dict[str, Any]:
    return provision(**{"basis": basis, "consent": REMOVED, **changes})


def section(page: str) -> str:
    """What stands under the heading, as it is read."""
    found = re.search(r'<section aria-labelledby="h-beside">.*?</section>', page, re.DOTALL)
    assert found is not None
    return words_of(found[0])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            on("entrustment_27_5_i"),
            "第三者に当たらないため、記録の作成義務がありません（法第27条第5項第1号）",
        ),
        (on("exempt_27_1_i"), "法第27条第1項第1号に当たるため"),
        (
            provision(counterparty={**RECIPIENT, "kind": "public_body"}),
            "相手方が法第16条第2項各号に掲げる者のため",
        ),
    ],
)
def test_the_reason_is_that_of_the_verdict(
    work: Work, officer: Person, data: dict[str, Any], why: str
) -> None:
    assert why in section(opened(officer, identified(work, data))[0])


def test_joint_use_stands_beside_the_reply_and_never_in_it(
    office: Office, work: Work, officer: Person
) -> None:
    key = office.key("notices:write", owner="legal")
    answer = office.api("POST", "/v1/notices", key, notice())
    assert answer.status_code in (200, 201, 409), answer.text
    party = {**RECIPIENT, "party_id": "group-travel", "name": "例示トラベル株式会社"}
    beside = on("joint_use_27_5_iii", notice_id="ju-doors", purpose="service", counterparty=party)
    case = identified(work, provision(), beside)
    page, form = opened(officer, case)
    told = section(page)
    assert f"{TITLE}（1件）" in told
    assert "例示トラベル株式会社" in told
    assert "共同利用" in told
    assert "台帳の件数 1 ＝ 開示 1 ＋ 不開示 0" in words_of(page)
    assert page.count("例示トラベル株式会社") == 1, "in no table of the reply"
    assert "<details>" in page, "closed until it is asked for"
    assert form.sent(officer, "submit")[0] == 303
    shown = officer.get(f"/desk/cases/{case.id}/approval").text
    assert "例示トラベル株式会社" not in shown


def test_what_belongs_to_the_reply_and_what_was_retracted_stand_not_there(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    named = [{**who, "name": NAME}]
    [gone] = sent(office, on("entrustment_27_5_i") | {"principals": named})
    key = office.key("records:write", owner="colleague")
    answer = office.api("POST", f"/v1/transfers/{gone}/retraction", key, {"reason": "not_occurred"})
    assert answer.status_code == 200, answer.text
    case = identified(work, provision() | {"principals": named}, who=who)
    assert f"{TITLE}（0件）" in section(opened(officer, case)[0])
