"""What a mistake of the desk costs in days, through the doors and by a clock that moves on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from ledger.clock import day_in_japan, now
from tests.database import Database
from tests.doors.cases.desk import APPROVER, POST_NUMBER, Case, begun, look, paper
from tests.doors.cases.test_mistakes import WHY, confirmed
from tests.doors.corridor import Corridor, open_doors
from tests.doors.test_procedures import post, version


@dataclass(slots=True)
class Days:
    """The doors of an empty ledger, and how many days its clock is ahead."""

    corridor: Corridor
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    def later(self, days: int) -> None:
        self.ahead[0] += timedelta(days=days)

    def day(self, back: int = 0) -> str:
        return (day_in_japan(now() + self.ahead[0]) - timedelta(days=back)).isoformat()


@pytest.fixture
def days(database: Database) -> Iterator[Days]:
    ahead = [timedelta()]
    with open_doors(database.urls, clock=lambda: now() + ahead[0]) as corridor:
        yield Days(corridor, ahead)


def test_a_letter_that_was_in_the_post_left_between_its_approval_and_the_resumption(
    days: Days,
) -> None:
    case = begun(days.corridor).submitted().approve()
    days.later(1)
    case.do("withdrawal", {"withdrawn_on": days.day(), "evidence": "取下書"})
    days.later(1)
    confirmed(case.do("end-mistake", WHY))
    days.later(1)
    posted = {"item_number": POST_NUMBER, "already_posted": True}
    wanted = {
        -1: ["DATE_IN_FUTURE", "AFTER_THE_RESUMPTION"],
        0: ["AFTER_THE_RESUMPTION"],
        4: ["BEFORE_THE_APPROVAL"],
    }
    for back, codes in wanted.items():
        answer = case.ask("dispatch", {**posted, "dispatched_on": days.day(back)})
        assert (answer.status, [*answer.errors]) == (422, ["/dispatched_on"])
        assert [one["code"] for one in answer.body["errors"]] == codes
    case.dispatch(dispatched_on=days.day(1), already_posted=True)
    [reply] = case.read()["replies"]
    assert (case.status, reply["dispatched_on"]) == ("dispatched", days.day(1))


def test_a_death_that_is_said_to_be_a_mistake_takes_no_day_of_the_correction(days: Days) -> None:
    readings = {"after_death": "answer_representative"}
    assert post(days.corridor, version(days.day(-1), readings=readings)).status == 200
    days.later(1)
    who = {"requester": "legal_representative", "representation": "guardian_of_adult"}
    case = begun(days.corridor, arrived_on=days.day(), **who)
    case.do("documents", look(paper("seal_certificate"))).do("correction-request")
    first = case.read()["clocks"]["correction_due_on"]
    open_before = case.read()["next"]
    case.do("death", {"learned_on": days.day(), "evidence": "電話"})
    assert {*case.next} == {*open_before, "end-mistake"}
    case.do("end-mistake", WHY)
    days.later(4)
    body = {"arrived_on": days.day()}
    answer = case.ask("resubmission", body)
    assert (answer.status, answer.code) == (409, "MISTAKE_REPORTED")
    confirmed(case)
    last = case.read()["clocks"]["correction_due_on"]
    assert (last["on"], last["runs"]) == (later(first["on"], 4), True)
    assert case.do("resubmission", body).status == "resubmitted"


@pytest.fixture
def refused(days: Days) -> Case:
    """A refusal for identity that is in the post."""
    case = begun(days.corridor).do("documents", look(paper("seal_certificate")))
    case.do("correction-request")
    days.later(40)
    return case.do("refusal").do("submit").approve().dispatch(dispatched_on=days.day())


def test_a_refusal_that_was_put_down_as_delivered_in_the_wrong_case_comes_back(
    days: Days, refused: Case
) -> None:
    case, back = refused, {"returned_on": days.day(), "reason": "refused"}
    case.do("delivery", {"delivered_on": days.day()})
    assert (case.status, case.next) == ("closed_procedural", ["returned-mail"])
    [reply] = case.read()["replies"]
    assert (reply["delivered_on"], reply["returned"]) == (days.day(), None)
    assert case.ask("end-mistake", WHY).code == "CASE_STATUS"
    case.do("returned-mail", back)
    whole = case.read()
    [reply] = whole["replies"]
    assert (reply["delivered_on"], reply["returned"]) == (None, "refused")
    assert (whole["status"], whole["ended_at"]) == ("returned", None)
    assert [one["type"] for one in whole["events"]][-3:] == [
        "case-delivered",
        "case-closed",
        "case-returned",
    ]
    assert case.content("/reply.pdf").startswith(b"%PDF")
    assert case.verified().status == "search"


def test_a_returned_refusal_that_was_closed_in_the_wrong_case_goes_on(
    days: Days, refused: Case
) -> None:
    case = refused.do("returned-mail", {"returned_on": days.day(), "reason": "refused"})
    open_before = case.next
    case.do("close")
    assert (case.status, case.next) == ("closed_procedural", ["end-mistake"])
    case.do("end-mistake", WHY)
    waiting = case.read(APPROVER, "approver")["mistake"]
    assert (waiting["what"], waiting["confirmed"]) == ("closing", False)
    confirmed(case)
    assert (case.status, case.read()["next"]) == ("returned", open_before)


def test_papers_that_come_after_a_refusal_was_approved_wait_until_it_is_sent_back(
    days: Days,
) -> None:
    case = begun(days.corridor, arrived_on=days.day())
    case.do("documents", look(paper("seal_certificate"))).do("correction-request")
    days.later(40)
    case.do("refusal").do("submit").approve()
    papers = {"arrived_on": days.day()}
    answer = case.ask("resubmission", papers)
    assert (answer.status, answer.code) == (409, "CASE_STATUS")
    case.do("return", {"reason": "書類が届いたため"})
    assert case.do("resubmission", papers).status == "resubmitted"


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
