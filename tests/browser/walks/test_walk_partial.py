"""Of one record some items are withheld, with ground and reason; the rest is disclosed."""

from playwright.sync_api import Browser

from tests.browser.record_places import dated
from tests.browser.walks import stories
from tests.browser.walks.stories import FULL_CASE, paper, walk
from tests.canary import NAME
from tests.doors.samples import RECIPIENT, provision
from tests.pages.office import Office
from tests.pages.recorded import member, sent

WHY = "第三者の権利利益を害するおそれがあるため"
WITHHOLDING = 1
"""The records that were chosen become a block."""


def test_a_part_is_withheld(browser: Browser, office: Office) -> None:
    who = member()
    named = [{**who, "name": NAME}]
    party = {**RECIPIENT, "party_id": "other", "name": "例示物流株式会社"}
    sent(
        office,
        dated("2026-01-01", principals=named),
        provision(principals=named, counterparty=party),
    )
    with walk(browser, office) as told:
        stories.takes_in(told, who)
        stories.sees(told, paper(0), paper(1, my_number="absent"))
        stories.verifies(told)
        stories.identifies(told)
        hands = told.of("officer")
        page = hands.tab.page
        page.keyboard.press("j")
        page.keyboard.press("d")
        assert page.get_by_label("記録番号1を選ぶ").is_checked()
        hands.press("選んだ記録を不開示に加える")
        page.locator("#block_1_reason").wait_for()
        hands.fill(
            {
                "block_1_ground": "ART33_2_I",
                "block_1_cause": "property",
                "block_1_reason": WHY,
                "block_1_item": "ITEMS",
            }
        )
        stories.submits(told)
        stories.approves(told)
        stories.posts(told)
        told.cost(FULL_CASE + WITHHOLDING)
        case, letter = told.told(), stories.letter_of(told)
    assert (case["status"], case["decision"]["outcome"]) == ("dispatched", "partial_disclosure")
    [held] = case["decision"]["withheld"]
    assert (held["ground"], held["items"], held["causes"]) == ("ART33_2_I", ["ITEMS"], ["property"])
    assert held["reason"] == WHY
    assert (letter.kind, len(letter.lines)) == ("PARTIAL", 2)
    assert WHY in letter.text
