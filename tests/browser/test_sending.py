"""承認, 発送, 返戻 in a browser: by keyboard, with and without JavaScript."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import Tab, tab
from tests.doors.cases.desk import POST_NUMBER
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.sending import status

FOCUSED = "document.activeElement.id"


@pytest.fixture
def work(office: Office) -> Work:
    return Work(office)


def ready(work: Work) -> Worked:
    return work.begun().submitted().do("approve", by="approver")


def opened(page: Page, key: str) -> None:
    """Press a key that opens a document in a tab of its own, read it there, and come back."""
    with page.expect_popup() as popup:
        page.keyboard.press(key)
    popup.value.wait_for_load_state()
    assert popup.value.evaluate("document.contentType") == "application/pdf"
    popup.value.close()
    page.bring_to_front()


def test_a_letter_is_opened_and_approved_by_keyboard(watched: Tab, work: Work) -> None:
    case = work.begun().submitted()
    watched.sign_in("approver")
    watched.go(f"/desk/cases/{case.id}/approval")
    page = watched.page
    assert page.evaluate(FOCUSED) == "open-reply"
    button = page.get_by_role("button", name="承認する")
    assert button.is_disabled()
    page.keyboard.press("Control+Enter")
    assert status(work, case) == "submitted"
    page.locator("#open-reply").focus()
    opened(page, "Enter")
    page.locator("#approve [data-primary]").wait_for()
    assert button.is_enabled()
    assert "確認済み" in page.locator("#opened-reply").inner_text()
    page.keyboard.press("Control+Enter")
    page.get_by_text("承認済みです").wait_for()
    assert status(work, case) == "notice_ready"


def test_the_key_of_the_main_button_sends_back_who_writes_why(watched: Tab, work: Work) -> None:
    """In the form of a return it is the return's key: nobody approves while they refuse."""
    case = work.begun().submitted()
    watched.sign_in("approver")
    watched.go(f"/desk/cases/{case.id}/approval")
    watched.page.locator("#open-reply").focus()
    opened(watched.page, "Enter")
    watched.page.locator("#approve [data-primary]").wait_for()
    watched.page.get_by_label("差戻しの理由").fill("宛名の字体を確認してください")
    watched.page.keyboard.press("Control+Enter")
    watched.page.get_by_text("承認を待っている書面はありません").wait_for()
    assert status(work, case) == "sent_back"


def test_what_is_typed_stays_when_a_colleague_decides_meanwhile(watched: Tab, work: Work) -> None:
    case = work.begun().submitted()
    watched.sign_in("approver")
    watched.go(f"/desk/cases/{case.id}/approval")
    page, reason = watched.page, watched.page.get_by_label("差戻しの理由")
    reason.fill("宛名の字体を確認してください")
    case.do("return", {"reason": "番地の誤り"}, by="approver")
    page.locator("#open-reply").focus()
    with page.expect_popup() as popup:
        page.keyboard.press("Enter")
    popup.value.close()
    page.bring_to_front()
    # It asks again: the first answer led nowhere.
    for _ in range(2):
        with page.expect_response(lambda one: "/approval/button" in one.url):
            pass
    assert reason.input_value() == "宛名の字体を確認してください"
    # Without it the page leads on.
    reason.fill("")
    page.get_by_text("承認を待っている書面はありません").wait_for()


def test_enter_prints_where_the_page_begins_and_leads_to_the_number(
    watched: Tab, work: Work
) -> None:
    case = ready(work)
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/post")
    opened(watched.page, "Enter")
    assert watched.page.evaluate(FOCUSED) == "item_number"
    # In the field the letter is one of the field: nothing more is printed.
    watched.page.keyboard.type("p1")
    assert watched.page.locator("#item_number").input_value() == "p1"
    assert status(work, case) == "notice_ready"


def test_who_printed_before_scans_at_once(watched: Tab, work: Work) -> None:
    case = ready(work)
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/post")
    page = watched.page
    typed = f"A{POST_NUMBER.replace('-', '')}A"
    page.keyboard.type(typed)
    assert page.locator("#item_number").input_value() == typed
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "dispatched_on_year"
    assert len(page.context.pages) == 1, "nothing was printed"


def test_a_scanner_sends_nothing_without_javascript(
    browser: Browser, office: Office, work: Work
) -> None:
    case = ready(work)
    with tab(browser, office, java_script_enabled=False) as without:
        without.sign_in("officer")
        without.go(f"/desk/cases/{case.id}/post")
        page = without.page
        page.locator("#item_number").fill(POST_NUMBER)
        page.locator("#item_number").press("Enter")
        # A form that was sent would have led away before this page is here once more.
        assert page.url.endswith("/post")
        assert page.locator("#item_number").input_value() == POST_NUMBER
        assert status(work, case) == "notice_ready"
        page.get_by_role("button", name="発送済みにする").click()
        assert page.url.endswith("/keeping")
    assert status(work, case) == "dispatched"


def test_a_page_is_printed_by_its_key_without_what_is_for_the_screen(
    watched: Tab, work: Work
) -> None:
    case = work.begun().dispatched()
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/keeping")
    page = watched.page
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.keyboard.press("p")
    page.wait_for_function("document.title === 'printed'")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="発送した回答").is_visible()
    for hidden in ("nav.steps", "form", "#print-page", "footer.site"):
        assert not any(one.is_visible() for one in page.locator(hidden).all()), hidden
