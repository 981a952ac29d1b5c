"""A web process keeps to one core, and its threads do not push each other off it."""

import os
import subprocess
import sys
from typing import Final, cast

import orjson
import pytest

# In a process of its own: ours would keep to that core for the rest of the run.
_PROGRAM: Final = """
import os, threading
import orjson
from api.server.web import keep_to_one_core

{before}
keep_to_one_core({number})
told = []

def tell():
    pins = hasattr(os, "sched_getaffinity")
    told.append([sorted(os.sched_getaffinity(0)), os.sched_getscheduler(0)] if pins else None)

tell()
thread = threading.Thread(target=tell)
thread.start()
thread.join()
print(orjson.dumps(told).decode())
"""
_FORBIDDEN: Final = """
def forbidden(*_):
    raise PermissionError
os.sched_setscheduler = forbidden
"""
PINS: Final = hasattr(os, "sched_getaffinity")
"""Whether this system can keep a process to a core; where it cannot, all stays as it is."""


def placed(number: int, before: str = "") -> list[list[object] | None]:
    """Cores and scheduling of such a process, as itself and a later thread of it find them."""
    code = _PROGRAM.format(before=before, number=number)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return cast("list[list[object] | None]", orjson.loads(done.stdout))


@pytest.mark.parametrize("number", [0, 1, 1_000_001])
def test_a_web_process_and_its_threads_keep_to_one_core_and_give_way(number: int) -> None:
    where: list[object] | None = None
    if PINS:
        cores = sorted(os.sched_getaffinity(0))
        where = [[cores[number % len(cores)]], os.SCHED_BATCH]
    assert placed(number) == [where, where]


def test_where_scheduling_is_not_ours_to_choose_a_web_process_still_keeps_to_one_core() -> None:
    where: list[object] | None = None
    if PINS:
        where = [[min(os.sched_getaffinity(0))], os.sched_getscheduler(0)]
    assert placed(0, _FORBIDDEN) == [where, where]
