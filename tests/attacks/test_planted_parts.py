"""Sealed parts and lookups that somebody added who writes to the database.

Attack: whoever has the login of the writer adds a part at the position of a living record, or of no
event, under a key that is due, or under one of their own: the run that destroys the key forgets the
rows by which the record is found, or ends each day before it has destroyed anything. Or one beyond
the documents of a reply, which is then printed no more.

Held off by: the header of the event at a part's position names the key of the part, or the part
counts for nothing (0119); `ledger fsck` names it.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import pytest

from api.cli.fsck import lookup_faults
from ledger.commands import (
    LiftDirective,
    LinkIdentifiers,
    ReceiveDirective,
    RenamePrincipal,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import DoesNotStandError, StoreUnavailableError
from ledger.persons.stored_links import directives_ever_linked, links_of
from ledger.retention.destruction_check import faults
from ledger.retention.persons import LinkedPersons
from tests.database import Database, Server, cloned_database
from tests.doors.samples import provision
from tests.journals import PROVE
from tests.ledger.given import ACTOR, SOURCE, person
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified
from tests.retaining.desk import received
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
        # A key that the ledger did not make is destroyed by nobody but the owner of the database.
        assert [kind for kind, _ in named(kept)] == (["foreign"] if own else [])


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


PLANT: Final[LiteralString] = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id)
    SELECT %s, %s, %s, key_id FROM ledger.lookups WHERE kind = 'directive' LIMIT 1
"""
"""As the writer may: under a living key, so that nobody but the owner takes the row away."""


@dataclass(frozen=True, slots=True)
class Led:
    """A ledger in which P2 is somebody else than P1, and P3 and P4 are one person.

    Attributes:
        streams: of what: a transfer, a hold, a stop, a link, a plan.
    """

    kept: Keeper
    streams: dict[str, UUID]

    def plant(self, kind: str, key: bytes, stream: UUID) -> None:
        with psycopg.connect(self.kept.inside.database.urls.writer) as writer:
            assert writer.execute(PLANT, (kind, key, stream)).rowcount == 1

    def key(self, who: str) -> bytes:
        return self.kept.inside.house.streams.principal_key(person(who))

    def stop(self, who: str) -> None:
        made = self.kept.inside
        command = ReceiveDirective(random_uuid(), ACTOR, person(who), STOP, self.kept.today)
        made.ledger.direct(command, made.now)

    def lift(self, who: str) -> None:
        made = self.kept.inside
        command = LiftDirective(random_uuid(), ACTOR, person(who), STOP, self.kept.today)
        made.ledger.direct(command, made.now)

    def verdict(self, name: str, who: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a provision of today is lawful, and what is found about the person."""
        stream = self.kept.sent(name, who)
        state = self.kept.inside.house.streams.transfer_state(stream)
        assert state is not None
        assert state.record is not None
        [line] = state.lines.values()
        verdict = line.verdict or state.record.verdict
        return verdict.lawful, verdict.findings

    def versions(self) -> dict[UUID, int]:
        return self.kept.inside.house.reads.stream_versions([*self.streams.values()])

    def named(self) -> list[str]:
        return [one.text for one in lookup_faults(self.kept.inside.house)]


STOP: Final = "consent_withdrawn"
OTHER_NAME: Final = "別人 花子"
ASTRAY: Final = {
    "transfer": "provision-recorded",
    "hold": "hold-placed",
    "stop": "directive-received",
    "link": "identifiers-linked",
    "plan": "expiry-planned",
}
"""What a stream is of → the type of its first event."""


@contextmanager
def led(database: Database) -> Generator[Led]:
    with made(database) as kept:
        kept.on("2026-04-20")
        kept.hold("訴訟", "P2")
        found, inner = Led(kept, {}), kept.inside
        found.stop("P2")
        inner.ledger.direct(
            RenamePrincipal(random_uuid(), ACTOR, person("P2"), OTHER_NAME), inner.now
        )
        link = LinkIdentifiers(random_uuid(), ACTOR, person("P3"), person("P4"), "証拠")
        inner.ledger.link(link, inner.now)
        kept.plan()
        with psycopg.connect(inner.database.urls.reader) as reader:
            rows = reader.execute(
                "SELECT topic, originator_id FROM ledger.events WHERE originator_version = 1"
            ).fetchall()
        first_events: dict[str, UUID] = dict(rows)
        found.streams.update({what: first_events[topic] for what, topic in ASTRAY.items()})
        yield found


def test_a_row_that_leads_to_another_s_stop_says_nothing_of_the_person(database: Database) -> None:
    """Attack: whoever has the login of the writer adds a row of `ledger.lookups` that leads from a
    person to another's stop, to another's link or to a stream of something else: the person bears
    the other's new name, is told that a provision was unlawful, lifts the other's stop, or is found
    by no search and destroyed by no run, for what was read there is no stop and no link.
    Held off by: every reader follows such a row in one place (`Streams.facts_by_row`), and passes
    it over unless the first event of the stream is of that kind and names the identifier of the
    row. `ledger fsck` names it. It is not held off that the person's own stop, link or series is
    answered 503 until the owner of the database takes the row away, where it is in the way.
    """
    with led(database) as found:
        assert found.named() == []
        lawful = found.verdict("before", "P1")
        assert found.verdict("stopped", "P2") != lawful
        found.plant("directive", found.key("P1"), found.streams["stop"])
        before = found.versions()
        assert found.kept.inside.page("P1").names == ()
        assert found.kept.inside.page("P2").names == (OTHER_NAME,)
        assert found.verdict("after", "P1") == lawful
        with pytest.raises(DoesNotStandError):
            found.lift("P1")
        with pytest.raises(StoreUnavailableError):
            found.stop("P1")
        # The stop of P2 stands, and nothing was written behind it.
        assert found.versions() == before
        assert found.verdict("again", "P2") != lawful
        [line] = found.named()
        assert line.startswith(
            f"a row of lookups (directive) to the stream {found.streams['stop']} is not of what"
        )


@every("kind", ["directive", "link"])
@every("what", [*ASTRAY])
def test_no_row_that_leads_to_something_else_ends_a_history_or_a_run(
    server: Server, kind: str, what: str
) -> None:
    with cloned_database(server) as database, led(database) as found:
        for who in ("P1", "P9"):
            found.plant(kind, found.key(who), found.streams[what])
        received(found.kept, "P1", "P9")
        assert len(found.kept.inside.page("P1", "P9").entries) == 1
        streams = found.kept.inside.house.streams
        assert links_of(streams, [person("P1"), person("P9")]) == []
        assert directives_ever_linked(streams, [person("P1"), person("P9")]) == []
        assert {*streams.cluster([person("P1")], None).keys} == {found.key("P1")}
        spoken = LinkedPersons(streams, [person("P1")]).spoken(found.key("P1"))
        assert [*spoken] == []
        assert len(found.named()) == 2
        found.kept.on("2026-05-02")
        found.kept.purge()
        assert found.kept.living() == {"a", "b"}


@every("kind", ["pair", "series"])
def test_a_row_of_a_pair_or_a_series_has_nothing_written_to_another_s_stream(
    server: Server, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    with cloned_database(server) as database, led(database) as found:
        streams, inner = found.kept.inside.house.streams, found.kept.inside
        if kind == "pair":
            found.plant(kind, streams.pair_key(person("P1"), person("P9")), found.streams["link"])
            unlink = UnlinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P9"), "証拠")
            with pytest.raises(DoesNotStandError):
                inner.ledger.link(unlink, inner.now)
            link = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P9"), "証拠")
            with pytest.raises(StoreUnavailableError):
                inner.ledger.link(link, inner.now)
        else:
            found.plant(kind, streams.series_key(SOURCE, "S"), found.streams["stop"])
            with pytest.raises(StoreUnavailableError):
                found.kept.sent("of a series", "P1", method="collective", series_id="S")
        assert found.versions() == dict.fromkeys(found.streams.values(), 1) | {
            found.streams["stop"]: 2
        }
        assert len(streams.cluster([person("P3")], None).keys) == 2
        assert len(found.named()) == 1
        assert "a row leads to the stream of something else" in caplog.text
        caplog.clear()
