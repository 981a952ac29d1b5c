"""共同利用公表事項 in a browser: published by keys and without scripts, kept as it is typed."""

from playwright.sync_api import Browser, expect

from tests.browser.looking import tab
from tests.pages.office import Office
from tests.pages.publishing import NEW, PAGE, on, version
from tests.pages.watching import day

BEGUN = {"notice_id": "ju-keys", **version("初版", day(3))}


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
