"""What colleagues call somebody: sealed, of the newest sign-in alone, and gone with its key."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.crypto.epoch import demo_masters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import CorruptRecordError
from ledger.lifetimes import officer_day
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.store.keys import KeyRows
from ledger.store.officer_names import TOLD_BYTES_MAX, OfficerNames, OfficerTold
from tests.database import LEDGER_NAME
from tests.store.retained import Retained

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = timedelta(days=1)
OFFICER, OTHER = "0" * 32, "1" * 32
TOLD = "佐藤　明子".encode()
DIES = officer_day(AT, 400)


@pytest.fixture
def names(kept: Retained) -> OfficerNames:
    keys = KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)
    return OfficerNames(kept.writer, keys, LedgerSecret(bytes(32), LEDGER_NAME))


def test_each_sign_in_replaces_the_one_before_and_who_came_last_is_first(
    names: OfficerNames,
) -> None:
    names.keep(OFFICER, b"before", AT, DIES)
    names.keep(OTHER, b"other", AT + DAY, DIES)
    names.keep(OFFICER, TOLD, AT + 2 * DAY, DIES + DAY)
    assert names.all(AT) == [OfficerTold(TOLD, AT + 2 * DAY), OfficerTold(b"other", AT + DAY)]


def test_a_sign_in_that_was_slow_does_not_set_back_a_later_one(names: OfficerNames) -> None:
    names.keep(OFFICER, TOLD, AT + DAY, DIES)
    names.keep(OFFICER, b"before", AT, DIES)
    assert names.all(AT) == [OfficerTold(TOLD, AT + DAY)]


def test_the_table_tells_neither_the_name_nor_whose_it_is(
    kept: Retained, names: OfficerNames
) -> None:
    names.keep(OFFICER, TOLD + OFFICER.encode(), AT, DIES)
    with psycopg.connect(kept.database.urls.owner) as owner:
        [(row,)] = owner.execute("SELECT n::text FROM ledger.officer_names AS n").fetchall()
    for secret in (TOLD, OFFICER.encode(), bytes.fromhex(OFFICER)):
        assert secret.hex() not in row


def test_nothing_is_told_past_its_day(names: OfficerNames) -> None:
    names.keep(OFFICER, TOLD, AT, DIES)
    last = DIES - AT.date()
    assert len(names.all(AT + last - DAY)) == 1
    assert names.all(AT + last) == []


def test_one_person_is_forgotten_or_everybody_who_stays_away(names: OfficerNames) -> None:
    for days, actor in enumerate((OFFICER, OTHER, "2" * 32)):
        names.keep(actor, actor.encode(), AT + days * DAY, DIES)
    assert names.forget(OTHER)
    assert not names.forget(OTHER)
    assert names.forget_before(AT + 2 * DAY) == 1
    assert [one.told for one in names.all(AT)] == [b"2" * 32]


def test_a_row_that_was_changed_does_not_open(kept: Retained, names: OfficerNames) -> None:
    names.keep(OFFICER, TOLD, AT, DIES)
    names.keep(OTHER, b"other", AT, DIES)
    with psycopg.connect(kept.database.urls.owner) as owner:
        swap = "UPDATE ledger.officer_names SET sealed = (SELECT max(sealed) FROM %s)"
        owner.execute(swap.replace("%s", "ledger.officer_names").encode())
    with pytest.raises(CorruptRecordError):
        names.all(AT)


def test_more_than_any_name_is_refused(names: OfficerNames) -> None:
    with pytest.raises(ValueError, match="longer"):
        names.keep(OFFICER, bytes(TOLD_BYTES_MAX + 1), AT, DIES)


def test_a_name_counts_with_what_dies_and_is_deleted_with_its_key(
    kept: Retained, names: OfficerNames
) -> None:
    names.keep(OFFICER, TOLD, AT, DIES)
    kept.index()
    [due] = ExpiryQueries(kept.reader).due(DIES)
    assert due.events == 1
    assert kept.expire(due.key_id).events == 1
    assert names.all(AT) == []
