"""An agent's request whose mandate bears another seal: a round of correction, then the reply."""

from playwright.sync_api import Browser, expect

from tests.browser.walks import stories
from tests.browser.walks.hands import OFF, beside
from tests.browser.walks.stories import FULL_CASE, day_of_work, paper, walk
from tests.canary import NAME
from tests.doors.samples import provision
from tests.pages.looked import ADDRESS
from tests.pages.office import Office
from tests.pages.recorded import member, sent

ROUND = 4
"""What was seen is kept, the correction is asked for, its letter printed, what came registered."""


def test_an_agent_s_request_with_a_round_of_correction(browser: Browser, office: Office) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    with walk(browser, office) as told:
        agent = {"agent_name": "代理 二郎", "agent_address": ADDRESS}
        stories.takes_in(told, who, requester="mandated_agent", **agent)
        mandate = {"p4_original": "original", "p4_by_principal": "yes", "p4_covers": "yes"}
        mandate["p4_looked"] = "yes"
        own = (paper(0), paper(1, my_number="absent"))
        stories.sees(told, *own, paper(2), paper(3, my_number="absent"), mandate)
        hands = told.of("officer")
        result = hands.tab.page.locator("#result")
        expect(result).to_contain_text("委任状の印影が印鑑登録証明書と異なります")
        hands.press("確認内容を保存")
        hands.tab.page.wait_for_url("**/papers#result")
        hands.press("補正を依頼")
        hands.tab.page.get_by_text("補正の依頼：").wait_for()
        assert told.told()["status"] == "correction_requested"
        with beside(hands):
            hands.key_or_click("p", "a[href$='correction.pdf']")
        came = {"year": day_of_work().year, "month": day_of_work().month, "day": day_of_work().day}
        further = {f"further_on_{part}": number for part, number in came.items()}
        hands.fill({**further, "further_note": "委任状の再提出"})
        hands.primary()
        expect(hands.tab.page.locator("#p4_covers input")).to_be_checked()
        assert told.told()["status"] == "resubmitted"
        arrived = {f"p4_arrived_on_{part}": number for part, number in came.items()}
        hands.fill({**arrived, "p4_seal": "yes", "p4_looked": OFF})
        stories.verifies(told)
        stories.to_the_post(told)
        told.cost(FULL_CASE + ROUND)
        case = told.told()
    assert (case["status"], case["decision"]["outcome"]) == ("dispatched", "full_disclosure")
    assert case["reply_to"]["person"] == "principal", "an agent is never replied to"
    assert [one["type"] for one in case["events"]][:6] == [
        "case-received",
        "case-documents-checked",
        "case-correction-requested",
        "case-resubmitted",
        "case-documents-checked",
        "case-verified",
    ]
