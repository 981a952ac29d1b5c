"""Kill -9 of locks: the session that holds one is ended while its holder works on.

`python -m tests.chaos.leases --kills 200` lets two processes that commit share a ledger, sends
bulk transfers to it, and ends the sessions that hold their locks, pauses a holder until another
one has taken over, and kills whoever takes in, records, indexes and stores. Each transfer must be
recorded once and whole, and none may be left behind.
"""

import http.client
import random
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import psycopg

from api.container import Container
from ledger.errors import LedgerError
from ledger.format.envelope import OpenEvent
from tests.chaos.killing import Outcome, command, kill_part
from tests.chaos.ledger import PATIENCE_S, Ledger
from tests.chaos.standing import check_index, house_of
from tests.doors.bulk_sending import PATH, announcement, ndjson, people


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

    def begun(self, contents: Sequence[bytes], lines: int, key: str) -> str:
        """Where the bulk transfer is that was announced."""
        body = announcement(contents, lines, id=key)
        return f"{PATH}/{self.ask('POST', PATH, orjson.dumps(body))['bulk']}"

    def put(self, place: str, number: int, content: bytes) -> None:
        self.ask("PUT", f"{place}/parts/{number}", content, "application/x-ndjson")

    def ended(self, place: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.ask("GET", place))["state"] != "committed":
            assert time.monotonic() < deadline, found["state"]
            time.sleep(0.05)
        return found["result"]


COMMITTERS = ("commit", "commit:2")
WHAT = ("lock", "pause", "commit", "postgres", "web", "follow", "backend")
PART_LINES = 10_000
SIZES = (2_500, 14_000, 40_000)
"""Lines of a bulk transfer: three chunks and more."""
AT_ONCE = 2
"""Senders: one committer is often free to take over at once what another one lost."""
END_S = 300.0
"""So long the last ones may take once nobody is killed any more."""
FIRST, LAST = "provision-recorded", "transfer-completed"
_USUAL = 200
_PAGE = 200


@dataclass(slots=True)
class Sending:
    """Sends transfers one after the other until it is told to stop.

    Attributes:
        places: of what is sent → lines of it.
        wrong: why it gave up.
    """

    sender: Sender
    number: int
    stop: threading.Event
    places: dict[str, int] = field(default_factory=dict[str, int])
    wrong: list[str] = field(default_factory=list[str])

    def run(self) -> None:
        dice = random.Random(self.number)  # noqa: S311 -- which sizes, nothing secret
        count = 0
        try:
            while not self.stop.is_set():
                lines = dice.choice(SIZES)
                persons = people(lines)
                parts = [ndjson(persons[n : n + PART_LINES]) for n in range(0, lines, PART_LINES)]
                place = self.sender.begun(parts, lines, f"{self.number}-{count}")
                for number, content in enumerate(parts, 1):
                    self.sender.put(place, number, content)
                self.sender.ask("POST", f"{place}/commit")
                self.places[place] = lines
                count += 1
                while count % 3 and not self.stop.is_set() and self.is_under_way(place):
                    self.stop.wait(0.1)
        except AssertionError as error:
            self.wrong.append(f"a sender gave up: {error}")

    def is_under_way(self, place: str) -> bool:
        """Whether the transfer is not recorded yet."""
        return self.sender.ask("GET", place)["state"] != "committed"


def run(ledger: Ledger, folder: Path, dice: random.Random, kills: int) -> Outcome:
    """Send and kill; what is wrong afterwards."""
    del folder
    done = Outcome()
    for name in COMMITTERS:
        ledger.start(name)
    stop = threading.Event()
    sender = Sender(ledger)
    senders = [Sending(sender, number, stop) for number in range(AT_ONCE)]
    threads = [threading.Thread(target=one.run) for one in senders]
    for thread in threads:
        thread.start()
    try:
        while done.killed.total() < kills:
            _disturb(ledger, dice, done)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    done.wrong += [why for one in senders for why in one.wrong]
    places = {place: lines for one in senders for place, lines in one.places.items()}
    done.note({"nothing was sent": not places})
    results = _ended(sender, places, done)
    _check(ledger, {place: places[place] for place in results}, results, done)
    done.killed["transfers"] = len(places)
    return done


def _disturb(ledger: Ledger, dice: random.Random, done: Outcome) -> None:
    """End what holds a lock, or who works, at a random moment."""
    time.sleep(dice.uniform(0, 0.4))
    number = done.killed.total()
    # Each of them once, and then any.
    what = WHAT[number] if number < len(WHAT) else dice.choices(WHAT, (30, 8, 2, 2, 2, 2, 2))[0]
    try:
        match what:
            case "lock":
                if not ledger.end_locks():
                    return
            case "pause":
                name = dice.choice(COMMITTERS)
                ledger.signal(name, signal.SIGSTOP)
                try:
                    ledger.end_locks()
                    time.sleep(dice.uniform(0.2, 1.5))
                finally:
                    ledger.signal(name, signal.SIGCONT)
            case "commit":
                kill_part(ledger, dice.choice(COMMITTERS), dice)
            case _:
                kill_part(ledger, what, dice)
    except psycopg.OperationalError:
        return  # it recovers just now: there is nothing to end
    done.killed[what] += 1


def _ended(sender: Sender, places: dict[str, int], done: Outcome) -> dict[str, dict[str, Any]]:
    """What became of those that are done; the others are stuck, and noted."""
    found: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + END_S
    while len(found) < len(places) and time.monotonic() < deadline:
        for place in places.keys() - found.keys():
            told = sender.ask("GET", place)
            if told["state"] == "committed":
                found[place] = told["result"]
        time.sleep(0.1)
    if stuck := len(places) - len(found):
        done.wrong.append(f"{stuck} of {len(places)} transfers are stuck")
    return found


@dataclass(slots=True)
class _Stands:
    """What stands in one stream.

    Attributes:
        persons: their ids, hashed in the order of the lines; lines: how many.
    """

    types: list[str] = field(default_factory=list[str])
    persons: Any = field(default_factory=sha256)
    lines: int = 0

    def add(self, one: OpenEvent) -> None:
        """The next event."""
        self.types.append(one.header.type)
        for line in one.content.lines if one.content else ():
            self.persons.update(orjson.loads(line)["principal"]["id"].encode() + b"\n")
            self.lines += 1


def _check(
    ledger: Ledger, lines_of: dict[str, int], results: dict[str, dict[str, Any]], done: Outcome
) -> None:
    """Each is recorded once, under its own stream, with every line and no line twice."""
    with house_of(ledger) as house:
        try:
            stands = _stands(house)
        except LedgerError as error:
            done.wrong.append(f"what stands cannot be read: {type(error).__name__}")
            return
        expected = {count: _hash(count) for count in SIZES}
        for place, result in results.items():
            one, count = stands.pop(result["transfer"], _Stands()), lines_of[place]
            is_whole = [*one.types[:1], *one.types[-1:]] == [FIRST, LAST]
            done.note(
                {
                    f"{result['status']} instead of recorded": result["status"] != "recorded",
                    f"{result['persons']} of {count} persons": result["persons"] != count,
                    f"a transfer is {Counter(one.types)}": not is_whole or len(one.types) < 3,
                    f"{one.lines} of {count} lines, or others": one.persons.digest()
                    != expected[count],
                }
            )
        done.note({"a transfer that nobody was told of": len(stands) > 0})
        check_index(ledger, house, house.reads.head())
    with psycopg.connect(ledger.urls.owner) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM ledger.bulk_parts),"
            " (SELECT count(*) FROM ledger.bulk_pieces)"
        ).fetchone()
    done.note({f"parts and pieces are left: {left}": left != (0, 0)})


def _stands(house: Container) -> dict[str, _Stands]:
    """Stream → what stands in it; everything stands at dense positions."""
    found: dict[str, _Stands] = defaultdict(_Stands)
    head, position = house.reads.head(), 0
    while position < head:
        facts = house.reads.facts_after(position, _PAGE)
        for one in house.streams.opened(facts):
            position += 1
            assert one.position == position, "positions are dense"
            found[str(one.header.stream)].add(one)
    return found


def _hash(count: int) -> bytes:
    """Of the persons of a transfer of so many."""
    return sha256(b"".join(one["id"].encode() + b"\n" for one in people(count))).digest()


if __name__ == "__main__":
    sys.exit(command(__doc__, _USUAL, run))
