"""Approval, dispatch, what comes after, and versions of a case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus, RenderedHashes, StepCase
from ledger.cases.events.case import (
    CaseApproved,
    CaseClosed,
    CaseDecided,
    CaseDispatched,
    CaseRefused,
    ReplyStored,
)
from ledger.cases.events.measures import CaseMeasure
from ledger.cases.events.reply import CasePasswordPosted, PasswordPosted
from ledger.cases.measure_steps import DecideMeasures
from ledger.cases.refusals import (
    CameOfAgeError,
    CaseExpiringError,
    CaseStatusError,
    StaleApprovalError,
    StaleVersionError,
)
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Deliver,
    Dispatch,
    PostPassword,
    RecordDeath,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    Submit,
    Verify,
    Withdraw,
)
from ledger.errors import (
    AlreadyActiveError,
    MalformedError,
    NotFoundError,
    SeparationOfDutiesError,
)
from ledger.format.event_parts import other_event_of, other_parts_of
from ledger.format.events import ExpiredEvent, Fact
from ledger.law.procedure.policy_2022 import PUBLISHED
from tests.law.papers import ARRIVED, both, paper, read_with
from tests.ledger.case_given import (
    ALL,
    APPROVE,
    APPROVER,
    CASE,
    CODE,
    COMMAND,
    DAY,
    DISCLOSE,
    DOCUMENTS,
    FORM,
    GOOD,
    HEAD,
    IDENTIFY,
    LETTER,
    MY_NUMBER,
    NOON,
    OFFICER,
    OTHER_LETTER,
    OTHER_ROWS,
    PERSON,
    SHORT,
    SUBMIT,
    Desk,
    application,
    dispatched,
    held,
    refused,
    seen,
)
from tests.ledger.given import malformed
from tests.matrix import every

# -- approval and dispatch ------------------------------------------------------------------------


@every("changed", [OTHER_LETTER, OTHER_ROWS])
def test_an_approval_is_void_when_what_was_approved_changed(changed: RenderedHashes) -> None:
    with pytest.raises(StaleApprovalError):
        Desk().submitted().do(Approve(changed, DOCUMENTS), by=APPROVER)
    desk = Desk().approved()
    with pytest.raises(StaleApprovalError):
        desk.do(replace(dispatched(desk.today), rendered=changed))


def test_what_is_approved_changes_with_every_part_of_the_decision() -> None:
    desk = Desk().submitted()
    before = desk.case
    assert isinstance(before.decision, CaseDecided)
    assert before.search is not None
    assert before.reply_to is not None
    others = (
        replace(before, decision=replace(before.decision, outcome="non_disclosure")),
        replace(before, decision=replace(before.decision, withheld=(held(ALL[0]),))),
        replace(before, decision=replace(before.decision, as_of=6)),
        replace(before, decision=replace(before.decision, medium="electronic")),
        replace(before, search=replace(before.search, digest=bytes(32))),
        replace(before, reply_to=replace(before.reply_to, address="billing")),
        replace(before, procedure="2027-04-01"),
        replace(before, decision=CaseRefused("FORM", ())),
    )
    contents = [case.content_of(one, LETTER, CODE) for one in (before, *others)]
    contents += [case.content_of(before, one, CODE) for one in (OTHER_LETTER, OTHER_ROWS)]
    contents.append(case.content_of(before, LETTER, CODE[::-1]))
    assert len(set(contents)) == len(contents)


@every(
    "step, pointer",
    [
        (Submit(LETTER, "0123"), "/verification_code"),
        (Submit(RenderedHashes(b"", bytes(32)), CODE), "/rendered/rows"),
        (Submit(RenderedHashes(bytes(32), b"x"), CODE), "/rendered/letter"),
    ],
)
def test_a_submission_that_is_none_is_named(step: Submit, pointer: str) -> None:
    assert malformed(Desk().verified().do, IDENTIFY, DISCLOSE, step) == {(pointer, "SCHEMA")}


def test_what_is_approved_is_kept_with_the_approval_and_sent_as_it_is_kept() -> None:
    desk = Desk().approved()
    [approved, stored] = [one.event for one in desk.facts[-2:]]
    assert desk.case.submission is not None
    assert approved == CaseApproved(desk.case.submission.content, 4)
    assert isinstance(stored, ReplyStored)
    assert dict(zip(stored.names, stored.pieces, strict=True)) == DOCUMENTS
    desk.do(Dispatch(LETTER, desk.today, "123-45-67890-1"))
    [sent] = [one.event for one in desk.facts if isinstance(one.event, CaseDispatched)]
    assert (sent.sheets, sent.changed_since) == (4, None)


def test_other_documents_than_the_submitted_ones_are_not_approved() -> None:
    with pytest.raises(StaleApprovalError):
        Desk().submitted().do(Approve(LETTER, {**DOCUMENTS, "reply.pdf": b"x"}), by=APPROVER)


@every("changed", [None, OTHER_ROWS])
def test_what_was_in_the_post_as_the_records_changed_is_put_down_as_such(
    changed: RenderedHashes | None,
) -> None:
    desk = Desk().approved()
    step = replace(dispatched(desk.today), rendered=changed)
    with pytest.raises(StaleApprovalError):
        desk.do(step)
    [reply] = desk.do(replace(step, already_posted=True)).case.replies
    assert reply.changed_since
    assert Reopen in case.open_steps(desk.case, PUBLISHED[0])


@every(
    "changes, pointer, code",
    [
        ({"dispatched_on": ARRIVED + DAY}, "/dispatched_on", "DATE_IN_FUTURE"),
        ({"dispatched_on": ARRIVED - DAY}, "/dispatched_on", "BEFORE_THE_APPROVAL"),
        *(
            ({"item_number": number}, "/item_number", "ITEM_NUMBER_MALFORMED")
            for number in (
                " ",
                "hello",
                "123-45-67890",
                "123-45-67890-12",
                "1234-5-67890-1",
                "123-45-67890-1\n",
                "１２３-45-67890-1",
            )
        ),
        ({"sheets": 0}, "/sheets", "SCHEMA"),
    ],
)
def test_a_dispatch_that_cannot_be_is_named(
    changes: dict[str, Any], pointer: str, code: str
) -> None:
    desk = Desk().approved()
    assert malformed(desk.do, replace(dispatched(desk.today), **changes)) == {(pointer, code)}


@every("number", ["123-45-67890-1", "12345678901"])
def test_the_number_of_the_post_has_its_hyphens_or_none(number: str) -> None:
    desk = Desk().approved()
    desk.do(replace(dispatched(desk.today), item_number=number))
    assert [one.item_number for one in desk.case.replies] == [number]


def test_a_minor_s_representative_gets_no_reply_once_the_minor_is_an_adult() -> None:
    asked = application(
        requester="legal_representative",
        representation="parent_of_minor",
        birth_date=date(2008, 11, 30),
        form={**FORM, "representative_name": "見本 太郎", "representative_address": "同上"},
    )
    register = paper("family_register", "legal_representative")
    papers = seen(*GOOD.papers, *both("legal_representative"), register)
    desk = Desk().receive(asked).do(CheckDocuments(papers), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    desk.do(APPROVE, by=APPROVER).later(6)
    with pytest.raises(CameOfAgeError):
        desk.do(dispatched(desk.today))
    desk.do(dispatched(desk.today - DAY))
    assert desk.status == CaseStatus.DISPATCHED


def test_a_second_reply_of_a_case_is_supplementary_and_supersedes_the_first() -> None:
    desk = Desk().sent().do(Reopen("訂正された記録がある"))
    assert desk.case.decision is None
    desk.do(IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)
    desk.do(dispatched(desk.today), Deliver(desk.today))
    first, second = desk.case.replies
    assert (first.supplementary, first.superseded) == (False, True)
    assert (second.supplementary, second.superseded) == (True, False)
    assert second.delivered_on == desk.today
    assert desk.case.ended_at == desk.now


@every(
    "step, pointer",
    [
        (Deliver(ARRIVED - DAY), "/delivered_on"),
        (Deliver(ARRIVED + DAY), "/delivered_on"),
        (Return(ARRIVED, "eaten"), "/reason"),
        (Return(ARRIVED - DAY, "refused"), "/returned_on"),
        (Reopen(""), "/reason"),
        (RecordDeath(ARRIVED, MY_NUMBER), "/evidence"),
        (RecordDeath(ARRIVED + DAY, "電話"), "/learned_on"),
    ],
)
def test_what_happens_after_the_dispatch_has_a_day_and_a_word(step: Step, pointer: str) -> None:
    with pytest.raises(MalformedError) as error:
        Desk().sent().do(step)
    assert {one.pointer for one in error.value.defects} == {pointer}


# -- versions, expiry -----------------------------------------------------------------------------


def test_who_looked_at_an_older_version_decides_nothing() -> None:
    state = Desk().receive().do(CheckDocuments(GOOD)).case
    stale = StepCase(COMMAND, OFFICER, CASE, state.version - 1, Verify())
    with pytest.raises(StaleVersionError):
        case.decide(stale, state, PUBLISHED, NOON, HEAD)
    with pytest.raises(NotFoundError):
        case.decide(stale, None, PUBLISHED, NOON, HEAD)


def test_a_case_whose_key_is_dead_is_unknown() -> None:
    facts = Desk().sent().facts
    gone = [
        Fact(f.position, f.stream, f.version, f.at, f.actor, ExpiredEvent(f.event.TYPE))
        for f in facts
        if not isinstance(f.event, ExpiredEvent)
    ]
    assert len(gone) == len(facts)
    assert case.fold(None, gone) is None


# -- the password of a medium goes by a post of its own, and that is put down with the dispatch ----

NUMBER = "123-45-67890-1"
OTHER = "123-45-67891-2"


def test_a_dispatch_without_a_password_is_stored_as_it_always_was() -> None:
    plain = CaseDispatched(b"\0" * 32, ARRIVED, "123-45-67890-1", 4)
    _, sealed = other_parts_of(plain)
    assert set(sealed) == {"content", "dispatched_on", "item_number", "sheets"}
    apart = replace(plain, password_letter=PasswordPosted(ARRIVED, "123-45-67891-2"))
    for event in (plain, apart):
        assert other_event_of(event.TYPE, *other_parts_of(event)) == event


def test_a_password_is_put_down_with_the_reply_that_it_opens_at_once_or_later() -> None:
    apart = PasswordPosted(ARRIVED, OTHER)
    at_once = Desk().approved().do(replace(dispatched(ARRIVED), password_letter=apart))
    desk = Desk().sent()
    [before] = desk.case.replies
    desk.now += DAY
    [reply] = desk.do(PostPassword(desk.today, OTHER)).case.replies
    assert reply == replace(before, password_letter=PasswordPosted(desk.today, OTHER))
    assert desk.status == CaseStatus.DISPATCHED
    for known in (desk, at_once):
        for number in (OTHER, "123-45-67892-3"):
            with pytest.raises(AlreadyActiveError):
                known.do(PostPassword(ARRIVED, number))


@every("ago", [0, 1])
def test_a_closed_case_takes_it_and_ends_once_more_so_that_headers_tell_the_end(ago: int) -> None:
    desk = Desk().sent().do(Deliver(ARRIVED))
    desk.now += 2 * DAY
    desk.do(PostPassword(desk.today - ago * DAY, OTHER))
    assert [type(one.event) for one in desk.facts[-2:]] == [CasePasswordPosted, CaseClosed]
    assert (desk.status, desk.case.ended_at) == (CaseStatus.CLOSED, desk.now)
    assert desk.case.replies[-1].delivered_on == ARRIVED


@every(
    "day, number, pointer, code",
    [
        (ARRIVED + DAY, OTHER, "/dispatched_on", "DATE_IN_FUTURE"),
        (ARRIVED - DAY, OTHER, "/dispatched_on", "BEFORE_THE_APPROVAL"),
        (ARRIVED, "123", "/item_number", "ITEM_NUMBER_MALFORMED"),
        (ARRIVED, NUMBER, "/item_number", "ITEM_NUMBER_TWICE"),
        (ARRIVED, NUMBER.replace("-", ""), "/item_number", "ITEM_NUMBER_TWICE"),
    ],
)
def test_a_password_goes_by_an_item_of_its_own_at_once_or_later(
    day: date, number: str, pointer: str, code: str
) -> None:
    post = replace(dispatched(ARRIVED), item_number=NUMBER)
    with_it = replace(post, password_letter=PasswordPosted(day, number))
    assert malformed(Desk().approved().do, with_it) == {(f"/password_letter{pointer}", code)}
    for way in ((), (Reopen("訂正"),)):
        desk = Desk().approved().do(post, *way)
        assert malformed(desk.do, PostPassword(day, number)) == {(pointer, code)}


def test_a_reply_that_shows_no_record_has_no_password() -> None:
    desk = refused().do(SUBMIT).do(APPROVE, by="approver-2")
    desk.do(dispatched(desk.today))
    with pytest.raises(CaseStatusError):
        desk.do(PostPassword(desk.today, OTHER))


def test_nothing_is_put_down_once_the_key_of_the_case_dies() -> None:
    desk = Desk().sent().do(Deliver(ARRIVED))
    desk.now += 3 * 366 * DAY
    with pytest.raises(CaseExpiringError):
        desk.do(PostPassword(desk.today, OTHER))


# -- whoever prepared what stands approves none of it; two people are enough -----------------------

LOOK = CheckDocuments(GOOD)
STEPS: Sequence[Step] = (LOOK, Verify(), IDENTIFY, DISCLOSE, SUBMIT)
STOPPED = DecideMeasures("taken", (CaseMeasure("provision_stopped", ARRIVED),))
MEASURES: Sequence[Step] = (LOOK, Verify(), PERSON, STOPPED, SUBMIT)
NARROW = (read_with(preparers="decision_and_submission"),)


def taken(desk: Desk, steps: Sequence[Step], *others: int, other: str = APPROVER) -> Desk:
    """The steps by the officer, but those at `others`."""
    for n, step in enumerate(steps):
        desk.do(step, by=other if n in others else OFFICER)
    return desk


def may_approve(desk: Desk, who: str) -> bool:
    try:
        desk.do(APPROVE, by=who)
    except SeparationOfDutiesError:
        return False
    assert desk.case.approver == who
    return True


@every("kind", ["provision_records", "provision_stop"])
@every("step", range(5))
def test_whoever_took_one_step_of_it_may_not_approve(kind: str, step: int) -> None:
    steps = STEPS if kind == "provision_records" else MEASURES
    desk = taken(Desk().receive(application(kind=kind)), steps, step)
    assert not may_approve(desk, APPROVER)
    assert not may_approve(desk, OFFICER)
    assert may_approve(desk, "approver-2")


@every("step", range(5))
def test_a_step_under_an_earlier_actor_of_the_same_person_counts_as_theirs(step: int) -> None:
    desk = taken(Desk().receive(application()), STEPS, step, other="before")
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER, earlier=frozenset({"another", "before"}))
    desk.do(APPROVE, by=APPROVER, earlier=frozenset({"another"}))
    assert desk.case.approver == APPROVER


def test_an_approver_who_opened_the_envelope_may_approve() -> None:
    for between in ((), (RequestCorrection(), Resubmit(Desk().today))):
        desk = Desk().receive(by=APPROVER)
        assert desk.facts[0].actor == APPROVER
        if between:
            desk.do(CheckDocuments(SHORT)).do(*between, by=APPROVER)
        assert may_approve(taken(desk, STEPS), APPROVER)


@every("step", range(3))
def test_a_procedure_may_count_the_decision_and_the_submission_alone(step: int) -> None:
    assert may_approve(taken(Desk(NARROW).receive(), STEPS, step), APPROVER)
    for last in (3, 4):
        assert not may_approve(taken(Desk(NARROW).receive(), STEPS, last), APPROVER)


def test_a_death_is_put_down_once() -> None:
    asked = application(requester="legal_representative", representation="guardian_of_adult")
    desk = Desk((read_with(after_death="answer_representative"),)).receive(asked)
    desk.do(RecordDeath(ARRIVED, "電話"))
    with pytest.raises(AlreadyActiveError):
        desk.do(RecordDeath(ARRIVED, "電話"))


def test_nobody_withdraws_before_asking() -> None:
    with pytest.raises(MalformedError):
        Desk().receive().do(Withdraw(ARRIVED - DAY, "書面"))


def test_what_is_void_was_prepared_by_nobody() -> None:
    again = taken(Desk().receive(), STEPS[:4], 0, 1, 2, 3)
    assert may_approve(taken(again, STEPS), APPROVER)
    papers = taken(Desk().receive(), STEPS[:4], 0, 1, 2, 3).do(Resubmit(Desk().today))
    assert may_approve(taken(papers, STEPS), APPROVER)
    for begin in (2, 3):  # another search, another decision
        desk = taken(Desk().receive(), STEPS, *range(begin, 5))
        desk.do(SendBack("宛名"), by="approver-2")
        assert may_approve(taken(desk, STEPS[begin:]), APPROVER)
    desk = taken(Desk().receive(), STEPS, 4, other="officer-2").do(SendBack("宛名"), by=APPROVER)
    desk.do(SUBMIT)
    assert not may_approve(desk, "officer-2"), "who submitted it once prepared it"
    assert may_approve(desk, APPROVER), "sending back prepares nothing"
    desk = taken(Desk().receive(), STEPS, 1, other="officer-2").do(APPROVE, by=APPROVER)
    desk.do(dispatched(desk.today), Reopen("訂正"), *STEPS[2:])
    assert not may_approve(desk, "officer-2"), "the verification counts after a reopening"
    assert may_approve(desk, APPROVER)
