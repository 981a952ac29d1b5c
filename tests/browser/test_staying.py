"""A button that shows more of a page comes back to the place where it was pressed, by itself."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import tab
from tests.browser.record_places import dated, reviewed, searched, several
from tests.canary import APPLICANT
from tests.pages.office import Office

SCRIPTS = pytest.mark.parametrize("scripts", [True, False])


def press(page: Page, button: str) -> None:
    """By the keyboard, as whoever is led by it."""
    page.get_by_role("button", name=button, exact=True).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def is_there(one: Locator) -> None:
    """It has the focus, and can be seen."""
    expect(one).to_be_focused()
    expect(one).to_be_in_viewport()


@SCRIPTS
def test_more_rows_for_identifiers(browser: Browser, office: Office, *, scripts: bool) -> None:
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("reception")
        opened.go("/desk/new")
        before = opened.page.locator("select[name=scheme]").count()
        opened.page.locator("#identifier-1").fill("CNRY-M-1")
        press(opened.page, "識別子の欄を増やす")
        is_there(opened.page.locator(f"#scheme-{before + 1}"))
        expect(opened.page.locator("#identifier-1")).to_have_value("CNRY-M-1")


@SCRIPTS
def test_what_was_searched_for_leads_to_what_was_found(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    case = searched(office)
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("officer")
        opened.go(f"/desk/cases/{case.id}/records")
        opened.page.locator("#name").fill(APPLICANT)
        press(opened.page, "この識別子・氏名で探す")
        is_there(opened.page.locator("#h-found"))
        opened.page.locator("#identifier-1").fill("CNRY-M-2")
        press(opened.page, "この識別子・氏名で探す")
        # What is wrong comes before what was found.
        is_there(opened.page.locator("#errors"))


@SCRIPTS
def test_records_that_are_withheld_lead_to_why(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    case = reviewed(office, *several(), *(dated(f"2025-{n:02}-07") for n in range(1, 13)))
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("officer")
        opened.go(f"/desk/cases/{case.id}/decision")
        press(opened.page, "全件を表示する")
        expect(opened.page.locator("#h-provided")).to_be_in_viewport()
        press(opened.page, "選んだ記録を不開示に加える")
        is_there(opened.page.locator("#errors"))
        opened.page.get_by_label("記録番号3を選ぶ").check()
        press(opened.page, "選んだ記録を不開示に加える")
        is_there(opened.page.locator("#block_1_record"))
        press(opened.page, "不開示1を取り消す")
        expect(opened.page.locator("#h-withheld")).to_be_in_viewport()
        press(opened.page, "同じ内容をまとめる")
        expect(opened.page.locator("#h-provided")).to_be_in_viewport()
