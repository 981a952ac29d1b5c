"""共同利用公表事項 in a browser: published by keys and without scripts, kept as it is typed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import tab
from tests.pages.office import Office
from tests.pages.publishing import NEW, PAGE, on, version
from tests.pages.watching import day

SCRIPTS = pytest.mark.parametrize("scripts", [True, False])
BEGUN = {"notice_id": "ju-keys", **version("初版", day(3))}


@SCRIPTS
def test_more_rows_are_added_by_a_key_and_the_first_of_them_has_the_focus(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    with tab(browser, office, java_script_enabled=scripts) as opened:
        page = opened.page
        opened.sign_in("chief")
        for rows, first in (("共同利用者", "#party_4"), ("変更", "#changed_year_2")):
            opened.go(NEW)
            page.locator("#title").fill("残る標題")
            page.get_by_role("button", name=f"{rows}の行を増やす").focus()
            with page.expect_navigation():
                page.keyboard.press("Enter")
            expect(page.locator(first)).to_be_focused()
            expect(page.locator(first)).to_be_in_viewport()
            expect(page.locator("#title")).to_have_value("残る標題")


def test_a_notice_is_published_and_withdrawn_by_keys_without_scripts(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office, java_script_enabled=False) as opened:
        page = opened.page
        opened.sign_in("chief")
        opened.go(PAGE)
        page.locator(f'a[href="{NEW}"]').focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{NEW}")
        for name, text in BEGUN.items():
            if not name.endswith("_era"):
                page.locator(f"#{name}").focus()
                page.keyboard.insert_text(text)
        page.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#seen")).to_be_focused()
        page.get_by_role("button", name="入力に戻る").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#user_2")).to_have_value(BEGUN["user_2"])
        page.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="公表する").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/waiting?done=published")
        expect(page.locator("#done")).to_be_focused()
        page.get_by_role("link", name="ju-keysの画面へ").focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="取り下げる").focus()
        page.keyboard.press("Enter")
        for name, text in {**on("day", day(0)), "reason": "終了"}.items():
            if not name.endswith("_era"):
                page.locator(f"#{name}").fill(text)
        page.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="取り下げる").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/waiting?done=withdrawn")
        expect(page.get_by_text("取下げを登録しました")).to_be_visible()


def test_what_is_typed_is_kept_by_itself(browser: Browser, office: Office) -> None:
    with tab(browser, office) as opened:
        page = opened.page
        opened.sign_in("chief")
        opened.go(NEW)
        with page.expect_response("**/draft?form=publication"):
            page.locator("#title").fill("ひとりでに残る標題")
        expect(page.locator("#draft-state")).to_contain_text("下書きを保存しました")
        opened.go(NEW)
        expect(page.locator("#title")).to_have_value("ひとりでに残る標題")
        page.get_by_role("button", name="入力を破棄").click()
        page.wait_for_url(f"**{NEW}")
        expect(page.locator("#title")).to_have_value("")
