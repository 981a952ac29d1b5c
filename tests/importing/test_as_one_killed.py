"""kill -9 of an import as one transfer, of the ledger and of its committer, at random moments."""

import random
from pathlib import Path

from tests.chaos.ledger import Ledger
from tests.importing.as_one_chaos import Chaos
from tests.rounds import rounds

KILLS = rounds(10, at_least=5)


def test_a_transfer_whose_import_is_killed_stands_once_with_each_person(
    ledger: Ledger, tmp_path: Path
) -> None:
    dice = random.Random(5)  # noqa: S311 -- which process dies, nothing secret
    outcome = Chaos(ledger, tmp_path, "as-one", dice).run(KILLS)
    assert outcome.wrong == []
    assert outcome.killed.total() == KILLS
    assert {"client", "web", "commit"} <= set(outcome.killed)
