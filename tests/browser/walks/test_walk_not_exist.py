"""Nothing is found under two kinds of identifiers: the notice that there is none goes out."""

from playwright.sync_api import Browser

from tests.browser.walks import stories
from tests.browser.walks.stories import FULL_CASE, paper, walk
from tests.pages.office import Office
from tests.pages.recorded import member

SEARCHING = 1
"""By another kind of identifier: the telephone of the form, which the page proposes."""


def test_nothing_is_found(browser: Browser, office: Office) -> None:
    with walk(browser, office) as told:
        stories.takes_in(told, member(), phone="03-1234-5678")
        stories.sees(told, paper(0), paper(1, my_number="absent"))
        stories.verifies(told)
        hands = told.of("officer")
        hands.press("この識別子・氏名で探す")
        hands.tab.page.locator("#primary:enabled").wait_for()
        stories.to_the_post(told)
        told.cost(FULL_CASE + SEARCHING)
        case, letter = told.told(), stories.letter_of(told)
    assert (case["status"], case["decision"]["outcome"]) == ("dispatched", "not_exist")
    assert (letter.kind, letter.lines) == ("NOT_EXIST", [])
    assert (case["search"]["provided"], case["search"]["received"]) == (0, 0)
