"""The workbook is written in a process of its own, while the table that it is made of is written.

It takes more than a third of the time of a bag, and needs nothing but the table's rows (0080).
`main` is what runs there: the table comes in on standard input, and it ends with 0, or with the
number of the error of the system that it met.
"""

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from ledger.core_dumps import forbid_core_dumps
from ledger.exports.bag import BagWriter
from ledger.exports.export_request import ExportRequest
from ledger.exports.table import rows_of
from ledger.exports.workbook import NAME, Cover, write_workbook

_PART: Final = 1 << 20
_PIPE: Final = 1 << 16


class WorkbookError(Exception):
    """The process that wrote the workbook ended without it, and not of an error of the system."""


class WorkbookBeside:
    """Writes the workbook of one bag; see `workbook_beside`.

    Args:
        folder: what is on its way lies there.
    """

    def __init__(self, asked: ExportRequest, folder: Path) -> None:
        self._asked, self._place = asked, folder / NAME
        self._process: subprocess.Popen[bytes] | None = None

    def follow(self) -> Callable[[bytes], None]:
        """What takes the table, part by part, from its head on; one that was begun is given up."""
        self.give_up()
        process = self._process = _started(self._place, self._asked)
        table = process.stdin
        assert table is not None, "it was opened with a pipe"

        def write(part: bytes) -> None:
            # A process that ended tells why when the workbook is wanted.
            with suppress(BrokenPipeError):
                table.write(part)

        return write

    def put(self, bag: BagWriter) -> None:
        """Put the workbook into the bag, once the whole table has been written.

        Raises:
            OSError: the disk is full.
            WorkbookError: see there.
        """
        process, self._process = self._process, None
        assert process is not None, "a table was followed"
        with suppress(BrokenPipeError):
            process.communicate()
        if process.returncode > 0 and process.returncode != _FAULT:
            raise OSError(process.returncode, os.strerror(process.returncode))
        if process.returncode:
            raise WorkbookError
        with bag.file(NAME) as file, self._place.open("rb") as source:
            shutil.copyfileobj(source, file, _PART)

    def give_up(self) -> None:
        """End the process, whatever it has written."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(BrokenPipeError):
                process.communicate()


@contextmanager
def workbook_beside(asked: ExportRequest, folder: Path) -> Generator[WorkbookBeside]:
    """What writes the workbook of a bag; nothing of it is left in `folder` but what `put` did.

    What is on its way lies where its owner alone can read it.
    """
    with tempfile.TemporaryDirectory(prefix=".workbook-", dir=folder) as beside:
        made = WorkbookBeside(asked, Path(beside))
        try:
            yield made
        finally:
            made.give_up()


_FAULT: Final = 255
"""How it ends of an error that is not the system's: no number of those is as large."""


def _started(place: Path, asked: ExportRequest) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
    program = "from ledger.exports.workbook_beside import main; main()"
    return subprocess.Popen(  # noqa: S603 -- our own program, no shell
        [sys.executable, "-c", program, str(place), str(asked.export), asked.at.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        bufsize=_PIPE,
        env={"PYTHONPATH": path, "PYTHONUTF8": "1"},
        process_group=0,
    )


def main() -> None:
    """Write the workbook of the table that comes in."""
    forbid_core_dumps()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began this ends it
    place, export, at = sys.argv[1:]
    table = io.TextIOWrapper(sys.stdin.buffer, "utf-8-sig", newline="")
    try:
        write_workbook(Path(place), rows_of(table), Cover(UUID(export), datetime.fromisoformat(at)))
    except OSError as error:
        sys.exit(error.errno or _FAULT)
    except Exception:  # noqa: BLE001 -- what it says may quote a record
        sys.exit(_FAULT)
