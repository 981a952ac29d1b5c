"""Makes what was asked for: the bag in a folder of its own, then sealed pieces, then the event.

Whatever ends the process, a bag is served only when every piece of it stands and its event does.
One that was begun is begun anew; one whose pieces all stand is put on record, under the same
command.
"""

import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, cast
from uuid import UUID

from api.resources.exports.export_run import Source, command_of, further, signed_of, versions
from api.resources.exports.stored_request import (
    HIDDEN,
    PackedBag,
    confirmed_state,
    filters_of,
    packed_of,
    with_bag,
)
from api.resources.exports.workbook_beside import open_workbook
from ledger.errors import (
    CorruptRecordError,
    LedgerError,
    MalformedError,
    MastersUnavailableError,
    NotFoundError,
    StoreUnavailableError,
)
from ledger.exports.bag import BagIncompleteError, check_packed, packed
from ledger.exports.export_request import (
    ExportRequest,
    RestlessError,
    UnlikeCheckpointError,
    UnsignedDestructionError,
)
from ledger.exports.exporter import Exporter, FinishedBag
from ledger.exports.pseudonyms import SEED_BYTES
from ledger.exports.store import ExportBusyError, ExportChange, ExportRow, Exports
from ledger.exports.tally import Tally
from ledger.store.advisory_lock import LeaseLostError
from ledger.store.staged_rows import PieceWriter
from projections.log.errors import CheckpointPendingError
from projections.log.signed_log import SignedLog

_log: Final = logging.getLogger(__name__)

ATTEMPTS_MAX: Final = 3
"""So often one that was interrupted is begun; then somebody must ask for it anew."""
PROGRESS_S: Final = 0.5
FOLDER: Final = "ledger-export-"
"""What the names of folders begin with in which bags are made, among the temporary files."""

_AS_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW

INTERRUPTED: Final = "INTERRUPTED"
FAILED: Final[Mapping[type[Exception], str]] = {
    UnlikeCheckpointError: "LOG_DIFFERS",
    UnsignedDestructionError: "DESTROYED_SINCE_CHECKPOINT",
    CheckpointPendingError: "CHECKPOINT_PENDING",
    CorruptRecordError: "RECORD_CORRUPT",
    MalformedError: "MALFORMED",
    # Something emptied the folder; of what the disk has no room for, it would be another OSError.
    FileNotFoundError: INTERRUPTED,
    BagIncompleteError: INTERRUPTED,
    OSError: "NO_SPACE",
    # That what may be shown changed again and again tells that something is excluded (0075).
    RestlessError: INTERRUPTED,
}
"""Codes of what a person must mend before the export is asked for anew."""
FAULT: Final = "FAULT"
_PASSING: Final = (StoreUnavailableError, MastersUnavailableError, LeaseLostError)
_UNMADE: Final = ("waiting", "making", "packed")
_in_use: Final = set[str]()


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes exports. Belongs to one thread.

    Attributes:
        log: None: the log is not signed, and a bag says so.
    """

    exports: Exports
    source: Source
    log: SignedLog | None

    def make_next(self) -> bool:
        """Make the oldest export that nobody makes; False: there is none.

        Raises:
            StoreUnavailableError, MastersUnavailableError: try again later.
        """
        for one in self.exports.open(self._now()):
            if confirmed_state(one) not in _UNMADE:
                continue
            with (
                suppress(ExportBusyError, NotFoundError),
                self.exports.working(one.export) as exports,
            ):
                found = exports.find(one.export, self._now())
                state = confirmed_state(found)
                if state in _UNMADE:
                    replace(self, exports=exports)._make(replace(found, state=state))
                    return True
        return False

    def _make(self, one: ExportRow) -> None:
        try:
            if one.state == "packed":
                self._on_record(one)
            elif one.attempts >= ATTEMPTS_MAX:
                self._fail(one, INTERRUPTED)
            else:
                self._on_record(self._packed(one))
        except _PASSING:
            raise
        except Exception as error:  # noqa: BLE001 -- one that fails must not be tried for ever
            kinds = (code for kind, code in FAILED.items() if isinstance(error, kind))
            code = next(kinds, FAULT)
            is_ours = code == FAULT and not isinstance(error, LedgerError)
            _log.error(
                "an export could not be made",
                exc_info=error if is_ours else None,  # a traceback only where it tells more
                extra={"code": code, "error": type(error).__name__},
            )
            self._fail(one, code)

    def _fail(self, one: ExportRow, code: str) -> None:
        self.exports.clear(one)
        self._change(one, ExportChange("failed", error=code))

    def _packed(self, one: ExportRow) -> ExportRow:
        """Make the bag and keep all its pieces."""
        self.exports.clear(one)
        self._change(one, ExportChange("making", attempts=one.attempts + 1, done=0))
        filters = filters_of(one)
        request = ExportRequest(
            one.export, filters, self._now(), os.urandom(SEED_BYTES), versions()
        )
        with _folder(one.export) as folder:
            bag = folder / f"export-{one.export}"
            exporter = Exporter(self.source.streams, further(self.source.ledger), open_workbook)
            made = exporter.make(request, signed_of(self.log), bag, self.progress_reporter(one))
            digest = sha256()
            writer = PieceWriter(partial(self.exports.put, one), digest.update)
            check_packed(bag, made.digest, packed(bag, bag.name, cast("IO[bytes]", writer)))
            writer.end()
        tally = made.tally
        members = with_bag(
            one,
            PackedBag(
                as_of=made.size,
                records=tally.records,
                events=tally.events,
                persons=tally.persons,
                signed=self.log is not None,
                digest=made.digest.hex(),
                bytes=writer.bytes,
                sha256=digest.hexdigest(),
            ),
        )
        members[HIDDEN] = made.hidden.hex()
        self._change(one, ExportChange("packed", members=members))
        return replace(one, members=members)

    def _on_record(self, one: ExportRow) -> None:
        """Append its event, unless it stands; from here on the bag is handed out.

        What was excluded since its records were read counts for it, for nobody had it before.

        Raises:
            RestlessError: what may be shown changed since then.
        """
        found = packed_of(one)
        assert found is not None, "what is packed was made"
        self._check_exclusions(one)
        at = self._now()
        request = ExportRequest(one.export, filters_of(one), at, bytes(SEED_BYTES), {})
        made = FinishedBag(found.as_of, Tally(records=found.records), bytes.fromhex(found.digest))
        receipt = self.source.ledger.produced(command_of(one.command, one.actor, request, made), at)
        self._check_exclusions(one)
        members = with_bag(one, replace(found, position=receipt.position))
        self._change(one, ExportChange("ready", members=members))

    def _check_exclusions(self, one: ExportRow) -> None:
        if filters_of(one).whole:
            return
        if one.members.get(HIDDEN) != self.source.streams.exclusions.active().digest.hex():
            raise RestlessError

    def progress_reporter(self, one: ExportRow) -> Callable[[int, int], None]:
        """Puts down how far it is, now and then."""
        due, most = 0.0, 0

        def report(done: int, of_all: int) -> None:
            # Records that are written anew are no step back: that would tell of an exclusion.
            nonlocal due, most
            if done > most and (time.monotonic() >= due or done == of_all):
                due, most = time.monotonic() + PROGRESS_S, done
                self._change(one, ExportChange(done=done, of_all=of_all))

        return report

    def _change(self, one: ExportRow, change: ExportChange) -> None:
        self.exports.change(one, change, self._now())

    def _now(self) -> datetime:
        return self.source.now()


@contextmanager
def _folder(export: UUID) -> Generator[Path]:
    """A folder that its owner alone can read, gone at the end."""
    folder, lock = _locked_folder(export)
    _in_use.add(folder)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _in_use.discard(folder)
        os.close(lock)


def _locked_folder(export: UUID) -> tuple[str, int]:
    """A new folder, and what holds its lock: whoever is killed lets go of it."""
    while True:
        folder = tempfile.mkdtemp(prefix=f"{FOLDER}{export}-")
        with suppress(FileNotFoundError):  # somebody tidied it before it was locked
            lock = os.open(folder, _AS_FOLDER)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if Path(folder).exists():
                return folder, lock
            os.close(lock)


def abandon() -> None:
    """Remove what this process has begun: it ends without waiting for the bag."""
    for folder in tuple(_in_use):
        shutil.rmtree(folder, ignore_errors=True)


def tidy(exports: Exports) -> None:
    """Remove what a process left behind that was killed while it made a bag.

    Of another ledger, too: nobody may look after that one any more. What is locked is in use.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        try:
            export = UUID(folder.name.removeprefix(FOLDER)[:36])
            if folder.stat(follow_symlinks=False).st_uid != os.geteuid():
                continue
            lock = os.open(folder, _AS_FOLDER)
        except (ValueError, OSError):
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with exports.working(export):
                shutil.rmtree(folder, ignore_errors=True)
        except (BlockingIOError, ExportBusyError):
            continue
        finally:
            os.close(lock)
