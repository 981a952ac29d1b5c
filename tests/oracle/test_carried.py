"""Random ledgers of which parts are carried forward and the rest dies, against the oracle."""

from collections.abc import Iterable, Sequence
from datetime import date
from random import Random
from uuid import UUID

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.rebuild import rebuild
from projections.verification import IndexDifference, differences
from tests.database import Server
from tests.ledger.carrying import carry, let_die, only
from tests.oracle import steps
from tests.oracle.decoder import Seen
from tests.oracle.fold import Answer, history, transfers_at
from tests.oracle.test_random_ledgers import bounded, world_of
from tests.oracle.world import World, answer_of
from tests.projections.log import log_of
from tests.rounds import rounds

POSITIONS = 10
Told = dict[tuple[int, int], list[Answer]]
Carried = dict[str, set[str]]
"""Transfer → the identifiers whose lines are carried."""


def dying_keys(world: World) -> list[bytes]:
    """The keys of days: those of objects are held back by moving their day, without copies."""
    with psycopg.connect(world.database.admin) as admin:
        return [
            key_id
            for (key_id,) in admin.execute(
                "SELECT key_id FROM ledger.data_keys WHERE key_class IN ('record', 'no-duty')"
            )
        ]


def told(world: World, positions: Iterable[int]) -> Told:
    """What the product tells each person, as of each position."""
    return {
        (who, at): [answer_of(entry) for entry in world.page([who], at).entries]
        for at in positions
        for who in range(steps.PERSONS)
    }


def expected(events: Sequence[Seen], positions: Iterable[int]) -> Told:
    return {
        (who, at): history(events, at, [steps.PEOPLE[who]])
        for at in positions
        for who in range(steps.PERSONS)
    }


def carry_some(world: World, random: Random, year: int) -> Carried:
    """Carry some transfers forward, whole or for some persons only."""
    keys = world.house.keys
    carried: Carried = {}
    for stream in transfers_at(world.events(), world.house.reads.head()):
        key = keys.key_for("record", day=date(year, 1, random.randint(1, 3)))
        parts: list[set[str]] = []
        match random.randrange(5):
            case 0:
                continue
            case 1 | 2:
                parts = [{random.choice(steps.PEOPLE)[1]}, {random.choice(steps.PEOPLE)[1]}]
            case _:
                parts = [{identifier for _, identifier in steps.PEOPLE}]
        for identifiers in parts:
            carry(world.house, UUID(stream), key, world.now, only(*identifiers))
        carried[stream] = set().union(*parts)
    return carried


@settings(parent=bounded, max_examples=rounds(5))
@given(drawn=steps.ledgers, random=st.randoms(use_true_random=False))
def test_what_was_carried_forward_is_told_and_nothing_else(
    server: Server, drawn: list[steps.Step], random: Random
) -> None:
    with world_of(server, drawn) as world:
        head = world.catch_up()
        positions = sorted({head, *(random.randint(0, head) for _ in range(POSITIONS))})
        before = told(world, positions)
        dying = dying_keys(world)
        first = carry_some(world, random, 2040)
        world.catch_up()
        assert told(world, positions) == before
        let_die(world.house, world.database, dying)
        _is_told(world, positions, before, first)
        # Again, from the copies alone, of which some add up and some are of some persons only.
        dying = dying_keys(world)
        second = carry_some(world, random, 2041)
        world.catch_up()
        let_die(world.house, world.database, dying)
        both = {stream: first[stream] & second[stream] for stream in first.keys() & second.keys()}
        _is_told(world, positions, before, both)


def _is_told(world: World, positions: Sequence[int], before: Told, carried: Carried) -> None:
    """What the oracle says; of what was carried the same as before, and to nobody new."""
    head = world.house.reads.head()
    found = told(world, [*positions, head])
    assert found == expected(world.events(), [*positions, head])
    for place, answers in before.items():
        assert {one.transfer for one in found[place]} <= {one.transfer for one in answers}
        for answer in answers:
            if {identifier for _, _, identifier, _ in answer.lines} <= carried.get(
                answer.transfer, set()
            ):
                assert answer in found[place]
    # Rebuilding the index changes no answer.
    for _ in range(2):
        assert differing(world) == []
        assert told(world, [head]) == {place: found[place] for place in found if place[1] == head}
        rebuild(world.house.follower(), world.connection)


def differing(world: World) -> list[IndexDifference]:
    house = world.house
    return list(differences(world.connection, log_of(house), house.secret))
