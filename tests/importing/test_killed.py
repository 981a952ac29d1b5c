"""kill -9 of an import, of the ledger and of its database, at random moments."""

import random
from pathlib import Path

from tests.chaos.ledger import Ledger
from tests.importing.as_one_chaos import Chaos as ChaosOfOne
from tests.importing.chaos import Chaos
from tests.rounds import rounds

KILLS = rounds(10, at_least=5)


def test_an_import_that_is_killed_ends_as_if_nothing_had_happened(
    ledger: Ledger, tmp_path: Path
) -> None:
    dice = random.Random(11)  # noqa: S311 -- which process dies, nothing secret
    outcome = Chaos(ledger, tmp_path, "suite", dice).run(KILLS)
    assert outcome.wrong == []
    assert outcome.killed.total() == KILLS
    assert outcome.killed["client"] > 0
    began_anew = outcome.killed["client"] + outcome.killed["interrupted"]
    assert began_anew < KILLS
    assert outcome.runs == began_anew + 1


# -- kill -9 of an import as one transfer, of the ledger and of its committer, at random moments --


def test_a_transfer_whose_import_is_killed_stands_once_with_each_person(
    ledger: Ledger, tmp_path: Path
) -> None:
    dice = random.Random(5)  # noqa: S311 -- which process dies, nothing secret
    outcome = ChaosOfOne(ledger, tmp_path, "as-one", dice).run(KILLS)
    assert outcome.wrong == []
    assert outcome.killed.total() == KILLS
    assert {"client", "web", "commit"} <= set(outcome.killed)
