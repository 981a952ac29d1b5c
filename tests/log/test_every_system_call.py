"""A real process, a real disk: each call of the system fails once, or is the last one.

strace spoils the calls (`--inject`). The writer is the one that is served, in its own process.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from tests.log.one_step import MARK, WHOLE, begin, place_of
from tests.log.test_interrupted import check_all

AT_ONCE: Final = 2
_CALL: Final = re.compile(r"^(?:\d+ +)?(\w+)\(")
_NEVER: Final = frozenset({"exit_group"})
_OF_MEMORY_AND_THREADS: Final = frozenset(
    {"brk", "futex", "getpid", "getrandom", "madvise", "mmap", "mprotect", "munmap"}
    | {"rt_sigaction", "rt_sigprocmask", "sched_yield"}
)
"""No disk answers these, so no error of a disk is theirs."""
NEEDED: Final = frozenset({"openat", "write", "fsync", "rename", "mkdir", "flock", "close"})


@dataclass(frozen=True)
class Call:
    """The `nth` call of that name since the process began."""

    name: str
    nth: int


def traced(folder: Path, trace: Path, *options: str) -> list[str]:
    """What strace saw of one step; the process's own end is not asked for."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.fail(
            "strace is not installed, so nobody can spoil the calls: ./dev test installs it"
        )
    step = [sys.executable, "-m", "tests.log.one_step", str(folder)]
    done = subprocess.run(
        [strace, "-f", "-qq", "-o", str(trace), *options, *step],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "ptrace" in done.stderr and "not permitted" in done.stderr:
        pytest.fail(
            "this place lets no process trace another one (ptrace), so the calls of the log's"
            " writer cannot be spoilt: allow SYS_PTRACE"
        )
    lines = trace.read_text("utf-8", "replace").splitlines()
    assert any(MARK in line for line in lines), done.stderr
    return lines


def calls_of_a_step(lines: Sequence[str]) -> Iterator[Call]:
    count: dict[str, int] = {}
    has_begun = False
    for line in lines:
        found = _CALL.match(line)
        if found is None:
            continue
        name = found[1]
        count[name] = count.get(name, 0) + 1
        if has_begun and name not in _NEVER:
            yield Call(name, count[name])
        has_begun = has_begun or MARK in line


@dataclass(frozen=True)
class Bench:
    """A log that was signed once, and each call of its next step."""

    folder: Path
    calls: Sequence[Call]

    def spoil(self, call: Call, how: str) -> None:
        """Let the call end as `how` says, and look at what is left."""
        folder = self.folder / f"{how}-{call.name}-{call.nth}".replace(":", "-").replace("=", "-")
        shutil.copytree(self.folder / "signed", folder)
        marking = () if call.name == "newfstatat" else ("newfstatat",)
        lines = traced(
            folder,
            self.folder / f"{folder.name}.trace",
            f"--trace={','.join((call.name, *marking))}",
            f"--inject={call.name}:{how}:when={call.nth}",
        )
        self._check_it_was_spoilt(lines, call)
        place = place_of(folder)
        check_all(place)
        place.grow(7)
        assert place.integrator().step().size == WHOLE + 7
        check_all(place)
        assert place.published().size == WHOLE + 7
        shutil.rmtree(folder)

    def _check_it_was_spoilt(self, lines: Sequence[str], call: Call) -> None:
        """Behind the mark, or nothing was tried at all."""
        [mark] = [n for n, line in enumerate(lines) if MARK in line]
        spoilt = [n for n, line in enumerate(lines) if "(INJECTED)" in line or "SIGKILL" in line]
        assert spoilt, (call, lines[-3:])
        assert min(spoilt) > mark, call


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("calls")
    for name in ("signed", "warm", "counted"):
        (folder / name).mkdir()
    begin(folder / "signed")
    for name in ("warm", "counted"):  # once to let Python keep what it compiles
        shutil.copytree(folder / "signed", folder / name, dirs_exist_ok=True)
        lines = traced(folder / name, folder / f"{name}.trace")
    assert place_of(folder / "counted").published().size == WHOLE
    calls = list(calls_of_a_step(lines))
    assert {one.name for one in calls} >= NEEDED
    return Bench(folder, calls)


def test_no_error_of_the_disk_leaves_a_signed_checkpoint_without_its_tiles(bench: Bench) -> None:
    calls = [one for one in bench.calls if one.name not in _OF_MEMORY_AND_THREADS]
    assert len(calls) > 100
    _all(bench, calls, "error=EIO")


def test_no_kill_leaves_a_signed_checkpoint_without_its_tiles(bench: Bench) -> None:
    calls = [one for one in bench.calls if one.name not in _OF_MEMORY_AND_THREADS]
    _all(bench, calls, "signal=KILL")


def _all(bench: Bench, calls: Sequence[Call], how: str) -> None:
    def spoil(call: Call) -> None:
        bench.spoil(call, how)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(spoil, calls):
            pass


def test_each_call_is_counted_from_where_the_step_begins() -> None:
    lines = ["7 openat(1) = 3", f'7 newfstatat("{MARK}") = -1', "7 openat(2) = 3", "7 close(3) = 0"]
    assert list(islice(calls_of_a_step(lines), 9)) == [Call("openat", 2), Call("close", 1)]
