"""kill -9 of whoever takes in, records, indexes and stores a bulk transfer, at random moments."""

import http.client
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.canary import traces
from tests.chaos.killing import kill_part
from tests.chaos.ledger import PATIENCE_S, Ledger, running_ledger
from tests.chaos.standing import check_index, facts_of, house_of
from tests.doors.bulk_sending import PATH, announcement, ndjson, people

KILLS = 12
PARTS, PART_LINES = 12, 10_000


class Sender:
    """Asks again until it is answered, as a sender that was interrupted does."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = ledger.key()

    def ask(  # JSON
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> Any:  # noqa: ANN401 -- JSON
        """The answer; whoever died meanwhile is waited for."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < deadline, f"no answer to {method}"
            try:
                status, again, read = self._once(method, path, body, kind)
            except (OSError, http.client.HTTPException):
                status, again, read = 0, None, b""
            if status in (200, 201, 202):
                return orjson.loads(read)
            # What is taken in already needs no part; else only the ledger's own trouble passes.
            if status == 409 and method == "PUT":
                return None
            assert status in (0, 503), f"{status}: {read.decode()}"
            assert status == 0 or again is not None, "503 without Retry-After"
            time.sleep(0.05)

    def _once(
        self, method: str, path: str, body: bytes, kind: str
    ) -> tuple[int, str | None, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._ledger.port, timeout=30)
        with closing(connection):
            head = {"Authorization": f"Bearer {self._key}", "Content-Type": kind}
            connection.request(method, path, body, head)
            answer = connection.getresponse()
            return answer.status, answer.headers["Retry-After"], answer.read()

    def begun(self, contents: Sequence[bytes], key: str) -> str:
        body = announcement(contents, PARTS * PART_LINES, id=key)
        return f"{PATH}/{self.ask('POST', PATH, orjson.dumps(body))['bulk']}"

    def put(self, place: str, number: int, content: bytes) -> None:
        self.ask("PUT", f"{place}/parts/{number}", content, "application/x-ndjson")

    def ended(self, place: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.ask("GET", place))["state"] != "committed":
            assert time.monotonic() < deadline, found["state"]
            time.sleep(0.05)
        return found["result"]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with running_ledger(tmp_path) as made:
        made.start("commit")
        yield made


def test_a_bulk_transfer_is_recorded_once_and_whole_whatever_was_killed(ledger: Ledger) -> None:
    dice = random.Random(29)  # noqa: S311 -- who dies, nothing secret
    persons = people(PARTS * PART_LINES)
    contents = [ndjson(persons[n : n + PART_LINES]) for n in range(0, len(persons), PART_LINES)]
    sender = Sender(ledger)
    undisturbed = sender.begun(contents, "undisturbed")
    for number, content in enumerate(contents, 1):
        sender.put(undisturbed, number, content)
    sender.ask("POST", f"{undisturbed}/commit")
    expected = sender.ended(undisturbed)

    place = sender.begun(contents, "killed")
    victims = ["web", "commit", "follow", "backend", "postgres", "commit"]
    for number, content in enumerate(contents, 1):
        if number % 3 == 0:
            kill_part(ledger, dice.choice(victims), dice)
        sender.put(place, number, content)
    sender.ask("POST", f"{place}/commit")
    killed = 0
    while killed < KILLS and sender.ask("GET", place)["state"] != "committed":
        kill_part(ledger, dice.choice(victims) if killed % 2 else "commit", dice)
        killed += 1
        time.sleep(dice.uniform(0.1, 1.2))
    assert killed > 2, "it was recorded before much could be killed"
    found = sender.ended(place)

    without_places = {"transfer", "position"}
    assert {k: v for k, v in found.items() if k not in without_places} == {
        k: v for k, v in expected.items() if k not in without_places
    }
    _check(ledger, found, expected)
    assert not traces(ledger.output.read_bytes())
    assert not traces(ledger.server.home.log.read_bytes())


def _check(ledger: Ledger, found: dict[str, Any], expected: dict[str, Any]) -> None:
    with house_of(ledger) as house:
        facts = facts_of(house)
        opened = house.streams.opened(facts)
        lines: dict[str, list[tuple[str, bytes]]] = {}
        for one in opened:
            assert (one.content is None) == (one.header.type == "transfer-completed")
            whole = sha256(b"\n".join(one.content.lines if one.content else ())).digest()
            lines.setdefault(str(one.header.stream), []).append((one.header.type, whole))
        assert lines[found["transfer"]] == lines[expected["transfer"]]
        assert len(lines) == 2
        check_index(ledger, house, len(facts))
