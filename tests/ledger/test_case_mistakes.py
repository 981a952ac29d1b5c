"""Mistakes at the desk: reported by one person, confirmed or dismissed by another."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from ledger.cases import case
from ledger.cases.case import ENDED, CaseStatus
from ledger.cases.clocks import running
from ledger.cases.mistake_steps import (
    CAUSES,
    ConfirmMistake,
    DismissMistake,
    ReportEnd,
    ReportEntry,
)
from ledger.cases.refusals import CaseExpiringError, CaseStatusError, MistakeReportedError
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    RecordDeath,
    Reopen,
    RequestCorrection,
    Return,
    SendBack,
    Step,
    Withdraw,
)
from ledger.errors import MalformedError, SeparationOfDutiesError
from tests.law.papers import ARRIVED, read_with
from tests.ledger.case_given import (
    APPROVER,
    CASE,
    DISCLOSE,
    ENTRY,
    IDENTIFY,
    MY_NUMBER,
    OFFICER,
    SHORT,
    SUBMIT,
    Desk,
    application,
    refused,
    samples,
)
from tests.ledger.given import malformed
from tests.matrix import every

END, CONFIRM, DISMISS = ReportEnd("別の方の取下書だった"), ConfirmMistake(), DismissMistake("別件")
WITHDRAW, DEATH = Withdraw(ARRIVED, "書面"), RecordDeath(ARRIVED, "電話")
OTHER = UUID(int=0x07E5)
DOUBLE = ReportEntry("double", "同じ封筒を二度登録した", OTHER)

OPEN: Mapping[str, Callable[[], Desk]] = {
    "received": lambda: Desk().receive(),
    "identity_check": lambda: Desk().receive().do(CheckDocuments(SHORT)),
    "correction_requested": lambda: OPEN["identity_check"]().do(RequestCorrection()),
    "search": lambda: Desk().verified(),
    "review": lambda: Desk().verified().do(IDENTIFY),
    "decided": lambda: Desk().verified().do(IDENTIFY, DISCLOSE),
    "submitted": lambda: Desk().submitted(),
    "notice_ready": lambda: Desk().approved(),
    "sent_back": lambda: Desk().submitted().do(SendBack("宛名"), by=APPROVER),
    "reopened": lambda: Desk().sent().do(Reopen("訂正")),
    "looked at again": lambda: Desk().sent().do(Reopen("訂正"), IDENTIFY),
    "refused": refused,
    "refusal submitted": lambda: refused().do(SUBMIT),
}
# A search from before the end does not count: what rests on one is made again.
BACK: Mapping[str, str] = {
    **dict.fromkeys(("review", "decided", "submitted", "sent_back"), "search"),
    "looked at again": "reopened",
    "refused": "decided",
    "refusal submitted": "submitted",
}


def settled(desk: Desk, *reports: Step) -> Desk:
    """What the officer reports, the approver confirms."""
    for one in reports:
        desk.do(one).do(CONFIRM, by=APPROVER)
    return desk


# -- a case that should never have been opened ----------------------------------------------------


@every(
    "status", ["received", "identity_check", "correction_requested", "search", "review", "decided"]
)
def test_a_case_that_was_opened_by_mistake_ends_when_a_second_person_says_so(status: str) -> None:
    desk = OPEN[status]().do(DOUBLE)
    assert (desk.status.value, desk.case.is_open) == (status, True)
    for by, earlier in ((OFFICER, frozenset[str]()), (APPROVER, frozenset({OFFICER}))):
        with pytest.raises(SeparationOfDutiesError):
            desk.do(CONFIRM, by=by, earlier=earlier)
    desk.do(CONFIRM, by=APPROVER)
    assert (desk.status, desk.case.is_open) == (CaseStatus.ENTERED_IN_ERROR, False)
    assert desk.case.ended_at == desk.now
    assert desk.case.report is not None
    assert desk.case.report.event.replaced_by == OTHER
    assert (desk.case.report.actor, desk.facts[-1].actor) == (OFFICER, APPROVER)
    [procedure] = desk.procedures
    assert running(desk.case, procedure) == {}
    assert case.open_steps(desk.case, procedure) == ()


@every("cause", CAUSES)
def test_every_cause_has_a_reason_and_a_double_the_case_that_stays(cause: str) -> None:
    desk = Desk().receive()
    assert malformed(desk.do, ReportEntry(cause, " ", CASE)) == {
        ("/reason", "SCHEMA"),
        ("/replaced_by", "REPLACED_BY_ITSELF"),
    }
    alone = ReportEntry(cause, "重複")
    if cause == "double":
        assert malformed(desk.do, alone) == {("/replaced_by", "REPLACEMENT_MISSING")}
    else:
        assert desk.do(alone).case.report is not None


@every(
    "step", [ReportEntry("lost", "理由"), ReportEntry("other", MY_NUMBER), ReportEntry("other", "")]
)
def test_a_report_says_why_in_words_that_may_stand(step: ReportEntry) -> None:
    with pytest.raises(MalformedError):
        Desk().receive().do(step)


# -- while a report waits ---------------------------------------------------------------------


@every("name", samples(ARRIVED))
def test_nothing_else_is_done_while_a_report_waits(name: str) -> None:
    desk = Desk().verified().do(ENTRY)
    step = samples(desk.today)[name]
    before = desk.case
    if isinstance(step, ConfirmMistake | DismissMistake):
        desk.do(step, by=APPROVER)
        return
    [procedure] = desk.procedures
    would = case.open_steps(replace(before, report=None), procedure)
    with pytest.raises(MistakeReportedError if type(step) in would else CaseStatusError):
        desk.do(step)
    assert desk.state is before


@every("who", [OFFICER, APPROVER, "officer-2"])
def test_a_report_is_dismissed_by_anybody_and_leaves_the_case_as_it_was(who: str) -> None:
    desk = Desk().verified().do(IDENTIFY)
    before = desk.case
    desk.do(ENTRY).do(DISMISS, by=who)
    assert replace(desk.case, version=before.version) == before
    with pytest.raises(CaseStatusError):
        desk.do(CONFIRM, by=APPROVER)
    with pytest.raises(MalformedError):
        desk.do(ENTRY).do(DismissMistake("  "))


# -- an end that was put down by mistake ----------------------------------------------------------


@every("end", [WITHDRAW, DEATH])
@every("status", OPEN)
def test_a_mistaken_end_is_undone_and_the_case_is_where_it_was(status: str, end: Step) -> None:
    desk = OPEN[status]()
    end = samples(desk.today)[case.step_name(end)]
    before = desk.case
    desk.do(end)
    desk.do(END)
    assert desk.status in ENDED
    with pytest.raises(SeparationOfDutiesError):
        desk.do(CONFIRM)
    desk.do(CONFIRM, by=APPROVER)
    after, [procedure] = desk.case, desk.procedures
    assert after.status.value == BACK.get(status, before.status.value)
    assert (after.is_open, after.ended_at, after.deceased_on, after.report) == (True, *[None] * 3)
    is_verified = before.reply_to is not None
    assert after.searchable_from == (len(desk.facts) if is_verified else before.searchable_from)
    kept = ("application", "check", "correction", "reply_to", "complete_on", "replies", "reopened")
    for name in kept:
        assert getattr(after, name) == getattr(before, name)
    if status not in BACK or before.is_refusal:
        same = replace(after, version=before.version, searchable_from=before.searchable_from)
        is_approved = status == "notice_ready"
        assert after.revived == (len(desk.facts) if is_approved else None)
        assert after.posted_until == (desk.today if is_approved else None)
        assert replace(same, revived=None, posted_until=None) == before
        assert running(after, procedure) == running(before, procedure)
    else:
        assert (after.search, after.decision, after.submission) == (None, None, None)
        assert after.approved_on is None


def test_a_search_from_before_a_mistaken_end_counts_no_more() -> None:
    desk = settled(Desk().verified().do(IDENTIFY, WITHDRAW), END)
    old = desk.case.searchable_from - 1
    assert malformed(desk.do, replace(IDENTIFY, as_of=old)) == {("/as_of", "SEARCH_TOO_OLD")}
    assert desk.do(replace(IDENTIFY, as_of=old + 1)).status == CaseStatus.REVIEW


def test_a_death_that_was_reported_by_mistake_leaves_what_is_in_the_post() -> None:
    for desk in (Desk().sent(), Desk().sent().do(Return(ARRIVED, "refused"))):
        before = desk.case
        settled(desk.do(DEATH), END)
        same = replace(desk.case, version=before.version, searchable_from=before.searchable_from)
        assert same == before
        assert len(desk.case.replies) == 1


def test_a_death_that_ended_nothing_is_taken_back_too() -> None:
    procedures = (read_with(after_death="answer_representative"),)
    asked = application(requester="legal_representative", representation="guardian_of_adult")
    desk = Desk(procedures).receive(asked).do(DEATH)
    assert (desk.status, desk.case.deceased_on) == (CaseStatus.RECEIVED, ARRIVED)
    settled(desk, END)
    assert (desk.status, desk.case.deceased_on) == (CaseStatus.RECEIVED, None)
    assert desk.do(DEATH).case.deceased_on == ARRIVED
    # Withdrawn since: the newest end is undone first, the death stays on record.
    settled(desk.do(WITHDRAW), END)
    assert (desk.status, desk.case.deceased_on) == (CaseStatus.RECEIVED, ARRIVED)


def test_a_closing_without_a_reply_is_undone_and_one_after_a_reply_is_opened_again() -> None:
    desk = Desk().verified(application(kind="retained_data")).do(Close("別の窓口で回答"))
    assert settled(desk, END).status == CaseStatus.SEARCH
    assert desk.do(Close()).status == CaseStatus.CLOSED
    with pytest.raises(CaseStatusError):
        Desk().sent().do(Close(), END)


def test_a_case_that_was_closed_as_withdrawn_for_want_of_a_better_word_may_be_put_right() -> None:
    desk = settled(Desk().receive().do(WITHDRAW), END, DOUBLE)
    assert desk.status == CaseStatus.ENTERED_IN_ERROR


@every("days, goes", [(3 * 365, True), (3 * 365 + 1, False)])
def test_a_case_whose_key_dies_does_not_go_on(days: int, *, goes: bool) -> None:
    # 2028 is a leap year: three years after the end are 1,096 days.
    desk = Desk().receive().do(WITHDRAW).later(days)
    if goes:
        desk.do(END).later(1)
        with pytest.raises(CaseExpiringError):
            desk.do(CONFIRM, by=APPROVER)
        # A report that came too late is still no block for whoever looks at the case.
        assert desk.do(DISMISS).case.report is None
    else:
        assert desk.today == date(2029, 11, 24)
        with pytest.raises(CaseExpiringError):
            desk.do(END)


def test_a_mistake_of_the_entry_may_be_confirmed_however_late() -> None:
    assert settled(Desk().receive().later(4_000), ENTRY).status == CaseStatus.ENTERED_IN_ERROR
