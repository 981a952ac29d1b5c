"""Sealed parts that somebody added who writes to the database.

Attack: whoever has the login of the writer adds a part at the position of a living record, or of no
event, under a key that is due, or under one of their own: the run that destroys the key forgets the
rows by which the record is found, or ends each day before it has destroyed anything. Or one beyond
the documents of a reply, which is then printed no more.

Held off by: the header of the event at a part's position names the key of the part, or the part
counts for nothing (0119); `ledger fsck` names it.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg
import pytest

from ledger.retention.destruction_check import faults
from tests.database import Database, Server, cloned_database
from tests.doors.samples import provision
from tests.journals import PROVE
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified
from tests.retaining.keeper import Keeper, keeper

NOWHERE: Final = 10**12
OWN: Final = "ab" * 32
"""A key that the attacker makes up."""

ADD: LiteralString = """
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    VALUES (%s, %s, %s, 'x', decode(%s, 'hex'))
"""
ADD_KEY: LiteralString = """
    INSERT INTO ledger.data_keys
    SELECT decode(%s, 'hex'), 'record', '2020-01-01', NULL, epoch, decode(repeat('cd', 60), 'hex'),
           0, decode(repeat('cd', 32), 'hex')
      FROM ledger.data_keys LIMIT 1 ON CONFLICT DO NOTHING
"""


@contextmanager
def made(database: Database) -> Generator[Keeper]:
    """`a`, of P1, is due on 2026-05-01; `b`, of P2, a year later."""
    with keeper(database) as kept:
        kept.on("2023-04-30")
        kept.sent("a", "P1")
        kept.on("2024-04-30")
        kept.sent("b", "P2")
        kept.inside.follow()
        yield kept


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with made(database) as kept:
        yield kept


def sealed(kept: Keeper, name: str) -> tuple[str, int, int]:
    """Key, position and partition of what was recorded so."""
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        row = reader.execute(
            "SELECT convert_from(state, 'UTF8')::jsonb #>> '{sealed,key}', notification_id,"
            " partition FROM ledger.events WHERE originator_id = %s",
            (kept.transfers[name],),
        ).fetchone()
    assert row is not None
    return row


def add(kept: Keeper, partition: int, position: int, key: str, n: int = 0) -> None:
    with psycopg.connect(kept.inside.database.urls.writer, autocommit=True) as writer:
        writer.execute("SELECT ledger.ensure_partition(%s)", (partition,))
        if key == OWN:
            writer.execute(ADD_KEY, (key,))
        writer.execute(ADD, (partition, position, n, key))


def named(kept: Keeper) -> list[tuple[str, int]]:
    with psycopg.connect(kept.inside.database.urls.reader, autocommit=True) as reader:
        return [(one.kind, one.position) for one in faults(reader, PROVE)]


@every("own", [True, False])
def test_who_lives_is_found_after_the_run_that_destroys_the_key_of_an_added_part(
    server: Server, *, own: bool
) -> None:
    with cloned_database(server) as database, made(database) as kept:
        key, _, _ = sealed(kept, "a")
        _, position, partition = sealed(kept, "b")
        add(kept, 0, position, OWN if own else key)
        add(kept, partition, position, OWN if own else key, 7)
        assert ("foreign", position) in named(kept)
        kept.on("2026-05-02")
        kept.purge()
        assert kept.living() == {"b"}
        assert len(kept.inside.page("P2").entries) == 1
        assert [kind for kind, _ in named(kept)] == []


@every("n", [0, 3])
def test_what_is_due_is_destroyed_though_a_part_of_its_key_is_added_at_no_event(
    server: Server, n: int
) -> None:
    with cloned_database(server) as database, made(database) as kept:
        key, _, _ = sealed(kept, "a")
        add(kept, 0, NOWHERE, key, n)
        assert named(kept) == [("foreign", NOWHERE)]
        kept.on("2026-05-02")
        [expired] = kept.purge().expired
        assert (kept.living(), expired.events) == ({"b"}, 1)


def test_what_is_held_stays_though_a_run_before_met_an_added_part_of_it(kept: Keeper) -> None:
    kept.hold("訴訟", "P1")
    _, position, _ = sealed(kept, "a")
    add(kept, 0, position, OWN)
    kept.purge()
    kept.on("2026-05-02")
    kept.purge()
    assert kept.living() == {"a", "b"}


def test_what_was_destroyed_lives_no_longer_by_a_part_that_is_added_there(kept: Keeper) -> None:
    """Else a link or a stop would be kept for ever, and a destroyed record be told as kept."""
    living, _, _ = sealed(kept, "b")
    _, position, partition = sealed(kept, "a")
    kept.on("2026-05-02")
    kept.purge()
    add(kept, partition, position, living)
    assert kept.inside.house.expiry_queries.lives([kept.transfers["a"]]) == {}
    assert set(named(kept)) == {("left", position), ("foreign", position)}


def test_an_approved_reply_is_printed_whatever_parts_are_added(office: Office) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": "下書 花子"}]))
    office.catch_up()
    found = {"identifiers": [who], "tried": [ABSENT], "evidence": "記録なし"}
    case = verified(Work(office), who, name="下書 花子").do("principal", found)
    case = case.do("decisions", {}).do("submit").do("approve", by="approver")
    with psycopg.connect(office.urls.writer) as writer:
        added = writer.execute(
            "INSERT INTO ledger.sealed_parts"
            " SELECT s.partition, s.position, 99, s.part, s.key_id FROM ledger.sealed_parts AS s"
            " JOIN ledger.events AS e ON e.notification_id = s.position AND s.n = 0"
            " WHERE e.originator_id = %s AND e.topic = 'reply-stored'",
            (case.id,),
        ).rowcount
    assert added
    answer = office.api("GET", f"/v1/cases/{case.id}/reply.pdf", case.work.key("officer"))
    assert answer.status_code == 200
    with psycopg.connect(office.urls.reader, autocommit=True) as reader:
        assert [one.kind for one in faults(reader, PROVE)] == ["foreign"] * added
