"""A transfer that would be judged otherwise by what arrived late, beside a reply in preparation."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from ledger.cases.points import FINDINGS, REASSESSMENT, CasePoint, PointAnswer
from ledger.cases.refusals import StaleApprovalError
from ledger.commands import PublishNotice, ReceiveDirective, ReclassifyTransfer, WithdrawNotice
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.transfers.reassessments import BEGIN, Reassessments
from ledger.values import PrincipalRef
from tests.bulk.sending import people, sender
from tests.ledger.case_given import ABSENT
from tests.ledger.given import ACTOR, PARTY
from tests.ledger.older import first_reading, only_seen
from tests.ledger.test_notice import JANUARY, MARCH, MEMBERS, version
from tests.replying.desk import MEMBER, Desk

OTHER = PrincipalRef("member", "P2")
SOME, NONE = (PointAnswer(one, "見直しの結果を確かめた") for one in (True, False))
JOINT: dict[str, Any] = {
    "basis": "joint_use_27_5_iii",
    "notice_id": "JU",
    "purpose": "④",
    "items": ["氏名"],
    "consent": None,
    "counterparty": {**PARTY, "party_id": "docomo"},
}
TOLD = ("art29", "JU_NO_NOTICE")


def publish(desk: Desk) -> None:
    notice = PublishNotice(
        random_uuid(), ACTOR, "JU", "joint_use", MEMBERS, version("2026-01", JANUARY)
    )
    desk.inside.ledger.publish(notice, desk.inside.now)


def withdraw(desk: Desk, day: date = MARCH) -> None:
    """The notice is withdrawn from a day on: in March the transfer had not happened yet."""
    end = WithdrawNotice(random_uuid(), ACTOR, "JU", day, "終了")
    desk.inside.ledger.publish(end, desk.inside.now)


def stop(desk: Desk, who: PrincipalRef = MEMBER, day: date = MARCH) -> None:
    said = ReceiveDirective(random_uuid(), ACTOR, who, "consent_withdrawn", day)
    desk.inside.ledger.direct(said, desk.inside.now)


def shared(desk: Desk, *people: PrincipalRef, **changes: Any) -> UUID:  # noqa: ANN401 -- JSON
    """A joint use that had not to be recorded, under a notice that is published before it."""
    return desk.record(*people, **{**JOINT, **changes})


def points(desk: Desk) -> list[CasePoint]:
    desk.inside.follow()
    return [
        one.point for one in desk.replies.points(desk.state, desk.replies.find_records(desk.state))
    ]


def judged(transfer: UUID, *codes: str) -> CasePoint:
    return CasePoint(REASSESSMENT, (" ".join((str(transfer), *codes)),))


def act_on_the_list(desk: Desk) -> None:
    inner = desk.inside
    inner.follow()
    proposals, _ = Reassessments(inner.house.reader, inner.house.streams).page(BEGIN, 100)
    for one in proposals:
        change = ReclassifyTransfer(
            random_uuid(), ACTOR, one.transfer, {}, "後から届いた", one.cause_position
        )
        inner.ledger.correct(change, inner.now)


def refused(desk: Desk, told: list[CasePoint], **answers: PointAnswer) -> list[tuple[str, str]]:
    with pytest.raises(MalformedError) as error:
        desk.decided(points=told, answers=answers)
    return [(one.pointer, one.code) for one in error.value.defects]


Search = Callable[[Desk], object]
SEARCHES: dict[str, Search] = {
    "identified": lambda desk: desk.searched(),
    "tried": lambda desk: desk.identified((), MEMBER, ABSENT),
}


def by_the_notice(desk: Desk, _: pytest.MonkeyPatch) -> CasePoint:
    publish(desk)
    transfer = shared(desk)
    withdraw(desk)
    return judged(transfer, *TOLD)


def by_the_reading(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> CasePoint:
    with first_reading(monkeypatch):
        transfer = desk.inside.record("t-seen", only_seen("P1")).transfer
    return judged(transfer, "art29", "CONSENT_NOT_OBTAINED")


LATE = {"the notice": by_the_notice, "the reading of the law": by_the_reading}


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("cause", LATE)
def test_nothing_is_said_not_to_exist_beside_a_transfer_that_would_be_a_record_now(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, cause: str, search: str
) -> None:
    expected = LATE[cause](desk, monkeypatch)
    desk.verified()
    SEARCHES[search](desk)
    told = points(desk)
    assert told == [expected]
    place = f"/points/{REASSESSMENT}"
    assert refused(desk, told) == [(place, "POINT_NOT_ANSWERED")]
    assert refused(desk, told, reassessment=SOME) == [(f"{place}/influence", "POINT_NOT_RESOLVED")]
    act_on_the_list(desk)
    assert points(desk) == told, "the search is of before"
    desk.later(seconds=1)
    desk.searched()
    assert [one.kind for one in points(desk)] == [FINDINGS]
    desk.decided(points=points(desk), answers={FINDINGS: NONE})
    assert desk.sent().json
    assert desk.flags() == set()


def test_what_is_said_not_to_bear_on_a_denial_is_kept_and_goes_out(desk: Desk) -> None:
    publish(desk)
    shared(desk)
    withdraw(desk)
    desk.verified().searched()
    told = points(desk)
    desk.decided(points=told, answers={REASSESSMENT: NONE})
    desk.replies.check_points(desk.state)
    assert desk.approved().posted().pdf


def test_a_late_fact_after_the_decision_takes_it_back_until_it_is_in_the_post(desk: Desk) -> None:
    publish(desk)
    shared(desk)
    desk.verified().searched()
    assert points(desk) == []
    desk.decided()
    withdraw(desk)
    with pytest.raises(StaleApprovalError):
        desk.replies.check_points(desk.state)
    desk.approved()
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.posted()
    assert desk.posted(already_posted=True).pdf, "it had left the house"
    act_on_the_list(desk)
    assert desk.flags() == {"REOPENED"}


def test_an_answer_with_records_is_asked_too_and_goes_out_without_delay(desk: Desk) -> None:
    transfer = desk.record()
    desk.verified().searched()
    assert points(desk) == []
    desk.decided().approved()
    stop(desk)
    with pytest.raises(StaleApprovalError):
        desk.replies.check_points(desk.state)
    desk.inside.follow()
    assert desk.replies.still_reads(desk.state)
    assert desk.posted().pdf
    desk.reopened("申出が後から届いた").searched()
    told = points(desk)
    assert told == [judged(transfer, "art29", "CONSENT_WITHDRAWN")]
    desk.decided(points=told, answers={REASSESSMENT: SOME})
    assert desk.state.decision is not None


def linked_late(desk: Desk) -> None:
    stop(desk, desk.email)
    desk.link(MEMBER, desk.email)


NOTHING: dict[str, Callable[[Desk], object]] = {
    "a notice that is withdrawn later than the transfer": lambda desk: withdraw(
        desk, date(2026, 5, 1)
    ),
    "a stop of a day after it": lambda desk: stop(desk, day=date(2026, 5, 1)),
    "a stop of somebody else in it": lambda desk: stop(desk, OTHER),
    "a stop of what needs no consent": stop,
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_changes_nothing_that_the_reply_tells_is_no_point(desk: Desk, name: str) -> None:
    publish(desk)
    shared(desk, MEMBER, OTHER)
    desk.record(MEMBER, OTHER, transferred_on="2026-02-01")
    NOTHING[name](desk)
    desk.verified().searched()
    assert points(desk) == []


def test_a_stop_of_an_identifier_that_is_linked_late_is_one_of_the_person(desk: Desk) -> None:
    transfer = desk.record(MEMBER, OTHER)
    linked_late(desk)
    desk.verified().searched()
    assert points(desk) == [judged(transfer, "art29", "CONSENT_WITHDRAWN")]
    other = Desk(desk.inside, desk.replies, who=OTHER)
    other.verified().searched()
    assert points(other) == []


def test_a_stop_of_somebody_else_who_was_tried_is_none_of_the_person(desk: Desk) -> None:
    desk.record(MEMBER, OTHER)
    stop(desk, OTHER)
    desk.verified().identified((MEMBER,), OTHER, not_the_person="ご家族の会員番号")
    assert points(desk) == []


def test_what_the_request_does_not_ask_for_is_no_point(desk: Desk) -> None:
    publish(desk)
    shared(desk)
    withdraw(desk)
    desk.verified(last_day=date(2026, 3, 1)).searched()
    assert points(desk) == []


def test_a_message_of_a_series_is_told_by_itself(desk: Desk) -> None:
    publish(desk)
    days = ("2026-01-10", "2026-04-01", "2026-04-02")
    series = {"method": "collective", "series_id": "S1"}
    first, *late = [shared(desk, transferred_on=day, **series) for day in days]
    withdraw(desk)
    desk.verified().searched()
    [told] = points(desk)
    assert told.subjects == tuple(" ".join((str(one), *TOLD)) for one in late), first


def test_one_person_of_a_bulk_transfer_is_judged_by_what_is_about_that_person(desk: Desk) -> None:
    publish(desk)
    desk.later(days=1)
    transfer = sender(desk.inside).sent("bulk", people(1_500), **JOINT).outcome.transfer
    other = sender(desk.inside).sent("other", people(1_500)).outcome.transfer
    stop(desk, PrincipalRef("member", "B3"))
    withdraw(desk)
    for who, more in (("B3", 1), ("B1400", 0)):
        one = Desk(desk.inside, desk.replies, who=PrincipalRef("member", who)).verified()
        one.searched()
        [told] = points(one)
        stopped = (" ".join((str(other), "art29", "CONSENT_WITHDRAWN")),)
        assert {*told.subjects} == {*judged(transfer, *TOLD).subjects, *stopped * more}, who


# -- Order 11 ----------------------------------------------------------------------------------

HIDDEN: dict[str, Callable[[Desk, UUID], object]] = {
    "from all": lambda desk, one: desk.exclude(one),
    "from the person": lambda desk, one: desk.hide(one),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_transfer_that_is_hidden_from_the_person_is_no_point(desk: Desk, name: str) -> None:
    publish(desk)
    transfer = shared(desk, MEMBER, OTHER)
    shared(desk, mark=2)
    withdraw(desk)
    HIDDEN[name](desk, transfer)
    desk.verified().searched()
    assert points(desk) == []
    shown = Desk(desk.inside, desk.replies, who=OTHER)
    shown.verified().searched()
    told = points(shown)
    assert told == ([] if name == "from all" else [judged(transfer, *TOLD)])
