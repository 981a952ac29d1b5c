"""例外 in a browser: a record is found, corrected and settled by keys and without scripts."""

from playwright.sync_api import Browser, Page

from tests.browser.looking import tab
from tests.doors.samples import RECIPIENT
from tests.pages.office import Office
from tests.pages.watching import recorded

PAGE = "/desk/exceptions"


def pressed(page: Page, selector: str, key: str = "Enter") -> None:
    """Put the focus on something, and press a key."""
    page.locator(selector).first.focus()
    page.keyboard.press(key)


def written(page: Page, field: str, text: str) -> None:
    page.locator(field).focus()
    page.keyboard.type(text)


def test_a_record_is_corrected_and_settled_by_keys_without_scripts(
    browser: Browser, office: Office
) -> None:
    party = {**RECIPIENT, "representative": None}
    transfer = recorded(office, counterparty=party, consent={"obtained": False})["transfer"]
    here = f"{PAGE}/{transfer}"
    with tab(browser, office, java_script_enabled=False) as opened:
        page = opened.page
        opened.sign_in("officer")
        opened.go(PAGE)
        pressed(page, f'a[href="{here}"]')
        page.wait_for_url(f"**{here}")
        # The link of the member that may be wrong leads to its field.
        pressed(page, f'a[href="{here}/correction#consent_obtained"]')
        page.wait_for_url(f"**{here}/correction#consent_obtained")
        pressed(page, "#consent_obtained", "ArrowUp")
        assert page.locator("#consent_obtained").input_value() == "true"
        written(page, "#reason", "同意書が見つかった")
        pressed(page, "button[data-primary]")
        page.wait_for_url(f"**{here}?done=corrected")
        told = page.locator(".notice[role=status]")
        assert "対応が必要な所見が 1件残っています" in told.inner_text()

        pressed(page, f'dl a[href="{here}/settlement"]')
        page.wait_for_url(f"**{here}/settlement")
        pressed(page, "input[name=action][value=obtained]", "Space")
        written(page, "#reason", "代表者を照会した")
        pressed(page, "button[data-primary]")
        page.wait_for_url(f"**{here}?done=settled")
        assert "全て対応済みです" in told.inner_text()

        opened.go(f"{PAGE}?tab=settled")
        assert page.locator(f"#transfer-{transfer}").count() == 1
