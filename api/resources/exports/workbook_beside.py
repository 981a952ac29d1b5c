"""The workbook is written in a process of its own, while the table that it is made of is written.

It takes more than a third of the time of a bag, and needs nothing but the table's rows (0080).
`main` is what runs there: after a frame that says what is made, the table comes in as it is, and
one frame tells how it ended.
"""

import io
import json
import os
import shutil
import signal
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
from ledger.workers.process import WorkerProcess, pipes, receive, send

_PART: Final = 1 << 20
_PROGRAM: Final = "from api.resources.exports.workbook_beside import main; main()"
_FAULT: Final = -1
"""What is told of an error that is not the system's; 0 is none."""


class WorkbookError(Exception):
    """The process that wrote the workbook ended without it, and not of an error of the system."""


class SubprocessWorkbook:
    """Writes the workbook of one bag; see `open_workbook`.

    Args:
        folder: what is on its way lies there.
    """

    def __init__(self, request: ExportRequest, folder: Path) -> None:
        self._request, self._place = request, folder / NAME
        self._child: WorkerProcess | None = None

    def follow(self) -> Callable[[bytes], None]:
        """What takes the table, part by part, from its head on; one that was begun is given up."""
        self.give_up()
        child = self._child = WorkerProcess(_PROGRAM)
        arguments = (str(self._place), str(self._request.export), self._request.at.isoformat())

        # A process that ended tells why when the workbook is wanted.
        with suppress(BrokenPipeError):
            send(child.asks, json.dumps(arguments).encode())

        def write(part: bytes) -> None:
            with suppress(BrokenPipeError):
                child.asks.write(part)

        return write

    def put(self, bag: BagWriter) -> None:
        """Put the workbook into the bag, once the whole table has been written.

        Raises:
            OSError: the disk is full.
            WorkbookError: see there.
        """
        child = self._child
        assert child is not None, "a table was followed"
        try:
            with suppress(BrokenPipeError):
                child.asks.close()
            error = int(json.loads(receive(child.answers)))
        except EOFError:
            raise WorkbookError from None
        finally:
            self.give_up()
        if error > 0:
            raise OSError(error, os.strerror(error))
        if error:
            raise WorkbookError
        with bag.file(NAME) as file, self._place.open("rb") as source:
            shutil.copyfileobj(source, file, _PART)

    def give_up(self) -> None:
        """End the process, whatever it has written."""
        child, self._child = self._child, None
        if child is not None:
            child.close()


@contextmanager
def open_workbook(request: ExportRequest, folder: Path) -> Generator[SubprocessWorkbook]:
    """What writes the workbook of a bag; nothing of it is left in `folder` but what `put` did.

    What is on its way lies where its owner alone can read it.
    """
    with tempfile.TemporaryDirectory(prefix=".workbook-", dir=folder) as temp_folder:
        made = SubprocessWorkbook(request, Path(temp_folder))
        try:
            yield made
        finally:
            made.give_up()


def main() -> None:
    """Write the workbook of the table that comes in."""
    forbid_core_dumps()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began this ends it
    asks, answers = pipes()
    place, export, at = json.loads(receive(asks))
    table = io.TextIOWrapper(asks, "utf-8-sig", newline="")
    error = 0
    try:
        write_workbook(Path(place), rows_of(table), Cover(UUID(export), datetime.fromisoformat(at)))
    except OSError as met:
        error = met.errno or _FAULT
    except Exception:  # noqa: BLE001 -- what it says may quote a record
        error = _FAULT
    send(answers, json.dumps(error).encode())
