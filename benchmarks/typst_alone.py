"""The typesetter by itself, in a process that has nothing of the house: `python -m …`.

It reads names of files, one a line; each holds the sources of one document, ready. It answers each
with one JSON line: seconds, CPU seconds, SHA-256 of the PDF, and the peak of its memory so far.
"""

import json
import pickle
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

import typst


def main(font_folder: str) -> None:
    """Set documents until the input ends."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_folder]
    )
    for line in sys.stdin:
        sources, at = cast(
            "tuple[Mapping[str, bytes], datetime]",
            pickle.loads(Path(line.strip()).read_bytes()),  # noqa: S301 -- written by the benchmark
        )
        started, cpu = time.perf_counter(), time.process_time()
        pdf = typst.compile(
            cast("bytes", cast("object", sources)),
            format="pdf",
            font_paths=fonts,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=at,
        )
        seconds = time.perf_counter() - started
        cpu = time.process_time() - cpu
        told = {"seconds": seconds, "cpu_seconds": cpu, "sha256": sha256(pdf).hexdigest()}
        sys.stdout.write(json.dumps({**told, "peak": _peak()}) + "\n")
        sys.stdout.flush()


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [one for one in status.splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(sys.argv[1])
