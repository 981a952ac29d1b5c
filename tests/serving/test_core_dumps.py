"""What each process sets for itself: no dump of its memory, one core, few looks for cycles."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from api.server.gc_policy import GC_OBJECTS_MIN
from tests.database import Database
from tests.serving.houses import SETTINGS
from tests.serving.test_starting import given_for

FORBIDDEN: Final = "from ledger.core_dumps import forbid_core_dumps as f; f(); "
DUMPABLE: Final = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
"""3: PR_GET_DUMPABLE."""
CORE: Final = """
import os, threading
from api.server.web import keep_to_one_core
def forbidden(*_):
    raise PermissionError
def tell():
    print(*os.sched_getaffinity(0), os.sched_getscheduler(0), flush=True)
for number, is_forbidden in {cases}:
    if os.fork() == 0:
        if is_forbidden:
            os.sched_setscheduler = forbidden
        keep_to_one_core(number)
        tell()
        thread = threading.Thread(target=tell)
        thread.start()
        thread.join()
        os._exit(0)
    os.wait()
"""
FOLLOWING: Final = """
import gc, os, threading
from api.database import find_urls
from api.server.follower import follow
from api.settings.settings import Settings
settings, stop = Settings.from_environment(os.environ), threading.Event()
stop.set()
follow(settings, find_urls(settings), stop)
print(gc.get_threshold()[0], gc.get_freeze_count() > 0, gc.isenabled())
"""


def said(program: str, given: dict[str, str] | None = None) -> list[str]:
    """The words that a process of its own prints."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_process_that_crashes_has_dumped_nothing(tmp_path: Path) -> None:
    program = f"import os; {FORBIDDEN}os.abort()"
    crashed = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    assert crashed.wait() == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []
    # Nor does a program get one to which the system hands dumps.
    assert said(FORBIDDEN + DUMPABLE) == ["0"]


def test_a_web_process_and_its_threads_keep_to_one_core_and_give_way_where_they_may() -> None:
    cases = [(0, False), (1, False), (1_000_001, False), (0, True)]
    cores, own = sorted(os.sched_getaffinity(0)), os.sched_getscheduler(0)
    expected: list[str] = []
    for number, is_forbidden in cases:
        manner = own if is_forbidden else os.SCHED_BATCH
        expected += [str(cores[number % len(cores)]), str(manner)] * 2
    assert said(CORE.format(cases=cases)) == expected


def test_a_follower_does_not_look_through_all_it_holds_for_every_few_events(
    shared_database: Database,
) -> None:
    given = given_for(shared_database.login, LEDGER_NAME=SETTINGS.name)
    assert said(FOLLOWING, given) == [str(GC_OBJECTS_MIN), "True", "True"]
