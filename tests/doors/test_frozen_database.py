"""A database that is there and answers nothing: 503 in time, nothing lost, nothing twice (0078)."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from api.database import MIGRATIONS
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.prepare import prepare
from tests.canary import traces
from tests.database import LEDGER_NAME
from tests.doors.corridor import SETTINGS, Answer, Corridor, fresh_id, open_doors
from tests.doors.freezing import frozen, thaw
from tests.doors.samples import SOURCE, provision
from tests.postgres.temporary import temporary_server

ANSWER_S_MAX = 3.0
# A new connection may be waited for, too: 5 s; the rest is a busy machine with a hundred threads.
BOUND_S = ANSWER_S_MAX + 27


@dataclass(frozen=True, slots=True)
class Freezing:
    """Doors on a server of their own."""

    server: EmbeddedServer
    corridor: Corridor


@pytest.fixture(scope="module")
def freezing() -> Iterator[Freezing]:
    settings = replace(
        SETTINGS,
        projection_wait_s=0.5,
        health_check_s_max=0.5,
        database_answer_s_max=ANSWER_S_MAX,
    )
    with temporary_server() as server:
        urls = prepare(server.url("ledger"), LEDGER_NAME, MIGRATIONS, admin=server.admin_url())
        with open_doors(urls, settings) as corridor:
            yield Freezing(server, corridor)
        assert not traces(server.home.log.read_bytes())


def items(count: int) -> list[dict[str, Any]]:
    return [{"source": SOURCE, "id": fresh_id(), "data": provision()} for _ in range(count)]


def renamed() -> dict[str, Any]:
    return {"principal": {"scheme": "member", "id": "P-FROZEN"}, "name": f"見本 {fresh_id()}"}


def timed(ask: Callable[[], Answer]) -> tuple[Answer, float]:
    begin = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - begin


def is_unavailable(answer: Answer) -> bool:
    assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE"), answer.text
    assert answer.headers["retry-after"] == "1"
    return bool(answer.body["retryable"])


def until_ready(corridor: Corridor) -> None:
    deadline = time.monotonic() + 60
    while corridor.ask("GET", "/health/ready", key=None).status != 200:
        assert time.monotonic() < deadline, "it does not find its way back"
        time.sleep(0.1)


def settled(corridor: Corridor, sent: list[dict[str, Any]]) -> list[int]:
    """The positions of what was sent, asked for twice: the first receipt is repeated."""
    first = [corridor.send(one).body["results"][0] for one in sent]
    assert {one["status"] for one in first} <= {"recorded", "duplicate"}
    again = [corridor.send(one).body["results"][0] for one in sent]
    assert {one["status"] for one in again} == {"duplicate"}
    assert [one["position"] for one in again] == [one["position"] for one in first]
    return [one["position"] for one in first]


def test_a_frozen_database_is_503_in_time_and_all_goes_on_when_it_thaws(freezing: Freezing) -> None:
    corridor = freezing.corridor
    until_ready(corridor)
    keeper, officer = corridor.key("quarantine:write"), corridor.key("records:write")
    before = [corridor.record(provision())["position"]]
    asks: list[Callable[[], Answer]] = [
        # More than there are threads: who waits for one of them is answered in time as well.
        *[lambda: corridor.ask("GET", "/v1/quarantine", key=keeper)] * 60,
        lambda: corridor.look(("member", "CNRY-FROZEN")),
        lambda: corridor.ask("GET", "/v1/reassessments", key=officer),
        lambda: corridor.ask("GET", "/v1/notices", key=corridor.key("notices:write")),
        lambda: corridor.ask("POST", "/v1/renames", renamed(), key=officer),
    ]
    assert {ask().status for ask in asks[-5:]} == {200}
    sent = items(40)

    with ThreadPoolExecutor(len(asks) + len(sent)) as pool, frozen(freezing.server):
        waiting = [pool.submit(timed, lambda one=one: corridor.send(one)) for one in sent]
        time.sleep(0.2)  # so that the first of them is on its way before the others gather
        waiting += [pool.submit(timed, ask) for ask in asks]
        for one in waiting:
            answer, seconds = one.result(BOUND_S * 2)
            assert is_unavailable(answer)
            assert seconds < BOUND_S
        # From now on nobody waits.
        late = items(5)
        for one in late:
            answer, seconds = timed(lambda one=one: corridor.send(one))
            assert is_unavailable(answer)
            assert seconds < 1
        assert corridor.ask("GET", "/health/live", key=None).status == 200
        ready, seconds = timed(lambda: corridor.ask("GET", "/health/ready", key=None))
        assert (ready.status, ready.code) == (503, "NOT_READY")
        assert "database" in ready.body["failing"]
        assert seconds < 5
        numbers = corridor.ask("GET", "/metrics", key=None).text
        assert "ledger_database_silent 1.0" in numbers

    until_ready(corridor)
    positions = settled(corridor, sent + late)
    assert len({*positions, *before}) == len(sent) + len(late) + 1
    assert "ledger_database_silent 0.0" in corridor.ask("GET", "/metrics", key=None).text
    assert corridor.ask("GET", "/v1/quarantine", key=keeper).status == 200
    found = corridor.fetch("SELECT notification_id FROM ledger.events ORDER BY 1")
    assert [row[0] for row in found] == list(range(1, len(found) + 1))


def test_who_is_frozen_for_less_than_that_loses_nothing_and_is_told_nothing(
    freezing: Freezing,
) -> None:
    corridor, answers = freezing.corridor, list[Answer]()
    until_ready(corridor)
    corridor.record(provision())
    [one] = items(1)
    asking = threading.Thread(target=lambda: answers.append(corridor.send(one)))
    with frozen(freezing.server):
        asking.start()
        time.sleep(0.5)
        assert not answers
    asking.join(30)
    assert answers[0].status == 200
    assert answers[0].body["results"][0]["status"] == "recorded"


def test_one_process_of_the_database_that_hangs_stops_nobody_else(freezing: Freezing) -> None:
    corridor = freezing.corridor
    until_ready(corridor)
    corridor.record(provision())
    writer = conninfo_to_dict(corridor.urls.writer)["user"]
    with psycopg.connect(freezing.server.admin_url(), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = %s AND state = 'idle'", (writer,)
        ).fetchall()
    pids = [row[0] for row in rows]
    assert pids
    [first, second] = items(2)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        answer, seconds = timed(lambda: corridor.send(first))
        assert is_unavailable(answer)
        assert seconds < BOUND_S
        deadline = time.monotonic() + 10
        while (answer := corridor.send(second)).status == 503:
            assert time.monotonic() < deadline, "the others are held up"
            time.sleep(0.1)
        assert answer.body["results"][0]["status"] in ("recorded", "duplicate")
    finally:
        thaw(pids)
    assert len({*settled(corridor, [first, second])}) == 2
