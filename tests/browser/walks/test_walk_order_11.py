"""A record may not be known to exist: the chief excludes it, and no page of the desk tells so."""

from playwright.sync_api import Browser

from tests.browser.walks import stories
from tests.browser.walks.stories import FULL_CASE, Walk, paper, walk
from tests.canary import NAME
from tests.doors.samples import RECIPIENT, provision
from tests.pages.office import Office
from tests.pages.recorded import member, position_of, sent

HIDDEN = {**RECIPIENT, "party_id": "shelter", "name": "特定非営利活動法人見本シェルター"}
WHY = "所在が知れると危害が及ぶおそれ"
EXCLUDING = 2
"""Of the chief: the page of exclusions, and the exclusion."""


def excludes(told: Walk, position: int) -> None:
    """The chief, who was told the position, goes there from their first page."""
    hands = told.of("chief")
    hands.press("存否の除外")
    hands.tab.page.wait_for_url("**/desk/exclusions")
    hands.fill({"positions": position, "ground": "i", "reason": WHY})
    hands.primary()
    hands.tab.page.get_by_text("除外しました").wait_for()


def test_what_is_excluded_is_told_by_no_page(browser: Browser, office: Office) -> None:
    who = member()
    named = [{**who, "name": NAME}]
    sent(office, provision(principals=named))
    [hidden] = sent(office, provision(principals=named, counterparty=HIDDEN))
    position = position_of(office, hidden)
    pages: list[str] = []
    with walk(browser, office) as told:

        def looks(who: str) -> None:
            pages.append(told.of(who).tab.page.content())

        stories.takes_in(told, who)
        excludes(told, position)
        stories.sees(told, paper(0), paper(1, my_number="absent"))
        stories.verifies(told)
        looks("officer")
        stories.identifies(told)
        looks("officer")
        balance = told.of("officer").tab.page.locator(".balance").inner_text()
        stories.submits(told)
        looks("officer")
        stories.approves(told)
        looks("approver")
        stories.posts(told)
        looks("officer")
        told.cost(FULL_CASE + EXCLUDING)
        # A look that is no part of the way: the history of the person, as the officer sees it.
        told.of("officer").tab.go(f"/desk/cases/{told.case}/history")
        told.of("officer").tab.page.locator("#reason").fill("確認")
        told.of("officer").tab.page.get_by_role("button", name="履歴を表示する").click()
        told.of("officer").tab.page.locator("#h-found").wait_for()
        looks("officer")
        case, letter = told.told(), stories.letter_of(told)
    assert "台帳の件数 1 ＝ 開示 1 ＋ 不開示 0" in balance
    assert (letter.kind, len(letter.lines)) == ("FULL", 1)
    for page in (*pages, letter.text):
        for word in (HIDDEN["name"], hidden, f"#{position}<", "除外", "第11条", WHY):
            assert word not in page, word
    assert (case["status"], case["decision"]["outcome"]) == ("dispatched", "full_disclosure")
    assert case["search"]["provided"] == 1
