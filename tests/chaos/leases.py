"""Kill -9 of locks: the session that holds one is ended while its holder works on.

`python -m tests.chaos.leases --kills 200` lets two processes that commit share a ledger, sends
bulk transfers to it, and ends the sessions that hold their locks, pauses a holder until another
one has taken over, and lets PostgreSQL die. Each transfer must be recorded once and whole, and
none may be left behind.
"""

import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg

from ledger.errors import LedgerError
from tests.chaos.bulk_sending import Sender
from tests.chaos.killing import Outcome, command, kill_part
from tests.chaos.ledger import Ledger
from tests.chaos.standing import check_index, facts_of, house_of
from tests.doors.bulk_sending import ndjson, people

COMMITTERS = ("commit", "commit:2")
PART_LINES = 10_000
SIZES = (2_500, 14_000, 40_000)
"""Lines of a bulk transfer: three chunks and more."""
AT_ONCE = 2
"""Senders: one committer is often free to take over at once what another one lost."""
END_S = 120.0
"""So long the last ones may take once nobody is killed any more."""
_USUAL = 200


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
    what = dice.choices(("lock", "pause", "commit", "postgres"), (30, 8, 1, 1))[0]
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
                kill_part(ledger, "postgres", dice)
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


def _check(
    ledger: Ledger, lines_of: dict[str, int], results: dict[str, dict[str, Any]], done: Outcome
) -> None:
    """Each is recorded once, under its own stream, with every line and no line twice."""
    with house_of(ledger) as house:
        facts = facts_of(house)
        try:
            opened = house.streams.opened(facts)
        except LedgerError as error:
            done.wrong.append(f"what stands cannot be read: {type(error).__name__}")
            return
        types: dict[str, list[str]] = {}
        persons: dict[str, list[str]] = {}
        for one in opened:
            stream = str(one.header.stream)
            types.setdefault(stream, []).append(one.header.type)
            persons.setdefault(stream, []).extend(_ids(one.content.lines if one.content else ()))
        streams = [result["transfer"] for result in results.values()]
        expected = {count: [one["id"] for one in people(count)] for count in SIZES}
        for place, result in results.items():
            stream, count = result["transfer"], lines_of[place]
            kinds = types[stream]
            wholes = ["provision-recorded", "transfer-completed"]
            done.note(
                {
                    f"{result['status']} instead of recorded": result["status"] != "recorded",
                    f"{result['persons']} of {count} persons": result["persons"] != count,
                    f"a transfer is {Counter(kinds)}": [*kinds[:1], *kinds[-1:]] != wholes,
                    f"{len(persons[stream])} of {count} lines, or others": persons[stream]
                    != expected[count],
                }
            )
        done.note({"a stream was used twice": len(set(streams)) < len(streams)})
        done.note({"a transfer that nobody was told of": len(types) > len(streams)})
        check_index(ledger, house, len(facts))
    with psycopg.connect(ledger.urls.owner) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM ledger.bulk_parts),"
            " (SELECT count(*) FROM ledger.bulk_pieces)"
        ).fetchone()
    done.note({f"parts and pieces are left: {left}": left != (0, 0)})


def _ids(lines: Sequence[bytes]) -> list[str]:
    return [orjson.loads(line)["principal"]["id"] for line in lines]


if __name__ == "__main__":
    sys.exit(command(__doc__, "kills", _USUAL, run))
