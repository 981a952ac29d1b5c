"""Rows of the key ring that somebody changed who writes to the database.

Attack: whoever writes to the database, and holds no epoch master, puts the key of one person's or
case's object in the place of another's: what is sealed for the one from then on would be read, or
die, with the other. Or gives a key another class or day of death.

Held off by: what a wrapped key is bound to, its id, class, day and owner (`ppl/wrap/2`): such a row
does not open, and nothing is sealed under it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.backup.after_restore import bring_back
from ledger.backup.agreement import DeadKeysStandError, agree
from ledger.clock import now
from ledger.errors import CorruptRecordError
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.retention.journal_file import ERASURES, HEAD, Journal, JournalError
from tests.database import Database
from tests.journals import PROVE, journal_in
from tests.ledger.inside import inside
from tests.postgres.backups import FAST
from tests.postgres.temporary import temporary_folder

MINE, THEIRS = UUID(int=1), UUID(int=2)
_SET: Final = "UPDATE ledger.data_keys AS one SET "
_BOTH: Final = " WHERE owner IN (%(mine)s, %(theirs)s)"
_OTHERS: Final = (
    "wrapped = (SELECT wrapped FROM ledger.data_keys AS other"
    " WHERE other.owner IN (%(mine)s, %(theirs)s) AND other.owner <> one.owner)"
)
SWAPS: Final = {
    "their owners": (
        _SET + "owner = %(none)s WHERE owner = %(mine)s",
        _SET + "owner = %(mine)s WHERE owner = %(theirs)s",
        _SET + "owner = %(theirs)s WHERE owner = %(none)s",
    ),
    "what is wrapped": (_SET + _OTHERS + _BOTH,),
    "their class": (_SET + "key_class = 'series'" + _BOTH,),
    "their day": (_SET + "day = '2099-01-01'" + _BOTH,),
}


@pytest.mark.parametrize("what", SWAPS)
def test_a_key_that_was_put_in_the_place_of_another_does_not_open(
    database: Database, what: str
) -> None:
    with inside(database) as house:
        keys = house.house.keys
        mine, theirs = (keys.key_for("case", owner=owner) for owner in (MINE, THEIRS))
        keys.forget([mine.id, theirs.id])
        with psycopg.connect(database.admin) as connection:
            connection.execute("ALTER TABLE ledger.data_keys DISABLE TRIGGER ALL")
            for statement in SWAPS[what]:
                values = {"mine": MINE, "theirs": THEIRS, "none": UUID(int=3)}
                connection.execute(statement.encode(), values)
        for key in (mine, theirs):
            with pytest.raises(CorruptRecordError):
                keys.open([key.id])
        for owner in (MINE, THEIRS):
            with pytest.raises(CorruptRecordError):
                keys.key_for("series" if what == "their class" else "case", owner=owner)


UNCHECKED: Final = """
    SELECT c.relname, a.attname
      FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
       AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
       AND has_column_privilege('ledger_writer', c.oid, a.attnum, 'INSERT, UPDATE')
       AND NOT EXISTS (
           SELECT FROM pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
              AND pg_get_constraintdef(k.oid) LIKE format('CHECK (isfinite(%I))%%', a.attname))
"""
KEY: Final = """
    INSERT INTO ledger.api_keys (id, secret_sha256, label, scopes, created_at, expires_at)
    VALUES ('aaaaaaaaaaaaaaaa', decode(repeat('00', 32), 'hex'), 'x', ARRAY['records:read'],
            now(), now() + interval '1 day')
"""


def test_every_day_and_instant_that_the_writer_may_write_has_an_end(
    shared_database: Database,
) -> None:
    """Attack: whoever has the login of the writer puts `infinity` where a day or an instant stands,
    the day of a key's last use, say: no program can read it, and no list of that table is
    shown any more.
    Held off by: a check of every such column that the login may write.
    """
    with psycopg.connect(shared_database.admin) as connection:
        assert connection.execute(UNCHECKED).fetchall() == []


@pytest.mark.parametrize("day", ["infinity", "-infinity"])
def test_the_day_of_a_keys_last_use_has_an_end(shared_database: Database, day: str) -> None:
    with (
        psycopg.connect(shared_database.admin) as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(KEY)
        connection.execute("SET LOCAL ROLE ledger_writer")
        with pytest.raises(psycopg.errors.CheckViolation, match="api_keys_last_used_day_finite"):
            connection.execute("UPDATE ledger.api_keys SET last_used_day = %s", (day,))


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
    """Attack: whoever writes to the folder of the erasure journal, and does not hold the ledger
    secret, adds a line that a living key was destroyed, so that the next restore destroys
    it; or puts a journal of before check sums were keyed in the place of one that has them.
    Held off by: check sums keyed with a subkey of the ledger secret (0110). A line without one
    stops the start, and the database knows that the journal has had them.
    """
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


def test_nobody_else_can_open_what_is_locked_even_in_a_home_of_before() -> None:
    """Attack: a user of the machine opens the file `lock` or `owner` of the home, into whose folder
    the server's user must be let, and holds its lock: whoever starts, joins or stops the
    server waits.
    Held off by: both files are 0600, and so are those of a home of before from its next start.
    """
    with temporary_folder(FAST) as folder:
        server = EmbeddedServer(folder / "home", FAST)
        server.home.make()
        locks = [server.home.path / name for name in ("lock", "owner")]
        for path in locks:
            path.touch()
            path.chmod(0o644)
        with server:
            assert [path.stat().st_mode & 0o777 for path in locks] == [0o600, 0o600]
        for path in locks:
            path.unlink()
        with server:
            assert [path.stat().st_mode & 0o777 for path in locks] == [0o600, 0o600]
