"""From the verified request to the approval in a browser: in full, in part, and of nothing."""

from playwright.sync_api import Browser, Page

from tests.browser.looking import Tab, tab
from tests.browser.record_places import answer_points, dated, reviewed
from tests.doors.samples import provision
from tests.pages.casework import Worked
from tests.pages.deciding import whole
from tests.pages.office import Office

WHY = "第三者の権利利益を害するおそれがあるため"


def outcome(case: Worked) -> tuple[str, str]:
    told = whole(case)
    return told["status"], told["decision"]["outcome"]


def heading(page: Page, words: str) -> None:
    page.get_by_role("heading", level=1, name=words).wait_for()


def test_a_part_is_withheld_without_scripts(browser: Browser, office: Office) -> None:
    case = reviewed(office, *(dated(f"2026-01-0{n}") for n in range(1, 4)), provision())
    with tab(browser, office, java_script_enabled=False) as opened:
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
