"""A disk without room refuses bulk transfers cleanly, and they go on afterwards."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import psycopg

from tests.doors.bulk_sending import (
    PATH,
    announce,
    announcement,
    carry_out,
    commit,
    ndjson,
    people,
    put,
)
from tests.doors.corridor import Answer, Corridor


@contextmanager
def full(corridor: Corridor, table_: str) -> Generator[None]:
    """What PostgreSQL answers when the disk has no room for a row of the table."""
    with psycopg.connect(corridor.urls.owner, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION ledger.no_room() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END$$"
        )
        owner.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON ledger.{table_}"
            " EXECUTE FUNCTION ledger.no_room()".encode()
        )
        try:
            yield
        finally:
            owner.execute("DROP FUNCTION ledger.no_room() CASCADE")


def test_a_full_disk_refuses_cleanly_and_the_part_goes_on_afterwards(corridor: Corridor) -> None:
    content = ndjson(people(3))
    bulk = announce(corridor, announcement([content], 3))["bulk"]
    another = announcement([content], 3)
    asks: dict[str, Callable[[], Answer]] = {
        "bulk_pieces": lambda: put(corridor, bulk, 1, content),
        "bulk_parts": lambda: put(corridor, bulk, 1, content),
        "bulk_transfers": lambda: corridor.ask("POST", PATH, another, key=corridor.emitter),
    }
    for name, ask in asks.items():
        with full(corridor, name):
            answer = ask()
        assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE"), name
        assert answer.headers["retry-after"] == "1"
    assert put(corridor, bulk, 1, content).status == 200
    assert commit(corridor, bulk).status == 202
    assert carry_out(corridor) == 1
