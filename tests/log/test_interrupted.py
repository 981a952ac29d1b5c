"""Whatever call of the system fails, or is the last one: no signed checkpoint lacks its tiles."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ledger.crypto.notes import SignedNote
from ledger.merkle import root_of
from ledger.merkle.checkpoint import Checkpoint
from projections.log.event_check import first_fault
from tests.log.signing import KeyOfTest, Place

CALLS = ("open", "fsync", "replace", "mkdir", "rename")


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass
class Faulty:
    """The system's calls, counted; the `at`-th fails, or is never made.

    Attributes:
        error: what comes of it.
        after: whether the call is made first, and the process dies behind it.
    """

    at: int
    error: Callable[[], BaseException]
    after: bool = False
    count: int = 0
    names: list[str] = field(default_factory=list[str])

    def wrapped(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            self.count += 1
            self.names.append(name)
            if self.count != self.at:
                return real(*given, **named)
            if self.after:
                real(*given, **named)
            raise self.error()

        return call

    def put(self, patched: pytest.MonkeyPatch) -> None:
        for name in CALLS:
            patched.setattr(os, name, self.wrapped(name, getattr(os, name)))


def begun(path: Path) -> Place:
    path.mkdir(exist_ok=True)
    place = Place(path)
    place.grow(250)
    place.integrator().step()
    place.grow(300)
    return place


def check_all(place: Place) -> None:
    """What is signed and what is published is proven by the tiles."""
    for note in (place.folder.checkpoint(), place.anchor.read()):
        assert note is not None
        read = SignedNote.read(note)
        read.verified([KeyOfTest().verifier])
        told = Checkpoint.read(read.text)
        assert told.root == root_of(place.events[: told.size])
        assert first_fault(told, place.events, place.folder.read) is None


def calls_of_a_step(path: Path) -> int:
    counting = Faulty(0, KilledError)
    with pytest.MonkeyPatch.context() as patched:
        place = begun(path)
        counting.put(patched)
        place.integrator().step()
    assert {"open", "fsync", "replace"} <= set(counting.names)
    return counting.count


FAULTS: dict[str, Callable[[int], Faulty]] = {
    "an error of the disk": lambda at: Faulty(at, lambda: OSError(errno.EIO, "input/output error")),
    "killed before it": lambda at: Faulty(at, KilledError),
    "killed behind it": lambda at: Faulty(at, KilledError, after=True),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_no_signed_checkpoint_lacks_its_tiles(
    tmp_path: Path, fault: Callable[[int], Faulty]
) -> None:
    for at in range(1, calls_of_a_step(tmp_path / "counted") + 1):
        place = begun(tmp_path / f"{at}")
        with pytest.MonkeyPatch.context() as patched:
            fault(at).put(patched)
            integrator = place.integrator()
            with suppress(OSError, KilledError):
                integrator.step()
        check_all(place)
        # The one that met the error goes on if it lives; else another one does.
        place.grow(7)
        lives = not isinstance(fault(at).error(), KilledError)
        assert (integrator if lives else place.integrator()).step().size == 557
        check_all(place)
        assert place.published().size == 557
