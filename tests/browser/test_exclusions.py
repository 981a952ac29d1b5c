"""存否の除外 in a browser: a record is looked at and excluded by keys, with scripts and without."""

from playwright.sync_api import Browser

from tests.browser.looking import tab
from tests.doors.samples import RECIPIENT
from tests.pages.office import Office
from tests.pages.watching import recorded

PAGE = "/desk/exclusions"
WHY = "所在が知れると危害が及ぶおそれ"


def test_a_record_is_looked_at_excluded_and_looked_at_again_by_keys(
    browser: Browser, office: Office
) -> None:
    done = recorded(office)
    position, transfer = done["position"], done["transfer"]
    with tab(browser, office) as opened:
        page = opened.page
        opened.sign_in("chief")
        opened.go(PAGE)
        page.locator("#positions").focus()
        page.keyboard.type(str(position))
        page.locator("#reason").focus()
        page.keyboard.type(WHY)
        page.locator("#h-exclude ~ form").get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{PAGE}/look")
        shown = page.locator("#seen").inner_text()
        for told in (transfer, RECIPIENT["name"], "本人 1人", "年月日"):
            assert told in shown
        assert page.evaluate("document.activeElement.id") == "h-seen"

        page.locator("input[name=ground][value=i]").focus()
        page.keyboard.press("Space")
        page.locator("button[data-primary]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{PAGE}?done=excluded")

        line = page.locator("tr", has=page.locator(f"#lift-{position}"))
        line.locator("summary").focus()
        page.keyboard.press("Enter")
        line.locator("textarea").focus()
        page.keyboard.type("おそれがなくなったか")
        line.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{PAGE}/look")
        assert "除外中" in page.locator("#seen").inner_text()
        assert line.locator("textarea").input_value() == "おそれがなくなったか"
        looks = page.locator("#h-looked ~ table tbody tr")
        assert looks.filter(has_text=f"#{position}").count() == 2
        assert opened.violations() == []
