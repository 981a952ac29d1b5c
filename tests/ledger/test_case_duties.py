"""Whoever prepared what stands approves none of it; two people are enough."""

from collections.abc import Sequence

import pytest

from ledger.cases.events.measures import MeasureTaken
from ledger.cases.measure_steps import DecideMeasures
from ledger.cases.steps import (
    CheckDocuments,
    RequestCorrection,
    Resubmit,
    Step,
    Verify,
)
from ledger.errors import SeparationOfDutiesError
from tests.law.papers import ARRIVED, read_with
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DISCLOSE,
    GOOD,
    IDENTIFY,
    OFFICER,
    PERSON,
    SHORT,
    SUBMIT,
    Desk,
    application,
)
from tests.matrix import every

LOOK = CheckDocuments(GOOD)
STEPS: Sequence[Step] = (LOOK, Verify(), IDENTIFY, DISCLOSE, SUBMIT)
STOPPED = DecideMeasures("taken", (MeasureTaken("provision_stopped", ARRIVED),))
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
