"""承認 over HTTP: a second person, who has opened what goes out, and it is still the same."""

import re
from typing import Any

import pytest

from api.web.pages import words
from ledger.law.answers import items_of
from ledger.law.requests import MEASURES_ABROAD
from tests.canary import APPLICANT, NAME
from tests.doors.cases.desk import POST_NUMBER, today
from tests.law.papers import ARRIVED
from tests.pages.casework import Work, Worked
from tests.pages.deciding import opened, path
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, verified
from tests.pages.sending import corrected, decided, press, status, whole

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"
CHANGED = "承認対象が変わりました"
REASON = "第三者の権利利益を害するおそれがあるため"


@pytest.fixture
def approver(office: Office) -> Person:
    return office.person("approver")


def path_of(case: Worked) -> str:
    return f"/desk/cases/{case.id}/approval"


def form_of(person: Person, case: Worked, action: str = "") -> Sheet:
    return sheet(person.get(path_of(case)).text, path_of(case) + action)


def is_ready(form: Sheet) -> bool:
    [ready] = form.buttons.values()
    return ready


def test_nobody_approves_what_they_have_not_opened(work: Work, approver: Person) -> None:
    case = work.begun().submitted()
    form = form_of(approver, case)
    assert not is_ready(form)
    assert "まだ開いていません" in approver.get(path_of(case)).text
    code, page = press(approver, form)
    assert code == 422
    assert "書面を開いて内容を確認してから承認してください" in page
    assert status(work, case) == "submitted"


def test_an_approver_opens_the_letter_and_approves_it(work: Work, approver: Person) -> None:
    case = work.begun().submitted()
    before = work.office.rows(LOOKS)[0][0]
    opened = approver.get(f"{path_of(case)}/reply.pdf")
    assert (opened.status_code, opened.content[:4]) == (200, b"%PDF")
    assert opened.headers["content-disposition"] == f'inline; filename="reply-{case.number}.pdf"'
    assert opened.headers["cache-control"] == "no-store"
    assert work.office.rows(LOOKS)[0][0] == before + 1
    form = form_of(approver, case)
    assert is_ready(form)
    assert press(approver, form) == (303, path_of(case))
    assert status(work, case) == "notice_ready"
    assert "承認済みです" in approver.get(path_of(case)).text
    # What was opened is what goes out, byte for byte.
    officer = work.office.person("officer")
    assert officer.get(f"/desk/cases/{case.id}/post/reply.pdf").content == opened.content


def test_who_prepared_it_sees_no_button_and_cannot_approve(
    office: Office, work: Work, approver: Person
) -> None:
    """An approver who decided by a key of their own prepared it, whatever their role is here."""
    case = work.begun().submitted()
    case.do("return", {"reason": "確認中"}, by="approver")
    key = office.key("cases:write", owner="approver")
    answer = office.api("POST", f"/v1/cases/{case.id}/submit", key, {}, **{"If-Match": case.etag})
    assert answer.status_code == 200, answer.text
    page = approver.get(path_of(case)).text
    assert "作成者は承認できません" in page
    assert f'action="{path_of(case)}"' not in page
    assert approver.get(f"{path_of(case)}/reply.pdf").status_code == 200
    back = sheet(page, f"{path_of(case)}/return")
    answer = approver.post(path_of(case), back.fields, token=back.text("form_token"))
    assert answer.status_code == 403
    assert status(work, case) == "submitted"


def test_a_correction_after_the_submission_voids_it(
    office: Office, work: Work, approver: Person
) -> None:
    case, record = decided(office, work)
    approver.get(f"{path_of(case)}/reply.pdf")
    form = form_of(approver, case)
    assert is_ready(form)
    corrected(office, record)
    code, page = press(approver, form)
    assert (code, CHANGED in page) == (409, True)
    assert status(work, case) == "submitted"
    again = approver.get(path_of(case)).text
    assert CHANGED in again
    assert "「記録の特定」又は「回答内容の確認」からやり直し" in again
    assert f'href="/desk/cases/{case.id}/records"' not in again, "no link that is refused"
    theirs = office.person("officer").get(path_of(case)).text
    assert f'<a href="/desk/cases/{case.id}/records">記録の特定</a>' in theirs
    assert f'action="{path_of(case)}"' not in again
    assert "reply.pdf" not in again
    opened = approver.get(f"{path_of(case)}/reply.pdf")
    assert (opened.status_code, CHANGED in opened.text) == (409, True)
    back = form_of(approver, case, "/return")
    assert press(approver, back, reason="記録が訂正されました")[0] == 303
    assert status(work, case) == "sent_back"


def test_what_changed_reads_the_same_whatever_it_was(
    office: Office, work: Work, approver: Person
) -> None:
    """A record that is excluded under Order 11 is told as one that was corrected."""
    told: list[tuple[int, str]] = []
    for happens in ("corrected", "excluded"):
        case, record = decided(office, work)
        if happens == "corrected":
            corrected(office, record)
            # The flag that tells of a correction, and of no exclusion, must stand on no page of it.
            while "DECISION_VOID" not in whole(work, case)["flags"]:
                pass
        else:
            key = office.key("records:exclude", owner="chief")
            body = {"action": "exclude", "transfers": [record], "ground": "i", "reason": "危害"}
            assert office.api("POST", "/v1/exclusions", key, body).status_code == 200
        page = approver.get(path_of(case))
        main = words_of(page.text).replace(case.number, "").partition("お問い合わせの番号")[0]
        told.append((page.status_code, main))
    assert told[0] == told[1]
    assert CHANGED in told[0][1]


def test_the_page_says_what_is_withheld_where_it_goes_and_on_what_it_rests(
    office: Office, work: Work, approver: Person
) -> None:
    held = {"ground": "ART33_2_I", "reason": REASON, "causes": ["property"], "items": ["ITEMS"]}
    case, _ = decided(office, work, withheld=[held])
    page = words_of(approver.get(path_of(case)).text)
    for told in (
        REASON,
        "本人又は第三者の財産",
        "個人データの項目",
        "株式会社見本広告",
        f"{NAME} 様",
        "〒100-6150 東京都千代田区永田町2-11-1",
        "契約者の登録住所です",
        "簡易書留",
        "印鑑登録証明書",
        "送信完了の申告",
        "一部開示",
    ):
        assert told in page, told
    assert (
        '<td role="cell" data-label="照合">記録の氏名は申請書と一致</td>'
        in approver.get(path_of(case)).text
    )


def approved(office: Office, case: Worked, *documents: str) -> str:
    """What the page says, once everything was opened and approved by it."""
    path = f"/desk/cases/{case.id}/approval"
    approver = office.person("approver")
    shown = approver.get(path)
    assert shown.status_code == 200
    for name in documents:
        assert f"{path}/{name}.pdf" in shown.text
        opened = approver.get(f"{path}/{name}.pdf")
        assert (opened.status_code, opened.content[:4]) == (200, b"%PDF"), opened.text
    form = sheet(approver.get(path).text, path)
    assert press(approver, form) == (303, path)
    assert status(case.work, case) == "notice_ready"
    return words_of(shown.text)


PART = {"hx-request": "true"}


def answered(person: Person, address: str) -> tuple[int, str | None]:
    answer = person.get(address, headers=PART)
    assert answer.text == ""
    return answer.status_code, answer.headers.get("hx-redirect")


@pytest.mark.parametrize(
    "door",
    [
        "approve",
    ],
)
def test_the_page_leads_on_once_somebody_else_has_decided(
    work: Work, officer: Person, door: str
) -> None:
    case = work.begun().submitted()
    page = officer.get(f"/desk/cases/{case.id}/approval").text
    [address] = re.findall(r'id="waiting" hx-get="([^"]+)"', page)
    began = work.office.rows(LOOKS)
    assert answered(officer, address) == (204, None)
    assert work.office.rows(LOOKS) == began
    case.do(door, {"reason": "宛名の誤り"} if door == "return" else None, by="approver")
    # Whoever approves has looked at what goes out.
    before = work.office.rows(LOOKS)
    assert answered(officer, address) == (204, f"/desk/cases/{case.id}/next")
    assert work.office.rows(LOOKS) == before, "it shows nothing, so it is no look"


def test_whoever_prepared_it_takes_it_back_and_somebody_else_sends_it_back(
    work: Work, office: Office, officer: Person
) -> None:
    case = work.begun().submitted()
    path = f"/desk/cases/{case.id}/approval"
    own, theirs = (words_of(one.get(path).text) for one in (officer, office.person("approver")))
    assert "引戻し 引戻しの理由※必須" in own
    assert "作成した担当者に伝わります" not in own
    assert "差戻す" not in own
    assert "差戻し 差戻しの理由※必須 作成した担当者に伝わります" in theirs
    assert "引き戻す" not in theirs
    form = sheet(officer.get(path).text, f"{path}/return")
    code, page = press(officer, form, reason="")
    assert (code, "引戻しの理由：" in words_of(page)) == (422, True)
    assert press(officer, form, reason="添付の誤り") == (303, path)
    assert status(work, case) == "sent_back"


WHY = "調査の結果によるものです。"
SEVEN = tuple(items_of(MEASURES_ABROAD, ARRIVED))
TEXTS = {f"text_{item}": f"{item}の内容" for item in SEVEN}


def begun(office: Office, kind: str) -> Worked:
    return verified(Work(office), member(), name=APPLICANT, kind=kind)


TYPED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "no purposes": (
        "purpose_of_use",
        {"outcome": "not_taken", "grounds": ["harm_to_person", "public_duty"], "reason": WHY},
        {"grounds": ["harm_to_person", "public_duty"], "reason": WHY},
    ),
    "a correction": (
        "data_correction",
        {"outcome": "taken", "measure_1": "corrected", "what_1": "生年月日を訂正しました。"},
        {"what": "生年月日を訂正しました。"},
    ),
    "six items": (
        "measures_abroad",
        {
            "outcome": "taken_in_part",
            **TEXTS,
            "text_arrangement": "",
            "grounds": ["hindrance"],
            "reason": WHY,
        },
        {
            "information": [
                {"item": "arrangement"},
                *({"item": item, "text": TEXTS[f"text_{item}"]} for item in SEVEN[1:]),
            ],
            "grounds": ["hindrance"],
            "reason": WHY,
        },
    ),
}


@pytest.mark.parametrize("name", TYPED)
def test_it_is_decided_on_approved_and_posted(office: Office, officer: Person, name: str) -> None:
    kind, typed, decided = TYPED[name]
    case = begun(office, kind)
    page, form = opened(officer, case)
    assert words.WITHOUT_SEARCH[kind] in words_of(page)
    assert form.sent(officer, "submit", **typed) == (303, f"/desk/cases/{case.id}/next")
    decision = whole(case.work, case)["decision"]
    if "what" in decided:
        stated = {"measure": "corrected", "from_day": today(), **decided}
        assert decision == {"outcome": "taken", "measures": [stated]}
    else:
        assert decision == {"outcome": typed["outcome"], "measures": [], **decided}
    shown = approved(office, case, "reply")
    told = [value for value in typed.values() if isinstance(value, str) and "の" in value]
    assert [one for one in told if one not in shown] == []
    case.etag = f'"{whole(case.work, case)["version"]}"'
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    overview = words_of(officer.get(f"/desk/cases/{case.id}").text)
    assert words.KINDS[kind] in overview
    assert "この種類の請求では、記録を特定しません。" in overview


def test_what_does_not_fit_is_told_at_its_field_and_kept(office: Office, officer: Person) -> None:
    case = begun(office, "measures_abroad")
    _, form = opened(officer, case)
    given: dict[str, Any] = {**TEXTS, "text_country": "", "grounds": ["hindrance"]}
    status, page = form.sent(officer, "submit", outcome="taken", **given)
    assert status == 422
    for place in ("text_arrangement", "grounds"):
        assert f'id="{place}-error"' in page
    typed = sheet(page, path(case))
    assert typed.text("text_checks") == TEXTS["text_checks"]
    assert typed.fields["grounds"] == ["hindrance"]
    status, page = typed.sent(officer, "submit", outcome="taken_in_part")
    assert status == 422
    assert 'id="reason-error"' in page
    status, page = sheet(page, path(case)).sent(
        officer, "submit", outcome="taken_in_part", reason=WHY
    )
    assert status == 303, page
