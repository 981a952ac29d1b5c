"""What is missing, left or standing against the log's word, and which of its words are believed."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, LiteralString

import psycopg
import pytest

from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.format.encoder import seal
from ledger.format.envelope import EventDraft, SealedEvent
from ledger.format.header import is_proven
from ledger.format.json import encoded
from ledger.retention.destruction_check import faults
from ledger.retention.expiry_write import ExpiryBatch
from ledger.retention.proved_expiries import expiries, unproven
from tests.database import LEDGER_NAME
from tests.journals import PROVE
from tests.store.retained import DUE, LATER, WHEN, Retained
from tests.store.samples import bare

Named = list[tuple[str, int]]

KEYS: Final = 4


def named(kept: Retained) -> Named:
    """As the projector sees it, whose connection the command has."""
    with psycopg.connect(kept.database.urls.projector, autocommit=True) as connection:
        return sorted((fault.kind, fault.position) for fault in faults(connection, PROVE))


def looked_up(kept: Retained) -> Named:
    """The slow way: every row is read, every header parsed, every rule asked one by one."""
    with psycopg.connect(kept.database.admin) as admin:
        events = admin.execute("SELECT notification_id, state FROM ledger.events").fetchall()
        parts = admin.execute("SELECT position, n, key_id FROM ledger.sealed_parts").fetchall()
        elsewhere = admin.execute(
            "SELECT s.position FROM ledger.sealed_parts AS s LEFT JOIN ledger.events AS e"
            " ON e.notification_id = s.position WHERE e.partition IS DISTINCT FROM s.partition"
        ).fetchall()
        ring = {key.hex() for (key,) in admin.execute("SELECT key_id FROM ledger.data_keys")}
    headers: dict[int, dict[str, Any]] = {place: json.loads(state) for place, state in events}
    listed: dict[str, int] = {}
    for place in sorted(headers):
        for key in headers[place].get("keys", ()):
            listed.setdefault(key, place)
    found = {("left", place) for place, _, key in parts if key.hex() in listed}
    found |= {("foreign", place) for (place,) in elsewhere}
    for place, n, key in parts:
        header = headers.get(place, {})
        is_named = header.get("sealed", {}).get("key") == key.hex()
        if not is_named or n > len(header.get("attached", ())):
            found.add(("foreign", place))
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


LOSE_PART: Final = "DELETE FROM ledger.sealed_parts WHERE position = 3"
LOSE_KEY: Final = "DELETE FROM ledger.data_keys WHERE key_id = %(later)s"
KEY_BACK: Final = (
    "INSERT INTO ledger.data_keys VALUES"
    " (%(due)s, 'record', '2029-11-25', NULL, '2026-48', %(wrapped)s, 0, %(due)s)"
)
DOCUMENT_ADDED: Final = (
    "INSERT INTO ledger.sealed_parts SELECT partition, 3, 1, '', %(later)s"
    " FROM ledger.events WHERE notification_id = 3"
)
TAMPERED: dict[str, tuple[tuple[LiteralString, ...], Named]] = {
    "a part without its key": ((LOSE_PART,), [("missing", 3)]),
    "a key, and its part is left": ((LOSE_KEY,), [("keyless", 3)]),
    "a part with its key, and no event says so": ((LOSE_PART, LOSE_KEY), [("missing", 3)]),
    "a part is back": (
        ("INSERT INTO ledger.sealed_parts VALUES (8119, 2, 0, '', %(due)s)",),
        [("left", 2)],
    ),
    "a part is back, its row names a key that lives": (
        ("INSERT INTO ledger.sealed_parts VALUES (8119, 2, 0, '', %(later)s)",),
        [("foreign", 2), ("left", 2)],
    ),
    "a part that no header names": (
        ("INSERT INTO ledger.sealed_parts VALUES (0, 3, 0, '', %(later)s)",),
        [("foreign", 3)],
    ),
    "a document too many, and a part at no event": (
        (
            "INSERT INTO ledger.sealed_parts VALUES (8119, 2, 1, '', %(later)s)",
            DOCUMENT_ADDED,
            "INSERT INTO ledger.sealed_parts VALUES (0, 99, 0, '', %(later)s)",
        ),
        [("foreign", 2), ("foreign", 3), ("foreign", 99)],
    ),
    "a key is back": (
        ("ALTER TABLE ledger.data_keys DISABLE TRIGGER data_keys_are_new", KEY_BACK),
        [("standing", 4)],
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_the_log_does_not_allow_is_named(kept: Retained, name: str) -> None:
    statements, expected = TAMPERED[name]
    assert named(kept) == []
    due, later = two_keys(kept)
    kept.append(bare(random_uuid(), 1, random_uuid()))
    assert named(kept) == looked_up(kept) == [], "what an expiry destroys is no fault"
    with psycopg.connect(kept.database.admin) as admin:
        for one in statements:
            admin.execute(one, {"due": due, "later": later, "wrapped": bytes(60)})
    assert named(kept) == looked_up(kept) == expected


def test_any_tampering_is_named_as_a_look_at_every_row_finds_it(kept: Retained) -> None:
    random = Random(0)  # noqa: S311 -- a test
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


MIGRATION = Path("ledger/migrations/0033_proven_expiries.sql")


def append_without_proof(kept: Retained, key: bytes) -> int:
    """As versions of before wrote it, with a random `blind`; the key dies."""
    draft = EventDraft(
        type="records-expired",
        stream=random_uuid(),
        version=1,
        at=WHEN,
        actor="tester",
        command=random_uuid(),
        facts={"counts": {"cases": 0, "holds": 0}},
        keys=(key,),
    )
    event = seal(draft, None, LEDGER_NAME)
    assert not is_proven(event.header, PROVE)
    [expired] = kept.expiring.expire([ExpiryBatch([key], lambda _: event)], kept.reads.head())
    return expired.position


def upgrade(kept: Retained) -> None:
    """The migration, as it meets the ledger as it stands."""
    with psycopg.connect(kept.database.urls.owner) as owner:
        owner.execute("DROP TABLE ledger.proven_expiries")
        owner.execute(MIGRATION.read_bytes())


def believed(kept: Retained) -> dict[int, bool]:
    with psycopg.connect(kept.database.urls.reader) as reader:
        return {one.position: one.is_believed for one in expiries(reader, PROVE)}


def due(kept: Retained) -> bytes:
    key = kept.key()
    kept.record(key)
    kept.index()
    return key


def test_what_was_destroyed_before_there_were_proofs_is_believed_for_ever(kept: Retained) -> None:
    before = [append_without_proof(kept, due(kept)) for _ in range(2)]
    upgrade(kept)
    assert believed(kept) == dict.fromkeys(before, True)
    proven = kept.expire(due(kept)).position
    assert believed(kept) == dict.fromkeys([*before, proven], True)
    with psycopg.connect(kept.database.urls.projector, autocommit=True) as projector:
        assert list(faults(projector, PROVE)) == []


def test_what_has_no_proof_since_the_migration_is_not_believed(kept: Retained) -> None:
    upgrade(kept)
    forged = append_without_proof(kept, due(kept))
    assert believed(kept) == {forged: False}


def test_an_event_behind_one_with_a_proof_is_none_of_before_whatever_the_table_says(
    kept: Retained,
) -> None:
    """Who writes as the owner moves the end of what is believed without a proof."""
    before = append_without_proof(kept, due(kept))
    upgrade(kept)
    proven = kept.expire(due(kept)).position
    forged = append_without_proof(kept, due(kept))
    with psycopg.connect(kept.database.urls.owner) as owner:
        owner.execute("UPDATE ledger.proven_expiries SET after = %s", (forged,))
    assert believed(kept) == {before: True, proven: True, forged: False}
    with psycopg.connect(kept.database.urls.owner) as owner:
        owner.execute("DELETE FROM ledger.proven_expiries")
    assert believed(kept) == {before: False, proven: True, forged: False}


def test_another_secret_or_another_ledger_proves_nothing(kept: Retained) -> None:
    proven = kept.expire(due(kept)).position
    with psycopg.connect(kept.database.urls.reader) as reader:
        assert unproven(reader, PROVE) == []
        for secret, name in ((bytes(32), LEDGER_NAME), (b"\x01" * 32, "other")):
            prove = LedgerSecret(secret, name).expiry_proof
            assert unproven(reader, prove) == [proven]
