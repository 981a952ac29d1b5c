"""Cases through the ledger: sealed under a key of their own, read back, approved by two."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.cases import mistakes
from ledger.cases.case import CaseStatus, ReceiveCase, State, StepCase
from ledger.cases.caseload import Caseload
from ledger.cases.events.mistakes import CaseEnteredInError, CaseResumed, MistakeEvent
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd, ReportEntry
from ledger.cases.refusals import ReplacementError, StaleVersionError
from ledger.cases.steps import CheckDocuments, Step, Verify, Withdraw
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    LedgerError,
    MalformedError,
    NotFoundError,
    SeparationOfDutiesError,
    UnstorableError,
)
from ledger.format.header import read_header
from ledger.service import CommandReceipt
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    ENTRY,
    FORM,
    GOOD,
    IDENTIFY,
    MEMBER,
    NOON,
    OFFICER,
    SUBMIT,
    Desk,
    application,
    dispatched,
    samples,
)
from tests.ledger.given import malformed
from tests.ledger.inside import Inside
from tests.rounds import rounds


def begun(house: Inside) -> UUID:
    house.now = NOON
    command = ReceiveCase(random_uuid(), OFFICER, application())
    return house.ledger.receive_case(command, house.now).stream


def state(house: Inside, stream: UUID) -> State:
    found = house.ledger.case(stream)
    assert found is not None
    return found


def step(house: Inside, stream: UUID, one: Step, by: str = OFFICER) -> CommandReceipt:
    command = StepCase(random_uuid(), by, stream, state(house, stream).version, one)
    return house.ledger.step_case(command, house.now)


def early(house: Inside, one: Step) -> Step:
    """The step with a search that the young ledger of a test has reached."""
    return replace(IDENTIFY, as_of=house.head()) if one == IDENTIFY else one


def replayed(house: Inside, desk: Desk, steps: list[tuple[Step, str]]) -> tuple[State, State]:
    """The state after the steps in the ledger, and at a desk without one."""
    stream = begun(house)
    for one, by in steps:
        reached = early(house, one)
        step(house, stream, reached, by)
        desk.do(reached, by=by)
    return state(house, stream), desk.case


def alike(stored: State, desk: State) -> bool:
    """Whether both say the same, apart from where and when the events stand."""

    def of_no_place(one: State) -> State:
        replies = tuple(replace(reply, position=0) for reply in one.replies)
        corrected = one.corrected and replace(one.corrected, position=0)
        # The ledger puts a review behind each decision, the desk does not: versions differ.
        bare = replace(one, case=UUID(int=0), position=0, version=0, searchable_from=0)
        return replace(bare, replies=replies, corrected=corrected)

    return of_no_place(stored) == of_no_place(desk)


def test_a_case_comes_back_from_its_bytes_as_it_was_decided(house: Inside) -> None:
    day = Desk().today
    by_name = samples(day)
    # The rest of them, refusals and withdrawals, is told below; each type once by `test_drafts`.
    names = ("check_documents", "verify", "identify_records", "decide", "submit", "send_back")
    names += ("submit", "approve", "dispatch", "return", "reopen", "identify_records", "decide")
    names += ("submit", "approve", "dispatch", "deliver")
    steps = [(by_name[one], APPROVER if one == "approve" else OFFICER) for one in names]
    stored, desk = replayed(house, Desk().receive(), steps)
    assert alike(stored, desk)
    assert (stored.status, len(stored.replies)) == (CaseStatus.CLOSED, 2)
    assert [one.case for one in house.ledger.cases()] == [stored.case]


def test_a_case_as_of_a_position_is_what_it_was(house: Inside) -> None:
    stream = begun(house)
    before = house.head()
    step(house, stream, CheckDocuments(GOOD))
    found = house.ledger.case(stream, before)
    assert found is not None
    assert (found.status, found.version) == (CaseStatus.RECEIVED, 1)
    assert house.ledger.case(stream, before - 1) is None


def test_a_case_is_sealed_under_its_own_open_key_and_nothing_of_it_stands_in_a_header(
    house: Inside,
) -> None:
    streams = [begun(house), begun(house)]
    step(house, streams[0], CheckDocuments(GOOD))
    keys = {stream: set[bytes | None]() for stream in streams}
    for fact in house.house.reads.facts_of_streams(streams, None):
        header = read_header(fact.header)
        keys[fact.stream].add(header.sealed_key)
        text = fact.header.decode()
        assert not any(value in text for value in (*FORM.values(), "M-0001", "seal_certificate"))
        assert set(header.facts) <= {"kind", "procedure", "arrived_on"}
    assert [len(found) for found in keys.values()] == [1, 1]
    assert keys[streams[0]] != keys[streams[1]]
    with psycopg.connect(house.database.admin) as connection:
        rows = connection.execute(
            "SELECT owner, day FROM ledger.data_keys WHERE key_class = 'case'"
        )
        assert set(rows.fetchall()) == {(stream, None) for stream in streams}


def test_a_command_that_comes_again_is_answered_with_its_first_receipt(house: Inside) -> None:
    house.now = NOON
    received = ReceiveCase(random_uuid(), OFFICER, application())
    first = house.ledger.receive_case(received, house.now)
    again = house.ledger.receive_case(received, house.now)
    assert (again.stream, again.position, again.known) == (first.stream, first.position, True)
    checked = StepCase(random_uuid(), OFFICER, first.stream, 1, CheckDocuments(GOOD))
    one = house.ledger.step_case(checked, house.now)
    # The case has moved on since, by this very command: it is no conflict with itself.
    two = house.ledger.step_case(checked, house.now)
    assert (two.position, two.known) == (one.position, True)
    assert len(house.ledger.cases()) == 1


def test_a_case_that_is_not_there_and_a_stream_of_something_else_are_one_answer(
    house: Inside,
) -> None:
    transfer = house.record("t-1").transfer
    for stream in (random_uuid(), transfer):
        assert house.ledger.case(stream) is None
        command = StepCase(random_uuid(), OFFICER, stream, 1, Verify())
        with pytest.raises(NotFoundError):
            house.ledger.step_case(command, house.now)


def approvable(house: Inside, verified_by: str = OFFICER) -> UUID:
    stream = begun(house)
    for one in (CheckDocuments(GOOD), Verify(), IDENTIFY, samples(Desk().today)["decide"], SUBMIT):
        by = verified_by if isinstance(one, Verify) else OFFICER
        step(house, stream, early(house, one), by=by)
    return stream


def duties(house: Inside) -> list[tuple[object, ...]]:
    with psycopg.connect(house.database.admin) as connection:
        return connection.execute(
            "SELECT subject, preparer, approver FROM ledger.duties"
        ).fetchall()


def test_the_database_knows_everybody_who_prepared_what_is_approved(house: Inside) -> None:
    stream = approvable(house, verified_by="officer-2")
    for preparer in (OFFICER, "officer-2"):
        with pytest.raises(SeparationOfDutiesError):
            step(house, stream, APPROVE, by=preparer)
    assert duties(house) == []
    step(house, stream, APPROVE, by=APPROVER)
    assert sorted(duties(house), key=str) == [
        (stream, OFFICER, APPROVER),
        (stream, "officer-2", APPROVER),
    ]
    step(house, stream, dispatched(Desk().today))
    assert state(house, stream).status == CaseStatus.DISPATCHED


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


def test_a_case_is_replaced_by_one_that_there_is_and_that_is_no_mistake_itself(
    house: Inside,
) -> None:
    stream, reported = begun(house), begun(house)
    step(house, reported, ENTRY)
    transfer = house.record("t-1").transfer
    for named, code in (
        (random_uuid(), "CASE_UNKNOWN"),
        (transfer, "CASE_UNKNOWN"),
        (reported, "REPLACEMENT_IN_ERROR"),
    ):
        found = malformed(step, house, stream, double_of(named))
        assert found == {("/replaced_by", code)}
    assert state(house, stream).version == 1


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


# -- the cases of a process, read as the log grows, are what reading everything again gives --------

STEPS = tuple(samples(Desk().today))
OTHER = PrincipalRef("member", "M-0002")

# What happens next: a new case, a transfer that is none, five minutes, or a step of some case.
happenings = st.lists(
    st.just("case")
    | st.just("transfer")
    | st.just("minutes")
    | st.tuples(st.integers(0, 3), st.sampled_from(STEPS)),
    min_size=3,
    max_size=12,
)


def receive(house: Inside, *identifiers: PrincipalRef) -> UUID:
    asked = application(identifiers=identifiers or (MEMBER,))
    command = ReceiveCase(random_uuid(), OFFICER, asked)
    return house.ledger.receive_case(command, house.now).stream


def take(house: Inside, stream: UUID, one: Step) -> None:
    """Take the step, by the approver where that is who takes it; it may be refused."""
    state = house.ledger.case(stream)
    assert state is not None
    by = APPROVER if type(one).__name__ in ("Approve", "ConfirmMistake") else OFFICER
    command = StepCase(random_uuid(), by, stream, state.version, early(house, one))
    try:
        house.ledger.step_case(command, house.now)
    except LedgerError:
        return


@settings(
    max_examples=rounds(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happenings=happenings)
def test_whatever_happens_it_says_what_a_fold_of_everything_says(
    house: Inside, happenings: list[str | tuple[int, str]]
) -> None:
    house.now = NOON
    old, streams = Caseload(house.house.streams), [receive(house)]
    assert old.states(house.now) == house.ledger.cases()
    for one in happenings:
        if one == "case":
            streams.append(receive(house))
        elif one == "transfer":
            house.record(f"t-{random_uuid()}")
        elif one == "minutes":
            house.now += timedelta(minutes=5)
        elif not isinstance(one, str):
            number, name = one
            take(house, streams[number % len(streams)], samples(Desk().today)[name])
        assert old.states(house.now) == house.ledger.cases()
    assert Caseload(house.house.streams).states(house.now) == house.ledger.cases()


def test_earlier_cases_of_an_identifier_are_found_however_it_is_written(house: Inside) -> None:
    house.now = NOON
    first, _, third = receive(house), receive(house, OTHER), receive(house, OTHER, MEMBER)
    load = Caseload(house.house.streams)
    spaced = PrincipalRef("member", "\u3000M-0001 ")
    assert [one.case for one in load.similar([spaced], house.now)] == [third, first]
    assert [one.case for one in load.similar([MEMBER], house.now)] == [third, first]
    assert [one.case for one in load.similar([MEMBER], house.now, besides=third)] == [first]
    assert load.similar([], house.now) == []
