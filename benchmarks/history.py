"""`history`: a person with ten records, in process, against as many bare statements.

The baseline is a prepared look-up by key for each record, on the same connections, one round trip
each and nothing decoded. A page executes fewer statements than that; they are counted and told.
"""

import gc
import http.client
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, LiteralString
from unittest.mock import patch

import orjson
import psycopg

from api.container import Container
from api.server.gc_policy import GC_OBJECTS_MIN
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, report
from benchmarks.places import Place, durable_place
from benchmarks.processes import following, serving
from benchmarks.readings import caught_up
from benchmarks.samples import SOURCE, data
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer, Json, PrincipalRef

RECORDS: Final = 10
PATH: Final = "/v1/histories"
_BARE: LiteralString = "SELECT topic FROM ledger.events WHERE notification_id = %s"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is read a round.

    Attributes:
        others: transfers of other people, so that the index is not empty.
        reads: histories a round.
        requests: over HTTP a round; each also appends `history-viewed`.
    """

    others: int = 20_000
    reads: int = 400
    requests: int = 200
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place, following(place), serving(place) as port:
        report("history", _measured(place, port, size or Size()))


def _measured(place: Place, port: int, size: Size) -> dict[str, Figure]:
    credential = place.credential()
    with closing(place.house()) as house:
        person = _filled(house, size.others)
        caught_up(place.urls.reader)
        as_of = house.histories.reached()

        def page() -> None:
            found = house.histories.page([person], as_of, None, 100)
            assert len(found.entries) == RECORDS, "the person has ten records"

        statements = _counted(page)
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_OBJECTS_MIN)  # as the web process does

        def bare() -> None:
            _bare(house, RECORDS, as_of)

        turns = _Turns(page, bare, size.reads)

        def over_http() -> float:
            return _over_http(port, credential, person, size.requests)

        found = interleaved(
            {"history": turns.first, "bare": turns.second, "http": over_http}, size.rounds
        )
    ratios = [h / b for h, b in zip(found["history"], found["bare"], strict=True)]
    return {
        "ratio": median(ratios),
        "ratio_to_as_few": median(ratios) * RECORDS / statements,
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "records": RECORDS,
        "statements": statements,
        "history_ms": median(found["history"]),
        "bare_ms": median(found["bare"]),
        "http_ms": median(found["http"]),
    }


def _filled(house: Container, others: int) -> PrincipalRef:
    """Record ten transfers of one person between those of others."""
    ledger = house.ledger()
    person = PrincipalRef("member", "M-TEN-RECORDS")
    mine: dict[str, Json] = {
        "principals": [{"scheme": person.scheme, "id": person.id, "name": "見本 十子"}]
    }
    every = max(others // RECORDS, 1)
    commands: list[RecordTransfer] = []
    for number in range(max(others, RECORDS)):
        is_mine = number % every == 0 and number // every < RECORDS
        content = data(number) | (mine if is_mine else {})
        commands.append(
            RecordTransfer(
                random_uuid(), "bench", SOURCE, f"history-{number}", CheckedTransfer(content)
            )
        )
    for begin in range(0, len(commands), 1_000):
        ledger.record(commands[begin : begin + 1_000], now())
    return person


def _counted(work: Callable[[], None]) -> int:
    """How many statements `work` executes, once everything is cached."""
    work()
    count = 0
    execute: Any = psycopg.Cursor.execute

    def counting(cursor: psycopg.Cursor, *given: object, **named: object) -> object:
        nonlocal count
        count += 1
        return execute(cursor, *given, **named)

    with patch.object(psycopg.Cursor, "execute", counting):
        work()
    return count


def _bare(house: Container, statements: int, head: int) -> None:
    for number in range(statements):
        position = head - number
        house.reader.read(
            lambda c, position=position: c.execute(_BARE, (position,), prepare=True).fetchone()
        )


class _Turns:
    """Two measures that take turns at each read.

    Measured in two blocks, the bare statements are four times as fast on some runs: client and
    server then share a core and its cache, which nobody can count on who also computes.
    """

    def __init__(self, first: Callable[[], None], second: Callable[[], None], times: int) -> None:
        self._both = first, second
        self._times = times
        self._seconds: tuple[list[float], list[float]] = ([], [])

    def first(self) -> float:
        """Run both; the median milliseconds of the first."""
        self._seconds = ([], [])
        for _ in range(self._times):
            for work, seconds in zip(self._both, self._seconds, strict=True):
                started = time.perf_counter()
                work()
                seconds.append(time.perf_counter() - started)
        return median(self._seconds[0]) * 1000

    def second(self) -> float:
        """The median milliseconds of the second in the same run."""
        return median(self._seconds[1]) * 1000


def _median_ms(work: Callable[[], None], times: int) -> float:
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken) * 1000


def _over_http(port: int, credential: str, person: PrincipalRef, times: int) -> float:
    identifier = {"scheme": person.scheme, "id": person.id}
    body = orjson.dumps({"identifiers": [identifier], "case": "BENCH-1", "reason": "benchmark"})
    headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask() -> None:
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == http.HTTPStatus.OK, "the history was answered"
        assert len(orjson.loads(content)["provisions"]) == RECORDS, "with ten records"

    try:
        return _median_ms(ask, times)
    finally:
        connection.close()
