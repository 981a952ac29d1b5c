"""Which events are believed that say that keys were destroyed: of before proofs, and since."""

from pathlib import Path

import psycopg

from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.format.encoder import seal
from ledger.format.envelope import EventDraft
from ledger.format.header import is_proven
from ledger.retention.destruction_check import faults
from ledger.retention.proved_expiries import expiries, unproven
from tests.database import LEDGER_NAME
from tests.journals import PROVE
from tests.store.retained import WHEN, Retained

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
    return kept.expiring.expire([key], lambda _: event, kept.reads.head()).position


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
