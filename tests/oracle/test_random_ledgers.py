"""The product against the oracle on random ledgers: every person, at every position."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.commands import ReclassifyTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.log.record_proofs import prove_records
from ledger.streams.history import HistoryEntry
from ledger.transfers.reassessments import BEGIN, Place, Reassessments, VerdictProposal
from projections.rebuild import rebuild
from projections.verification import differences
from tests.database import Server, cloned_database
from tests.oracle import steps
from tests.oracle.decoder import Seen
from tests.oracle.fold import history, names_at, normal, person_at, transfers_at
from tests.oracle.judging import to_reassess, wrong_verdicts
from tests.oracle.world import ACTOR, World, answer_of, house_of
from tests.projections.log import log_of
from tests.projections.older import without_marks
from tests.rounds import rounds

EXAMPLES = rounds(10)
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def world_of(server: Server, drawn: Sequence[steps.Step]) -> Generator[World]:
    with cloned_database(server) as database:
        made: list[World] = []
        house = house_of(database, lambda: made[0].now)
        try:
            with psycopg.connect(database.urls.projector, autocommit=True) as connection:
                world = World(house, database, connection)
                made.append(world)
                for step in drawn:
                    world.apply(step)
                yield world
        finally:
            house.close()


def _compare(world: World, events: Sequence[Seen], positions: Sequence[int]) -> None:
    """Every person at each position; by every spelling at the last one."""
    for position in positions:
        spellings = steps.PEOPLE if position == positions[-1] else steps.PEOPLE[: steps.PERSONS]
        for who, identifier in enumerate(spellings):
            page = world.page([who], position)
            where = f"position {position}, person {who}"
            refs = {(ref.scheme, ref.id) for ref in page.person.refs}
            assert refs == person_at(events, position, [identifier]), where
            assert [answer_of(e) for e in page.entries] == history(
                events, position, [identifier]
            ), where
            assert world.whole([who], position) == [*page.entries], where
            assert page.names == names_at(events, position, [identifier]), where
            assert page.cursor is None
            assert not page.expired


@bounded
@given(drawn=steps.ledgers)
def test_every_history_at_every_position_is_what_the_oracle_says(
    server: Server, drawn: list[steps.Step]
) -> None:
    with world_of(server, drawn) as world:
        head = world.catch_up()
        events = world.events()
        _compare_with_sent(world, events)
        # Every verdict knew what it should have known.
        assert list(wrong_verdicts(events)) == []
        # A version is the next one of its stream.
        for stream in {event.stream for event in events}:
            versions = [event.version for event in events if event.stream == stream]
            assert all(b == a + 1 for a, b in pairwise([0, *versions]))
        _compare(world, events, range(head + 1))


def _compare_with_sent(world: World, events: Sequence[Seen]) -> None:
    """What was sent, and what it was corrected to, is what stands."""
    transfers = transfers_at(events, len(events))
    assert {sent.stream for sent in world.sent.values()} == set(transfers)
    for sent in world.sent.values():
        stands = transfers[sent.stream]
        assert _persons(stands.whole()) == _persons(sent.data)
        assert _rest(stands.whole()) == _rest(sent.data)
        assert (stands.retracted is not None) == sent.retracted


def _persons(data: dict[str, Any]) -> list[str]:
    return sorted(str(sorted(one.items())) for one in data.get("principals", []))


def _rest(data: dict[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in data.items() if member != "principals"}


@settings(parent=bounded, max_examples=rounds(6))
@given(drawn=steps.ledgers, limit=st.integers(1, 3), tampered=st.integers(0, 1_000))
def test_pages_rebuilds_and_broken_indexes(
    server: Server, drawn: list[steps.Step], limit: int, tampered: int
) -> None:
    with world_of(server, drawn) as world:
        head = world.catch_up()
        house, connection = world.house, world.connection
        whole = {who: world.page([who], head).entries for who in range(len(steps.PEOPLE))}
        for who, entries in whole.items():
            assert _paged(world, who, head, limit) == list(entries)
        for entry in (one for entries in whole.values() for one in entries):
            _is_proven_where_it_is_bound(world, entry, head)
        # The fold alone hides what is marked, where the index is of before it knew that.
        without_marks(connection, house.secret)
        for who, entries in whole.items():
            assert world.page([who], head).entries == entries
        # Rebuilding changes no answer.
        assert rebuild(house.follower(), connection) == head
        for who, entries in whole.items():
            assert world.page([who], head).entries == entries
        assert _named(world) == []
        rows = connection.execute(
            "SELECT principal_key, position, name_key FROM projections.entries ORDER BY 1, 2"
        ).fetchall()
        if rows:
            key, position, name = rows[tampered % len(rows)]
            _tamper(world, key, position, shift=tampered % 2 == 1)
            named = _named(world)
            assert ("entries", "missing", key.hex, position) in named
            assert len(named) == 1 + tampered % 2
            connection.execute(
                "INSERT INTO projections.entries_b VALUES (%s, %s, %s)", (key, position, name)
            )


def _is_proven_where_it_is_bound(world: World, entry: HistoryEntry, head: int) -> None:
    """The events that an answer binds are those by which a proof shows the lines."""
    streams = world.house.streams
    for message in entry.messages:
        own = {streams.principal_key(one) for one in message.principals}
        events = streams.carried([message.transfer], head)
        headers = streams.reads.headers_at([one.position for one in events])
        shown = prove_records(
            events, headers, lambda ref, own=own: streams.principal_key(ref) in own, lambda _: ()
        )
        places = [(one.statement.place[0], one.line.place[0], one.events) for one in shown]
        assert [(one.statement_at, one.line_at) for one in message.answered] == [
            (events[statement].index + 1, events[line].index + 1)
            for statement, line, events in places
        ]


def _paged(world: World, who: int, head: int, limit: int) -> list[object]:
    found: list[object] = []
    cursor = None
    while True:
        page = world.page([who], head, cursor, limit)
        assert len(page.entries) <= limit
        found += page.entries
        if page.cursor is None:
            return found
        cursor = page.cursor


def _named(world: World) -> list[tuple[str, str, str, int]]:
    house = world.house
    found = differences(world.connection, log_of(house), house.secret)
    return [(one.table, one.kind, one.key, one.position) for one in found]


def _tamper(world: World, key: UUID, position: int, *, shift: bool) -> None:
    row = (key, position)
    if shift:
        world.connection.execute(
            "UPDATE projections.entries_b SET position = position + 100000"
            " WHERE (principal_key, position) = (%s, %s)",
            row,
        )
    else:
        world.connection.execute(
            "DELETE FROM projections.entries_b WHERE (principal_key, position) = (%s, %s)", row
        )


@settings(parent=bounded, max_examples=rounds(8))
@given(drawn=steps.ledgers)
def test_what_is_proposed_anew_is_what_late_facts_change(
    server: Server, drawn: list[steps.Step]
) -> None:
    with world_of(server, drawn) as world:
        world.catch_up()
        reassessing = Reassessments(world.house.reader, world.house.streams)
        proposals, place = reassessing.page(BEGIN, 1_000)
        assert place is None
        hurried = Reassessments(
            world.house.reader, world.house.streams, causes_max=2, examined_max=3
        )
        for limit in (1, 3):
            for pages in (reassessing, hurried):
                assert _walked(pages, limit) == [_under(one) for one in proposals]
        with _without_belated(world):
            # The slow one looks at everything that a cause touches, whenever it was recorded.
            assert reassessing.page(BEGIN, 1_000) == (proposals, None)
        assert {str(one.transfer) for one in proposals} == to_reassess(world.events())
        # Acting on the list empties it.
        for proposal in proposals:
            command = ReclassifyTransfer(
                random_uuid(), ACTOR, proposal.transfer, {}, "遅れて届いた", proposal.cause_position
            )
            world.ledger.correct(command, world.now, includes_hidden=True)
        world.catch_up()
        assert reassessing.page(BEGIN, 1_000)[0] == []
        events = world.events()
        assert to_reassess(events) == set()
        assert list(wrong_verdicts(events)) == []


@contextmanager
def _without_belated(world: World) -> Generator[None]:
    """The index as one that was begun before there were belated events."""
    for is_there in (False, True):
        world.connection.execute("UPDATE projections.progress SET belated = %s", (is_there,))
        if not is_there:
            yield


def _walked(reassessing: Reassessments, limit: int) -> list[tuple[int | None, UUID]]:
    """The proposals of all pages, one after the other."""
    found: list[tuple[int | None, UUID]] = []
    place: Place | None = BEGIN
    while place is not None:
        page, place = reassessing.page(place, limit)
        assert len(page) <= limit
        found += map(_under, page)
    return found


def _under(proposal: VerdictProposal) -> tuple[int | None, UUID]:
    return proposal.cause_position, proposal.transfer


def test_the_pool_holds_two_spellings_of_one_person() -> None:
    forms = [normal(*one) for one in steps.PEOPLE]
    assert len(set(forms)) == len(set(forms[: steps.PERSONS])) == steps.PERSONS
