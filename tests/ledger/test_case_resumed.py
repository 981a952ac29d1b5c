"""A case that goes on after a mistaken end: what is in the post, and what time stood still."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus, RenderedHashes
from ledger.cases.clocks import all_clocks, running
from ledger.cases.intake import LATE_ENTRY_DAYS
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd
from ledger.cases.refusals import (
    CaseStatusError,
    IdentityNotProvenError,
    MistakeReportedError,
    StaleApprovalError,
)
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    Dispatch,
    RecordDeath,
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    Verify,
    Withdraw,
)
from ledger.errors import MalformedError
from ledger.law.requests import KINDS
from tests.law.papers import read_with
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DAY,
    DISCLOSE,
    ENTRY,
    GOOD,
    IDENTIFY,
    LETTER,
    MY_NUMBER,
    OTHER_ROWS,
    SHORT,
    SUBMIT,
    Desk,
    application,
    defects,
    dispatched,
    refused,
)
from tests.ledger.given import malformed
from tests.matrix import every

END, CONFIRM = ReportEnd("別の方の取下書だった"), ConfirmMistake()
ENDS: Mapping[str, Callable[[date], Step]] = {
    "withdrawn": lambda day: Withdraw(day, "書面"),
    "dead": lambda day: RecordDeath(day, "電話"),
}


def resumed(desk: Desk, days: int = 0, end: str = "withdrawn") -> Desk:
    """The case after an end that was undone so many days later."""
    desk.do(ENDS[end](desk.today)).later(days)
    return desk.do(END).do(CONFIRM, by=APPROVER)


def posted(day: date) -> Dispatch:
    return Dispatch(LETTER, day, "123-45-67890-1", 4, already_posted=True)


# -- a letter that may be in the post ---------------------------------------------------------


def again() -> Desk:
    """A supplementary reply that is approved."""
    desk = Desk().sent().do(Reopen("訂正"), IDENTIFY, DISCLOSE, SUBMIT)
    return desk.do(APPROVE, by=APPROVER)


@every("end", ENDS)
@every("approved", [lambda: Desk().approved(), again])
def test_a_letter_that_left_before_a_mistaken_end_is_put_down(
    approved: Callable[[], Desk], end: str
) -> None:
    desk = approved()
    before = desk.case
    resumed(desk, 3, end)
    assert (desk.status, desk.case.submission) == (CaseStatus.NOTICE_READY, before.submission)
    assert (desk.case.approved_on, desk.case.approver) == (before.approved_on, before.approver)
    [procedure] = desk.procedures
    assert "dispatch" in running(desk.case, procedure)
    assert before.approved_on is not None
    desk.do(posted(before.approved_on))
    assert (desk.status, len(desk.case.replies)) == (CaseStatus.DISPATCHED, len(before.replies) + 1)
    # Nothing is known to have changed: the letter tells what is so.
    assert not desk.case.replies[-1].changed_since
    assert desk.do(Deliver(desk.today)).status == CaseStatus.CLOSED


@every("end", ENDS)
def test_a_letter_approved_before_a_mistaken_end_goes_out_no_more(end: str) -> None:
    desk = resumed(Desk().approved(), end=end)
    before = desk.case
    with pytest.raises(StaleApprovalError):
        desk.do(dispatched(desk.today))
    assert desk.state is before
    # Nothing is decided anew on the records of a search that does not count.
    with pytest.raises(CaseStatusError):
        desk.do(DISCLOSE)
    desk.do(SendBack("検索のやり直し"), by=APPROVER)
    assert (desk.status, desk.case.search, desk.case.submission) == (CaseStatus.SEARCH, None, None)
    desk.do(IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)
    assert desk.do(dispatched(desk.today)).status == CaseStatus.DISPATCHED


@every("rendered", [OTHER_ROWS, None])
def test_records_that_changed_are_told_of_a_letter_that_left_before(
    rendered: RenderedHashes | None,
) -> None:
    desk = resumed(Desk().approved())
    desk.do(replace(posted(desk.today), rendered=rendered))
    assert (desk.status, desk.case.replies[-1].changed_since) == (CaseStatus.DISPATCHED, True)


# -- the time for a correction ----------------------------------------------------------------


def asked() -> Desk:
    return Desk().receive().do(CheckDocuments(SHORT), RequestCorrection())


def due(desk: Desk) -> date:
    [procedure] = desk.procedures
    return all_clocks(desk.case, procedure)["correction_due_on"]


@every("end", ENDS)
@every("ended, wrong", [(0, 0), (10, 5), (29, 40), (30, 1), (30, 400)])
def test_the_time_for_a_correction_stands_still_while_a_case_is_ended_by_mistake(
    ended: int, wrong: int, end: str
) -> None:
    desk = asked()
    first = due(desk)
    resumed(desk.later(ended), wrong, end)
    [procedure] = desk.procedures
    assert (due(desk) - first).days == wrong
    assert running(desk.case, procedure)["correction_due_on"] == due(desk)
    assert desk.case.correction is not None
    assert desk.case.correction.due_on == first, "what the letter says stays"
    desk.later((due(desk) - desk.today).days)
    with pytest.raises(IdentityNotProvenError):
        desk.do(Refuse())
    assert desk.later(1).do(Refuse()).status == CaseStatus.DECIDED


def test_a_time_that_was_over_before_a_mistaken_end_stays_over() -> None:
    desk = asked().later(31)
    before = due(desk)
    resumed(desk, 10)
    assert due(desk) == before
    assert desk.do(Refuse()).status == CaseStatus.DECIDED


def test_every_mistaken_end_is_added_and_a_new_letter_begins_anew() -> None:
    desk = asked()
    first = due(desk)
    resumed(resumed(desk.later(1), 3).later(1), 4)
    assert (due(desk) - first).days == 7
    desk.do(Resubmit(desk.today), CheckDocuments(SHORT), RequestCorrection())
    assert (due(desk) - desk.today).days == 30


def test_the_time_for_a_correction_stands_still_while_a_report_waits() -> None:
    desk = asked()
    first = due(desk)
    desk.do(ENTRY).later(6).do(DismissMistake("別件"))
    assert (due(desk) - first).days == 6
    # Of an ended case the whole end counts, once.
    desk.do(Withdraw(desk.today, "書面")).later(2).do(END).later(2).do(DismissMistake("別件"))
    desk.later(1).do(END).do(CONFIRM, by=APPROVER)
    assert (due(desk) - first).days == 11


# -- a refusal that comes back after its case was closed ------------------------------------------


def closed_refusal() -> Desk:
    desk = refused().do(SUBMIT).do(APPROVE, by=APPROVER)
    return desk.do(dispatched(desk.today), Close("郵便の報告なし"))


def test_a_refusal_that_comes_back_after_the_closing_opens_the_case() -> None:
    desk = closed_refusal().later(9)
    assert desk.status == CaseStatus.CLOSED_PROCEDURAL
    [procedure] = desk.procedures
    assert case.open_steps(desk.case, procedure) == (Return,)
    desk.do(Return(desk.today, "unknown_address"))
    assert (desk.status, desk.case.is_open, desk.case.ended_at) == (CaseStatus.RETURNED, True, None)
    assert desk.do(CheckDocuments(GOOD), Verify()).status == CaseStatus.SEARCH


def test_a_returned_refusal_that_was_closed_by_mistake_goes_on() -> None:
    desk = closed_refusal()
    desk.do(Return(desk.today, "unknown_address"))
    before = desk.case
    desk.do(Close("別件の郵便"))
    assert desk.status == CaseStatus.CLOSED_PROCEDURAL
    [procedure] = desk.procedures
    assert case.open_steps(desk.case, procedure) == (ReportEnd,)
    desk.later(4).do(END).do(CONFIRM, by=APPROVER)
    assert desk.status == CaseStatus.RETURNED
    assert replace(desk.case, version=before.version) == before
    assert desk.do(CheckDocuments(GOOD), Verify()).status == CaseStatus.SEARCH


@every("end", ENDS)
@every(
    "days, code",
    [
        (-1, "BEFORE_THE_APPROVAL"),
        (0, None),
        (1, None),
        (2, None),
        (3, None),
        (7, None),
        (8, "AFTER_THE_RESUMPTION"),
        (9, "AFTER_THE_RESUMPTION"),
        (10, "DATE_IN_FUTURE"),
    ],
)
def test_what_was_in_the_post_left_between_the_approval_and_the_day_the_case_went_on(
    days: int, code: str | None, end: str
) -> None:
    desk = Desk().approved()
    approved_on = desk.today
    resumed(desk.later(2), 5, end).later(2)
    step, before = posted(approved_on + days * DAY), desk.case
    if code is None:
        assert desk.do(step).case.replies[-1].dispatched_on == step.dispatched_on
        assert (desk.case.revived, desk.case.posted_until) == (None, None)
        return
    with pytest.raises(MalformedError) as refusal:
        desk.do(step)
    assert ("/dispatched_on", code) in defects(refusal)
    assert len(refusal.value.defects) == (2 if code == "DATE_IN_FUTURE" else 1)
    assert desk.case == before


def test_the_day_on_which_it_went_on_is_the_day_in_japan() -> None:
    desk = Desk().approved()
    # 23:30 of the day of the approval in UTC is the next day in Japan.
    desk.now = desk.now.replace(hour=15, minute=30)
    resumed(desk, 2)
    assert desk.case.posted_until == desk.today
    assert desk.do(posted(desk.today)).status == CaseStatus.DISPATCHED


def test_once_it_went_on_nothing_leaves_whatever_ends_it_again() -> None:
    desk = Desk().approved()
    first = desk.today
    resumed(resumed(desk, 2).later(1), 3)
    for day in (first + 3 * DAY, first + 6 * DAY):
        assert malformed(desk.do, posted(day)) == {("/dispatched_on", "AFTER_THE_RESUMPTION")}
    assert desk.do(posted(first + 2 * DAY)).status == CaseStatus.DISPATCHED


# -- the days that the desk writes down, of the arrival and of a death, and what follows -----------

TODAY = Desk().today
LATE = TODAY - timedelta(days=LATE_ENTRY_DAYS + 1)
FOUND = "他部署の書庫で見つかった(受領印あり)"
FIRST = date(2022, 4, 1)


def refusal_of(**changes: object) -> set[tuple[str, str]]:
    with pytest.raises(MalformedError) as refusal:
        Desk().receive(application(**changes))
    return defects(refusal)


@every("kind", KINDS)
def test_a_request_that_lies_a_month_back_says_why_it_is_taken_in_today(kind: str) -> None:
    missing = {("/late_entry_reason", "LATE_ENTRY_REASON_MISSING")}
    assert refusal_of(kind=kind, arrived_on=LATE) == missing
    assert Desk().receive(application(kind=kind, arrived_on=LATE + DAY)).case.is_open
    late = Desk().receive(application(kind=kind, arrived_on=LATE, late_entry_reason=FOUND))
    assert late.case.application.late_entry_reason == FOUND


def test_a_reason_for_a_late_entry_says_something_that_may_stand() -> None:
    for day in (LATE, TODAY):
        blank = refusal_of(arrived_on=day, late_entry_reason=" ")
        assert blank == {("/late_entry_reason", "SCHEMA")}
        found = refusal_of(arrived_on=day, late_entry_reason=MY_NUMBER)
        assert found == {("/late_entry_reason", "MY_NUMBER_SHOWN")}


@every("kind", KINDS)
def test_nobody_asked_before_there_was_such_a_request(kind: str) -> None:
    before = refusal_of(kind=kind, arrived_on=FIRST - DAY, late_entry_reason=FOUND)
    assert before == {("/arrived_on", "DATE_TOO_EARLY")}
    slip = refusal_of(kind=kind, arrived_on=date(1926, 11, 24))
    assert {code for _, code in slip} == {"DATE_TOO_EARLY", "LATE_ENTRY_REASON_MISSING"}


def test_a_death_is_learned_of_between_the_birth_and_today() -> None:
    born = date(1988, 2, 29)
    desk = Desk().receive(application(birth_date=born))
    for day, code in ((born - DAY, "DATE_TOO_EARLY"), (TODAY + DAY, "DATE_IN_FUTURE")):
        assert malformed(desk.do, RecordDeath(day, "電話")) == {("/learned_on", code)}
    # Before the arrival: who is dead may be represented, or somebody asked in the name of the dead.
    assert desk.do(RecordDeath(born, "戸籍")).case.deceased_on == born


def represented() -> Desk:
    """A correction was asked for in a case that goes on after a death, with who represents."""
    asked = application(requester="legal_representative", representation="guardian_of_adult")
    desk = Desk((read_with(after_death="answer_representative"),)).receive(asked)
    return desk.do(CheckDocuments(SHORT), RequestCorrection())


@every("settled", [CONFIRM, DismissMistake("死亡は事実だった")])
@every("reported, waits", [(0, 6), (10, 1), (30, 40), (3, 0)])
def test_the_time_for_a_correction_stands_still_while_a_death_is_said_to_be_a_mistake(
    reported: int, waits: int, settled: Step
) -> None:
    desk = represented()
    first = due(desk)
    desk.do(RecordDeath(desk.today, "電話")).later(reported).do(END).later(waits)
    with pytest.raises(MistakeReportedError):
        desk.do(Resubmit(desk.today))
    desk.do(settled, by=APPROVER)
    assert (due(desk) - first).days == waits
    assert desk.status == CaseStatus.CORRECTION_REQUESTED
    assert (desk.case.deceased_on is None) == (settled is CONFIRM)
    desk.later((due(desk) - desk.today).days)
    with pytest.raises(IdentityNotProvenError):
        desk.do(Refuse())
    assert desk.later(1).do(Refuse()).status == CaseStatus.DECIDED
