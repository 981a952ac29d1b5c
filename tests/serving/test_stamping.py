"""A running ledger has time stamps put on its log; whatever the authority does, it goes on."""

import re
import time
from pathlib import Path

import pytest

from tests.database import Database
from tests.log.authority import TestedAuthority
from tests.serving.processes import SECONDS_MAX, command
from tests.serving.signed_ledger import Signed, signed_ledger


@pytest.fixture
def authority(tmp_path: Path) -> TestedAuthority:
    made = TestedAuthority(tmp_path / "tsa")
    with made.running():
        pass  # its port is known now, and nobody answers there
    return made


@pytest.fixture
def signed(database: Database, tmp_path: Path, authority: TestedAuthority) -> Signed:
    made = signed_ledger(database, tmp_path)
    made.given.update(
        LEDGER_LOG_TSA_URL=authority.url,
        LEDGER_LOG_TSA_CA=str(authority.ca),
        LEDGER_LOG_TSA_S="0.5",
    )
    return made


def stamped_at(signed: Signed, size: int) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not any(f"\n{n}\n" in stamped(signed) for n in range(size, size + 10)):
        assert time.monotonic() < deadline, f"stamped is {stamped(signed)}"
        time.sleep(0.05)


def stamped(signed: Signed) -> str:
    file = signed.tiles / "stamped"
    return file.read_text("utf-8") if file.exists() else ""


def test_a_running_ledger_is_stamped_and_goes_on_without_the_authority(
    signed: Signed, authority: TestedAuthority
) -> None:
    signed.record("1", "2", "3")
    assert signed.run("begin")[0] == 0
    with command("serve", given=signed.given) as serving:
        serving.line("no time stamp now: it does not answer in time, or nobody listens there")
        signed.record("4")
        signed.signed_at(signed.head())
        _, printed = signed.run("show")
        found = re.search(r"time stamps: none yet of (\d+) events", printed)
        assert found, printed
        assert int(found[1]) >= 4, printed  # the ledger records events of its own
        with authority.running():
            stamped_at(signed, signed.head())
        assert "Traceback" not in serving.text
    _, printed = signed.run("show")
    assert re.search(r"time stamps: \d+ events, stamped 20\S+Z", printed), printed
    [reply] = sorted((signed.tiles / "timestamps").rglob("*.tsr"))[-1:]
    assert authority.accepts(reply.with_suffix(".checkpoint").read_bytes(), reply.read_bytes())
