"""A case that put a stop in place does not end as a mistake by the way."""

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.measure_steps import DecideMeasures
from ledger.cases.mistake_steps import ConfirmMistake, ReportEnd
from ledger.cases.refusals import OwnStopStandsError, StaleApprovalError, StopStandsError
from ledger.cases.steps import RecordDeath, SendBack, Withdraw
from ledger.clock import day_in_japan
from ledger.commands import (
    LiftDirective,
    LinkIdentifiers,
    ReceiveDirective,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.ledger.case_given import APPROVER, ENTRY, OFFICER
from tests.replying.desk import MEMBER, Desk, recorded
from tests.replying.test_measures import EMAIL, PHONE, WHY, known, stopped, stops

STRANGER = PrincipalRef("member", "P9")
END = ReportEnd("別の方の取下書だった")


def lifted(desk: Desk, *who: PrincipalRef) -> None:
    today = day_in_japan(desk.inside.now)
    for one in who:
        lift = LiftDirective(random_uuid(), OFFICER, one, "provision_stopped", today)
        desk.inside.ledger.direct(lift, desk.inside.now)


def link(desk: Desk, a: PrincipalRef, b: PrincipalRef) -> None:
    desk.inside.ledger.link(LinkIdentifiers(random_uuid(), OFFICER, a, b, "登録"), desk.inside.now)


def unlink(desk: Desk, a: PrincipalRef, b: PrincipalRef) -> None:
    apart = UnlinkIdentifiers(random_uuid(), OFFICER, a, b, "別人")
    desk.inside.ledger.link(apart, desk.inside.now)


def test_a_case_whose_stop_stands_is_not_entered_in_error_until_it_is_lifted(desk: Desk) -> None:
    stopped(known(desk, MEMBER, EMAIL)).approved().do(SendBack("対象者の誤り"), by=APPROVER)
    assert len(stops(desk)) == 2
    before = desk.state
    for left in (MEMBER, EMAIL):
        with pytest.raises(OwnStopStandsError):
            desk.do(ENTRY)
        assert desk.state == before
        lifted(desk, left)
    desk.do(ENTRY).do(ConfirmMistake(), by=APPROVER)
    assert desk.state.status == CaseStatus.ENTERED_IN_ERROR
    # What was received stays on record, and so does that it was lifted.
    assert len(stops(desk)) == 2


def test_a_stop_of_somebody_else_or_none_is_no_hindrance(desk: Desk) -> None:
    other = known(desk).state.case
    stopped(desk).approved()
    stopped(known(desk))
    assert desk.state.case != other
    desk.do(ENTRY).do(ConfirmMistake(), by=APPROVER)
    assert desk.state.status == CaseStatus.ENTERED_IN_ERROR
    assert len(stops(desk)) == 1


@pytest.mark.parametrize("fallen", ["one link", "all, and there is a new one"])
def test_a_stop_stands_also_for_who_is_not_linked_any_more(desk: Desk, fallen: str) -> None:
    link(desk, MEMBER, EMAIL)
    link(desk, EMAIL, PHONE)
    stopped(known(desk)).approved().do(SendBack("対象者の誤り"), by=APPROVER)
    assert len(stops(desk)) == 3
    unlink(desk, MEMBER, EMAIL)
    if fallen != "one link":
        unlink(desk, EMAIL, PHONE)
        link(desk, MEMBER, STRANGER)
    lifted(desk, MEMBER)
    for left in (EMAIL, PHONE):
        with pytest.raises(OwnStopStandsError):
            desk.do(ENTRY)
        # No other decision of the case goes out either that does not tell the stop.
        refused = desk.do(DecideMeasures("not_taken", reason=WHY))
        with pytest.raises(StopStandsError):
            refused.submitted()
        lifted(desk, left)
    desk.do(ENTRY).do(ConfirmMistake(), by=APPROVER)
    assert desk.state.status == CaseStatus.ENTERED_IN_ERROR


def test_a_stop_that_comes_to_stand_while_a_report_waits_hinders_the_confirmation(
    desk: Desk,
) -> None:
    stopped(known(desk)).approved().do(SendBack("対象者の誤り"), by=APPROVER)
    lifted(desk, MEMBER)
    desk.do(ENTRY)
    today = day_in_japan(desk.inside.now)
    again = ReceiveDirective(
        random_uuid(), OFFICER, MEMBER, "provision_stopped", today, None, desk.state.number
    )
    desk.inside.ledger.direct(again, desk.inside.now)
    with pytest.raises(OwnStopStandsError):
        desk.do(ConfirmMistake(), by=APPROVER)


def withdrawn_by_mistake(desk: Desk) -> None:
    desk.do(Withdraw(day_in_japan(desk.inside.now), "書面"))


def dead_by_mistake(desk: Desk) -> None:
    desk.do(RecordDeath(day_in_japan(desk.inside.now), "電話"))


def resumed(desk: Desk) -> None:
    desk.do(END).do(ConfirmMistake(), by=APPROVER)


def test_no_request_is_withdrawn_over_a_stop_whose_letter_waits_for_the_post(desk: Desk) -> None:
    stopped(known(desk)).approved()
    with pytest.raises(StopStandsError):
        withdrawn_by_mistake(desk)
    # Either it is posted, or it is sent back and the stop is lifted.
    desk.do(SendBack("取下げのため"), by=APPROVER)
    with pytest.raises(StopStandsError):
        withdrawn_by_mistake(desk)
    lifted(desk, MEMBER)
    withdrawn_by_mistake(desk)
    assert desk.state.status == CaseStatus.WITHDRAWN


def test_an_end_that_is_undone_leaves_the_stop_and_its_approval(desk: Desk) -> None:
    stopped(known(desk)).approved()
    dead_by_mistake(desk)
    resumed(desk)
    assert (desk.state.status, len(stops(desk))) == (CaseStatus.NOTICE_READY, 1)
    with pytest.raises(StaleApprovalError):
        desk.posted()
    desk.posted(already_posted=True)
    assert (desk.state.status, len(stops(desk))) == (CaseStatus.DISPATCHED, 1)


def test_a_stop_that_was_lifted_as_its_case_had_ended_by_mistake_stands_again(desk: Desk) -> None:
    stopped(known(desk)).approved()
    dead_by_mistake(desk)
    lifted(desk, MEMBER)
    resumed(desk)
    # The letter in the post says that it stands.
    assert len(stops(desk)) == 2
    desk.inside.ledger.resume_case(desk.stream, desk.inside.now)
    assert len(stops(desk)) == 2
    # Whoever lifts it now means it.
    lifted(desk, MEMBER)
    desk.posted(already_posted=True)
    assert len(stops(desk)) == 2


@pytest.mark.parametrize("gone", [False, True], ids=["the same", "others by now"])
def test_a_letter_that_left_before_a_mistaken_end_is_put_down(desk: Desk, *, gone: bool) -> None:
    first, _, _ = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    withdrawn_by_mistake(desk)
    if gone:
        retract = RetractTransfer(random_uuid(), OFFICER, first, "not_occurred")
        desk.inside.ledger.retract(retract, desk.inside.now)
    resumed(desk)
    assert desk.state.status == CaseStatus.NOTICE_READY
    with pytest.raises(StaleApprovalError):
        desk.posted()
    document = desk.posted(already_posted=True)
    [reply] = desk.state.replies
    assert (desk.state.status, reply.changed_since) == (CaseStatus.DISPATCHED, gone)
    assert desk.replies.stored(desk.stream, 1) == document.documents


def test_a_reply_that_did_not_leave_before_a_mistaken_end_is_made_anew(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    today = day_in_japan(desk.inside.now)
    desk.do(RecordDeath(today, "電話"))
    resumed(desk)
    desk.do(SendBack("検索のやり直し"), by=APPROVER)
    assert (desk.state.status, desk.state.decision) == (CaseStatus.SEARCH, None)
    desk.searched()
    desk.decided()
    desk.sent()
    assert (desk.state.status, len(desk.state.replies)) == (CaseStatus.DISPATCHED, 1)
