"""Exclusions for single persons on random ledgers, against one record and identifier at a time."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyActiveError, DoesNotStandError, MalformedError
from ledger.exclusions.exclusion import Exclude, LiftExclusion
from ledger.exclusions.visible_events import facts_of, visible_facts
from projections.histories import HistoryPage
from tests.database import Server
from tests.oracle import steps
from tests.oracle.decoder import Seen
from tests.oracle.fold import history, person_at, person_with
from tests.oracle.order11 import Order11, Whom
from tests.oracle.test_random_findings import compared
from tests.oracle.test_random_ledgers import bounded, world_of
from tests.oracle.transfers import (
    SETTLED,
    Transfer,
    person_of,
    said_of,
    told_of,
    transfers_at,
)
from tests.oracle.world import World, answer_of, ref_of
from tests.projections.older import without_marks
from tests.rounds import rounds

CHIEFS = ("c" * 32, "d" * 32)
COMMANDS = 10


def _changed(world: World, order11: Order11, one: Transfer, random: Random) -> Whom:
    """Exclude a record, or ask for it to be lifted; for whom."""
    spans = ((one.position, one.position),)
    who, actor = random.choice([*range(steps.PERSONS), None]), random.choice(CHIEFS)
    whom: list[Whom] = [None]
    if who is not None:
        person = person_at(world.events(), world.house.reads.head(), [steps.PEOPLE[who]])
        whom = [*sorted({person_of(line) for line in one.lines.values()} & person)]
    is_lift = random.random() < 0.6
    act: Callable[[], None] = (
        (lambda: order11.lift(one, whom, actor))
        if is_lift
        else (lambda: order11.exclude(one, whom))
    )
    before = deepcopy(order11)
    act()
    if _is_done(world, is_lift, who, spans, actor):
        return None if who is None else steps.PEOPLE[who]
    # What is refused would have changed nothing.
    assert order11.at(one) == before.at(one)
    return None


def _is_done(
    world: World,
    is_lift: bool,  # noqa: FBT001 -- of this module alone
    who: int | None,
    spans: tuple[tuple[int, int], ...],
    actor: str,
) -> bool:
    chief = world.house.exclusions()
    try:
        keys = None if who is None else chief.keys_in(ref_of(who), spans)
        if is_lift:
            command = LiftExclusion(random_uuid(), actor, spans, "消滅", keys)
        else:
            command = Exclude(random_uuid(), actor, spans, "i", "危害", keys)
        chief.change(command, world.now)
    except (AlreadyActiveError, DoesNotStandError, MalformedError):
        return False
    return True


def _compare(world: World, order11: Order11) -> None:
    events, head = world.events(), world.house.reads.head()
    for position in (head // 2, head):
        for who in range(steps.PERSONS):
            page = world.page([who], position)
            where = f"position {position}, person {who}"
            expected = history(events, position, [steps.PEOPLE[who]], order11)
            assert [answer_of(one) for one in page.entries] == expected, where


def _pages(world: World, head: int) -> list[HistoryPage]:
    return [world.page([who], head) for who in range(steps.PERSONS)]


@settings(parent=bounded, max_examples=rounds(5))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_each_person_is_told_what_the_oracle_says_whatever_was_excluded_and_lifted(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        head = world.catch_up()
        order11 = Order11()
        records = [*transfers_at(world.events(), head).values()]
        for _ in range(COMMANDS if records else 0):
            _changed(world, order11, random.choice(records), random)
        _compare(world, order11)
        compared(world, order11)
        without_marks(world.connection, world.house.secret)
        _compare(world, order11)


@settings(parent=bounded, max_examples=rounds(5))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_no_answer_to_one_person_depends_on_an_exclusion_for_another(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        head = world.catch_up()
        events, order11 = world.events(), Order11()
        records = list(transfers_at(events, head).values())
        people = [steps.PEOPLE[who] for who in range(steps.PERSONS)]
        clusters = [person_at(events, head, [one]) for one in people]
        for _ in range(COMMANDS if records else 0):
            before = _pages(world, head)
            whom = _changed(world, order11, random.choice(records), random)
            if whom is None:
                continue
            after = _pages(world, head)
            for who, cluster in enumerate(clusters):
                if whom not in cluster:
                    assert after[who] == before[who], (whom, people[who])


def _seen_anew(events: Sequence[Seen], one: Transfer, order11: Order11) -> list[tuple[int, int]]:
    """(position, version) of what is told of a transfer to who may not exclude."""
    person = person_with(events)

    def says(then: Transfer) -> object:
        seen = order11.seen(then, person)
        return None if seen is None else said_of(seen, [seen.lines[n] for n in sorted(seen.lines)])

    def is_about_hidden(position: int) -> bool:
        event = events[position - 1]
        if event.type != SETTLED:
            return False
        then = order11.seen(transfers_at(events, position - 1)[one.id], person)
        stood = set[str]() if then is None else {code for _, code in then.stands()}
        return stood.isdisjoint(event.record["codes"])

    told = told_of(events, one.id, says)
    return [
        (position, version)
        for version, position in enumerate((at for at in told if not is_about_hidden(at)), 1)
    ]


@settings(parent=bounded, max_examples=rounds(20))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_versions_and_positions_are_those_of_a_transfer_without_its_hidden_lines(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        head, order11 = world.catch_up(), Order11()
        events, streams = world.events(), world.house.streams
        records = [*transfers_at(events, head).values()]
        for _ in range(COMMANDS if records else 0):
            _changed(world, order11, random.choice(records), random)
        events = world.events()
        for one in records:
            if order11.seen(one, person_with(events)) is None:
                continue
            told = [*visible_facts(facts_of(streams, UUID(one.id)), streams.visibility())]
            wanted = _seen_anew(events, one, order11)
            assert [(fact.position, fact.version) for fact in told] == wanted, one.id
            positions = {fact.position for fact in told}
            for who in range(steps.PERSONS):
                for entry in world.page([who], head).entries:
                    if str(entry.transfer) == one.id:
                        assert positions.issuperset(entry.positions), (one.id, steps.PEOPLE[who])
