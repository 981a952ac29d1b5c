"""kill -9 of whoever takes in, records, indexes and stores a bulk transfer, at random moments."""

import random
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.canary import traces
from tests.chaos.bulk_sending import Sender
from tests.chaos.killing import kill_part
from tests.chaos.ledger import Ledger, running_ledger
from tests.chaos.standing import check_index, facts_of, house_of
from tests.doors.bulk_sending import ndjson, people
from tests.rounds import rounds

KILLS = rounds(12, at_least=5)
PARTS, PART_LINES = 12, 10_000


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
    undisturbed = sender.begun(contents, len(persons), "undisturbed")
    for number, content in enumerate(contents, 1):
        sender.put(undisturbed, number, content)
    sender.ask("POST", f"{undisturbed}/commit")
    expected = sender.ended(undisturbed)

    place = sender.begun(contents, len(persons), "killed")
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
