"""A person's history: waiting, pages, clusters, exclusions, and whether anything befell it."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from api.contract import check
from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    ReceiveDirective,
    ReclassifyTransfer,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import PositionBeyondHeadError, ProjectionBehindError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import ExcludedRange
from ledger.retention.persons import LinkedPersons
from ledger.streams.history import HistoryEntry
from ledger.transfers.reassessments import BEGIN, Place, Reassessments
from ledger.values import Json, PrincipalRef
from tests.database import Database
from tests.ledger.excluding import exclude, lift
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside, inside
from tests.rounds import rounds


def link(house: Inside, a: PrincipalRef, b: PrincipalRef) -> int:
    command = LinkIdentifiers(random_uuid(), ACTOR, a, b, "住民票")
    return house.ledger.link(command, house.now).position


def unlink(house: Inside, a: PrincipalRef, b: PrincipalRef) -> int:
    command = UnlinkIdentifiers(random_uuid(), ACTOR, a, b, "取り違え")
    return house.ledger.link(command, house.now).position


def stop(house: Inside, who: str) -> int:
    command = ReceiveDirective(
        random_uuid(), ACTOR, person(who), "consent_withdrawn", date(2026, 1, 1)
    )
    return house.ledger.direct(command, house.now).position


def shown(house: Inside, *identifiers: str, as_of: int | None = None) -> list[int]:
    return [entry.position for entry in house.page(*identifiers, as_of=as_of).entries]


def test_a_row_that_leads_to_others_link_shows_nobody_to_strangers(house: Inside) -> None:
    """As a superuser writes it; the event in the log says whom the link is of."""
    house.record("t1", data("P1"))
    house.record("t2", data("P2"))
    house.record("t3", data("P3"))
    link(house, person("P2"), person("P3"))
    house.follow()
    key = house.house.streams.principal_key(person("P1"))
    with psycopg.connect(house.database.admin) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "INSERT INTO ledger.lookups (kind, key, stream, key_id)"
            " SELECT kind, %b, stream, key_id FROM ledger.lookups WHERE kind = 'link' LIMIT 1",
            (key,),
        )
    assert shown(house, "P1") == [1]
    assert shown(house, "P2") == [2, 3]
    # Nor does it hide that link from who is no stranger.
    link(house, person("P1"), person("P2"))
    house.follow()
    assert shown(house, "P1") == shown(house, "P3") == [1, 2, 3]
    many = LinkedPersons(house.house.streams, [person("P1")])
    assert many.of([person("P1")]) == {
        house.house.streams.principal_key(person(one)) for one in ("P1", "P2", "P3")
    }


def test_a_reader_waits_for_the_position_it_names(house: Inside) -> None:
    house.record("t1")
    histories = house.house.histories
    with pytest.raises(ProjectionBehindError) as behind:
        histories.wait(1, seconds=0.05)
    assert (behind.value.position, behind.value.reached) == (1, 0)
    house.follow()
    assert histories.wait(1) == 1
    with pytest.raises(PositionBeyondHeadError) as beyond:
        histories.wait(2)
    assert (beyond.value.position, beyond.value.head) == (2, 1)


def test_links_make_one_person_and_unlinking_takes_one_link_away(house: Inside) -> None:
    for n in range(1, 5):
        house.record(f"t{n}", data(f"P{n}"))
    link(house, person("P1"), person("P2"))
    link(house, person("P3"), person("P2"))
    position = link(house, person("P3"), person("P4"))
    assert shown(house, "P1") == [1, 2, 3, 4]
    unlink(house, person("P2"), person("P3"))
    assert shown(house, "P1") == shown(house, "P2") == [1, 2]
    assert shown(house, "P4") == [3, 4]
    # An old position gives the old answer.
    assert shown(house, "P1", as_of=position) == [1, 2, 3, 4]
    assert shown(house, "P1", as_of=4) == [1]


def test_taking_a_link_away_proposes_what_the_stop_of_the_other_had_touched(
    house: Inside,
) -> None:
    stop(house, "P1")
    link(house, person("P1"), person("P2"))
    link(house, person("P2"), person("P3"))
    touched = house.record("t1", data("P3"))
    assert touched.persons_with_findings == 1
    cause = unlink(house, person("P2"), person("P1"))
    house.follow()
    reassessing = Reassessments(house.house.reader, house.house.streams)
    [proposal], _ = reassessing.page(BEGIN, 100)
    assert (proposal.transfer, proposal.cause_position) == (touched.transfer, cause)
    [changed] = proposal.persons
    assert (changed.principal, changed.after) == (person("P3"), None)
    command = ReclassifyTransfer(
        random_uuid(), ACTOR, touched.transfer, {}, "別人だった", proposal.cause_position
    )
    house.ledger.correct(command, house.now)
    house.follow()
    assert reassessing.page(BEGIN, 100) == ([], None)
    [entry] = house.page("P3").entries
    assert entry.verdict.findings == ()


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
    entries, names = house.house.histories.all_entries([person(who)], as_of, limit, excluded)
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


def test_the_work_list_tells_nothing_of_what_its_reader_may_not_know_and_no_page_ends_at_it(
    house: Inside,
) -> None:
    for name, people in (("t1", ["P1"]), ("t2", ["P1", "P2"]), ("t3", ["P1"]), ("t4", ["P1"])):
        house.record(name, data(*people))
    stop(house, "P1")
    house.follow()
    exclude(house, 2, of="P1")
    exclude(house, 3)
    reassessing = Reassessments(house.house.reader, house.house.streams)

    def proposed(*, sees_all: bool) -> list[int]:
        found, _ = reassessing.page(BEGIN, 10, includes_hidden=sees_all)
        states = house.house.streams.transfer_states([one.transfer for one in found])
        return [states[one.transfer].first_position for one in found]

    assert (proposed(sees_all=False), proposed(sees_all=True)) == ([1, 4], [1, 2, 3, 4])
    # The cursor is the place, as plain as it is: one at a hidden record would name its position.
    hurried = Reassessments(house.house.reader, house.house.streams, examined_max=1)
    assert {place for _, place in pages_of(hurried, sees_all=False)} <= {(5, 1), (5, 4)}
    assert {(5, 2), (5, 3)} <= {place for _, place in pages_of(hurried, sees_all=True)}
    lift(house, 3)
    assert proposed(sees_all=False) == [1, 3, 4]


def pages_of(reassessing: Reassessments, *, sees_all: bool) -> list[tuple[int, Place]]:
    """Of each page how many proposals it has, and where the next one begins."""
    pages: list[tuple[int, Place]] = []
    place: Place | None = BEGIN
    while place is not None:
        found, place = reassessing.page(place, 1, includes_hidden=sees_all)
        if place is not None:
            pages.append((len(found), place))
    return pages


P1, P2 = PrincipalRef("member", "P1"), PrincipalRef("member", "P2")
OTHER = [{"scheme": "member", "id": "P2"}]


def corrected(house: Inside) -> None:
    stream = house.record("t-1").transfer
    changed = check(data(items=["氏名"]), house.now.date())
    house.ledger.correct(
        CorrectTransfer(random_uuid(), ACTOR, stream, changed, "wrong_content"), house.now
    )


def retracted(house: Inside) -> None:
    stream = house.record("t-1").transfer
    house.ledger.retract(RetractTransfer(random_uuid(), ACTOR, stream, "not_a_transfer"), house.now)


def linked(house: Inside) -> None:
    house.ledger.link(LinkIdentifiers(random_uuid(), ACTOR, P1, P2, "登録"), house.now)


def brought_in(house: Inside) -> None:
    """Another person's record becomes this person's, too."""
    stream = house.record("t-2", data(principals=OTHER)).transfer
    both = [{"scheme": "member", "id": "P1"}, *OTHER]
    changed = check(data(principals=both), house.now.date())
    house.ledger.correct(
        CorrectTransfer(random_uuid(), ACTOR, stream, changed, "wrong_content"), house.now
    )


# In an order in which none changes what the next one finds.
HAPPENED: dict[str, tuple[Callable[[Inside], object], bool]] = {
    "nothing": (lambda _: None, True),
    "somebody else's record": (lambda house: house.record("t-8", data(principals=OTHER)), True),
    "a repeat": (lambda house: house.record("t-1"), True),
    "a new record": (lambda house: house.record("t-9"), False),
    "a correction": (corrected, False),
    "another one's record that is corrected": (brought_in, False),
    "a retraction": (retracted, False),
    "a link": (linked, False),
}


def test_it_is_seen_when_something_befell_them(house: Inside) -> None:
    house.record("t-1")
    house.record("t-2", data(principals=OTHER))
    histories = house.house.histories
    for what, (happens, rests) in HAPPENED.items():
        then = house.follow()
        happens(house)
        now = house.follow()
        assert histories.is_unchanged([P1], then, now) is rests, what
        pages = [histories.page([P1], position, None, 100).entries for position in (then, now)]
        assert (pages[0] == pages[1]) is rests, what
