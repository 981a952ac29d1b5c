"""A short run of `python -m tests.chaos.leases`: kill -9 and lost locks of bulk transfers."""

import random
from pathlib import Path

from tests.canary import traces
from tests.chaos.leases import WHAT, run
from tests.chaos.ledger import running_ledger
from tests.rounds import rounds

KILLS = rounds(24, at_least=8)


def test_a_bulk_transfer_is_recorded_once_and_whole_whatever_was_killed(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 -- who dies or loses its lock, nothing secret
    with running_ledger(tmp_path) as ledger:
        done = run(ledger, tmp_path, dice, KILLS)
        assert done.wrong == []
        assert all(done.killed[what] for what in WHAT)
        assert not traces(ledger.output.read_bytes())
        assert not traces(ledger.server.home.log.read_bytes())
