"""Rows that somebody deleted who may, and by which retention knew what must be kept.

Attack: whoever has the login of the projector, or of the purger, deletes the rows of the index that
lead from a person to a record, or, as the purger, those of what leads from a record to those that
take its omitted items. The ledger's own next run then finds no reason to keep a record that a hold,
an open case or another record needs, or a link or a stop of a person whose record lives, and
destroys it: with its proof, and in the erasure journal, so that no backup brings it back.

Held off by: what dies is opened once, and a run that would believe an index which lacks a person
destroys nothing and names the position; a lookup is deleted with its key alone (0119).
`ledger fsck` names the first event of which the index lacks a person, and a lookup that is gone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import psycopg
import pytest
from typing_extensions import override

from api.cli.fsck import IndexCheck
from api.retention.index import FollowingIndex
from api.server.reasons import why
from ledger.commands import LinkIdentifiers, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, IndexDiffersError
from projections.rebuild import rebuild
from tests.attacks.test_planted_parts import made, sealed
from tests.database import Database, Server, cloned_database
from tests.ledger.given import ACTOR, person
from tests.matrix import every
from tests.retaining.desk import received
from tests.retaining.keeper import Keeper, retaining

Delete = Callable[[Keeper, int], None]


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with made(database) as kept:
        yield kept


def by_projector(kept: Keeper, position: int) -> None:
    with psycopg.connect(kept.inside.database.urls.projector) as login:
        count = sum(
            login.execute(one, (position,)).rowcount
            for one in (
                "DELETE FROM projections.entries_a WHERE position = %s",
                "DELETE FROM projections.entries_b WHERE position = %s",
            )
        )
    assert count


def by_purger(kept: Keeper, position: int) -> None:
    with psycopg.connect(kept.inside.database.urls.purger) as login:
        count = sum(
            login.execute(one, (position, position)).rowcount
            for one in (
                "DELETE FROM projections.entries_a WHERE position BETWEEN %s AND %s",
                "DELETE FROM projections.entries_b WHERE position BETWEEN %s AND %s",
            )
        )
    assert count


LOGINS: Final[dict[str, Delete]] = {"projector": by_projector, "purger": by_purger}


def run(kept: Keeper) -> None:
    """A run as the daily job makes it, with whatever it raises."""
    kept.plan()
    kept.expire()


def test_what_is_held_stays_though_a_login_deleted_its_row(kept: Keeper) -> None:
    kept.hold("訴訟", "P1")
    _, position, _ = sealed(kept, "a")
    kept.on("2026-05-02")
    kept.inside.follow()
    by_projector(kept, position)
    with pytest.raises(IndexDiffersError) as refused:
        run(kept)
    assert refused.value.position == position
    assert kept.living() == {"a", "b"}
    assert "`ledger projections rebuild`" in why(refused.value)
    rebuild(kept.inside.house.follower(), kept.inside.connection)
    run(kept)
    assert kept.living() == {"a", "b"}


@every("login", [*LOGINS])
def test_what_an_open_case_keeps_stays_though_a_login_deleted_its_row(
    server: Server, login: str
) -> None:
    with cloned_database(server) as database, made(database) as kept:
        kept.on("2026-04-20")
        received(kept, "P1")
        _, position, _ = sealed(kept, "a")
        kept.on("2026-05-02")
        kept.inside.follow()
        LOGINS[login](kept, position)
        with pytest.raises(IndexDiffersError):
            run(kept)
        assert kept.living() == {"a", "b"}


@dataclass(frozen=True, slots=True)
class FlickeringIndex(FollowingIndex):
    """One whose rows are away at each second look."""

    looks: list[int] = field(default_factory=list[int])

    @override
    def streams_of(self, principal_keys: Sequence[bytes]) -> dict[bytes, list[UUID]]:
        self.looks.append(1)
        found = FollowingIndex.streams_of(self, principal_keys)
        return {} if len(self.looks) % 2 else found


def test_what_is_away_while_reasons_are_looked_for_and_back_afterwards_is_kept(
    kept: Keeper,
) -> None:
    kept.hold("訴訟", "P1")
    kept.on("2026-05-02")
    kept.plan()
    house, connection = kept.inside.house, kept.inside.connection
    follower = house.follower()
    index = FlickeringIndex(
        house.histories, house.reader, lambda place: follower.catch_up(connection, place)
    )
    retaining(kept.inside, kept.inside.follow, index).expire(kept.inside.now, ACTOR)
    assert len(index.looks) > 1
    assert kept.living() == {"a", "b"}


def test_a_stop_lives_as_long_as_the_record_of_its_person_whose_row_was_deleted(
    kept: Keeper,
) -> None:
    stop = ReceiveDirective(random_uuid(), ACTOR, person("P2"), "consent_withdrawn", kept.today)
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P2"), person("Q2"), "証拠")
    kept.inside.ledger.direct(stop, kept.inside.now)
    kept.inside.ledger.link(link, kept.inside.now)
    kept.on("2026-04-20")
    kept.sent("c", "P2")
    kept.inside.follow()
    _, position, _ = sealed(kept, "c")
    by_projector(kept, position)
    # With `b`, the last record of P2 of which the index knows.
    kept.on("2027-05-10")
    before = keys(kept, "link", "directive")
    with pytest.raises(IndexDiffersError) as refused:
        run(kept)
    assert refused.value.position == position
    assert keys(kept, "link", "directive") == before == 2
    rebuild(kept.inside.house.follower(), kept.inside.connection)
    run(kept)
    assert keys(kept, "link", "directive") == before
    # And with the record they go.
    kept.on("2029-04-30")
    run(kept)
    assert (kept.living(), keys(kept, "link", "directive")) == (set(), 0)


def keys(kept: Keeper, *classes: str) -> int:
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        row = reader.execute(
            "SELECT count(*) FROM ledger.data_keys WHERE key_class = ANY(%s)", (list(classes),)
        ).fetchone()
    assert row is not None
    return row[0]


def test_an_event_of_which_the_index_lacks_a_person_is_named(kept: Keeper) -> None:
    kept.inside.follow()
    house = kept.inside.house
    stored = house.reads.facts_after(0, 100)
    check = IndexCheck(house)
    assert check.opened(stored)
    assert check.faults == []
    _, position, _ = sealed(kept, "b")
    by_projector(kept, position)
    check.opened(stored)
    assert [one.position for one in check.faults] == [position]


def dependant(kept: Keeper) -> None:
    """`new` takes omitted items from `base`, which is due before it."""
    kept.on("2025-06-02")
    kept.sent("base", "P5")
    kept.on("2026-03-02")
    kept.sent("new", "P5", base_record="base", omitted_items=["COUNTERPARTY"])


def test_a_base_lives_as_long_as_what_depends_on_it_whatever_the_purger_deletes(
    kept: Keeper,
) -> None:
    dependant(kept)
    with (
        psycopg.connect(kept.inside.database.urls.purger, autocommit=True) as purger,
        pytest.raises(psycopg.Error, match="is deleted with its key alone"),
    ):
        purger.execute("DELETE FROM ledger.lookups WHERE kind = 'base'")
    kept.on("2028-07-02")
    run(kept)
    assert kept.living() == {"base", "new"}


def test_a_lookup_of_a_base_that_is_gone_is_named(kept: Keeper) -> None:
    dependant(kept)
    house = kept.inside.house
    opened = house.streams.opened(house.reads.facts_after(0, 100))
    for one in opened:
        house.streams.verified_fact(one)
    with psycopg.connect(kept.inside.database.admin) as admin:
        admin.execute("ALTER TABLE ledger.lookups DISABLE TRIGGER lookups_go_with_keys")
        assert admin.execute("DELETE FROM ledger.lookups WHERE kind = 'base'").rowcount
    with pytest.raises(CorruptRecordError, match=r"a row that leads to it is gone \(base\)"):
        list(map(house.streams.verified_fact, opened))
