"""Registers that wait: sealed, one worker at a time, and gone with their key."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.crypto.epoch import demo_masters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.lifetimes import staging_day
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.store.keys import KeyRows
from ledger.store.registers import RegisterBusyError, RegisterChange, Registers
from tests.database import LEDGER_NAME, Database
from tests.store.retained import Retained

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
OFFICER = "0" * 32
TOLD = {"name": "神楽坂の台帳.xlsx"}


@pytest.fixture
def registers(kept: Retained) -> Registers:
    keys = KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)
    return Registers(kept.writer, keys, LedgerSecret(bytes(32), LEDGER_NAME))


def test_a_register_is_found_as_it_was_changed(registers: Registers) -> None:
    one = registers.begin(OFFICER, TOLD, AT)
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


def test_what_is_told_and_every_piece_is_sealed_in_its_place(
    database: Database, registers: Registers
) -> None:
    one = registers.begin(OFFICER, TOLD, AT)
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
    one, other = (registers.begin(OFFICER, TOLD, AT) for _ in range(2))
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
        one = registers.begin(OFFICER, TOLD, AT)
        with registers.working(one.register):
            assert registers.find(one.register, AT).is_worked_on, one.register


def test_a_register_is_not_found_past_its_day_and_goes_with_its_key(
    kept: Retained, database: Database, registers: Registers
) -> None:
    one = registers.begin(OFFICER, TOLD, AT)
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
