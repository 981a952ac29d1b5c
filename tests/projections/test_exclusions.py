"""A history with exclusions is that of a ledger in which the records were never indexed."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from ledger.commands import CorrectTransfer, LinkIdentifiers, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import ExcludedRange
from ledger.streams.history import HistoryEntry
from ledger.transfers.reassessments import BEGIN, Place, Reassessments
from ledger.values import Json
from tests.database import Database
from tests.ledger.excluding import exclude, lift
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside, inside
from tests.rounds import rounds

PERSONS = ("P1", "P2", "P3", "P9")
_DELETE = sql.SQL("DELETE FROM {table} WHERE position = ANY(%s) RETURNING principal_key, position")
_INSERT = sql.SQL("INSERT INTO {table} (principal_key, position) VALUES (%s, %s)")
Told = tuple[list[tuple[HistoryEntry, ...]], dict[str, int]]


@pytest.fixture(scope="module")
def world(shared_database: Database) -> Iterator[Inside]:
    """Transfers of one and of many, a correction that brings somebody in, and two who are one."""
    with inside(shared_database) as house:
        sent = [("P1",), ("P1", "P2"), ("P2",), ("P1", "P2", "P3"), ("P3",), ("P1",), ("P2", "P3")]
        found = [house.record(f"t{n}", data(*who)) for n, who in enumerate(sent)]
        joined: list[Json] = [{"scheme": "member", "id": one} for one in ("P3", "P1")]
        correction = CorrectTransfer(
            random_uuid(), ACTOR, found[4].transfer, {"principals": joined}, "漏れ"
        )
        house.ledger.correct(correction, house.now)
        link = LinkIdentifiers(random_uuid(), ACTOR, person("P2"), person("P9"), "住民票")
        house.ledger.link(link, house.now)
        house.record("t8", data("P9", "P1"))
        house.follow()
        yield house


def recorded(house: Inside) -> list[int]:
    facts = house.house.reads.facts_of_topics(["provision-recorded"], 0)
    return [one.position for one in facts]


def told(
    house: Inside, who: str, as_of: int, limit: int, excluded: ActiveExclusions | None
) -> Told:
    """All pages, one after the other; what is read at once is the same."""
    pages: list[tuple[HistoryEntry, ...]] = []
    cursor: int | None = None
    while True:
        page = house.house.histories.page([person(who)], as_of, cursor, limit, excluded)
        pages.append(page.entries)
        cursor = page.cursor
        if cursor is None:
            break
    entries, names = house.house.histories.whole([person(who)], as_of, limit, excluded)
    assert tuple(entries) == tuple(entry for one in pages for entry in one)
    assert names == page.names
    return pages, page.expired


@contextmanager
def never_indexed(house: Inside, positions: Sequence[int]) -> Generator[None]:
    """The read side as if these transfers were no person's."""
    streams = [one.stream for one in house.house.reads.facts_at(positions)] if positions else []
    stored = house.house.reads.facts_of_streams(streams, None) if streams else []
    gone = [one.position for one in stored]
    [(slot,)] = house.connection.execute("SELECT slot FROM projections.progress WHERE serving")
    table = sql.Identifier("projections", f"entries_{slot}")
    deleted = house.connection.execute(_DELETE.format(table=table), (gone,)).fetchall()
    try:
        yield
    finally:
        with house.connection.cursor() as cursor:
            cursor.executemany(_INSERT.format(table=table), deleted)


def drawn(house: Inside, draw: st.DataObject) -> tuple[str, int, int, list[int]]:
    head = house.head()
    return (
        draw.draw(st.sampled_from(PERSONS)),
        draw.draw(st.integers(0, head)),
        draw.draw(st.integers(1, 4)),
        draw.draw(st.lists(st.sampled_from(recorded(house)), unique=True)),
    )


def set_of(positions: Sequence[int]) -> ActiveExclusions:
    return ActiveExclusions(tuple(ExcludedRange(one, one, "i") for one in sorted(positions)))


@given(draw=st.data())
@settings(
    max_examples=rounds(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_pages_counts_and_cursors_are_those_of_records_that_were_never_indexed(
    world: Inside, draw: st.DataObject
) -> None:
    who, as_of, limit, hidden = drawn(world, draw)
    found = told(world, who, as_of, limit, set_of(hidden))
    with never_indexed(world, hidden):
        assert told(world, who, as_of, limit, ActiveExclusions()) == found


def test_the_work_list_of_late_facts_leaves_out_what_its_reader_may_not_know(
    database: Database,
) -> None:
    with inside(database) as house:
        for name in ("t1", "t2"):
            house.record(name, data("P1"))
        stop = ReceiveDirective(
            random_uuid(), ACTOR, person("P1"), "consent_withdrawn", date(2026, 1, 1)
        )
        house.ledger.direct(stop, house.now)
        house.follow()
        reassessing = Reassessments(house.house.reader, house.house.streams)

        def proposed(*, sees_all: bool) -> list[int]:
            found, _ = reassessing.page(BEGIN, 10, sees_all=sees_all)
            streams = [one.transfer for one in found]
            states = house.house.streams.transfer_states(streams)
            return [states[one].first_position for one in streams]

        exclude(house, 1)
        assert (proposed(sees_all=False), proposed(sees_all=True)) == ([2], [1, 2])
        lift(house, 1)
        assert proposed(sees_all=False) == [1, 2]


def test_no_page_of_the_work_list_ends_at_a_record_of_a_person_who_is_hidden_in_it(
    database: Database,
) -> None:
    with inside(database) as house:
        for name, people in (("t1", ["P1"]), ("t2", ["P1", "P2"]), ("t3", ["P1"])):
            house.record(name, data(*people))
        stop = ReceiveDirective(
            random_uuid(), ACTOR, person("P1"), "consent_withdrawn", date(2026, 1, 1)
        )
        house.ledger.direct(stop, house.now)
        house.follow()
        exclude(house, 2, of="P1")
        hurried = Reassessments(house.house.reader, house.house.streams, looked_at_max=1)
        assert {place for _, place in pages_of(hurried, sees_all=False)} <= {(4, 1), (4, 3)}
        assert (4, 2) in {place for _, place in pages_of(hurried, sees_all=True)}


def pages_of(reassessing: Reassessments, *, sees_all: bool) -> list[tuple[int, Place]]:
    """Of each page how many proposals it has, and where the next one begins."""
    pages: list[tuple[int, Place]] = []
    place: Place | None = BEGIN
    while place is not None:
        found, place = reassessing.page(place, 1, sees_all=sees_all)
        if place is not None:
            pages.append((len(found), place))
    return pages
