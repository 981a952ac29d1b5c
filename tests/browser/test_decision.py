"""From the verified request to the approval in a browser: in full, in part, and of nothing."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import Tab, tab
from tests.browser.record_places import NAME, answer_points, dated, named, reviewed, searched
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import whole
from tests.pages.office import Office
from tests.pages.recorded import member, sent, verified

WHY = "第三者の権利利益を害するおそれがあるため"


def outcome(case: Worked) -> tuple[str, str]:
    told = whole(case)
    return told["status"], told["decision"]["outcome"]


def heading(page: Page, words: str) -> None:
    page.get_by_role("heading", level=1, name=words).wait_for()


def test_a_full_disclosure_takes_the_primary_key_twice(watched: Tab) -> None:
    case = searched(watched.office, name=f"{NAME} 一人")  # nobody else bears the name
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/next")
    heading(watched.page, "記録の特定")
    watched.page.keyboard.press("Control+Enter")
    heading(watched.page, "回答内容の確認")
    assert "台帳の件数 2 ＝ 開示 2 ＋ 不開示 0" in watched.page.locator(".balance").inner_text()
    watched.page.keyboard.press("Control+Enter")
    heading(watched.page, "承認")
    assert outcome(case) == ("submitted", "full_disclosure")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_part_is_withheld_and_the_rest_disclosed(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    case = reviewed(office, *(dated(f"2026-01-0{n}") for n in range(1, 4)), provision())
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("officer")
        opened.go(f"/desk/cases/{case.id}/decision")
        page = opened.page
        page.get_by_role("button", name="全件を表示する").click()
        page.get_by_label("記録番号2を選ぶ").check()
        page.get_by_role("button", name="選んだ記録を不開示に加える").click()
        assert "不開示 1" in page.locator(".balance").inner_text()
        page.get_by_label("本人または第三者の生命", exact=False).first.check()
        page.get_by_label("本人又は第三者のその他の権利利益").check()
        page.get_by_label("不開示1の理由", exact=False).fill(WHY)
        page.get_by_label("個人データの項目", exact=True).check()
        answer_points(page)
        page.get_by_role("button", name="承認に回す").click()
        heading(page, "承認")
        assert opened.complaints == []
    assert outcome(case) == ("submitted", "partial_disclosure")
    [held] = whole(case)["decision"]["withheld"]
    assert (held["items"], held["reason"]) == (["ITEMS"], WHY)


def test_nothing_is_found_by_two_kinds_and_a_notice_is_made(watched: Tab) -> None:
    case = verified(Work(watched.office), member(), name=f"{NAME} 無記録")  # nobody bears it
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/records")
    page = watched.page
    button = page.get_by_role("button", name="該当記録なしとして回答")
    assert button.is_disabled()
    page.get_by_role("link", name="別の種類の識別子での検索").click()
    assert page.evaluate("document.activeElement.id") == "identifiers"
    page.get_by_label("種類").first.select_option(label="メールアドレス")
    page.get_by_label("識別子", exact=True).first.fill("nobody@cnry.example")
    page.get_by_role("button", name="この識別子・氏名で探す").last.click()
    button.and_(page.locator(":enabled")).wait_for()
    button.click()
    heading(page, "回答内容の確認")
    page.get_by_role("button", name="不存在の通知を作成").click()
    heading(page, "承認")
    assert outcome(case) == ("submitted", "not_exist")


def test_what_is_typed_is_kept_by_itself_and_a_key_ticks_a_row(watched: Tab) -> None:
    case = reviewed(watched.office, dated("2026-01-01"), provision())
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/decision")
    page = watched.page
    page.keyboard.press("d")
    assert page.get_by_label("記録番号1を選ぶ").is_checked()
    page.get_by_role("button", name="選んだ記録を不開示に加える").click()
    page.get_by_label("不開示1の理由", exact=False).fill(WHY)
    page.get_by_text("下書きを保存しました").wait_for()
    watched.go(f"/desk/cases/{case.id}/decision")
    page.get_by_text("下書きから再開しています").wait_for()
    assert page.get_by_label("不開示1の理由", exact=False).input_value() == WHY
    page.get_by_role("button", name="入力を破棄").click()
    page.get_by_text("全て開示します").last.wait_for()


def test_the_letter_opens_beside_the_page_and_nothing_typed_is_lost(watched: Tab) -> None:
    case = reviewed(watched.office, dated("2026-01-01"))
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/decision")
    page = watched.page
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    with page.context.expect_page() as opening:
        page.get_by_role("button", name="回答書を確認する").click()
    assert opening.value is not page
    assert any(one.startswith("POST") and one.endswith("/decision") for one in asked)
    assert page.get_by_role("button", name="承認に回す").is_visible()


def test_no_name_and_no_number_stands_in_an_address(watched: Tab) -> None:
    who = member()
    name = f"{NAME}宛名"
    sent(watched.office, provision(principals=named(who, name)))
    case = verified(Work(watched.office), who, name=name)
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/records")
    watched.page.locator("#name").fill(name)
    watched.page.get_by_role("button", name="この識別子・氏名で探す").last.click()
    watched.page.get_by_role("button", name="この方の記録として特定する").click()
    heading(watched.page, "回答内容の確認")
    assert not [one for one in asked if who["id"] in one or "%E9%B3%B4" in one]
