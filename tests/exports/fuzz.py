"""Looks for bags that the verifier should not accept: `python -m tests.exports.fuzz --minutes 60`.

Golden bags are changed at random, byte by byte and member by member, and sealed anew as far as a
carrier or the holder of the key can. It is a finding when a bag is accepted though

- nobody with the key sealed it and a file differs, or
- what it says to be proven is not what the ledger of the golden bag has (`truth`),

or when the verifier ends otherwise than by a code, or takes too long. Case n of a seed is the same
each time: `--seed 1 --first 4711 --count 1` makes it again.
"""

import argparse
import io
import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import BadZipFile, ZipFile

from ledger.exports import verify
from tests.exports.fuzz_changes import BYTES, MEANINGS, Files, sealed
from tests.exports.fuzz_truth import Ledger, Truth, untrue
from tests.exports.world import SIGNER, BagInMemory, kinds, place_of

SECONDS_MAX: Final = 20.0
"""Of one case; a golden bag takes a tenth of a second."""
BY_KEY: Final = "by who has the key"
BY_CARRIER: Final = "by who carries it"
PACKED: Final = "packed"


@dataclass(frozen=True, slots=True)
class Finding:
    """A case that must not be.

    Attributes:
        number: of the case, under the seed.
        what: in words.
    """

    number: int
    kind: str
    done: str
    what: str


@dataclass(slots=True)
class Fuzz:
    """Cases of one seed.

    Attributes:
        ended: how cases ended, counted.
    """

    seed: int
    bags: dict[str, Files] = field(default_factory=dict[str, Files])
    packed: dict[str, bytes] = field(default_factory=dict[str, bytes])
    ended: Counter[str] = field(default_factory=Counter[str])
    truth: Truth = field(default_factory=Truth)

    def __post_init__(self) -> None:
        for kind in kinds():
            self.packed[kind] = place_of(kind).read_bytes()
            self.bags[kind] = _files(self.packed[kind])
        self.truth = Truth.of(self.bags)

    def run(self, numbers: Iterator[int], folder: Path) -> Iterator[Finding]:
        """Run these cases; `folder` holds what lies on a disk meanwhile."""
        for number in numbers:
            random = Random(f"{self.seed}:{number}")  # noqa: S311 -- cases, not secrets
            kind = random.choice(sorted(self.bags))
            begin = time.monotonic()
            how = random.choices([BY_KEY, BY_CARRIER, PACKED], [6, 2, 2])[0]
            if how == PACKED:
                done, what = self._packed(random, kind, folder / "bag.zip")
            else:
                done, what = self._files(random, kind, how)
            took = time.monotonic() - begin
            if what is None and took > SECONDS_MAX:
                what = f"it took {took:.0f} s"
            if what is not None:
                yield Finding(number, kind, f"{how}: {done}", what)

    def _packed(self, random: Random, kind: str, place: Path) -> tuple[str, str | None]:
        whole, done = self.packed[kind], list[str]()
        for _ in range(random.choice([1, 1, 1, 2, 4])):
            change = random.choice(BYTES)
            whole = change(random, whole)
            done.append(change.__name__)
        place.write_bytes(whole)
        said = io.StringIO()
        try:
            with redirect_stdout(said):
                code = verify.main([str(place), "--key", SIGNER.verifier.text])
        except BaseException:  # noqa: BLE001 -- whatever it is, it is a finding
            return " ".join(done), traceback.format_exc()
        self.ended[f"{PACKED} {code}"] += 1
        if code != verify.GOOD:
            return " ".join(done), None
        try:
            found = _files(whole)
        except (BadZipFile, ValueError, OSError) as error:
            return " ".join(done), f"accepted, and does not open: {error}"
        return " ".join(done), None if found == self.bags[kind] else "accepted, and a file differs"

    def _files(self, random: Random, kind: str, how: str) -> tuple[str, str | None]:
        files, done = dict(self.bags[kind]), list[str]()
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            change = random.choice(MEANINGS)
            try:
                change(random, files, self.bags)
            except (TypeError, LookupError, ValueError, AttributeError, RecursionError):
                continue  # an earlier change left nothing that this one could change
            done.append(change.__name__)
        if files != self.bags[kind] and (how == BY_KEY or random.random() < 0.7):
            files = sealed(files, is_signed=how == BY_KEY)
        try:
            told = verify.verified(BagInMemory(files), SIGNER.verifier.text, None)
        except verify.Refused as refusal:
            self.ended[f"{how} {refusal.code}"] += 1
            return " ".join(done), None
        except Exception as error:  # noqa: BLE001 -- as `main`, which turns it into a code
            self.ended[f"{how} {type(error).__name__}"] += 1
            return " ".join(done), None
        self.ended[f"{how} {verify.GOOD}"] += 1
        if how == BY_CARRIER:
            what = "accepted, and a file differs" if files != self.bags[kind] else None
        else:
            what = _untrue(files, self.truth.of_bag[kind], "\n".join(en for _, en in told))
        return " ".join(done), what


def _untrue(files: Files, ledger: Ledger, told: str) -> str | None:
    try:
        return untrue(files, ledger, told)
    except (TypeError, LookupError, ValueError, AttributeError, RecursionError):
        return f"accepted, and cannot be read: {traceback.format_exc()}"


def _files(packed: bytes) -> Files:
    with ZipFile(io.BytesIO(packed)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        return {name.partition("/")[2]: archive.read(name) for name in names}


def numbers(first: int, count: int | None, minutes: float | None) -> Iterator[int]:
    """The numbers of cases, until there are so many or so much time is over."""
    end = None if minutes is None else time.monotonic() + 60 * minutes
    number = first
    while (count is None or number < first + count) and (end is None or time.monotonic() < end):
        yield number
        number += 1


def main() -> int:
    """Run what the command line asks for; 1: something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    if asked.minutes is None and asked.count is None:
        parser.error("say how long, by --minutes or --count")
    fuzz, found = Fuzz(asked.seed), 0
    with TemporaryDirectory() as folder:
        for one in fuzz.run(numbers(asked.first, asked.count, asked.minutes), Path(folder)):
            found += 1
            sys.stdout.write(f"{json.dumps([one.number, one.kind, one.done, one.what])}\n")
            sys.stdout.flush()
    for how, count in sorted(fuzz.ended.items()):
        sys.stdout.write(f"{count:8} {how}\n")
    sys.stdout.write(f"{found} findings in {fuzz.ended.total()} cases of seed {asked.seed}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
