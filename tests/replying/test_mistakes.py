"""A case that put a stop in place does not end as a mistake by the way."""

import pytest

from ledger.case import Status
from ledger.case.mistaking import ConfirmMistake, ReportEnd
from ledger.case.refusals import OwnStopStandsError
from ledger.case.steps import RecordDeath, SendBack, Withdraw
from ledger.clock import day_in_japan
from ledger.commands import LiftDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.ledger.case_given import APPROVER, ENTRY, OFFICER
from tests.replying.desk import MEMBER, Desk, recorded
from tests.replying.test_measures import EMAIL, known, stopped, stops

END = ReportEnd("別の方の取下書だった")


def lifted(desk: Desk, *who: PrincipalRef) -> None:
    today = day_in_japan(desk.inside.now)
    for one in who:
        lift = LiftDirective(random_uuid(), OFFICER, one, "provision_stopped", today)
        desk.inside.ledger.direct(lift, desk.inside.now)


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
    assert desk.state.status == Status.ENTERED_IN_ERROR
    # What was received stays on record, and so does that it was lifted.
    assert len(stops(desk)) == 2


def test_a_stop_of_somebody_else_or_none_is_no_hindrance(desk: Desk) -> None:
    other = known(desk).state.case
    stopped(desk).approved()
    stopped(known(desk))
    assert desk.state.case != other
    desk.do(ENTRY).do(ConfirmMistake(), by=APPROVER)
    assert desk.state.status == Status.ENTERED_IN_ERROR
    assert len(stops(desk)) == 1


def test_a_withdrawal_that_is_undone_leaves_the_stop_and_no_approval(desk: Desk) -> None:
    stopped(known(desk)).approved()
    desk.do(Withdraw(day_in_japan(desk.inside.now), "書面"), END)
    desk.do(ConfirmMistake(), by=APPROVER)
    assert (desk.state.status, desk.state.person, len(stops(desk))) == (Status.SEARCH, None, 1)


def test_a_reply_that_was_ready_before_a_mistaken_end_is_made_anew(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    today = day_in_japan(desk.inside.now)
    desk.do(RecordDeath(today, "電話"), END).do(ConfirmMistake(), by=APPROVER)
    assert (desk.state.status, desk.state.decision) == (Status.SEARCH, None)
    desk.searched()
    desk.decided()
    desk.sent()
    assert (desk.state.status, len(desk.state.replies)) == (Status.DISPATCHED, 1)
