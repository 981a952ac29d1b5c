"""A database that dies, comes back, or takes its answer with it."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.database import MIGRATIONS
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.prepare import prepare
from tests.canary import traces
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import SETTINGS, Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import SOURCE, provision, today
from tests.postgres.temporary import temporary_server
from tests.store.proxy import Cut, proxied


@dataclass(frozen=True, slots=True)
class Mortal:
    """Doors on a server of their own."""

    server: EmbeddedServer
    corridor: Corridor


@pytest.fixture(scope="module")
def mortal() -> Iterator[Mortal]:
    with temporary_server() as server:
        urls = prepare(server.url("ledger"), LEDGER_NAME, MIGRATIONS, admin=server.admin_url())
        with open_doors(urls, replace(SETTINGS, projection_wait_s=0.5)) as corridor:
            yield Mortal(server, corridor)
        assert not traces(server.home.log.read_bytes())


PERSON = {"scheme": "member", "id": "CNRY-MORTAL"}
Ask = Callable[[Corridor], Answer]


def item(**changes: object) -> dict[str, Any]:
    data = provision(principals=[PERSON], **changes)
    return {"source": SOURCE, "id": fresh_id(), "data": data}


GOOD, BAD = item(), item(items=[])
REQUESTS: dict[str, Ask] = {
    "transfers": lambda c: c.send(GOOD),
    "a batch of good and bad": lambda c: c.send(GOOD, BAD),
    "only bad": lambda c: c.send(BAD, BAD),
    "check": lambda c: c.ask("POST", "/v1/transfers/check", {"items": [GOOD]}, key=c.emitter),
    "history": lambda c: c.look(("member", "CNRY-MORTAL")),
    "a new name": lambda c: c.ask(
        "POST",
        "/v1/renames",
        {"principal": PERSON, "name": fresh_id()},
        key=c.key("records:write"),
    ),
    "a stop": lambda c: c.ask(
        "POST",
        "/v1/directives",
        {
            "principal": PERSON,
            "kind": "opt_out_stop",
            "day": today(),
            "reference": "1",
            "counterparty_party_id": fresh_id(),
        },
        key=c.key("records:write"),
    ),
    "quarantine": lambda c: c.ask("GET", "/v1/quarantine", key=c.key("quarantine:write")),
    "notices": lambda c: c.ask("GET", "/v1/notices", key=c.key("notices:write")),
    "reassessments": lambda c: c.ask("GET", "/v1/reassessments", key=c.key("records:write")),
    "a key that nobody has seen": lambda c: c.ask(
        "GET", "/v1/notices", key="plk_" + "0" * 16 + "_" + "0" * 64
    ),
}


def test_a_dead_database_is_503_everywhere_and_all_is_well_when_it_is_back(mortal: Mortal) -> None:
    corridor, before = mortal.corridor, {}
    for name, ask in REQUESTS.items():
        before[name] = ask(corridor).status
        assert before[name] != 503, name
    head = corridor.head()
    mortal.server.stop()
    try:
        for name, ask in REQUESTS.items():
            answer = ask(corridor)
            if name == "a key that nobody has seen":
                continue  # refused from memory
            assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE"), name
            assert answer.headers["retry-after"] == "1"
            assert answer.body["retryable"] is True
        live = corridor.ask("GET", "/health/live", key=None)
        assert live.status == 200
        assert corridor.ask("GET", "/metrics", key=None).status == 200
        time.sleep(1.1)  # so long a readiness answer is repeated
        ready = corridor.ask("GET", "/health/ready", key=None)
        assert (ready.status, ready.code) == (503, "NOT_READY")
        assert "database" in ready.body["failing"]
    finally:
        mortal.server.start()
    for name, ask in REQUESTS.items():
        assert ask(corridor).status == before[name], name
    assert corridor.head() > head
    result = corridor.record(provision(principals=[PERSON]))
    found = corridor.look(("member", "CNRY-MORTAL"), after=result["position"])
    while found.status == 503:  # the follower finds its way back too
        assert found.code == "PROJECTION_BEHIND"
        found = corridor.look(("member", "CNRY-MORTAL"), after=result["position"])
    assert found.body["provisions"][-1]["transfer"] == result["transfer"]
    while corridor.ask("GET", "/health/ready", key=None).status != 200:  # remembered for a second
        time.sleep(0.1)


def test_an_unknown_outcome_is_settled_and_a_repeat_is_a_duplicate(database: Database) -> None:
    with (
        proxied(database.admin) as proxy,
        open_doors(database.urls) as elsewhere,
        open_doors(replace(database.urls, writer=proxy.url(database.urls.writer))) as corridor,
    ):
        first = corridor.record(provision())
        one = {"source": SOURCE, "id": fresh_id(), "data": provision()}
        # The commit is carried out, its answer does not arrive, and the database is gone.
        proxy.cut, proxy.closed = Cut.AFTER, True
        answers: list[Answer] = []
        asking = threading.Thread(target=lambda: answers.append(corridor.send(one)))
        asking.start()
        while not proxy.cuts:
            time.sleep(0.01)
        # Its client has given up and asks another process.
        [repeat] = elsewhere.send(one, key=corridor.emitter).body["results"]
        assert (repeat["status"], repeat["position"]) == ("duplicate", first["position"] + 1)
        assert not answers
        proxy.closed = False
        asking.join(20)
        [result] = answers[0].body["results"]
        assert result["position"] == repeat["position"]
        assert corridor.head() == repeat["position"]


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
def test_a_lost_answer_is_never_a_lost_or_doubled_transfer(database: Database, cut: Cut) -> None:
    with (
        proxied(database.admin) as proxy,
        open_doors(replace(database.urls, writer=proxy.url(database.urls.writer))) as corridor,
    ):
        first = corridor.record(provision())
        items = [{"source": SOURCE, "id": fresh_id(), "data": provision()} for _ in range(20)]
        proxy.cut = cut
        answer = corridor.send(*items)
        assert proxy.cuts == 1
        positions = [result["position"] for result in answer.body["results"]]
        assert positions == list(range(first["position"] + 1, first["position"] + 21))
        again = corridor.send(*items)
        assert [result["position"] for result in again.body["results"]] == positions
        assert again.body["counts"] == {"duplicate": 20}
        assert corridor.head() == positions[-1]
