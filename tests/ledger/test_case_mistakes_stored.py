"""Mistakes at the desk in a real ledger: two people, told to the database; what replaces what."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from ledger.cases import mistakes
from ledger.cases.case import CaseStatus, State, StepCase
from ledger.cases.caseload import Caseload
from ledger.cases.events.mistakes import CaseEnteredInError, CaseResumed, MistakeEvent
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd, ReportEntry
from ledger.cases.refusals import ReplacementError, StaleVersionError
from ledger.cases.steps import CheckDocuments, Withdraw
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError, SeparationOfDutiesError, UnstorableError
from ledger.service import CommandReceipt
from tests.ledger.case_given import APPROVER, ENTRY, GOOD, OFFICER, Desk, defects
from tests.ledger.inside import Inside
from tests.ledger.test_case_stored import alike, begun, duties, state, step

END, CONFIRM = ReportEnd("別の方の取下書だった"), ConfirmMistake()


def double_of(other: UUID) -> ReportEntry:
    return ReportEntry("double", "同じ封筒を二度登録した", other)


def withdraw() -> Withdraw:
    return Withdraw(Desk().today, "書面")


def test_a_double_ends_by_two_and_says_which_case_goes_on(house: Inside) -> None:
    first, second = begun(house), begun(house)
    step(house, second, double_of(first))
    with pytest.raises(SeparationOfDutiesError):
        step(house, second, CONFIRM)
    assert duties(house) == []
    step(house, second, CONFIRM, by=APPROVER)
    assert duties(house) == [(second, OFFICER, APPROVER)]
    found = state(house, second)
    assert (found.status, found.is_open) == (CaseStatus.ENTERED_IN_ERROR, False)
    assert found.report is not None
    assert found.report.event.replaced_by == first
    assert state(house, first).status == CaseStatus.RECEIVED
    assert Caseload(house.house.streams).states(house.now) == house.ledger.cases()


def test_an_end_that_is_undone_comes_back_from_its_bytes_as_it_was_decided(house: Inside) -> None:
    stream, desk = begun(house), Desk().receive()
    steps = [(CheckDocuments(GOOD), OFFICER), (withdraw(), OFFICER), (END, OFFICER)]
    steps += [(DismissMistake("本人の取下書"), APPROVER), (END, APPROVER), (CONFIRM, OFFICER)]
    for one, by in steps:
        step(house, stream, one, by=by)
        desk.do(one, by=by)
    assert alike(state(house, stream), desk.case)
    assert state(house, stream).status == CaseStatus.COMPLETENESS_CHECK
    assert duties(house) == [(stream, APPROVER, OFFICER)]


def forgetful(event: MistakeEvent) -> Callable[[State, str, date], MistakeEvent]:
    """A confirmation that asks nobody who they are."""

    def confirm(state: State, actor: str, today: date) -> MistakeEvent:
        del state, actor, today
        return event

    return confirm


@pytest.mark.parametrize("what", ["entry", "end"])
def test_the_database_refuses_one_person_as_both_whatever_the_program_thinks(
    house: Inside, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    stream = begun(house)
    if what == "end":
        step(house, stream, withdraw())
    step(house, stream, ENTRY if what == "entry" else END)
    event = CaseEnteredInError() if what == "entry" else CaseResumed()
    # As if the domain had forgotten to compare the two.
    monkeypatch.setattr(mistakes, "confirm", forgetful(event))
    before = house.head()
    with pytest.raises(UnstorableError) as refusal:
        step(house, stream, CONFIRM, by=OFFICER)
    assert refusal.value.constraint == "duties_two_people"
    assert (house.head(), duties(house)) == (before, [])
    step(house, stream, CONFIRM, by=APPROVER)
    assert duties(house) == [(stream, OFFICER, APPROVER)]


@pytest.mark.parametrize("other", ["unknown", "a transfer", "in error", "reported"])
def test_a_case_is_replaced_by_one_that_there_is_and_that_is_no_mistake_itself(
    house: Inside, other: str
) -> None:
    stream = begun(house)
    if other == "unknown":
        named = random_uuid()
    elif other == "a transfer":
        named = house.record("t-1").transfer
    else:
        named = begun(house)
        step(house, named, ENTRY)
        if other == "in error":
            step(house, named, CONFIRM, by=APPROVER)
    before = house.head()
    with pytest.raises(MalformedError) as refusal:
        step(house, stream, double_of(named))
    code = "REPLACEMENT_IN_ERROR" if other in ("in error", "reported") else "CASE_UNKNOWN"
    assert defects(refusal) == {("/replaced_by", code)}
    assert house.head() == before


def test_of_two_doubles_that_name_each_other_one_is_confirmed_at_most(house: Inside) -> None:
    first, second, third = begun(house), begun(house), begun(house)
    step(house, second, double_of(first))
    with pytest.raises(MalformedError):
        step(house, first, double_of(second))
    # What was named becomes a mistake itself before the confirmation.
    step(house, first, double_of(third))
    with pytest.raises(ReplacementError):
        step(house, second, CONFIRM, by=APPROVER)
    step(house, first, DismissMistake("こちらが原本"), by=APPROVER)
    step(house, second, CONFIRM, by=APPROVER)
    assert state(house, second).status == CaseStatus.ENTERED_IN_ERROR


def test_of_two_people_who_settle_a_report_at_once_the_second_looks_again(house: Inside) -> None:
    stream = begun(house)
    step(house, stream, ENTRY)
    version = state(house, stream).version

    def settle(one: ConfirmMistake | DismissMistake, by: str) -> CommandReceipt:
        command = StepCase(random_uuid(), by, stream, version, one)
        return house.ledger.step_case(command, house.now)

    settle(DismissMistake("誤りではない"), "officer-2")
    with pytest.raises(StaleVersionError):
        settle(CONFIRM, APPROVER)
    assert state(house, stream).is_open
