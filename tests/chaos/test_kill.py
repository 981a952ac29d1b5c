"""kill -9 of every part of a ledger, in the middle of everything."""

import random
import time
from pathlib import Path

from tests.canary import traces
from tests.chaos.killing import kill_part
from tests.chaos.leases import WHAT, run
from tests.chaos.ledger import Ledger, running_ledger
from tests.chaos.load import Load
from tests.chaos.standing import check_index, facts_of, house_of
from tests.rounds import rounds

ROUNDS = rounds(20, at_least=4)
TURNS = (("web",), ("postgres",), ("web",), ("backend", "follow"))
CLIENTS = 6
LOADED = 20
"""Answers that are heard between two deaths: whoever dies is at work."""


def test_what_was_acknowledged_is_there_once_whatever_was_killed(tmp_path: Path) -> None:
    dice = random.Random(31)  # noqa: S311 -- how long somebody is dead, nothing secret
    with running_ledger(tmp_path) as ledger:
        load = Load(ledger.port, ledger.key())
        load.start(CLIENTS)
        try:
            for number in range(ROUNDS):
                # The next death comes only when they have been heard since the last one.
                heard, deadline = len(load.acknowledged), time.monotonic() + 30
                while len(load.acknowledged) < heard + LOADED:
                    assert time.monotonic() < deadline, "nobody is heard any more"
                    time.sleep(0.02)
                for victim in TURNS[number % len(TURNS)]:
                    kill_part(ledger, victim, dice)
        finally:
            load.finish()
        assert load.wrong == []
        assert load.tries > 0, "nobody was interrupted"
        assert len(load.acknowledged) > ROUNDS * LOADED
        _check(ledger, load)
        assert not traces(ledger.output.read_bytes())
        assert not traces(ledger.server.home.log.read_bytes())


def _check(ledger: Ledger, load: Load) -> None:
    # The first receipt again, for everything that was acknowledged.
    receipts = dict(load.acknowledged)
    ids = sorted(receipts)
    for begin in range(0, len(ids), 1_000):
        load.send(ids[begin : begin + 1_000])
    assert load.wrong == []
    assert load.acknowledged == receipts
    with house_of(ledger) as house:
        # Positions are dense, and each acknowledged transfer stands there once and alone.
        facts = facts_of(house)
        assert sorted(receipts.values()) == [fact.position for fact in facts]
        assert all(event.content is not None for event in house.streams.opened(facts))
        check_index(ledger, house, len(facts))


KILLS = rounds(24, at_least=8)


def test_a_bulk_transfer_is_recorded_once_and_whole_whatever_was_killed(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 -- who dies or loses its lock, nothing secret
    with running_ledger(tmp_path) as ledger:
        done = run(ledger, tmp_path, dice, KILLS)
        assert done.wrong == []
        assert all(done.killed[what] for what in WHAT)
        assert not traces(ledger.output.read_bytes())
        assert not traces(ledger.server.home.log.read_bytes())
