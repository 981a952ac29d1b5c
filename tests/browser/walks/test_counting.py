"""What is counted, and that one click too many, a mouse or a complaint fails a walk."""

import pytest
from playwright.sync_api import Browser

from tests.browser.walks.hands import Mouse
from tests.browser.walks.stories import walk
from tests.pages.office import Office


def test_an_activation_too_many_fails_the_walk(browser: Browser, office: Office) -> None:
    with walk(browser, office) as told:
        hands = told.of("officer")
        hands.key_or_click("n", "")
        hands.tab.page.wait_for_url("**/desk/new")
        told.cost(1)
        hands.press("受付一覧")
        hands.tab.page.wait_for_url("**/desk")
        with pytest.raises(AssertionError):
            told.cost(1)
        told.cost(2)


def test_whatever_key_presses_a_button_it_is_counted_once(browser: Browser, office: Office) -> None:
    with walk(browser, office) as told:
        hands = told.of("officer")
        page = hands.tab.page
        page.keyboard.press("n")
        page.wait_for_url("**/desk/new")
        page.keyboard.press("Control+Enter")
        page.locator("#errors").wait_for()
        told.cost(2)
        hands.fill({"name": "計数 花子"})
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/new")
        page.get_by_text("欄を増やす").wait_for()
        told.cost(3)


def test_what_only_moves_or_is_typed_is_no_activation(browser: Browser, office: Office) -> None:
    with walk(browser, office) as told:
        hands = told.of("officer")
        hands.key_or_click("n", "")
        hands.tab.page.wait_for_url("**/desk/new")
        hands.fill(
            {"name": "計数 花子", "birth_date_era": "showa", "requester": "self", "provided": "off"}
        )
        told.cost(1, {"officer": 2})
        with pytest.raises(AssertionError):
            told.cost(1, {"officer": 1})


def test_a_mouse_in_a_walk_by_keyboard_fails_it(browser: Browser, office: Office) -> None:
    with walk(browser, office) as told:
        told.of("officer").tab.page.get_by_role("heading", level=1).click()
        with pytest.raises(AssertionError):
            told.cost(0)
    with walk(browser, office, Mouse) as told:
        told.of("officer").key_or_click("", 'main a[href="/desk/new"]')
        told.of("officer").tab.page.wait_for_url("**/desk/new")
        told.cost(1)


def test_a_complaint_of_the_browser_fails_the_walk(browser: Browser, office: Office) -> None:
    with walk(browser, office) as told:
        hands = told.of("officer")
        hands.tab.page.evaluate("console.error('planted')")
        hands.tab.complained("planted")
        with pytest.raises(AssertionError):
            told.cost(0)
        hands.tab.complaints.clear()
