"""`verify`: the file that checks a bag, against reading what it has to read.

The baseline does what no verifier in Python can be spared: it hashes every file of the bag, and
reads every line, the header in it and the statement as JSON with the standard library, without a
look at duplicate names. `verify` is `ledger verify` on the same folder. `per_core_s` counts the
seconds of a core that it used, which other work on the machine does not change much.

`least_per_core_s` is what the standard library allows: the same reading, and besides each hash that
the proof is made of and the rows of the table, in straight lines of Python that compare nothing.
"""

import csv
import hmac
import io
import json
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.export import bag_place
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.memory import forget_peak, memory
from ledger.exports import verify

_PART: Final = 1 << 20
_EVENT: Final = b"ppl/event/1\0"
_COMMITMENT: Final = b"ppl/commitment/1\0"


@dataclass(frozen=True, slots=True)
class Size:
    """How many records the bag holds."""

    records: int = 20_000
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    asked = size or Size()
    with bag_place(asked.records) as bag:
        report("verify", _measured(bag, asked))


def _measured(bag: Path, size: Size) -> dict[str, Figure]:
    used: dict[str, list[float]] = {"read": [], "hash": [], "verify": []}

    def timed(name: str, work: Callable[[Path], int]) -> float:
        began, started = time.process_time(), time.perf_counter()
        assert work(bag) == size.records, "every record was read"
        used[name].append(size.records / (time.process_time() - began))
        return size.records / (time.perf_counter() - started)

    def verified(bag: Path) -> int:
        with redirect_stdout(io.StringIO()) as said:
            code = verify.main([str(bag)])
        assert code == verify.CONSISTENT, said.getvalue()
        return size.records

    forget_peak()
    before = memory("self", "VmHWM")
    works = {"read": _read, "hash": _hashed, "verify": verified}
    runs = {name: partial(timed, name, work) for name, work in works.items()}
    found = interleaved(runs, size.rounds)
    grown = memory("self", "VmHWM") - before
    return {
        "ratio": ratio(found["verify"], found["read"]),
        "cores": cores(),
        "flush_ms": flush_ms(bag.parent),
        "records": size.records,
        "per_core_s": median(used["verify"]),
        "read_per_core_s": median(used["read"]),
        "least_per_core_s": median(used["hash"]),
        "verify_per_s": median(found["verify"]),
        "read_per_s": median(found["read"]),
        "memory_bytes_per_record": grown / size.records,
    }


def _read(bag: Path) -> int:
    """Hash and read everything; how many records there are."""
    _hash_files(bag)
    records = 0
    with (bag / verify.RECORDS).open("rb") as lines:
        for line in lines:
            records += 1
            for event in json.loads(line)["events"]:
                json.loads(event["header"])
                if "text" in event.get("statement", ()):
                    json.loads(event["statement"]["text"])
    return records


def _hash_files(bag: Path) -> None:
    for file in bag.rglob("*"):
        if file.is_file():
            digest = sha256()
            with file.open("rb") as content:
                while part := content.read(_PART):
                    digest.update(part)


def _hashed(bag: Path) -> int:
    """As `_read`, and each record's hashes, the tree's and the rows of the table."""
    _hash_files(bag)
    records = 0
    with (bag / verify.RECORDS).open("rb") as lines:
        for line in lines:
            records += 1
            for event in json.loads(line)["events"]:
                text = event["header"]
                _leaf(sha256(_EVENT + text.encode()).digest())
                place = bytes.fromhex(json.loads(text)["stream"].replace("-", ""))
                statement = event.get("statement", {})
                if "text" in statement:
                    json.loads(statement["text"])
                    salt, said = bytes.fromhex(statement["salt"]), statement["text"].encode()
                    hmac.digest(salt, _COMMITMENT + place + said, "sha256")
                for one in event.get("lines", ()):
                    _leaf(bytes.fromhex(one["commitment"]))
    leaves = (bag / verify.LEAVES).read_bytes()
    verify.root_of(leaves, len(leaves) // 32)
    with (bag / verify.TABLE).open(encoding="utf-8-sig", newline="") as table:
        rows = sum(1 for _ in csv.reader(table)) - 1
    assert rows == records, "a row a record"
    return records


def _leaf(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()
