"""The cases of a process, read as the log grows, are what reading everything again gives."""

from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.cases.case import ReceiveCase, Step, StepCase
from ledger.cases.caseload import Caseload
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import LedgerError
from ledger.values import PrincipalRef
from tests.ledger.case_given import APPROVER, MEMBER, NOON, OFFICER, Desk, application, samples
from tests.ledger.inside import Inside
from tests.ledger.test_case_stored import early
from tests.rounds import rounds

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
