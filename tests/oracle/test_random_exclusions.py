"""Exclusions for single persons on random ledgers, against one record and identifier at a time."""

from collections.abc import Callable
from copy import deepcopy
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyStandsError, DoesNotStandError, MalformedError
from ledger.exclusions import Exclude, LiftExclusion
from projections.histories import Page
from tests.database import Server
from tests.oracle import steps
from tests.oracle.fold import history, person_at
from tests.oracle.order11 import Order11, Whom
from tests.oracle.test_random_findings import compared
from tests.oracle.test_random_ledgers import bounded, world_of
from tests.oracle.transfers import Transfer, person_of, transfers_at
from tests.oracle.world import World, answer_of, ref_of
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
    except (AlreadyStandsError, DoesNotStandError, MalformedError):
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


def _pages(world: World, head: int) -> list[Page]:
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


@settings(parent=bounded, max_examples=rounds(5))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_no_answer_to_one_person_depends_on_an_exclusion_for_another(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    """But for the end of a series, which all who read records may know of or nobody."""
    with world_of(server, drawn) as world:
        head = world.catch_up()
        events, order11 = world.events(), Order11()
        records = [one for one in transfers_at(events, head).values() if one.series is None]
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
