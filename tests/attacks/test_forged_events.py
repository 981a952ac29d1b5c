"""Events that the ledger did not append.

Attack: whoever has the login of the writer appends one event: a retraction, the end of a case, a
link taken back, under a key that is gone or never was; a completion of a bulk transfer of which a
part stands; a hold under a key that lives. Nothing has to open, so a record, a case or a link is
gone from every answer, a part is told as the whole, and retention destroys what a case keeps.

Held off by: a MAC beside each event under a subkey of the ledger secret (0118). At one without it
the read side stops, so no history, reply or decision is given that believes it; whoever reads its
stream refuses, no run of retention destroys, no export is made, and `ledger fsck` names it.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from typing_extensions import override

from api.cli.fsck import forged_events
from api.resources.exports.export_run import Source, leave
from api.retention.index import FollowingIndex
from api.server.projection_metrics import LagWatch
from ledger.commands import LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import ForgedEventError, ProjectionBehindError
from ledger.exports.filters import Filters
from ledger.format.json import encoded
from tests.database import LEDGER_NAME, Database
from tests.ledger.given import ACTOR, person
from tests.matrix import every
from tests.retaining.desk import received
from tests.retaining.keeper import Keeper, keeper, retaining

Forged = Callable[[Keeper], tuple[UUID, int, str, dict[str, Any]]]
"""Stream, version, type and other members of the event that the attacker writes."""


def planted(kept: Keeper, stream: UUID, version: int, topic: str, members: dict[str, Any]) -> int:
    """Append the event as the login of the writer may; its position."""
    told: dict[str, Any] = {
        "actor": "0" * 32,
        "at": kept.inside.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "command": str(random_uuid()),
        "facts": {},
        "ledger": LEDGER_NAME,
        "stream": str(stream),
        "type": topic,
        "v": 1,
        "version": version,
    }
    told |= members
    with psycopg.connect(kept.inside.database.urls.writer) as writer:
        row = writer.execute("SELECT position FROM ledger.head FOR UPDATE").fetchone()
        assert row is not None
        position = row[0] + 1
        writer.execute("UPDATE ledger.head SET position = %s", (position,))
        values = (position, stream, version, topic, encoded(told), told["command"])
        # Without a MAC the database does not take it; another event's is as wrong as any.
        writer.execute(
            "INSERT INTO ledger.events SELECT %s, %s, %s, %s, %s, %s, NULL, mac"
            " FROM ledger.events WHERE notification_id = 1",
            values,
        )
    return position


def sealed_under(key: str) -> dict[str, Any]:
    return {"sealed": {"key": key, "sha256": secrets.token_hex(32), "size": 284}}


def unknown_key() -> dict[str, Any]:
    return sealed_under(secrets.token_hex(32))


def destroyed_key(kept: Keeper) -> dict[str, Any]:
    """A key that the ledger itself destroyed, as any header of before names it."""
    return sealed_under(_key_at(kept, 1))


def living_key(kept: Keeper) -> dict[str, Any]:
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        row = reader.execute("SELECT encode(min(key_id), 'hex') FROM ledger.data_keys").fetchone()
    assert row is not None
    return sealed_under(row[0])


def _key_at(kept: Keeper, position: int) -> str:
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        row = reader.execute(
            "SELECT convert_from(state, 'UTF8')::jsonb #>> '{sealed,key}' FROM ledger.events"
            " WHERE notification_id = %s",
            (position,),
        ).fetchone()
    assert row is not None
    return row[0]


def version_of(kept: Keeper, stream: UUID) -> int:
    return kept.inside.house.reads.stream_versions([stream])[stream]


def retraction_under_an_unknown_key(kept: Keeper) -> tuple[UUID, int, str, dict[str, Any]]:
    told = {"facts": {"reason": "duplicate"}, **unknown_key()}
    return kept.transfers["young"], 2, "transfer-retracted", told


def retraction_under_a_destroyed_key(kept: Keeper) -> tuple[UUID, int, str, dict[str, Any]]:
    told = {"facts": {"reason": "duplicate"}, **destroyed_key(kept)}
    return kept.transfers["young"], 2, "transfer-retracted", told


def hold_under_a_living_key(kept: Keeper) -> tuple[UUID, int, str, dict[str, Any]]:
    return random_uuid(), 1, "hold-placed", living_key(kept)


def completion(kept: Keeper) -> tuple[UUID, int, str, dict[str, Any]]:
    parts = {"count": 2, "lines": 1, "root": secrets.token_hex(32)}
    told = {"blind": secrets.token_hex(16), "parts": parts}
    return kept.transfers["young"], 2, "transfer-completed", told


def unlinked(kept: Keeper) -> tuple[UUID, int, str, dict[str, Any]]:
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P2"), "証拠")
    stream = kept.inside.ledger.link(link, kept.inside.now).stream
    return stream, 2, "identifiers-unlinked", destroyed_key(kept)


def withdrawn_case(kept: Keeper) -> tuple[UUID, int, str, dict[str, Any]]:
    case = received(kept, "P1")
    return case, version_of(kept, case) + 1, "case-withdrawn", destroyed_key(kept)


KINDS: Final[dict[str, Forged]] = {
    "retraction under an unknown key": retraction_under_an_unknown_key,
    "retraction under a destroyed key": retraction_under_a_destroyed_key,
    "hold under a living key": hold_under_a_living_key,
    "completion of a bulk transfer": completion,
    "link taken back": unlinked,
    "case withdrawn": withdrawn_case,
}


AMID: Final = 2
"""The look at plans, holds and cases by which a run decides; the first one is before it."""


@pytest.fixture
def young(database: Database) -> Iterator[Keeper]:
    """A ledger of one record that lives, and of one whose key it destroyed."""
    with keeper(database) as kept:
        yield _grown(kept)


def _grown(kept: Keeper) -> Keeper:
    kept.on("2020-04-01")
    kept.sent("old", "P9")
    kept.on("2023-04-02")
    kept.purge()
    assert kept.living() == set()
    kept.on("2023-05-01")
    kept.sent("young", "P1")
    kept.inside.follow()
    return kept


def named(kept: Keeper) -> list[int | None]:
    return [one.position for one in forged_events(kept.inside.house)]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_answered_that_believes_it_and_fsck_names_it(young: Keeper, kind: str) -> None:
    stream, version, topic, members = KINDS[kind](young)
    young.inside.follow()
    assert len(young.inside.page("P1").entries) == 1
    assert named(young) == []
    forged = planted(young, stream, version, topic, members)
    house = young.inside.house
    with pytest.raises(ForgedEventError, match=f"position {forged}: "):
        young.inside.follow()
    # What waits for the read side waits in vain; what reads the stream refuses.
    assert house.histories.reached() == forged - 1
    with pytest.raises(ProjectionBehindError):
        house.histories.wait(forged, 0.1)
    with pytest.raises(ForgedEventError):
        house.streams.facts([stream], None)
    assert named(young) == [forged]


@pytest.mark.parametrize("kind", KINDS)
def test_no_run_of_retention_destroys_anything_beside_it(young: Keeper, kind: str) -> None:
    young.on("2026-05-02")
    told = KINDS[kind](young)
    young.plan()
    due = _keys(young)
    planted(young, *told)
    with pytest.raises((ForgedEventError, ProjectionBehindError)):
        young.retaining.expire(young.inside.now, ACTOR)
    assert _keys(young) >= due


def test_what_an_open_case_keeps_is_not_destroyed_though_its_end_comes_amid_the_run(
    young: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end comes after the run asked how far the log is, and before it reads the case again."""
    young.on("2026-04-20")
    case = received(young, "P1")
    version, members = version_of(young, case) + 1, destroyed_key(young)
    house, connection = young.inside.house, young.inside.connection
    follower = house.follower()
    index = FollowingIndex(
        house.histories, house.reader, lambda position: follower.catch_up(connection, position)
    )
    run = retaining(young.inside, young.inside.follow, index)
    before, plans = run.plans.read, run.plans
    reads: list[int] = []

    def read() -> None:
        reads.append(1)
        if len(reads) == AMID:
            planted(young, case, version, "case-withdrawn", members)
        before()

    young.on("2026-05-02")
    young.plan()
    young.inside.follow()
    monkeypatch.setattr(plans, "read", read)
    with pytest.raises(ForgedEventError):
        run.expire(young.inside.now, ACTOR)
    assert len(reads) >= AMID
    assert _living(young)


def test_no_export_is_made_beside_it(young: Keeper, tmp_path: Path) -> None:
    forged = planted(young, *retraction_under_a_destroyed_key(young))
    house = young.inside.house
    source = Source(house.streams, young.inside.ledger, lambda: young.inside.now)
    for whole in (True, False):
        asked, to = Filters(case="C-1", whole=whole, reason="報告の求め"), tmp_path / f"{whole}"
        with pytest.raises(ForgedEventError, match=f"position {forged}: "):
            leave(source, ACTOR, asked, to, None, lambda _done, _of: None)
        assert not to.exists()


def test_readiness_fails_and_says_where(young: Keeper) -> None:
    forged = planted(young, *retraction_under_an_unknown_key(young))
    house = young.inside.house
    watch = LagWatch(house.reads, house.histories.reached, house.now)
    with pytest.raises(ForgedEventError, match=f"position {forged}: "):
        watch.check(3600)
    registry = CollectorRegistry()
    stop = _Once()
    watch.keep_counting(registry, stop)
    assert registry.get_sample_value("ledger_forged_event") == 1


@every("what", ["stream", "version", "topic", "state", "mac", "no mac"])
def test_a_mac_goes_with_no_other_event(young: Keeper, what: str) -> None:
    """As who owns the database changes a row, and keeps the rest of it."""
    [row] = [one for one in _rows(young) if one[3] == "provision-recorded"][-1:]
    position, stream, version, topic, state, mac = row
    changed = {
        "stream": (position, random_uuid(), version, topic, state, mac),
        "version": (position, stream, version + 1, topic, state, mac),
        "topic": (position, stream, version, "transfer-retracted", state, mac),
        "state": (position, stream, version, topic, state + b" ", mac),
        "mac": (position, stream, version, topic, state, bytes(32)),
        "no mac": (position, stream, version, topic, state, None),
    }[what]
    macs = young.inside.house.macs
    with psycopg.connect(young.inside.database.urls.reader) as reader:
        assert list(macs.forged(reader, [row])) == []
        assert list(macs.forged(reader, [changed])) == [position]


class _Once(threading.Event):
    """Ends whoever waits for it, after the first look."""

    @override
    def wait(self, timeout: float | None = None) -> bool:
        return True


def _rows(kept: Keeper) -> list[Any]:
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        return reader.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state, mac"
            " FROM ledger.events ORDER BY 1"
        ).fetchall()


def _keys(kept: Keeper) -> set[bytes]:
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        return {row[0] for row in reader.execute("SELECT key_id FROM ledger.data_keys")}


def _living(kept: Keeper) -> bool:
    """Whether the key of the young record lives."""
    with psycopg.connect(kept.inside.database.urls.reader) as reader:
        row = reader.execute(
            "SELECT EXISTS (SELECT FROM ledger.events AS e JOIN ledger.data_keys AS k ON"
            " k.key_id = decode(convert_from(e.state, 'UTF8')::jsonb #>> '{sealed,key}', 'hex')"
            " WHERE e.originator_id = %s)",
            (kept.transfers["young"],),
        ).fetchone()
    assert row is not None
    return bool(row[0])
