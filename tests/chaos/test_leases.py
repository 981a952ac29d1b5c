"""A short run of `python -m tests.chaos.leases`."""

import random
from pathlib import Path

from tests.canary import traces
from tests.chaos.leases import run
from tests.chaos.ledger import running_ledger
from tests.rounds import rounds

KILLS = rounds(16, at_least=8)


def test_a_holder_that_lost_its_lock_leaves_nothing_stuck_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    dice = random.Random(7)  # noqa: S311 -- who loses its lock, nothing secret
    with running_ledger(tmp_path) as ledger:
        done = run(ledger, tmp_path, dice, KILLS)
        assert done.wrong == []
        assert done.killed["lock"] > 0
        assert done.killed["pause"] > 0
        assert not traces(ledger.output.read_bytes())
        assert not traces(ledger.server.home.log.read_bytes())
