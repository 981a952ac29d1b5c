"""Which letter the post brought back, where several are out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from ledger.cases import case
from ledger.cases.case import ENDED, CaseStatus
from ledger.cases.clocks import running
from ledger.cases.events.case import CaseClosed, CaseReturned
from ledger.cases.mistake_steps import (
    CAUSES,
    ConfirmMistake,
    DismissMistake,
    ReportEnd,
    ReportEntry,
)
from ledger.cases.refusals import CaseExpiringError, CaseStatusError, MistakeReportedError
from ledger.cases.replacement import agreement
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    Dispatch,
    PostPassword,
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
from ledger.clock import day_in_japan
from ledger.errors import MalformedError, SeparationOfDutiesError
from ledger.lifetimes import case_day
from tests.law.papers import ARRIVED, read_with
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    CASE,
    DISCLOSE,
    ENTRY,
    GOOD,
    IDENTIFY,
    MY_NUMBER,
    OFFICER,
    SHORT,
    SUBMIT,
    Desk,
    application,
    dispatched,
    refused,
    samples,
)
from tests.ledger.given import malformed
from tests.ledger.test_case_steps import PATHS
from tests.matrix import every


def supplied(desk: Desk) -> Desk:
    """Opened again, and another letter in the post."""
    desk.do(Reopen("記録の訂正"), IDENTIFY, DISCLOSE, SUBMIT)
    return desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))


def letters_out() -> Desk:
    """Two letters are out; the second was posted three days after the first."""
    return supplied(Desk().sent().later(3))


def back(desk: Desk, number: int | None = None) -> Desk:
    return desk.do(Return(desk.today, "not_collected", number))


def returned_of(desk: Desk) -> list[str | None]:
    return [one.returned for one in desk.case.replies]


def test_without_a_number_it_is_the_newest() -> None:
    desk = back(letters_out())
    assert returned_of(desk) == [None, "not_collected"]
    assert (desk.status, desk.case.current_reply) == (CaseStatus.RETURNED, desk.case.replies[0])
    assert desk.facts[-1].event == CaseReturned(desk.today, "not_collected")
    # The same letter by its number is the same fact.
    assert back(letters_out(), 2).facts[-1].event == desk.facts[-1].event


def test_an_earlier_letter_leaves_a_closed_case_closed() -> None:
    desk = letters_out()
    end = desk.do(Deliver(desk.today)).later(9).case
    back(desk, 1)
    closed_again = [CaseReturned(desk.today, "not_collected", 1), CaseClosed()]
    assert [one.event for one in desk.facts[-2:]] == closed_again
    assert (desk.status, desk.case.ended_at) == (CaseStatus.CLOSED, desk.now)
    assert desk.case.ended_from == end.ended_from
    assert (desk.case.decision, desk.case.submission) == (end.decision, end.submission)
    assert returned_of(desk) == ["not_collected", None]
    # The later one may come back as well.
    assert back(desk, 2).status == CaseStatus.RETURNED
    assert (desk.case.current_reply, desk.case.ended_at) == (None, None)


def test_a_letter_that_came_back_or_never_went_out_does_not_come_back() -> None:
    desk = back(letters_out(), 1)
    for number, code in ((1, "REPLY_CAME_BACK"), (3, "REPLY_UNKNOWN"), (0, "REPLY_UNKNOWN")):
        assert malformed(back, desk, number) == {("/reply", code)}
    assert returned_of(desk) == ["not_collected", None]


def test_a_letter_comes_back_after_it_was_posted_and_not_after_another_one_was() -> None:
    desk = letters_out()
    first, second = (one.dispatched_on for one in desk.case.replies)
    assert second - first == timedelta(days=3)
    for number, day in ((1, first - timedelta(days=1)), (2, second - timedelta(days=1))):
        assert malformed(desk.do, Return(day, "refused", number)) == {
            ("/returned_on", "DATE_TOO_EARLY")
        }
    desk.do(Return(first, "refused", 1))
    assert returned_of(desk) == ["refused", None]


def test_what_came_back_is_sent_again_and_an_earlier_one_sends_nothing() -> None:
    desk = Desk((read_with(returned_mail="send_again"),)).sent().later(1)
    back(supplied(desk), 1)
    with pytest.raises(CaseStatusError):
        desk.do(dispatched(desk.today))
    back(desk).do(dispatched(desk.today))
    assert returned_of(desk) == ["not_collected", "not_collected", None]
    assert desk.case.current_reply == desk.case.replies[-1]


def test_no_clock_and_no_double_moves_by_an_earlier_letter() -> None:
    desk = letters_out().do(Close())
    [procedure] = desk.procedures
    before = desk.case
    back(desk, 1)
    assert running(desk.case, procedure) == running(before, procedure) == {}
    assert agreement(before, desk.case).answered
    back(desk, 2)
    assert agreement(before, desk.case).answered, "somebody looks after it"
    assert not agreement(before, desk.do(Close()).case).answered


@every("is_earlier", [False, True])
def test_nothing_comes_back_to_a_case_whose_key_dies(*, is_earlier: bool) -> None:
    for lives in (True, False):
        desk = letters_out().do(Close())
        last = case_day(day_in_japan(desk.now)) - timedelta(days=lives)
        desk.later((last - desk.today).days)
        steps = (Return(desk.today, "refused", 1 if is_earlier else None), Reopen("訂正"))
        for step in steps:
            again = Desk(desk.procedures, desk.now, desk.case, [*desk.facts])
            if lives:
                again.do(step)
                continue
            with pytest.raises(CaseExpiringError):
                again.do(step)


# -- a case that was opened again without another reply due, and a reply that the post -------------


def reopened() -> Desk:
    desk = Desk().sent()
    return desk.do(Deliver(desk.today), Reopen("発送の確認"))


def refused_now() -> Desk:
    """Looked at again, and found short, before the answer that went out is told of."""
    short = reopened().do(CheckDocuments(SHORT), RequestCorrection())
    return short.later(31).do(Refuse())


WAYS: Mapping[str, Callable[[], Desk]] = {
    "reopened": reopened,
    "identity_check": lambda: reopened().do(CheckDocuments(SHORT)),
    "completeness_check": lambda: reopened().do(CheckDocuments(GOOD)),
    "correction_requested": lambda: reopened().do(CheckDocuments(SHORT), RequestCorrection()),
    "resubmitted": lambda: reopened().do(Resubmit(reopened().today)),
    "search": lambda: reopened().do(CheckDocuments(GOOD), Verify()),
    "review": lambda: reopened().do(IDENTIFY),
    "decided": lambda: reopened().do(IDENTIFY, DISCLOSE),
    "decided, a refusal": refused_now,
    "sent_back": lambda: reopened().do(IDENTIFY, DISCLOSE, SUBMIT, SendBack("不要")),
}


@every("way", WAYS)
def test_a_case_that_was_opened_again_ends_as_it_was_without_another_reply(way: str) -> None:
    desk = WAYS[way]()
    assert desk.status.value == way.partition(",")[0]
    before = desk.case.replies
    desk.do(Close("追加の回答は不要"))
    assert (desk.status, desk.case.replies) == (CaseStatus.CLOSED, before)
    assert (desk.case.ended_at, desk.case.decision, desk.case.search) == (desk.now, None, None)
    # And it may be opened again, as it might have been before.
    desk.do(Reopen("記録の訂正"), CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert desk.case.replies[-1].supplementary


@every("count", [0, 1])
def test_who_has_no_reply_in_hand_is_not_left_without_one(count: int) -> None:
    desk = Desk()
    if count:
        desk.sent()
        desk.do(Return(desk.today, "refused"), CheckDocuments(GOOD), Verify())
    else:
        desk.verified()
    for step in (IDENTIFY, DISCLOSE):
        with pytest.raises(CaseStatusError):
            desk.do(Close())
        desk.do(step)
    assert (desk.case.current_reply, len(desk.case.replies)) == (None, count)


ENDS: dict[str, Callable[[Desk], Step]] = {
    "close": lambda _: Close("郵便の報告なし"),
    "delivery": lambda desk: Deliver(desk.today),
}


def open_to(desk: Desk) -> set[type[Step]]:
    [procedure] = desk.procedures
    return set(case.open_steps(desk.case, procedure))


def came_back(desk: Desk) -> Desk:
    return desk.do(Return(desk.today, "not_collected"))


@every("end", ENDS)
def test_a_reply_comes_back_whatever_was_put_down_of_it(end: str) -> None:
    desk = Desk().sent()
    desk.do(ENDS[end](desk)).later(9)
    assert (desk.status, open_to(desk)) == (CaseStatus.CLOSED, {Return, Reopen, PostPassword})
    sent = desk.case
    came_back(desk)
    assert (desk.status, desk.case.is_open) == (CaseStatus.RETURNED, True)
    assert (desk.case.ended_at, desk.case.ended_from, desk.case.current_reply) == (None, None, None)
    [reply] = desk.case.replies
    assert (reply.delivered_on, reply.returned) == (None, "not_collected")
    # It is what was sent, and it comes back once.
    assert (desk.case.decision, desk.case.submission) == (sent.decision, sent.submission)
    with pytest.raises(CaseStatusError):
        came_back(desk)
    assert came_back(Desk().sent()).case.replies == desk.case.replies
    assert desk.do(CheckDocuments(GOOD), Verify()).status == CaseStatus.SEARCH


@every("end", ENDS)
def test_it_is_sent_again_where_the_procedure_says_so_or_the_case_is_closed(end: str) -> None:
    def returned() -> Desk:
        desk = Desk((read_with(returned_mail="send_again"),)).sent()
        return came_back(desk.do(ENDS[end](desk)))

    desk = returned()
    desk.do(dispatched(desk.today))
    assert (desk.status, desk.case.current_reply) == (CaseStatus.DISPATCHED, desk.case.replies[-1])
    desk = returned().do(Close("連絡がつかない"))
    assert (desk.status, desk.case.current_reply) == (CaseStatus.CLOSED, None)
    with pytest.raises(CaseStatusError):
        came_back(desk)


@every("way", WAYS)
def test_a_reply_comes_back_while_it_is_looked_at_again(way: str) -> None:
    desk = came_back(WAYS[way]())
    assert (desk.status, desk.case.current_reply) == (CaseStatus.RETURNED, None)
    # What was being prepared has not gone out, and is not sent again.
    assert (desk.case.search, desk.case.decision, desk.case.submission) == (None, None, None)
    again = Desk((read_with(returned_mail="send_again"),), state=desk.case, now=desk.now)
    assert Dispatch not in open_to(again)
    assert {CheckDocuments, Close, Reopen} <= open_to(desk)
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert desk.case.current_reply == desk.case.replies[-1]


# -- mistakes at the desk: reported by one person, confirmed or dismissed by another ---------------

END, CONFIRM, DISMISS = ReportEnd("別の方の取下書だった"), ConfirmMistake(), DismissMistake("別件")
WITHDRAW, DEATH = Withdraw(ARRIVED, "書面"), RecordDeath(ARRIVED, "電話")
OTHER = UUID(int=0x07E5)
DOUBLE = ReportEntry("double", "同じ封筒を二度登録した", OTHER)

IN_HAND = ("received", "identity_check", "correction_requested", "search", "review", "decided")
OPEN: Mapping[str, Callable[[], Desk]] = {
    **{one: PATHS[one] for one in (*IN_HAND, "submitted", "notice_ready", "sent_back")},
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


@every("status", IN_HAND)
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
