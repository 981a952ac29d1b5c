"""kill -9 of the web process, the follower and PostgreSQL, in the middle of everything."""

import time
from contextlib import closing
from pathlib import Path

import psycopg

from api.house import House
from ledger.crypto.epoch import FixedMasters
from ledger.crypto.secrets import Secrets
from projections.verifying import differences
from tests.canary import traces
from tests.chaos.ledger import MASTER, SECRET, Ledger, running_ledger
from tests.chaos.load import Load
from tests.projections.log import log_of

ROUNDS = 20
CLIENTS = 6
# Under load for a moment between two deaths.
LOADED_S = 0.4


def test_what_was_acknowledged_is_there_once_whatever_was_killed(tmp_path: Path) -> None:
    with running_ledger(tmp_path) as ledger:
        load = Load(ledger.port, ledger.key())
        load.start(CLIENTS)
        try:
            for number in range(ROUNDS):
                before = len(load.acknowledged)
                time.sleep(LOADED_S)
                _kill_something(ledger, number)
                # The next death comes only when somebody has been heard again.
                deadline = time.monotonic() + 30
                while len(load.acknowledged) <= before and time.monotonic() < deadline:
                    time.sleep(0.02)
        finally:
            load.finish()
        assert load.wrong == []
        assert load.tries > 0, "nobody was interrupted"
        assert len(load.acknowledged) > 100
        _check(ledger, load)
        assert not traces(ledger.output.read_bytes())
        assert not traces(ledger.server.home.log.read_bytes())


def _kill_something(ledger: Ledger, number: int) -> None:
    match number % 4:
        case 0 | 2:
            ledger.kill("web")
            ledger.start("web")
        case 1:
            ledger.kill_postmaster()
            ledger.server.start()
        case _:
            ledger.kill_backend()
            ledger.kill("follow")
            ledger.start("follow")


def _check(ledger: Ledger, load: Load) -> None:
    # The first receipt again, for everything that was acknowledged.
    receipts = dict(load.acknowledged)
    ids = sorted(receipts)
    for begin in range(0, len(ids), 1_000):
        load.send(ids[begin : begin + 1_000])
    assert load.wrong == []
    assert load.acknowledged == receipts
    secrets = Secrets(SECRET, FixedMasters({"2026-W48": MASTER}))
    with closing(House(ledger.urls, "test-ledger", secrets)) as house:
        facts = house.reads.facts_after(0, 1_000_000)
        # Positions are dense, and each acknowledged transfer stands there once and alone.
        assert [fact.position for fact in facts] == list(range(1, house.reads.head() + 1))
        assert sorted(receipts.values()) == [fact.position for fact in facts]
        opened = house.streams.opened(facts)
        assert all(event.content is not None for event in opened)
        deadline = time.monotonic() + 180
        while house.histories.reached() < len(facts):
            assert time.monotonic() < deadline, "the follower does not arrive"
            time.sleep(0.05)
        with psycopg.connect(ledger.urls.projector) as connection:
            found = differences(connection, log_of(house), house.secret)
            assert list(found) == []
