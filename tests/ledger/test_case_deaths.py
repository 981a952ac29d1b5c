"""A death on record in a case that goes on: what it hinders, and what its correction costs."""

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus
from ledger.cases.mistake_steps import DismissMistake, ReportEnd
from ledger.cases.refusals import IdentityNotProvenError, MistakeReportedError
from ledger.cases.steps import (
    CheckDocuments,
    RecordDeath,
    Refuse,
    RequestCorrection,
    Resubmit,
    Step,
)
from tests.law.papers import read_with
from tests.ledger.case_given import APPROVER, SHORT, Desk, application
from tests.ledger.test_case_resumed import CONFIRM, END, due


def represented() -> Desk:
    """A correction was asked for in a case that goes on after a death, with who represents."""
    asked = application(requester="legal_representative", representation="guardian_of_adult")
    desk = Desk((read_with(after_death="answer_representative"),)).receive(asked)
    return desk.do(CheckDocuments(SHORT), RequestCorrection())


def test_a_death_that_ends_nothing_hinders_no_papers() -> None:
    desk = represented()
    steps = set(case.open_steps(desk.case, desk.procedures[0]))
    first = due(desk)
    desk.later(2).do(RecordDeath(desk.today, "電話"))
    assert desk.case.deceased_on is not None
    # Every step that was open is open, besides it the report that the death is a mistake.
    assert set(case.open_steps(desk.case, desk.procedures[0])) == steps | {ReportEnd}
    assert due(desk) == first
    assert desk.later(3).do(Resubmit(desk.today)).status == CaseStatus.RESUBMITTED


@pytest.mark.parametrize("settled", [CONFIRM, DismissMistake("死亡は事実だった")])
@pytest.mark.parametrize(("reported", "waits"), [(0, 6), (10, 1), (30, 40), (3, 0)])
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


def test_a_time_that_was_over_before_a_death_is_said_to_be_a_mistake_stays_over() -> None:
    desk = represented()
    before = due(desk)
    desk.do(RecordDeath(desk.today, "電話")).later(31).do(END).later(9).do(CONFIRM, by=APPROVER)
    assert due(desk) == before
    assert desk.do(Refuse()).status == CaseStatus.DECIDED
