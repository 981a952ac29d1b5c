"""Approval, dispatch, what comes after, and versions of a case."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus, RenderedHashes, StepCase
from ledger.cases.events.case import (
    CaseApproved,
    CaseDecided,
    CaseDispatched,
    CaseRefused,
    ReplyStored,
)
from ledger.cases.refusals import CameOfAgeError, StaleApprovalError, StaleVersionError
from ledger.cases.state import StepActors
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Deliver,
    Dispatch,
    RecordDeath,
    Reopen,
    Return,
    SendBack,
    Step,
    Submit,
    Verify,
    Withdraw,
)
from ledger.errors import (
    AlreadyStandsError,
    MalformedError,
    NotFoundError,
    SeparationOfDutiesError,
)
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
    SUBMIT,
    Desk,
    application,
    defects,
    dispatched,
    held,
    seen,
)

# -- approval and dispatch ------------------------------------------------------------------------


def test_nobody_approves_what_they_prepared_or_submitted() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(SUBMIT, by="officer-2")
    for preparer in (OFFICER, "officer-2"):
        with pytest.raises(SeparationOfDutiesError):
            desk.do(APPROVE, by=preparer)
    assert desk.do(APPROVE, by=APPROVER).case.approver == APPROVER


@pytest.mark.parametrize("changed", [OTHER_LETTER, OTHER_ROWS])
def test_an_approval_is_void_when_what_was_approved_changed(changed: RenderedHashes) -> None:
    with pytest.raises(StaleApprovalError):
        Desk().submitted().do(Approve(changed, DOCUMENTS), by=APPROVER)
    desk = Desk().approved()
    with pytest.raises(StaleApprovalError):
        desk.do(replace(dispatched(desk.today), rendered=changed))


def test_deciding_anew_takes_the_approval_away() -> None:
    desk = Desk().approved().do(SendBack("不開示"), replace(DISCLOSE, withheld=(held(ALL[0]),)))
    assert (desk.status, desk.case.approved_on, desk.case.submission) == (
        CaseStatus.DECIDED,
        None,
        None,
    )


def test_searching_anew_takes_the_decision_away() -> None:
    found = Desk().approved().do(SendBack("別人"), IDENTIFY).case
    assert (found.decision, found.submission, found.approver) == (None, None, None)
    assert found.hands == StepActors(checked=OFFICER, verified=OFFICER, identified=OFFICER)


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


@pytest.mark.parametrize(
    ("step", "pointer"),
    [
        (Submit(LETTER, "0123"), "/verification_code"),
        (Submit(RenderedHashes(b"", bytes(32)), CODE), "/rendered/rows"),
        (Submit(RenderedHashes(bytes(32), b"x"), CODE), "/rendered/letter"),
    ],
)
def test_a_submission_that_is_none_is_named(step: Submit, pointer: str) -> None:
    with pytest.raises(MalformedError) as error:
        Desk().verified().do(IDENTIFY, DISCLOSE, step)
    assert defects(error) == {(pointer, "SCHEMA")}


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


@pytest.mark.parametrize("changed", [None, OTHER_ROWS])
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


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
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
    with pytest.raises(MalformedError) as error:
        desk.do(replace(dispatched(desk.today), **changes))
    assert defects(error) == {(pointer, code)}


@pytest.mark.parametrize("number", ["123-45-67890-1", "12345678901"])
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


@pytest.mark.parametrize(
    ("step", "pointer"),
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


def test_nobody_withdraws_before_asking() -> None:
    with pytest.raises(MalformedError):
        Desk().receive().do(Withdraw(ARRIVED - DAY, "書面"))


def test_a_death_is_put_down_once() -> None:
    asked = application(requester="legal_representative", representation="guardian_of_adult")
    desk = Desk((read_with(after_death="answer_representative"),)).receive(asked)
    desk.do(RecordDeath(ARRIVED, "電話"))
    with pytest.raises(AlreadyStandsError):
        desk.do(RecordDeath(ARRIVED, "電話"))


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
