"""A collective record of many lines is closed: what that writes does not depend on how many.

All messages of a series are sealed under its one key, so its end moves a day in one row of the ring
and touches none of them. Part of `expiry`.
"""

import time
from contextlib import closing
from datetime import timedelta
from typing import Final, LiteralString

from api.container import Container
from benchmarks.figures import Figure
from benchmarks.places import Place
from benchmarks.readings import caught_up, one_number, wal_bytes
from benchmarks.samples import SOURCE, data
from ledger.clock import day_in_japan, now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer, Json

LINES_MAX: Final = 1_000
"""Of one message: as many as the schema of a transfer allows."""
_BATCH: Final = 20

_PARTS_UPTO: LiteralString = "SELECT count(*) FROM ledger.sealed_parts WHERE position <= %s"
_PARTS_AFTER: LiteralString = "SELECT count(*) FROM ledger.sealed_parts WHERE position > %s"
_DATED: LiteralString = (
    "SELECT count(*) FROM ledger.data_keys WHERE key_class = 'series' AND day IS NOT NULL"
)


def closed(place: Place, lines: int) -> dict[str, Figure]:
    """Record a series of so many lines, close it, and give its key the day.

    Returns:
        `series_lines`, `close_ms` (the closing message), `close_plan_ms` (the plan that moves the
        key's day), `close_sealed` (sealed parts that both wrote: the message, the series' event,
        the plan) and `close_wal_kb`.
    """
    url = place.urls.reader
    with closing(place.house()) as house:
        _fill(house, place, lines)
        head = house.reads.head()
        sealed = one_number(url, _PARTS_UPTO, head)
        wal = wal_bytes(url)
        begun = time.perf_counter()
        today = day_in_japan(now()).isoformat()
        _record(
            house, [_message("end", 0, 1, {"transferred_from": today, "transferred_to": today})]
        )
        recorded = time.perf_counter()
        caught_up(place.urls.reader)
        planning = time.perf_counter()
        with house.retaining() as retaining:
            moved = retaining.plan(now(), house.secret.actor("bench", "closing")).days_moved
        planned = time.perf_counter()
        wal = wal_bytes(url) - wal
        assert moved == one_number(url, _DATED) == 1, "the series' key has its day"
        assert one_number(url, _PARTS_UPTO, head) == sealed, "what was sealed is untouched"
        return {
            "series_lines": lines,
            "close_ms": (recorded - begun) * 1000,
            "close_plan_ms": (planned - planning) * 1000,
            "close_sealed": one_number(url, _PARTS_AFTER, head),
            "close_wal_kb": wal / 1e3,
        }


def _fill(house: Container, place: Place, lines: int) -> None:
    messages: list[RecordTransfer] = []
    for begin in range(0, lines, LINES_MAX):
        count = min(LINES_MAX, lines - begin)
        day = day_in_japan(now() - timedelta(days=1)).isoformat()
        messages.append(_message(str(begin), begin, count, {"transferred_on": day}))
        if len(messages) == _BATCH or begin + count == lines:
            _record(house, messages)
            caught_up(place.urls.reader)
            messages = []


def _message(name: str, first: int, lines: int, days: dict[str, Json]) -> RecordTransfer:
    content = data(first, lines) | {"method": "collective", "series_id": "closing"}
    del content["transferred_on"]
    content |= days
    return RecordTransfer(
        random_uuid(), "bench", SOURCE, f"closing-{name}", CheckedTransfer(content)
    )


def _record(house: Container, messages: list[RecordTransfer]) -> None:
    outcomes = house.ledger().record(messages, now())
    assert all(outcome.status == "recorded" for outcome in outcomes), "each message joins"
