"""Refusals of what is sent or fetched in pieces: bulk transfers, uploads, exports."""

from typing import Final
from uuid import UUID

from api.problems import refusals as problems
from ledger.errors import LedgerError
from ledger.transfers.bulk import errors as bulk

PIECEWISE: Final[tuple[LedgerError, ...]] = (
    problems.UploadUnreadableError(),
    problems.ExportStateError("making"),
    problems.RangeNotSatisfiableError(7),
    bulk.BulkClosedError("committing"),
    bulk.BulkRunsError(),
    bulk.TooManyUploadsError([UUID(int=7)]),
    problems.PartUnreadableError("truncated"),
    problems.UnsupportedCodingError(("gzip",)),
    bulk.PartsMissingError([2, 3]),
    bulk.LinesDifferError(3, 2),
    bulk.ContentDiffersError(),
    bulk.PartDiffersError(),
)
