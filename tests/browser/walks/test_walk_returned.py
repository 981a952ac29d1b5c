"""A letter comes back: that is put down, it is sent once more, it arrives, the case is closed."""

from playwright.sync_api import Browser

from tests.browser.walks import stories
from tests.browser.walks.stories import FULL_CASE, day_of_work, paper, walk
from tests.canary import NAME
from tests.doors.samples import provision
from tests.pages.office import Office
from tests.pages.recorded import member, sent

WHY = "not_collected"
BACK = 3
"""It is put down; a link leads to the papers; what came after a call is registered."""
ANEW = 7
"""From the papers to the post as before: the end of S2, S3, S4, and two each for S5 and S6."""
ON = 2
"""The approver goes back to their list; the arrival of the second letter closes the case."""


def test_a_letter_that_comes_back_is_answered_anew(browser: Browser, office: Office) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    today = {"year": day_of_work().year, "month": day_of_work().month, "day": day_of_work().day}
    with walk(browser, office) as told:
        stories.takes_in(told, who)
        stories.sees(told, paper(0), paper(1, my_number="absent"))
        stories.verifies(told)
        stories.to_the_post(told)
        hands = told.of("officer")
        page = hands.tab.page
        hands.fill({"returned_for": WHY})
        hands.primary()
        page.locator("#came-back").wait_for()
        assert told.told()["status"] == "returned"
        hands.press("本人確認をやり直して")
        told.at("officer", "papers")
        hands.fill({f"further_on_{part}": number for part, number in today.items()})
        hands.fill({"further_note": "電話で在宅日を確認、住民票が届いた"})
        hands.primary()
        page.locator("[name=p0_arrived_on_year]").wait_for()
        stories.verifies(told)
        stories.identifies(told)
        stories.submits(told)
        told.of("approver").press("承認待ちの一覧へ")
        told.of("approver").tab.page.wait_for_url("**/desk?tab=approval")
        stories.approves(told)
        stories.posts(told)
        hands.fill({f"delivered_on_{part}": number for part, number in today.items()})
        hands.primary()
        page.get_by_text("まで保存されます").wait_for()
        told.cost(FULL_CASE + BACK + ANEW + ON)
        case = told.told()
    assert case["status"] == "closed"
    first, second = case["replies"]
    assert (first["returned"], first["superseded"]) == (WHY, True)
    assert (second["delivered_on"], second["returned"]) == (day_of_work().isoformat(), None)
    assert first["outcome"] == second["outcome"] == "full_disclosure"
