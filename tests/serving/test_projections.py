"""`ledger projections …`, `ledger migrate`, `ledger headers`, on a database that the URL names."""

import time
from hashlib import sha256

import psycopg
import pytest

from ledger.log.log_root import log_root
from tests.database import Database
from tests.merkle.reference import mth
from tests.serving.houses import SETTINGS, follow, house_of, record
from tests.serving.processes import on_outer, run


@pytest.fixture
def given(database: Database) -> dict[str, str]:
    return on_outer(database, SETTINGS)


def test_verify_names_a_lost_and_a_planted_row_and_rebuild_repairs_both(
    database: Database, given: dict[str, str]
) -> None:
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        follow(house)
    assert run("projections", "verify", given=given)[0] == 0
    planted = "00000000-0000-0000-0000-000000000001"
    with psycopg.connect(database.urls.projector) as connection:
        connection.execute("DELETE FROM projections.entries_a WHERE position = 2")
        connection.execute("INSERT INTO projections.entries_a VALUES (%s, 1)", (planted,))
    code, printed = run("projections", "verify", given=given)
    assert code == 1
    assert f"unexpected row in entries: {planted.replace('-', '')} at 1" in printed
    assert "missing row in entries: " in printed
    assert " at 2\n" in printed
    assert "2 differences" in printed
    assert run("projections", "rebuild", given=given)[0] == 0
    assert run("projections", "verify", given=given)[0] == 0


def test_verify_names_what_is_missing_left_or_standing_also_after_a_rebuild(
    database: Database, given: dict[str, str]
) -> None:
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        follow(house)
    missing = "position 2: a sealed part is missing, and no records-expired lists its key"
    with psycopg.connect(database.urls.purger) as purger:
        purger.execute("DELETE FROM ledger.sealed_parts WHERE position = 2")
    code, printed = run("projections", "verify", given=given)
    assert code == 1
    assert printed.splitlines()[:1] == [missing]
    assert "1 faults in what is sealed" in printed
    # The index is still compared with all the rest: nothing shows any more that its row is right.
    assert printed.count("unexpected row in entries") == 1
    assert "1 differences up to position 3" in printed
    assert run("projections", "rebuild", given=given)[0] == 1
    # Without its key, too: only the log can say that it was destroyed.
    with psycopg.connect(database.urls.purger) as purger:
        purger.execute("DELETE FROM ledger.sealed_parts")
        purger.execute("DELETE FROM ledger.data_keys")
    assert run("projections", "rebuild", given=given)[0] == 0
    code, printed = run("projections", "verify", given=given)
    assert (code, printed.count("a sealed part is missing")) == (1, 3)
    assert missing in printed.splitlines()
    assert "0 differences up to position 3" in printed


def test_status_ends_with_an_error_while_the_read_side_is_far_behind(
    database: Database, given: dict[str, str]
) -> None:
    with house_of(database.urls) as house:
        record(house, "1")
        follow(house)
    code, printed = run("projections", "status", given=given)
    assert (code, "events behind" in printed) == (0, True)
    with psycopg.connect(database.urls.projector) as connection:
        connection.execute("UPDATE projections.progress SET position = 0 WHERE serving")
    late = {**given, "LEDGER_PROJECTION_LAG_S_MAX": "1"}
    time.sleep(1)
    assert run("projections", "status", given=late)[0] == 1
    assert run("migrate", given=given)[0] == 0


def test_the_root_of_the_log_follows_from_the_headers_alone(database: Database) -> None:
    given = on_outer(database, SETTINGS)
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        roots = {size: log_root(house.reader, size) for size in (2, 3)}
    for size, options in ((3, ()), (2, ("--size", "2"))):
        code, printed = run("headers", *options, given=given)
        lines = [line for line in printed.splitlines() if line.startswith('{"')]
        assert (code, len(lines)) == (0, size)
        # As the certificate's steps say, written anew.
        leaves = [sha256(b"ppl/event/1\0" + line.encode()).digest() for line in lines]
        assert mth(leaves) == roots[size]
    code, printed = run("headers", "--size", "4", given=given)
    assert code == 1
    assert "a position up to 4 is missing" in printed
