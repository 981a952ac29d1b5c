"""What the cover report of a bag is made of: the bag's own files, and nothing else.

Source: decision 0079.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from ledger.exports.bag import BagWriter
from ledger.exports.export_request import ExportRequest
from ledger.exports.summary import Summary, forget
from ledger.exports.table import table_rows
from ledger.format.json import parse
from ledger.values import Json

NAME: Final = "report.pdf"
_PART: Final = 1 << 16

_Object = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class BagReport:
    """A bag, as its cover tells of it.

    Attributes:
        at: when the bag was made.
        filters, counts, requests, versions, coverage: the files of these names.
        note: the checkpoint as it is signed; None: the log is not.
        key: the log's public key, as it is handed out.
    """

    export: UUID
    at: datetime
    filters: _Object
    counts: _Object
    requests: _Object
    versions: _Object
    coverage: _Object
    note: str | None
    key: str | None
    summary: Summary


def report_of(bag: BagWriter, request: ExportRequest) -> BagReport:
    """Read the bag, whose records are written, from its folder."""
    payload = bag.path / "data"
    return BagReport(
        export=request.export,
        at=request.at,
        filters=_read(payload, "filters"),
        counts=_read(payload, "counts"),
        requests=_read(payload, "requests"),
        versions=_read(payload, "versions"),
        coverage=_read(payload, "coverage"),
        note=_text(payload, "checkpoint"),
        key=_text(payload, "key.txt"),
        summary=summary_of(payload),
    )


def summary_of(payload: Path) -> Summary:
    """Count the records of a bag, in its table and in its lines.

    Args:
        payload: the folder `data` of the bag.
    """
    summary = Summary()
    try:
        with (payload / "records.ndjson").open("rb", _PART) as lines:
            for cells, line in zip(table_rows(payload), lines, strict=True):
                summary.add(cells, line)
    finally:
        forget()
    return summary


def _read(payload: Path, name: str) -> _Object:
    return cast("_Object", parse((payload / f"{name}.json").read_bytes()))


def _text(payload: Path, name: str) -> str | None:
    file = payload / "proofs" / name
    return file.read_text("utf-8") if file.exists() else None
