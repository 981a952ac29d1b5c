"""What is missing, left or standing against the log's word, beside a look at every row."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Final

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import SealedEvent
from ledger.format.json import encoded
from ledger.retention.destruction_check import faults
from tests.journals import PROVE
from tests.store.retained import DUE, LATER, Retained
from tests.store.samples import bare

Named = list[tuple[str, int]]

KEYS: Final = 4
PUT: Final = "INSERT INTO ledger.sealed_parts VALUES (%s, %s, 0, %s, %s)"


def named(kept: Retained) -> Named:
    """As the projector sees it, whose connection the command has."""
    with psycopg.connect(kept.database.urls.projector, autocommit=True) as connection:
        return sorted((fault.kind, fault.position) for fault in faults(connection, PROVE))


def looked_up(kept: Retained) -> Named:
    """The slow way: every row is read, every header parsed, every rule asked one by one."""
    with psycopg.connect(kept.database.admin) as admin:
        events = admin.execute("SELECT notification_id, state FROM ledger.events").fetchall()
        parts = admin.execute("SELECT position, n, key_id FROM ledger.sealed_parts").fetchall()
        ring = {key.hex() for (key,) in admin.execute("SELECT key_id FROM ledger.data_keys")}
    headers: dict[int, dict[str, Any]] = {place: json.loads(state) for place, state in events}
    listed: dict[str, int] = {}
    for place in sorted(headers):
        for key in headers[place].get("keys", ()):
            listed.setdefault(key, place)
    found = {("left", place) for place, _, key in parts if key.hex() in listed}
    for place, header in headers.items():
        if "sealed" not in header:
            continue
        wanted = range(1 + len(header.get("attached", ())))
        there = {n for position, n, _ in parts if position == place}
        if header["sealed"]["key"] in listed:
            found |= {("left", place)} if 0 in there else set()
        elif not there.issuperset(wanted):
            found.add(("missing", place))
        if header["sealed"]["key"] not in {*listed, *ring} and 0 in there:
            found.add(("keyless", place))
    return sorted([*found, *(("standing", place) for key, place in listed.items() if key in ring)])


def with_documents(event: SealedEvent, count: int) -> SealedEvent:
    header = json.loads(event.header)
    header["attached"] = [{"sha256": "00" * 32, "size": 3}] * count
    return replace(event, header=encoded(header), attached=(b"doc",) * count)


def two_keys(kept: Retained) -> tuple[bytes, bytes]:
    """Positions 1 and 2 under a key that died as event 4 says, position 3 under one that lives."""
    due, later = kept.key(), kept.key(LATER)
    for key in (due, due, later):
        kept.record(key)
    kept.index()
    kept.expire(due)
    return due, later


def lose_part(admin: psycopg.Connection, _due: bytes, _later: bytes) -> None:
    admin.execute("DELETE FROM ledger.sealed_parts WHERE position = 3")


def lose_key(admin: psycopg.Connection, _due: bytes, later: bytes) -> None:
    admin.execute("DELETE FROM ledger.data_keys WHERE key_id = %s", (later,))


def lose_part_and_key(admin: psycopg.Connection, due: bytes, later: bytes) -> None:
    lose_part(admin, due, later)
    lose_key(admin, due, later)


def put_part_back(admin: psycopg.Connection, due: bytes, _later: bytes) -> None:
    admin.execute(PUT, (2029 * 4 + 3, 2, bytes(284), due))


def put_part_back_under_another_name(admin: psycopg.Connection, _due: bytes, later: bytes) -> None:
    put_part_back(admin, later, later)


def put_key_back(admin: psycopg.Connection, due: bytes, _later: bytes) -> None:
    admin.execute(
        "INSERT INTO ledger.data_keys VALUES (%s, 'record', '2029-11-25', NULL, '2026-48', %s)",
        (due, bytes(60)),
    )


Tampering = Callable[[psycopg.Connection, bytes, bytes], None]
TAMPERED: dict[str, tuple[Tampering, Named]] = {
    "a part without its key": (lose_part, [("missing", 3)]),
    "a key, and its part is left": (lose_key, [("keyless", 3)]),
    "a part with its key, and no event says so": (lose_part_and_key, [("missing", 3)]),
    "a part is back": (put_part_back, [("left", 2)]),
    "a part is back, its row names a key that lives": (
        put_part_back_under_another_name,
        [("left", 2)],
    ),
    "a key is back": (put_key_back, [("standing", 4)]),
}


def test_what_an_expiry_destroys_is_no_fault(kept: Retained) -> None:
    assert named(kept) == []
    two_keys(kept)
    kept.append(bare(random_uuid(), 1, random_uuid()))
    assert named(kept) == looked_up(kept) == []


@pytest.mark.parametrize("name", TAMPERED)
def test_what_the_log_does_not_allow_is_named(kept: Retained, name: str) -> None:
    tamper, expected = TAMPERED[name]
    due, later = two_keys(kept)
    with psycopg.connect(kept.database.admin) as admin:
        tamper(admin, due, later)
    assert named(kept) == looked_up(kept) == expected


def test_a_lost_document_is_a_missing_part(kept: Retained) -> None:
    due, later = kept.key(), kept.key(LATER)
    topic = "notice-published"
    for key in (later, due, later):
        kept.append(with_documents(kept.event(random_uuid(), 1, key, topic), 2))
    kept.index()
    kept.expire(due)
    assert named(kept) == []
    with psycopg.connect(kept.database.admin) as admin:
        admin.execute("DELETE FROM ledger.sealed_parts WHERE position = 3 AND n = 2")
    assert named(kept) == looked_up(kept) == [("missing", 3)]


@pytest.mark.parametrize("seed", range(3))
def test_any_tampering_is_named_as_a_look_at_every_row_finds_it(kept: Retained, seed: int) -> None:
    random = Random(seed)  # noqa: S311 -- a test
    keys = [kept.key(DUE - timedelta(days=n)) for n in range(KEYS)]
    for _ in range(40):
        event = kept.event(random_uuid(), 1, random.choice(keys))
        kept.append(with_documents(event, random.choice([0, 0, 1, 3])))
    kept.index()
    kept.expire(*keys[: KEYS // 2])
    with psycopg.connect(kept.database.admin) as admin:
        for position in random.sample(range(1, 41), 15):
            match random.randrange(3):
                case 0:
                    admin.execute(
                        "DELETE FROM ledger.sealed_parts WHERE position = %s AND n = 0", (position,)
                    )
                case 1:
                    admin.execute(
                        "DELETE FROM ledger.sealed_parts WHERE position = %s AND n > 0", (position,)
                    )
                case _:
                    admin.execute(
                        "INSERT INTO ledger.sealed_parts SELECT partition, notification_id, 0,"
                        " '\\x00', %s FROM ledger.events WHERE notification_id = %s"
                        " ON CONFLICT DO NOTHING",
                        (random.choice(keys), position),
                    )
        admin.execute("DELETE FROM ledger.data_keys WHERE key_id = %s", (keys[-1],))
    found = named(kept)
    assert found == looked_up(kept)
    assert {kind for kind, _ in found} >= {"missing", "left"}
