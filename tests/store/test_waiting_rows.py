"""What waits outside the log: sealed in its place, one worker at a time, gone with its key."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.crypto.epoch import demo_masters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.lifetimes import draft_day, officer_day, staging_day
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.store.form_drafts import DRAFT_BYTES_MAX, FormDraft, FormDrafts
from ledger.store.keys import KeyRows
from ledger.store.officer_names import TOLD_BYTES_MAX, OfficerNames, OfficerTold
from ledger.store.registers import RegisterBusyError, RegisterChange, Registers
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from tests.database import LEDGER_NAME, Database
from tests.store.retained import Retained

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
SENDER = "0" * 32
TOLD = {"source": "https://one.example", "id": "神楽坂の名簿"}
TABLES = ("bulk_transfers", "bulk_parts", "bulk_pieces")


@pytest.fixture
def bulk(kept: Retained) -> BulkRows:
    return BulkRows(
        kept.writer, KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)
    )


def begun(bulk: BulkRows) -> UnderWay:
    return bulk.begin(SENDER, TOLD, 3, 2, AT)


def sent(bulk: BulkRows, one: UnderWay, number: int, *pieces: bytes, lines: int = 1) -> StoredPart:
    upload = random_uuid()
    for n, piece in enumerate(pieces):
        bulk.put(one, upload, n, piece)
    part = StoredPart(
        number, upload, lines, bytes([number] * 32), sum(map(len, pieces)), len(pieces)
    )
    assert bulk.take(one, part)
    return part


def rows(database: Database, table: str) -> int:
    with psycopg.connect(database.urls.owner) as connection:
        return len(connection.execute(f"SELECT FROM ledger.{table}".encode()).fetchall())


def test_what_was_begun_is_found_with_what_came_in(bulk: BulkRows) -> None:
    one = begun(bulk)
    assert (one.state, one.actor, one.told, one.lines, one.parts) == (
        "uploading",
        SENDER,
        TOLD,
        3,
        2,
    )
    assert (one.parts_there, one.lines_there) == (0, 0)
    second, first = sent(bulk, one, 2, b"c", lines=1), sent(bulk, one, 1, b"a", b"b", lines=2)
    found = bulk.find(one.bulk, AT)
    assert (found.parts_there, found.lines_there) == (2, 3)
    assert bulk.parts(found) == [first, second]
    assert list(bulk.pieces(found, first.upload, 2)) == [b"a", b"b"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(found, first.upload, 3))


def test_a_part_that_is_sent_again_takes_the_place_of_the_first(
    bulk: BulkRows, database: Database
) -> None:
    one = begun(bulk)
    before = sent(bulk, one, 1, b"a", b"b")
    again = sent(bulk, one, 1, b"c")
    assert bulk.take(one, again), "the answer to the first was lost"
    assert bulk.parts(one) == [again]
    assert list(bulk.pieces(one, again.upload, 1)) == [b"c"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, before.upload, 1))
    assert rows(database, "bulk_pieces") == 1


def test_what_is_told_and_every_piece_is_sealed_in_its_place(
    database: Database, bulk: BulkRows
) -> None:
    one = begun(bulk)
    part = sent(bulk, one, 1, "神楽坂 金糸雀".encode(), b"second")
    statement = (
        "SELECT b.told || p.sealed || i.sealed FROM ledger.bulk_transfers AS b"
        " JOIN ledger.bulk_parts AS p USING (bulk) JOIN ledger.bulk_pieces AS i USING (bulk)"
    )
    with psycopg.connect(database.urls.owner) as connection:
        stored = b"".join(bytes(row[0]) for row in connection.execute(statement).fetchall())
        assert "神楽坂".encode() not in stored
        assert part.sha256 not in stored
        connection.execute("UPDATE ledger.bulk_pieces SET number = 5 WHERE number = 1")
        connection.execute("UPDATE ledger.bulk_parts SET number = 2")
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, part.upload, 6, 5))
    with pytest.raises(CorruptRecordError):
        bulk.parts(one)


def test_it_is_not_found_past_its_day_and_goes_with_its_key(
    kept: Retained, database: Database, bulk: BulkRows
) -> None:
    one = begun(bulk)
    sent(bulk, one, 1, b"a")
    last = timedelta(days=(staging_day(AT) - AT.date()).days)
    assert bulk.find(one.bulk, AT + last - timedelta(days=1)).bulk == one.bulk
    with pytest.raises(NotFoundError):
        bulk.find(one.bulk, AT + last)
    kept.index()
    [due] = ExpiryQueries(kept.reader).due(staging_day(AT))
    assert (due.key_class, due.events) == ("staging", 1)
    kept.expire(due.key_id)
    assert [rows(database, table) for table in TABLES] == [0, 0, 0]


OFFICER, OTHER = "0" * 32, "1" * 32
NAMED = {"name": "神楽坂の台帳.xlsx"}


@pytest.fixture
def registers(kept: Retained) -> Registers:
    keys = KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)
    return Registers(kept.writer, keys, LedgerSecret(bytes(32), LEDGER_NAME))


def test_a_register_is_found_as_it_was_changed(registers: Registers) -> None:
    one = registers.begin(OFFICER, NAMED, AT)
    assert registers.newest(10, AT) == [], "it is not there whole"
    later = AT + timedelta(minutes=1)
    counts = {"problems": {"MISSING": 3}}
    registers.change(
        one, RegisterChange("checked", 7, {"name": "a"}, 4, 9, counts, ("DAMAGED", "4")), later
    )
    found = registers.find(one.register, AT)
    assert (found.state, found.bytes, found.told, found.actor) == (
        "checked",
        7,
        {"name": "a"},
        OFFICER,
    )
    assert (found.rows_done, found.rows_all, found.counts) == (4, 9, counts)
    assert (found.error, found.begun_at, found.changed_at) == (("DAMAGED", "4"), AT, later)
    registers.change(found, RegisterChange(), later)
    assert registers.find(one.register, AT).error is None
    assert [each.register for each in registers.newest(10, AT)] == [one.register]
    registers.forget(one.register)
    with pytest.raises(NotFoundError):
        registers.find(one.register, AT)


def test_what_is_told_of_a_register_and_every_piece_is_sealed_in_its_place(
    database: Database, registers: Registers
) -> None:
    one = registers.begin(OFFICER, NAMED, AT)
    registers.put(one, "file", 0, "神楽坂 金糸雀".encode())
    registers.put(one, "file", 1, b"second")
    registers.put(one, "problems", 0, b"[]")
    assert registers.piece(one, "file", 1) == b"second"
    assert registers.piece(one, "file", 2) is None
    statement = (
        "SELECT r.told || p.sealed FROM ledger.registers AS r JOIN ledger.register_pieces AS p"
        " USING (register)"
    )
    with psycopg.connect(database.urls.owner) as connection:
        stored = b"".join(bytes(row[0]) for row in connection.execute(statement).fetchall())
        assert "神楽坂".encode() not in stored
        connection.execute(
            "UPDATE ledger.register_pieces SET number = 5 WHERE kind = 'file' AND number = 1"
        )
    with pytest.raises(CorruptRecordError):
        registers.piece(one, "file", 5)
    registers.clear(one, "file")
    assert registers.piece(one, "file", 0) is None
    assert registers.piece(one, "problems", 0) == b"[]"


def test_one_at_a_time_works_on_a_register_and_everybody_sees_that_somebody_does(
    registers: Registers,
) -> None:
    one, other = (registers.begin(OFFICER, NAMED, AT) for _ in range(2))
    with registers.working(one.register):
        assert registers.find(one.register, AT).is_worked_on
        assert not registers.find(other.register, AT).is_worked_on
        with pytest.raises(RegisterBusyError), registers.working(one.register):
            pass
        with registers.working(other.register):
            assert registers.find(other.register, AT).is_worked_on
    assert not registers.find(one.register, AT).is_worked_on
    with registers.working(one.register):
        pass


def test_every_lock_is_seen_whatever_the_id(registers: Registers) -> None:
    for _ in range(16):
        one = registers.begin(OFFICER, NAMED, AT)
        with registers.working(one.register):
            assert registers.find(one.register, AT).is_worked_on, one.register


def test_a_register_is_not_found_past_its_day_and_goes_with_its_key(
    kept: Retained, database: Database, registers: Registers
) -> None:
    one = registers.begin(OFFICER, NAMED, AT)
    registers.put(one, "file", 0, b"piece")
    registers.change(one, RegisterChange("uploaded"), AT)
    last = timedelta(days=(staging_day(AT) - AT.date()).days)
    assert registers.newest(10, AT + last - timedelta(days=1)) != []
    assert registers.newest(10, AT + last) == []
    with pytest.raises(NotFoundError):
        registers.find(one.register, AT + last)
    kept.index()
    [due] = ExpiryQueries(kept.reader).due(staging_day(AT))
    assert (due.key_class, due.events) == ("staging", 1)
    kept.expire(due.key_id)
    with psycopg.connect(database.urls.owner) as connection:
        for table in ("registers", "register_pieces"):
            rows = connection.execute(f"SELECT FROM ledger.{table}".encode()).fetchall()
            assert rows == []


DAY = timedelta(days=1)
CALLED = "佐藤　明子".encode()
DIES = officer_day(AT, 400)
SECRET = LedgerSecret(bytes(32), LEDGER_NAME)


def ring(kept: Retained) -> KeyRing:
    return KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)


@pytest.fixture
def drafts(kept: Retained) -> FormDrafts:
    return FormDrafts(kept.writer, ring(kept), SECRET)


@pytest.fixture
def names(kept: Retained) -> OfficerNames:
    return OfficerNames(kept.writer, ring(kept), SECRET)


def test_a_draft_is_found_by_who_typed_it_in_that_form_until_its_day_and_the_newest_wins(
    drafts: FormDrafts,
) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed", AT)
    assert drafts.find(OTHER, "new-case", AT) is None
    assert drafts.find(OFFICER, "other", AT) is None
    drafts.keep(OFFICER, "new-case", b"typed on", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed on", AT)
    last = draft_day(AT) - AT.date()
    assert drafts.find(OFFICER, "new-case", AT + last - DAY) is not None
    assert drafts.find(OFFICER, "new-case", AT + last) is None
    drafts.forget(OFFICER, "new-case")
    assert drafts.find(OFFICER, "new-case", AT) is None
    with pytest.raises(ValueError, match="longer"):
        drafts.keep(OFFICER, "new-case", bytes(DRAFT_BYTES_MAX + 1), AT)


def test_of_each_officer_the_newest_sign_in_is_told_until_its_day_and_none_sets_it_back(
    names: OfficerNames,
) -> None:
    names.keep(OFFICER, b"before", AT, DIES)
    names.keep(OTHER, b"other", AT + DAY, DIES)
    names.keep(OFFICER, CALLED, AT + 2 * DAY, DIES)
    names.keep(OFFICER, b"slow", AT + DAY, DIES)
    both = [OfficerTold(CALLED, AT + 2 * DAY), OfficerTold(b"other", AT + DAY)]
    assert names.all(AT) == both
    last = DIES - AT.date()
    assert names.all(AT + last - DAY) == both
    assert names.all(AT + last) == []
    with pytest.raises(ValueError, match="longer"):
        names.keep(OFFICER, bytes(TOLD_BYTES_MAX + 1), AT, DIES)


def test_one_person_is_forgotten_or_everybody_who_stays_away(names: OfficerNames) -> None:
    for days, actor in enumerate((OFFICER, OTHER, "2" * 32)):
        names.keep(actor, actor.encode(), AT + days * DAY, DIES)
    assert names.forget(OTHER)
    assert not names.forget(OTHER)
    assert names.forget_before(AT + 2 * DAY) == 1
    assert [one.told for one in names.all(AT)] == [b"2" * 32]


def test_the_table_tells_neither_the_name_nor_whose_it_is_and_a_changed_row_does_not_open(
    kept: Retained, names: OfficerNames
) -> None:
    names.keep(OFFICER, CALLED + OFFICER.encode(), AT, DIES)
    names.keep(OTHER, b"other", AT, DIES)
    with psycopg.connect(kept.database.urls.owner) as owner:
        rows = owner.execute("SELECT n::text FROM ledger.officer_names AS n").fetchall()
        for secret in (CALLED, OFFICER.encode(), bytes.fromhex(OFFICER)):
            assert secret.hex() not in str(rows)
        owner.execute(
            "UPDATE ledger.officer_names"
            " SET sealed = (SELECT max(sealed) FROM ledger.officer_names)"
        )
    with pytest.raises(CorruptRecordError):
        names.all(AT)


def test_both_count_with_what_dies_and_are_deleted_with_their_key(
    kept: Retained, drafts: FormDrafts, names: OfficerNames
) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    names.keep(OFFICER, CALLED, AT, DIES)
    kept.index()
    for day in (draft_day(AT), DIES):
        [due] = ExpiryQueries(kept.reader).due(day)
        assert due.events == 1
        assert kept.expire(due.key_id).events == 1
    assert (drafts.find(OFFICER, "new-case", AT), names.all(AT)) == (None, [])
