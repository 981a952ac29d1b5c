"""Lines of the erasure journal that somebody made who writes to its folder.

Attack: whoever writes to the folder of the erasure journal, and does not hold the ledger secret,
adds a line that a living key was destroyed, so that the next restore destroys it; or puts a journal
of before check sums were keyed in the place of one that has them.

Held off by: check sums keyed with a subkey of the ledger secret (0110). A line without one stops
the start, and the database knows that the journal has had them.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from ledger.backup.after_restore import bring_back
from ledger.backup.agreement import DeadKeysStandError, agree
from ledger.clock import now
from ledger.retention.journal_file import ERASURES, HEAD, Journal, JournalError
from tests.database import Database
from tests.journals import PROVE, journal_in
from tests.ledger.inside import inside


def open_up(journal: Journal, database: Database) -> None:
    """What every process does before it opens the ledger."""
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        agree(journal, connection, now(), PROVE)


def living(database: Database) -> bytes:
    """A key under which a record stands."""
    with psycopg.connect(database.admin) as connection:
        row = connection.execute(
            "SELECT key_id FROM ledger.data_keys WHERE key_class = 'record' LIMIT 1"
        ).fetchone()
    assert row is not None
    return bytes(row[0])


def plain(line: Mapping[str, object], before: str) -> bytes:
    """A line with a check sum that anybody can compute."""
    text = json.dumps(line, sort_keys=True, separators=(",", ":"))
    digest = sha256(f"{before}\n{text}".encode()).hexdigest()[:32]
    return f'{text[:-1]},"sum":"{digest}"}}'.encode() + b"\n"


def forged(journal: Journal, key: bytes, at: datetime) -> dict[str, bytes]:
    """What the attacker may put in the place of the journal, by how it is made."""
    content = (journal.folder / ERASURES).read_bytes()
    done: dict[str, object] = {"state": "done", "keys": [key.hex()], "position": 1}
    begun = {
        "state": "begun",
        "at": at.isoformat(),
        "id": str(journal.id()),
        "ledger": "test-ledger",
    }
    first = plain(begun, "")
    other = journal_in(journal.folder.parent / "other", secret=bytes(32))
    other.begin(journal.id(), at)
    other.settle([key], 1)
    return {
        "a line is added": content + plain(done, content[-35:-3].decode()),
        "all of it as versions of before wrote it": first + plain(done, first[-35:-3].decode()),
        "all of it under another secret": (other.folder / ERASURES).read_bytes(),
    }


def test_a_journal_that_names_a_living_key_as_destroyed_stops_the_start_and_destroys_nothing(
    tmp_path: Path, database: Database
) -> None:
    wrong: list[str] = []
    with inside(database) as house:
        journal = journal_in(tmp_path / "journal")
        house.record("lives")
        open_up(journal, database)
        key = living(database)
        whole = (journal.folder / ERASURES).read_bytes()
        for how, content in forged(journal, key, now()).items():
            (journal.folder / ERASURES).write_bytes(content)
            try:
                open_up(journal, database)
            except JournalError:
                pass
            else:
                wrong.append(f"{how}: opened")
            with (
                house.house.destroying_again("0" * 32) as destroy,
                pytest.raises(JournalError),
            ):
                bring_back(journal, database.urls, destroy, now(), PROVE, accept_loss=True)
            if living(database) != key:
                wrong.append(f"{how}: destroyed")
        (journal.folder / ERASURES).write_bytes(whole)
        open_up(journal, database)
    assert wrong == []


def test_a_line_of_the_ledger_itself_is_believed(tmp_path: Path, database: Database) -> None:
    with inside(database) as house:
        journal = journal_in(tmp_path / "journal")
        house.record("lives")
        open_up(journal, database)
        journal.settle([living(database)], 1)
        with pytest.raises(DeadKeysStandError):
            open_up(journal, database)


def test_a_head_that_was_set_back_stops_the_start(tmp_path: Path, database: Database) -> None:
    """A database of yesterday would otherwise pass for the one of today."""
    with inside(database) as house:
        journal = journal_in(tmp_path / "journal")
        house.record("lives")
        open_up(journal, database)
        (journal.folder / HEAD).write_text('{"at":"","event_hash":"","head":0}')
        with pytest.raises(JournalError, match="damaged"):
            open_up(journal, database)
