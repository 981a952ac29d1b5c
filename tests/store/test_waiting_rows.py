"""What waits outside the log: sealed in its place, one worker at a time, gone with its key."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString

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
from ledger.store.officer_names import MEMBERS_BYTES_MAX, OfficerNames, StoredOfficer
from ledger.store.registers import RegisterBusyError, RegisterChange, Registers
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from tests.database import LEDGER_NAME, Database
from tests.journals import ROW_MAC
from tests.store.retained import Retained

AT: Final = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY: Final = timedelta(days=1)
OFFICER, OTHER = "0" * 32, "1" * 32
TOLD: Final = {"source": "https://one.example", "id": "神楽坂の名簿"}
CALLED: Final = "佐藤　明子".encode()
DIES: Final = officer_day(AT, 400)
SECRET: Final = LedgerSecret(bytes(32), LEDGER_NAME)


def ring(kept: Retained) -> KeyRing:
    return KeyRing(KeyRows(kept.writer, ROW_MAC), demo_masters(), LEDGER_NAME, lambda: AT)


@pytest.fixture
def bulk(kept: Retained) -> BulkRows:
    return BulkRows(kept.writer, ring(kept))


@pytest.fixture
def registers(kept: Retained) -> Registers:
    return Registers(kept.writer, ring(kept), SECRET)


@pytest.fixture
def drafts(kept: Retained) -> FormDrafts:
    return FormDrafts(kept.writer, ring(kept), SECRET)


@pytest.fixture
def names(kept: Retained) -> OfficerNames:
    return OfficerNames(kept.writer, ring(kept), SECRET)


def stored(database: Database, statement: LiteralString, *changes: LiteralString) -> str:
    """What a table holds, in hex; then it is changed."""
    with psycopg.connect(database.urls.owner) as connection:
        found = str(connection.execute(statement).fetchall())
        for change in changes:
            connection.execute(change)
    return found


# -- bulk transfers -------------------------------------------------------------------------------


def sent(bulk: BulkRows, one: UnderWay, number: int, *pieces: bytes) -> StoredPart:
    upload = random_uuid()
    for n, piece in enumerate(pieces):
        bulk.put(one, upload, n, piece)
    digest, size = bytes([number] * 32), sum(map(len, pieces))
    part = StoredPart(number, upload, len(pieces), digest, size, len(pieces))
    assert bulk.take(one, part)
    return part


def test_what_was_begun_is_found_with_what_came_in_and_what_comes_again_takes_its_place(
    bulk: BulkRows, database: Database
) -> None:
    one = bulk.begin(OFFICER, TOLD, 3, 2, AT)
    assert (one.state, one.actor, one.members) == ("uploading", OFFICER, TOLD)
    assert (one.lines, one.parts, one.parts_there, one.lines_there) == (3, 2, 0, 0)
    second, first = sent(bulk, one, 2, b"c"), sent(bulk, one, 1, b"a", b"b")
    found = bulk.find(one.bulk, AT)
    assert (found.parts_there, found.lines_there) == (2, 3)
    assert bulk.parts(found) == [first, second]
    assert list(bulk.pieces(found, first.upload, 2)) == [b"a", b"b"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(found, first.upload, 3))
    again = sent(bulk, one, 1, b"d")
    assert bulk.take(one, again), "the answer to the first was lost"
    assert bulk.parts(one) == [again, second]
    assert list(bulk.pieces(one, again.upload, 1)) == [b"d"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, first.upload, 1))
    assert stored(database, "SELECT count(*) FROM ledger.bulk_pieces") == "[(2,)]"


def test_what_is_told_and_every_piece_is_sealed_in_its_place(
    database: Database, bulk: BulkRows, registers: Registers
) -> None:
    one = bulk.begin(OFFICER, TOLD, 3, 2, AT)
    part = sent(bulk, one, 1, "神楽坂 金糸雀".encode(), b"second")
    register = registers.begin(OFFICER, TOLD, AT)
    for number, piece in enumerate(("神楽坂 金糸雀".encode(), b"second")):
        registers.put(register, "file", number, piece)
    registers.put(register, "problems", 0, b"[]")
    assert registers.piece(register, "file", 1) == b"second"
    assert registers.piece(register, "file", 2) is None
    found = stored(
        database,
        "SELECT encode(b.told || p.sealed || i.sealed || r.told || s.sealed, 'hex')"
        " FROM ledger.bulk_transfers AS b JOIN ledger.bulk_parts AS p USING (bulk)"
        " JOIN ledger.bulk_pieces AS i USING (bulk),"
        " ledger.registers AS r JOIN ledger.register_pieces AS s USING (register)",
        "UPDATE ledger.bulk_pieces SET number = 5 WHERE number = 1",
        "UPDATE ledger.bulk_parts SET number = 2",
        "UPDATE ledger.register_pieces SET number = 5 WHERE kind = 'file' AND number = 1",
    )
    assert "神楽坂".encode().hex() not in found
    assert part.sha256.hex() not in found
    for opened in (
        lambda: list(bulk.pieces(one, part.upload, 6, 5)),
        lambda: bulk.parts(one),
        lambda: registers.piece(register, "file", 5),
    ):
        with pytest.raises(CorruptRecordError):
            opened()
    registers.clear(register, "file")
    assert registers.piece(register, "file", 0) is None
    assert registers.piece(register, "problems", 0) == b"[]"


# -- registers ------------------------------------------------------------------------------------


def test_a_register_is_found_as_it_was_changed(registers: Registers) -> None:
    one = registers.begin(OFFICER, TOLD, AT)
    assert registers.newest(10, AT)[0] == [], "it is not there whole"
    later = AT + timedelta(minutes=1)
    counts = {"problems": {"MISSING": 3}}
    changed = RegisterChange("checked", 7, {"name": "a"}, 4, 9, counts, ("DAMAGED", "4"))
    registers.change(one, changed, later)
    found = registers.find(one.register, AT)
    assert (found.state, found.bytes, found.members) == ("checked", 7, {"name": "a"})
    assert (found.rows_done, found.rows_all, found.counts) == (4, 9, counts)
    assert (found.error, found.begun_at, found.changed_at) == (("DAMAGED", "4"), AT, later)
    registers.change(found, RegisterChange(), later)
    assert registers.find(one.register, AT).error is None
    assert [each.register for each in registers.newest(10, AT)[0]] == [one.register]
    registers.forget(one.register)
    with pytest.raises(NotFoundError):
        registers.find(one.register, AT)


def test_one_at_a_time_works_on_a_register_and_everybody_sees_that_somebody_does(
    registers: Registers,
) -> None:
    for _ in range(8):  # whatever the id
        one, other = (registers.begin(OFFICER, TOLD, AT) for _ in range(2))
        with registers.working(one.register):
            assert registers.find(one.register, AT).is_worked_on, one.register
            assert not registers.find(other.register, AT).is_worked_on
            with pytest.raises(RegisterBusyError), registers.working(one.register):
                pass
            with registers.working(other.register):
                assert registers.find(other.register, AT).is_worked_on
        assert not registers.find(one.register, AT).is_worked_on


# -- drafts and names -----------------------------------------------------------------------------


def test_a_draft_is_found_by_who_typed_it_in_that_form_and_the_newest_wins(
    drafts: FormDrafts,
) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed", AT)
    assert drafts.find(OTHER, "new-case", AT) is None
    assert drafts.find(OFFICER, "other", AT) is None
    drafts.keep(OFFICER, "new-case", b"typed on", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed on", AT)
    drafts.forget(OFFICER, "new-case")
    assert drafts.find(OFFICER, "new-case", AT) is None
    with pytest.raises(ValueError, match="longer"):
        drafts.keep(OFFICER, "new-case", bytes(DRAFT_BYTES_MAX + 1), AT)


def test_of_each_officer_the_newest_sign_in_is_told_and_none_sets_it_back_until_forgotten(
    names: OfficerNames,
) -> None:
    names.keep(OFFICER, b"before", AT, DIES)
    names.keep(OTHER, b"other", AT + DAY, DIES)
    names.keep(OFFICER, CALLED, AT + 2 * DAY, DIES)
    names.keep(OFFICER, b"slow", AT + DAY, DIES)
    newest = StoredOfficer(CALLED, AT + 2 * DAY)
    assert names.all(AT) == [newest, StoredOfficer(b"other", AT + DAY)]
    assert names.forget_before(AT + 2 * DAY) == 1
    assert names.all(AT) == [newest]
    assert (names.forget(OFFICER), names.forget(OFFICER)) == (True, False)
    with pytest.raises(ValueError, match="longer"):
        names.keep(OFFICER, bytes(MEMBERS_BYTES_MAX + 1), AT, DIES)


def test_the_table_tells_neither_the_name_nor_whose_it_is_and_a_changed_row_does_not_open(
    database: Database, names: OfficerNames
) -> None:
    names.keep(OFFICER, CALLED + OFFICER.encode(), AT, DIES)
    names.keep(OTHER, b"other", AT, DIES)
    rows = stored(
        database,
        "SELECT n::text FROM ledger.officer_names AS n",
        "UPDATE ledger.officer_names SET sealed = (SELECT max(sealed) FROM ledger.officer_names)",
    )
    for secret in (CALLED, OFFICER.encode(), bytes.fromhex(OFFICER)):
        assert secret.hex() not in rows
    with pytest.raises(CorruptRecordError):
        names.all(AT)


# -- their end ------------------------------------------------------------------------------------


def test_each_is_found_until_its_day_counts_with_what_dies_and_goes_with_its_key(
    kept: Retained, bulk: BulkRows, registers: Registers, drafts: FormDrafts, names: OfficerNames
) -> None:
    one = bulk.begin(OFFICER, TOLD, 3, 2, AT)
    sent(bulk, one, 1, b"a")
    register = registers.begin(OFFICER, TOLD, AT)
    registers.put(register, "file", 0, b"piece")
    registers.change(register, RegisterChange("uploaded"), AT)
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    names.keep(OFFICER, CALLED, AT, DIES)
    found: dict[Callable[[datetime], object], timedelta] = {
        lambda at: bulk.find(one.bulk, at): staging_day(AT) - AT.date(),
        lambda at: registers.newest(10, at)[0]: staging_day(AT) - AT.date(),
        lambda at: registers.find(register.register, at): staging_day(AT) - AT.date(),
        lambda at: drafts.find(OFFICER, "new-case", at): draft_day(AT) - AT.date(),
        names.all: DIES - AT.date(),
    }

    def there(find: Callable[[datetime], object], at: datetime) -> bool:
        try:
            return bool(find(at))
        except NotFoundError:
            return False

    for find, last in found.items():
        assert (there(find, AT + last - DAY), there(find, AT + last)) == (True, False)
    kept.index()
    for day, count in ((staging_day(AT), 2), (draft_day(AT), 1), (DIES, 1)):
        [due] = ExpiryQueries(kept.reader, KeyRows(kept.reader, ROW_MAC)).due(day)
        assert due.events == count
        assert kept.expire(due.key_id).events == count
    assert not any(there(find, AT) for find in found)
    counts = stored(
        kept.database,
        "SELECT (SELECT count(*) FROM ledger.bulk_transfers), (SELECT count(*) FROM"
        " ledger.bulk_parts), (SELECT count(*) FROM ledger.bulk_pieces), (SELECT count(*)"
        " FROM ledger.registers), (SELECT count(*) FROM ledger.register_pieces)",
    )
    assert counts == "[(0, 0, 0, 0, 0)]"
