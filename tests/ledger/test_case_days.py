"""The days that the desk writes down, of the arrival and of a death, and what follows of them."""

from datetime import date, timedelta

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus
from ledger.cases.intake import LATE_ENTRY_DAYS
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
from ledger.errors import MalformedError
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.requests import KINDS
from tests.law.papers import read_with
from tests.ledger.case_given import (
    APPROVER,
    DAY,
    MY_NUMBER,
    NOON,
    SHORT,
    Desk,
    application,
    defects,
)
from tests.ledger.test_case_resumed import CONFIRM, END, due

TODAY = Desk().today
LATE = TODAY - timedelta(days=LATE_ENTRY_DAYS + 1)
FOUND = "他部署の書庫で見つかった(受領印あり)"
FIRST = date(2022, 4, 1)


def refusal_of(**changes: object) -> set[tuple[str, str]]:
    with pytest.raises(MalformedError) as refusal:
        Desk().receive(application(**changes))
    return defects(refusal)


@pytest.mark.parametrize("kind", KINDS)
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


def test_the_days_until_a_late_entry_are_days_in_japan() -> None:
    desk = Desk(now=NOON.replace(hour=14, minute=59))
    assert desk.receive(application(arrived_on=LATE + DAY)).case.is_open
    desk = Desk(now=NOON.replace(hour=15))
    with pytest.raises(MalformedError):
        desk.receive(application(arrived_on=LATE + DAY))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_asked_before_there_was_such_a_request(kind: str) -> None:
    before = refusal_of(kind=kind, arrived_on=FIRST - DAY, late_entry_reason=FOUND)
    assert before == {("/arrived_on", "DATE_TOO_EARLY")}
    slip = refusal_of(kind=kind, arrived_on=date(1926, 11, 24))
    assert {code for _, code in slip} == {"DATE_TOO_EARLY", "LATE_ENTRY_REASON_MISSING"}


def test_a_request_from_before_the_first_procedure_is_judged_by_it() -> None:
    first = PUBLISHED[0]
    assert first.effective_from > FIRST
    desk = Desk().receive(application(arrived_on=FIRST, late_entry_reason=FOUND))
    assert desk.case.procedure == first.version


def test_a_death_is_learned_of_between_the_birth_and_today() -> None:
    born = date(1988, 2, 29)
    desk = Desk().receive(application(birth_date=born))
    for day, code in ((born - DAY, "DATE_TOO_EARLY"), (TODAY + DAY, "DATE_IN_FUTURE")):
        with pytest.raises(MalformedError) as refusal:
            desk.do(RecordDeath(day, "電話"))
        assert defects(refusal) == {("/learned_on", code)}
    # Before the arrival: who is dead may be represented, or somebody asked in the name of the dead.
    assert desk.do(RecordDeath(born, "戸籍")).case.deceased_on == born


def test_where_no_birth_is_known_a_death_has_no_first_day() -> None:
    assert Desk().receive().do(RecordDeath(date(1990, 1, 1), "戸籍")).case.deceased_on is not None


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
