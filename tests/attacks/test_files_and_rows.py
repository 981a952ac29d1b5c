"""Rows of the key ring that somebody changed who writes to the database.

Attack: whoever writes to the database, and holds no epoch master, puts the key of one person's or
case's object in the place of another's: what is sealed for the one from then on would be read, or
die, with the other. Or gives a key another class or day of death.

Held off by: what a wrapped key is bound to, its id, class, day and owner (`ppl/wrap/2`): such a row
does not open, and nothing is sealed under it.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import pytest

from api.server.bulk_committer import Committer
from ledger.backup.after_restore import bring_back
from ledger.backup.agreement import agree
from ledger.clock import now
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.retention.journal_file import ERASURES, HEAD, Journal, JournalError
from tests.bulk.sending import Sender, people, sender, split
from tests.database import Database
from tests.journals import PROVE, ROW_MAC, journal_in
from tests.ledger.inside import Inside, inside
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import csv_bytes, head, new, uploaded
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
        # What its MAC covers is no row of the ledger's any more (0120); the rest does not open.
        for key in (mine, theirs):
            with suppress(CorruptRecordError):
                assert keys.open([key.id]) == {}
        for owner in (MINE, THEIRS):
            with suppress(CorruptRecordError):
                key_class = "series" if what == "their class" else "case"
                found = keys.key_for(key_class, owner=owner)
                assert found.id not in (mine.id, theirs.id)


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
              AND pg_get_constraintdef(k.oid) LIKE format('CHECK (((%I >= ''0001-01-0%%', a.attname)
              AND pg_get_constraintdef(k.oid) LIKE format(
                  '%% AND (%I < ''9999-12-3%%', a.attname))
"""


def test_every_day_and_instant_that_the_writer_may_write_has_an_end(
    shared_database: Database,
) -> None:
    """Attack: whoever has the login of the writer puts `infinity`, a day before the year 1 or after
    9999 where a day or an instant stands, the day of a key's last use, say: no program can
    read it, and no list of that table is shown any more.
    Held off by: a check of every such column that the login may write.
    """
    with psycopg.connect(shared_database.admin) as connection:
        assert connection.execute(UNCHECKED).fetchall() == []


def open_up(journal: Journal, database: Database) -> None:
    """What every process does before it opens the ledger."""
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        agree(journal, connection, now(), PROVE, ROW_MAC)


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
                house.house.repeat_destruction("0" * 32) as destroy,
                pytest.raises(JournalError),
            ):
                bring_back(journal, database.urls, destroy, now(), PROVE, ROW_MAC, accept_loss=True)
            if living(database) != key:
                wrong.append(f"{how}: destroyed")
        (journal.folder / ERASURES).write_bytes(whole)
        open_up(journal, database)
    assert wrong == []


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


PERSONS: Final = people(30)


@pytest.fixture
def a_house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def sending(a_house: Inside) -> Sender:
    return sender(a_house)


def accepted(a_house: Inside, sending: Sender) -> UUID:
    """A bulk transfer that was answered with 202."""
    one = sending.staged("b1", split(PERSONS, 10))
    assert sending.bulk.close(one.bulk, a_house.now).state == "committing"
    return one.bulk


def as_writer(a_house: Inside, statement: LiteralString, bulk: UUID) -> None:
    with psycopg.connect(a_house.database.urls.writer, autocommit=True) as connection:
        assert connection.execute(statement, {"bulk": bulk}).rowcount > 0


def is_found(a_house: Inside) -> bool:
    a_house.follow()
    return bool(a_house.page(str(PERSONS[0]["id"])).entries)


@pytest.mark.parametrize(
    "taken",
    [
        "DELETE FROM ledger.bulk_pieces WHERE bulk = %(bulk)s",
        "DELETE FROM ledger.bulk_parts WHERE bulk = %(bulk)s AND number = 2",
        (
            "UPDATE ledger.bulk_parts SET (upload, sealed) = (SELECT upload, sealed"
            " FROM ledger.bulk_parts WHERE bulk = %(bulk)s AND number = 1)"
            " WHERE bulk = %(bulk)s AND number = 2"
        ),
        "UPDATE ledger.bulk_parts SET sealed = '\\x00' WHERE bulk = %(bulk)s AND number = 2",
    ],
)
def test_what_is_not_whole_is_not_recorded_and_is_told(
    a_house: Inside, sending: Sender, caplog: pytest.LogCaptureFixture, taken: LiteralString
) -> None:
    """Attack: whoever has the login of the writer deletes the pieces, the parts or the row of a
    bulk transfer that was answered with 202, says that it was recorded or aborted, or puts
    other pieces in the place of those that were sent, so that a provision is missing or
    another one is recorded. Or they cut off the end of a register that somebody uploaded,
    which then is imported without it.
    Held off by: nothing is recorded but what was announced, by the hash of every part, sealed
    for its place; 202 does not say that anything is recorded. What was taken away is told: the
    committer's log and `ledger bulk list` name what is stuck, and whoever sent it and asks
    learns that it is unknown, aborted or not recorded, and sends it again. A register that
    somebody uploaded is as long as it was when it came in, which is sealed, or it is not
    imported. The taking itself is not held off.
    """
    bulk = accepted(a_house, sending)
    as_writer(a_house, taken, bulk)
    with caplog.at_level(logging.ERROR):
        Committer(sending.bulk, lambda: a_house.now).commit_due()
    assert caplog.records, "nobody was told"
    assert not is_found(a_house)
    [(stuck, _)] = sending.bulk.committing(a_house.now)
    assert (stuck.bulk, sending.bulk.find(bulk, a_house.now).state) == (bulk, "committing")


def test_whoever_sent_it_learns_that_it_is_gone_and_sends_it_again(
    a_house: Inside, sending: Sender
) -> None:
    bulk = accepted(a_house, sending)
    as_writer(a_house, "DELETE FROM ledger.bulk_transfers WHERE bulk = %(bulk)s", bulk)
    with pytest.raises(NotFoundError):
        sending.bulk.find(bulk, a_house.now)
    assert not Committer(sending.bulk, lambda: a_house.now).commit_due()
    assert not is_found(a_house)
    assert sending.sent("b1", PERSONS).outcome.status == "recorded"
    assert is_found(a_house)


@pytest.mark.parametrize(
    ("state", "said"),
    [("state = 'committed'", None), ("state = 'aborted', told = NULL", "aborted")],
)
def test_a_state_that_was_written_past_the_ledger_tells_of_no_record(
    a_house: Inside, sending: Sender, state: LiteralString, said: str | None
) -> None:
    bulk = accepted(a_house, sending)
    statement: LiteralString = "UPDATE ledger.bulk_transfers SET {} WHERE bulk = %(bulk)s"
    as_writer(a_house, statement.format(state), bulk)
    assert not is_found(a_house)
    found = sending.bulk.find(bulk, a_house.now)
    if said is not None:
        assert (found.state, sending.bulk.result(found)) == (said, None)
    else:
        with pytest.raises(CorruptRecordError):
            sending.bulk.result(found)


@pytest.mark.parametrize(
    "taken",
    [
        # Up to the end of some line: what is left reads well.
        "UPDATE ledger.registers SET bytes = %(bytes)s WHERE register = %(register)s",
        "DELETE FROM ledger.register_pieces WHERE register = %(register)s",
    ],
)
def test_a_register_of_which_some_is_taken_away_is_not_imported_as_far_as_it_goes(
    office: Office, tmp_path: Path, taken: LiteralString
) -> None:
    content = csv_bytes(tmp_path, new(3))
    one = uploaded(office, "r.csv", content)
    assert one.mapped().status_code == 303
    assert "問題はありません" in one.ended()
    before = head(office)
    with psycopg.connect(office.urls.writer, autocommit=True) as connection:
        register = UUID(one.path.rsplit("/", 1)[1])
        cut = content[:-1].rindex(b"\n") + 1
        done = connection.execute(taken, {"register": register, "bytes": cut})
        assert done.rowcount == 1
    one.post("import")
    assert "記録した" not in words_of(one.ended())
    assert head(office) == before
