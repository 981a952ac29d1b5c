"""A parent asks for a child: who represents is proved, and the reply goes to the parent."""

from datetime import date

from playwright.sync_api import Browser, expect

from tests.browser.walks import stories
from tests.browser.walks.stories import FULL_CASE, day_of_work, paper, walk
from tests.canary import NAME
from tests.doors.samples import provision
from tests.pages.looked import ADDRESS, day
from tests.pages.office import Office
from tests.pages.recorded import member, sent


def test_a_legal_representative_s_request(browser: Browser, office: Office) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    with walk(browser, office) as told:
        stories.takes_in(
            told,
            who,
            **day("birth_date", date(day_of_work().year - 9, 1, 15)),
            requester="legal_representative",
            representation="parent_of_minor",
            representative_name="保護 者",
            representative_address=ADDRESS,
            reply_address="representative_identity_document",
        )
        expect(told.of("officer").tab.page.get_by_text("歳（未成年）です")).to_be_visible()
        register = {"p2_original": "original", **day("p2_issued_on", day_of_work())}
        del register["p2_issued_on_era"]
        child = (paper(0), paper(1, my_number="absent"), register)
        parent = (paper(3), paper(4, my_number="absent"))
        stories.sees(told, *child, *parent, representative="yes")
        stories.verifies(told)
        stories.to_the_post(told)
        told.cost(FULL_CASE)
        case = told.told()
    assert (case["status"], case["decision"]["outcome"]) == ("dispatched", "full_disclosure")
    assert case["reply_to"] == {
        "person": "legal_representative",
        "address": "representative_identity_document",
    }
