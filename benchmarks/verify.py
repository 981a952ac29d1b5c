"""`verify`: the file that checks a bag, against reading what it has to read.

The baseline does what no verifier in Python can be spared: it hashes every file of the bag, and
reads every line, the header in it and the statement as JSON with the standard library, without a
look at duplicate names. `verify` is `ledger verify` on the same folder. `per_core_s` counts the
seconds of a core that it used, which other work on the machine does not change much.
"""

import io
import json
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.export import bag_place
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.memory import forget_peak, memory
from ledger.exports import verify

_PART: Final = 1 << 20


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
    used: list[float] = []

    def read() -> float:
        started = time.perf_counter()
        assert _read(bag) == size.records, "every record was read"
        return size.records / (time.perf_counter() - started)

    def verified() -> float:
        began, started = time.process_time(), time.perf_counter()
        with redirect_stdout(io.StringIO()) as said:
            code = verify.main([str(bag)])
        seconds = time.perf_counter() - started
        assert code == verify.GOOD, said.getvalue()
        used.append(size.records / (time.process_time() - began))
        return size.records / seconds

    forget_peak()
    before = memory("self", "VmHWM")
    found = interleaved({"read": read, "verify": verified}, size.rounds)
    grown = memory("self", "VmHWM") - before
    return {
        "ratio": ratio(found["verify"], found["read"]),
        "cores": cores(),
        "flush_ms": flush_ms(bag.parent),
        "records": size.records,
        "per_core_s": median(used),
        "verify_per_s": median(found["verify"]),
        "read_per_s": median(found["read"]),
        "memory_bytes_per_record": grown / size.records,
    }


def _read(bag: Path) -> int:
    """Hash and read everything; how many records there are."""
    for file in bag.rglob("*"):
        if file.is_file():
            digest = sha256()
            with file.open("rb") as content:
                while part := content.read(_PART):
                    digest.update(part)
    records = 0
    with (bag / verify.RECORDS).open("rb") as lines:
        for line in lines:
            records += 1
            for event in json.loads(line)["events"]:
                json.loads(event["header"])
                if "text" in event.get("statement", ()):
                    json.loads(event["statement"]["text"])
    return records
