"""The import: what the dry run let through, batch by batch through the doors' own path.

So it has the same verdicts, seals, duplicates and quarantine. A batch is recorded whole or not at
all; killed and started anew, what stands is `duplicate` and the rest goes on.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from api.problems.kind import SECONDS_TO_RETRY
from api.resources.registers.dry_run import CheckedTransfer
from api.resources.registers.mapping import Mapping
from api.resources.registers.problems import CellProblem, said_of
from api.resources.transfers.receipts import record
from api.services import Services
from ledger.errors import StoreUnavailableError
from ledger.values import Json

ITEMS_MAX: Final = 1_000
PERSONS_MAX: Final = 5_000
"""Of a batch, and so of what is in memory: some ten megabytes."""
PATIENCE_S: Final = 60.0
"""A database that recovers from a crash takes seconds; beyond this somebody must look."""
_LANGUAGE: Final = "ja"

Result = dict[str, Json]


@dataclass(frozen=True, slots=True)
class ImportedBatch:
    """What became of one batch.

    Attributes:
        last: number of the last row in it.
        results: status → how many transfers.
        findings: code → how many transfers were recorded with it.
        problems: of conflicts and of what could not be stored; those of the dry run come first.
    """

    last: int
    transfers: int
    results: Counter[str]
    findings: Counter[str]
    problems: tuple[CellProblem, ...]


@dataclass(slots=True)
class Total:
    """All batches so far."""

    transfers: int = 0
    results: Counter[str] = field(default_factory=Counter[str])
    findings: Counter[str] = field(default_factory=Counter[str])

    def add(self, batch: ImportedBatch) -> None:
        """Count one more."""
        self.transfers += batch.transfers
        self.results += batch.results
        self.findings += batch.findings


async def imported(
    transfers: Iterable[CheckedTransfer], mapping: Mapping, services: Services
) -> AsyncIterator[ImportedBatch]:
    """Record the transfers in their order; what is malformed goes into quarantine.

    While one batch is recorded, the next one is read in another thread.

    Raises:
        StoreUnavailableError: the database was away for too long. What was told stands; the same
            import again goes on.
        RegisterError: the file is damaged from here on.
    """
    batches = batches_of(transfers)
    ahead = asyncio.create_task(asyncio.to_thread(next, batches, None))
    while batch := await ahead:
        ahead = asyncio.create_task(asyncio.to_thread(next, batches, None))
        try:
            results = await _recorded(batch, services)
        except BaseException:
            await asyncio.wait([ahead])
            raise
        yield _told(batch, results, mapping)


def batches_of(transfers: Iterable[CheckedTransfer]) -> Iterator[list[CheckedTransfer]]:
    """The transfers in batches of at most `ITEMS_MAX`, and of hardly more than `PERSONS_MAX`."""
    batch: list[CheckedTransfer] = []
    persons = 0
    for one in transfers:
        batch.append(one)
        persons += 1 if one.item.command is None else _persons(one)
        if len(batch) == ITEMS_MAX or persons >= PERSONS_MAX:
            yield batch
            batch, persons = [], 0
    if batch:
        yield batch


def _persons(one: CheckedTransfer) -> int:
    given = cast("dict[str, dict[str, list[Json]]]", one.item.given)
    return len(given["data"].get("principals", ()))


async def _recorded(batch: list[CheckedTransfer], services: Services) -> list[Result]:
    items = [one.item for one in batch]
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await record(lambda: items, services, _LANGUAGE)
        except StoreUnavailableError:
            # The outcome is unknown. The same batch again records nothing twice.
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(SECONDS_TO_RETRY)


def _told(batch: list[CheckedTransfer], results: list[Result], mapping: Mapping) -> ImportedBatch:
    statuses: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    problems: list[CellProblem] = []
    title = mapping.id_column.title if mapping.id_column is not None else ""
    for one, result in zip(batch, results, strict=True):
        status = "quarantined" if "quarantine" in result else cast("str", result["status"])
        statuses[status] += 1
        if status == "recorded":
            findings.update(cast("list[str]", result.get("findings", [])))
        problems += one.problems
        if "problem" in result and not one.problems:
            code = cast("str", cast("Result", result["problem"])["code"])
            problems.append(CellProblem(one.first, title, "/id", code, "", said_of(code)))
    return ImportedBatch(batch[-1].last, len(batch), statuses, findings, tuple(problems))
