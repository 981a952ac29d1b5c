"""No process of a ledger leaves its memory, with keys and persons, on a disk when it crashes."""

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.pidfile import running
from ledger.postgres.temporary import temporary_folder
from tests.serving.processes import command, environment
from tests.serving.test_serve import SECRETS

STATED: Final = """
import ctypes
from ledger.core_dumps import forbid_core_dumps
forbid_core_dumps()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
"""3: PR_GET_DUMPABLE."""


def core_limits(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text("ascii").splitlines()
    [found] = [line.split()[4:6] for line in lines if line.startswith("Max core file size")]
    return found


def children(pid: int) -> list[int]:
    """Everything that the process has started, and what that has."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text("ascii").split()):
            found += [child, *children(child)]
    return found


@pytest.fixture
def dumping() -> Iterator[None]:
    """What is started may write core dumps of any size, as far as this system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("dumping")
def test_every_process_that_serves_has_a_limit_of_nothing() -> None:
    with temporary_folder(EmbeddedSettings()) as home:
        given = environment(**SECRETS, LEDGER_HOME=str(home), LEDGER_HTTP_PORT="0")
        with command("serve", given=given) as serving:
            serving.line(r"^ready ")
            database = running(EmbeddedServer(home).home.data)
            assert database is not None
            main = serving.process.pid
            pids = [main, *children(main), database.pid, *children(database.pid)]
            found = {pid: core_limits(pid) for pid in pids}
            serving.interrupt()
            assert serving.end() == 0, serving.text
    assert len(found) > 8
    assert {tuple(one) for one in found.values()} == {("0", "0")}


@pytest.mark.usefixtures("dumping")
def test_a_process_that_crashes_has_dumped_nothing(tmp_path: Path) -> None:
    program = "import os; from ledger.core_dumps import forbid_core_dumps as f; f(); os.abort()"
    crashed = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    assert crashed.wait() == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_the_system_hands_dumps_to_gets_none_either() -> None:
    stated = subprocess.run(
        [sys.executable, "-c", STATED], capture_output=True, text=True, check=True
    )
    assert stated.stdout.strip() == "0"
