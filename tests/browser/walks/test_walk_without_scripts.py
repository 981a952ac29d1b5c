"""A full case in a browser that runs no script: nothing leads on by itself, and all can be done.

What a script does instead is done by a person: a button shows what the papers come to, a link reads
the page anew, the list leads to the post.
"""

from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect

from tests.browser.walks import stories
from tests.browser.walks.hands import Mouse, beside
from tests.browser.walks.stories import Walk, day_of_work, paper, walk
from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER
from tests.doors.samples import provision, receipt
from tests.pages.looked import day
from tests.pages.office import Office
from tests.pages.recorded import member, sent


@contextmanager
def led(told: Walk, who: str, step: str) -> Generator[None]:
    """What leads somebody to a step of the case."""
    yield
    told.at(who, step)


def verifies(told: Walk) -> None:
    """The papers are put down; only then does the page know what they come to."""
    hands = told.of("officer")
    page = hands.tab.page
    page.locator("#save").click()
    page.wait_for_url("**/papers#result")
    expect(page.locator("#primary")).to_be_enabled()
    with led(told, "officer", "records"):
        hands.primary()


def approves(told: Walk) -> None:
    """The list opens no letter; what opened it beside the page is known once it is read anew."""
    hands = told.of("approver")
    with led(told, "approver", "approval"):
        hands.open_row(told.case)
    with beside(hands):
        hands.key_or_click("", "#open-reply")
    hands.press("開いた後にボタンが押せないときは、この画面を更新してください")
    hands.press("承認する")
    hands.tab.page.get_by_text("承認済みです").wait_for()


def posts(told: Walk) -> None:
    """Nobody is led there: the case stands among those that are to be sent."""
    hands = told.of("officer")
    hands.press("受付一覧")
    hands.tab.page.locator(".tabs a", has_text="発送待ち").click()
    with led(told, "officer", "post"):
        hands.open_row(told.case)
    with beside(hands):
        hands.key_or_click("p", "#print")
    hands.fill({"item_number": POST_NUMBER})
    with led(told, "officer", "keeping"):
        hands.press("発送済みにする")


def closes(told: Walk) -> None:
    """The last step."""
    hands = told.of("officer")
    hands.fill(day("delivered_on", day_of_work()))
    hands.press("配達済みとして完了する")
    hands.tab.page.get_by_text("まで保存されます").wait_for()


def test_a_full_case_is_answered_without_scripts(browser: Browser, office: Office) -> None:
    who = member()
    named = [{**who, "name": NAME}]
    sent(office, provision(principals=named), receipt(principals=named))
    with walk(browser, office, Mouse, scripts=False) as told:
        stories.takes_in(told, who)
        stories.sees(told, paper(0), paper(1, my_number="absent"), has_registered="yes")
        verifies(told)
        stories.identifies(told)
        stories.submits(told)
        approves(told)
        posts(told)
        closes(told)
        assert told.activations == [], "no script of a page ran, nor one that counts"
        case, letter = told.told(), stories.letter_of(told)
    assert (case["status"], case["decision"]["outcome"]) == ("closed", "full_disclosure")
    assert (letter.kind, len(letter.lines)) == ("FULL", 2)
    assert case["replies"][0]["delivered_on"] == day_of_work().isoformat()
