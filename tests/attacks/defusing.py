"""Reads one bomb in a process of its own, and says how that ended and what it took."""

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.imports.errors import FileError
from api.problems.refusals import PartUnreadableError
from api.resources.registers.errors import RegisterError
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from tests.attacks.bombs import Reader

CPU_S_MAX: Final = 60
"""A bound against a hang, on a busy machine, too: every bomb takes less than two seconds alone."""
PART_BYTES_MAX: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended.

    Attributes:
        code: of the problem; empty if there was none.
        kib: the most memory that it, or a process that it started, took beyond its start.
    """

    code: str
    kib: int


def ended(reader: "Reader", path: Path) -> Ended:
    """Read it."""
    program = "from tests.attacks.defusing import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", program, reader, str(path)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.returncode == 0, f"ended with {found.returncode}: {found.stderr[-2_000:]}"
    return Ended(**json.loads(found.stdout))


def main() -> None:
    """Read the bomb that the arguments name."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    reader, name = sys.argv[1:]
    path = Path(name)
    read = _READERS[reader]()
    before = _peak_kib()
    code = ""
    try:
        read(path)
    except PartUnreadableError as error:
        code = error.reason
    except (LedgerError, RegisterError, FileError) as error:
        code = error.code
    # What a process that was started takes alone, its interpreter and libraries too.
    beside = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    sys.stdout.write(json.dumps({"code": code, "kib": max(_peak_kib() - before, beside)}))


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# Each imports what it reads with: a process reads one bomb, and half of its time is imports.
Read = Callable[[Path], None]


def _part(coding: str) -> Read:
    from api.resources.bulk.parts.decompression import BLOCK, Decompression  # noqa: PLC0415 -- above

    def read(path: Path) -> None:
        unpacking = Decompression(coding, PART_BYTES_MAX)
        with path.open("rb") as file:
            while piece := file.read(BLOCK):
                for _ in unpacking.blocks(piece):
                    pass
        unpacking.end()

    return read


def _body() -> Read:
    from api.web.intake import parse_json  # noqa: PLC0415 -- see above

    def read(path: Path) -> None:
        parse_json(path.read_bytes())

    return read


def _transfer() -> Read:
    from api.contract import defects  # noqa: PLC0415 -- see above
    from api.web.intake import parse_json  # noqa: PLC0415 -- see above

    def read(path: Path) -> None:
        found = defects(parse_json(path.read_bytes()), date(2026, 12, 1))
        assert len(found) <= 100, "a hundred are enough to begin with"
        raise LedgerError if not found else _RefusedError(found[0].code)

    return read


class _RefusedError(LedgerError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # pyright: ignore[reportAttributeAccessIssue] -- of the first defect


def _register() -> Read:
    from api.resources.registers.formats import opened  # noqa: PLC0415 -- see above

    def read(path: Path) -> None:
        with opened(path) as sheet:
            for _ in sheet.rows():
                pass

    return read


def _file() -> Read:
    from api.imports.formats import format_of, opened  # noqa: PLC0415 -- see above

    def read(path: Path) -> None:
        with opened(path, format_of(path), "utf-8") as rows:
            for row in rows.rows(rows.begin()):
                assert row.item or row.defects

    return read


def _bag() -> Read:
    from ledger.exports import verify  # noqa: PLC0415 -- see above

    def read(path: Path) -> None:
        with redirect_stdout(io.StringIO()) as said:
            code = verify.main([str(path)])
        raise _RefusedError(
            f"{code} {said.getvalue().splitlines()[-5]}"
        )  # before what to do, and the verdict

    return read


_READERS: Final[Mapping[str, Callable[[], Read]]] = {
    "gzip": partial(_part, "gzip"),
    "zstd": partial(_part, "zstd"),
    "body": _body,
    "transfer": _transfer,
    "register": _register,
    "file": _file,
    "bag": _bag,
}
