"""A full case of a principal in person, from the work list to the post: nine clicks and papers."""

import re

from playwright.sync_api import Browser

from tests.browser.walks import stories
from tests.browser.walks.stories import FULL_CASE, Walk, day_of_paper, fits, paper, walk
from tests.canary import NAME
from tests.doors.samples import provision, receipt
from tests.pages.office import Office
from tests.pages.recorded import member, sent

PAPERS = 2
MARKS_OF_A_PAPER = 5
"""Original or copy, name, day of birth, address, how the address is written."""
MY_NUMBER = 1
"""Of the certificate of residence."""


def a_full_case(told: Walk) -> None:
    who = member()
    named = [{**who, "name": NAME}]
    sent(told.office, provision(principals=named), receipt(principals=named))
    stories.takes_in(told, who)
    stories.sees(told, paper(0), paper(1, my_number="absent"))
    stories.verifies(told)
    stories.to_the_post(told)


def test_a_full_case_by_keyboard_takes_nine_activations_and_its_papers(
    browser: Browser, office: Office
) -> None:
    with walk(browser, office) as told:
        a_full_case(told)
        told.cost(FULL_CASE)
        seen = [one for one in told.of("officer").counts.marks if re.match(r"p\d_", one)]
        case, letter = told.told(), stories.letter_of(told)
    assert len(seen) == PAPERS * MARKS_OF_A_PAPER + MY_NUMBER
    assert (case["status"], case["decision"]["outcome"]) == ("dispatched", "full_disclosure")
    assert (letter.kind, len(letter.lines)) == ("FULL", 2)
    assert [one["type"] for one in case["events"]] == [
        "case-received",
        "case-documents-checked",
        "case-verified",
        "case-records-identified",
        "case-decided",
        "case-submitted",
        "case-approved",
        "reply-stored",
        "answer-committed",
        "case-dispatched",
    ]
    actors = {one["type"]: one["actor"] for one in case["events"]}
    assert actors["case-approved"] != actors["case-submitted"] == actors["case-dispatched"]


CLICKS_MAX = 17
"""Of a simple request of an adult, from the work list to the post: boxes and radios, too."""


def test_a_simple_request_takes_seventeen_clicks_with_one_for_each_paper(
    browser: Browser, office: Office
) -> None:
    with walk(browser, office) as told:
        who = member()
        sent(told.office, provision(principals=[{**who, "name": NAME}]))
        stories.takes_in(told, who)
        fits(told, 0)
        fits(told, 1)
        stories.sees(told, day_of_paper(0), day_of_paper(1))
        stories.verifies(told)
        stories.to_the_post(told)
        told.cost(FULL_CASE + PAPERS)
        marks = [name for hands in told.people.values() for name in hands.counts.marks]
    assert len(told.activations) + len(marks) <= CLICKS_MAX, marks
