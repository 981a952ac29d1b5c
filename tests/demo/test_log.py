"""The demo's log: its keys are made once, and are nobody else's to read."""

from pathlib import Path

from api.demo.log import begin_log, witnessed_log
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.merkle import EMPTY_ROOT
from projections.log.integrator import Integrator
from tests.log.signing import Place
from tests.serving.processes import environment


def settings(home: Path, given: dict[str, str]) -> Settings:
    secret, name = "0" * 64, "2026-01"
    return Settings.from_environment(
        environment(
            LEDGER_NAME="demo",
            LEDGER_HOME=str(home),
            LEDGER_SECRET=secret,
            LEDGER_EPOCH_MASTER=f"{name}:{secret}",
            **given,
        )
    )


def test_the_keys_of_a_kept_demo_stay(tmp_path: Path) -> None:
    found: list[object] = []
    for _ in range(2):
        with witnessed_log(tmp_path) as given:
            read = settings(tmp_path, given)
            assert read.log_witness_policy is not None
            found.append((read.log_verifier, read.log_witness_policy.witnesses["demo"].key))
            assert read.log_witness_policy.logs == (read.log_verifier,)
            assert read.reply_proofs
    assert found[0] == found[1]
    for key in (tmp_path / "log-key", tmp_path / "witness" / "key"):
        assert key.stat().st_mode & 0o777 == 0o600


def test_a_demo_that_was_kept_before_it_had_a_log_gets_all_its_events_into_one(
    tmp_path: Path,
) -> None:
    before = Place(tmp_path / "before")
    before.grow(300)
    with witnessed_log(tmp_path) as given:
        read = settings(tmp_path, given)
        for _ in range(2):
            begin_log(read)
        log = signed_log(read)
        assert log is not None
        assert log.published()[1].root == EMPTY_ROOT
        log_of_all = Integrator(
            log.folder, log.anchor, log.signer, lambda: len(before.events), before.leaves
        )
        assert log_of_all.step().size == 300
        begin_log(read)
        assert log.published()[1].size == 300
