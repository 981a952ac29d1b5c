"""A bag is produced: made beside its place, put on record, then given its name.

Nothing has the name that was asked for unless its event stands, so no bag leaves without one.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from api.documents.report import report_pdf
from api.resources.exports.workbook_beside import open_workbook
from ledger.clock import day_in_japan
from ledger.commands import ProduceExport
from ledger.crypto.files import sync_folder
from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.exports import coverage, report
from ledger.exports.bag import BagWriter, zipped
from ledger.exports.export_request import ExportRequest, SignedCheckpoint, TimeStamp
from ledger.exports.exporter import Exporter, FinishedBag, Further
from ledger.exports.filters import Filters
from ledger.exports.pseudonyms import SEED_BYTES
from ledger.format.json import encoded, parse
from ledger.law.act import LAWS
from ledger.service import Ledger
from ledger.streams.streams import Streams
from ledger.values import Json
from projections.log.signed_log import SignedLog

ZIP: Final = ".zip"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """The ledger that is exported.

    Attributes:
        ledger: for one thread.
        now: the clock.
    """

    streams: Streams
    ledger: Ledger
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class WrittenBag:
    """A bag that left.

    Attributes:
        export: its id, which it bears.
        position: of its event.
    """

    export: UUID
    position: int
    made: FinishedBag


def leave(
    source: Source,
    actor: str,
    filters: Filters,
    place: Path,
    log: SignedLog | None,
    progress: Progress,
) -> WrittenBag:
    """Make a bag at `place`, a folder or, when it ends in `.zip`, a file; it must not be there.

    Args:
        log: None: the log is not signed, and the bag says so.
        progress: called with how many events were read, of how many.

    Raises:
        FileExistsError: something is there already.
        CheckpointPendingError: the log is signed, and no checkpoint is published yet.
        OSError, and whatever `Exporter.make` raises: nothing is left behind.
    """
    if place.exists():
        raise FileExistsError(place)
    export, at = random_stream(), source.now()
    request = ExportRequest(export, filters, at, os.urandom(SEED_BYTES), versions())
    with tempfile.TemporaryDirectory(prefix=".export-", dir=place.parent) as temp_folder:
        bag = Path(temp_folder) / place.name.removesuffix(ZIP)
        made = Exporter(source.streams, further(source.ledger), open_workbook).make(
            request, signed_of(log), bag, progress
        )
        whole = bag
        if place.suffix == ZIP:
            whole = Path(temp_folder) / place.name
            zipped(bag, whole)
            shutil.rmtree(bag)
        receipt = source.ledger.produced(command_of(random_uuid(), actor, request, made), at)
        if place.exists():
            raise FileExistsError(place)
        whole.rename(place)
        sync_folder(place.parent)
    return WrittenBag(export, receipt.position, made)


def further(ledger: Ledger) -> tuple[Further, ...]:
    """What a bag has besides its records: coverage, and the cover report that reads all.

    Args:
        ledger: for one thread.
    """

    def declared(bag: BagWriter, request: ExportRequest) -> None:
        filters_json = cast(
            "dict[str, int]", parse((bag.path / "data" / "filters.json").read_bytes())
        )
        emitters = ledger.emitters(filters_json["size"])
        found = coverage.coverage(emitters, request.filters, day_in_japan(request.at))
        bag.put(coverage.NAME, encoded(found) + b"\n")

    def reported(bag: BagWriter, request: ExportRequest) -> None:
        bag.put(report.NAME, report_pdf(report.report_of(bag, request)))

    return declared, reported


def command_of(
    command: UUID, actor: str, request: ExportRequest, made: FinishedBag
) -> ProduceExport:
    """What puts a bag on record."""
    filters = request.filters
    return ProduceExport(
        command,
        actor,
        request.export,
        made.size,
        filters.members,
        filters.identified,
        filters.whole,
        made.tally.records,
        made.digest,
        filters.reason,
        filters.person,
    )


def signed_of(log: SignedLog | None) -> SignedCheckpoint | None:
    """The newest checkpoint of a log that is signed, and what others said of it by then.

    Raises:
        CheckpointPendingError: there is none yet.
    """
    if log is None:
        return None
    # Before the newest checkpoint is read: what others saw is of none that comes after it.
    seen = None if log.cosigned is None else log.cosigned.fullest()
    found = None if log.stamped is None else log.stamped.newest()
    note, checkpoint = log.published()
    stamp = None if found is None else TimeStamp(found.content, found.reply)
    return SignedCheckpoint(checkpoint, note, log.signer, seen and seen.note.full_text, stamp)


def versions() -> dict[str, Json]:
    """Versions of the Act that verdicts name, and what letters look like today."""
    laws: list[Json] = [
        {"version": law.version, "name": law.name, "in_force_from": law.in_force_from.isoformat()}
        for law in LAWS
    ]
    folder = files("api.documents").joinpath("templates")
    templates: dict[str, Json] = {
        name: sha256(one.read_bytes()).hexdigest() for name, one in sorted(_templates(folder))
    }
    return {"laws": laws, "event_format": 1, "templates": templates}


def _templates(folder: Traversable) -> list[tuple[str, Traversable]]:
    return [(one.name, one) for one in folder.iterdir() if one.name.endswith(".typ")]
