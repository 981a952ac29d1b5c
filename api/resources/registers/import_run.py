"""The dry run of a register, and its import.

The dry run tells every problem of every transfer, with its row and column; nothing is recorded.
What it let through is imported batch by batch through the endpoints' own path, so it has the same
verdicts, seals, duplicates and quarantine. A batch is recorded whole or not at all; killed and
started anew, what stands is `duplicate` and the rest goes on.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, cast

from api.contract.bounds import NOT_READ_ON
from api.problems.kind import SECONDS_TO_RETRY
from api.resources.registers.fields import PERSON
from api.resources.registers.mapping import Mapping
from api.resources.registers.problems import CellProblem, describe_defect, message_for, name_of
from api.resources.registers.transfers import Unit
from api.resources.transfers.receipts import record
from api.web.items import ParsedItem, Sender, item_of
from api.web.services import Services
from ledger.errors import Defect, MalformedError, StoreUnavailableError
from ledger.values import Json

_DATA = "/data"
_UNPLACED: Final = "cells"
"""Member of a rejected item: title of a column → texts of the register that are no member's."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class CheckedTransfer:
    """One transfer of the register after the dry run.

    Attributes:
        first, last: numbers of its first and its last row.
        item: as the endpoints would have made it: a command, or why there is none.
        problems: everything that is wrong with it; none: it can be recorded.
    """

    first: int
    last: int
    item: ParsedItem
    problems: tuple[CellProblem, ...]


def checked(
    units: Iterable[Unit], mapping: Mapping, sender: Sender, now: Clock
) -> Iterator[CheckedTransfer]:
    """Look at each transfer as the endpoints do; one result each, in their order.

    Args:
        sender: on whose word they come in; it must own the mapping's source.
    """
    titles = mapping.titles
    for unit in units:
        item = item_of(unit.item, "", sender, now())
        yield _with_problems(unit, item, mapping, titles)


def _with_problems(
    unit: Unit, item: ParsedItem, mapping: Mapping, titles: dict[str, str]
) -> CheckedTransfer:
    if item.error is not None and not isinstance(item.error, MalformedError):
        raise item.error  # the sender does not own the source: no row is to blame
    found = () if item.error is None else item.error.defects
    if unit.faults:  # that it is too large to name all is no fault of its own
        found = tuple(defect for defect in found if defect.detail != NOT_READ_ON.detail)
    if not (found or unit.faults):
        return CheckedTransfer(unit.first, unit.last, item, ())
    problems = [
        CellProblem(row, title, pointer, code, "", message_for(code))
        for row, title, pointer, code in unit.faults
    ]
    places = {pointer for _, _, pointer, _ in unit.faults}
    left = [defect for defect in found if not _is_below(_inner(defect), places)]
    problems += [_problem(unit, defect, mapping, titles) for defect in left]
    problems.sort(key=lambda one: one.row)
    kept = tuple(
        Defect(_outer(pointer), code, "the cell of the register has no value that is certain")
        for _, _, pointer, code in unit.faults
    )
    # What could not be read for certain is not recorded as if: there is no command.
    error = MalformedError((*kept, *left))
    given: Json = {**unit.item, _UNPLACED: unit.unplaced} if unit.unplaced else unit.item
    refused = replace(item, given=given, command=None, error=error)
    return CheckedTransfer(unit.first, unit.last, refused, tuple(problems))


def _problem(unit: Unit, defect: Defect, mapping: Mapping, titles: dict[str, str]) -> CellProblem:
    pointer = _inner(defect)
    if not defect.pointer.startswith(_DATA):
        title = mapping.id_column.title if mapping.id_column is not None else ""
        code = "ID_MISSING" if "id" not in unit.item else defect.code
        return CellProblem(unit.first, title, pointer, code, "", message_for(code))
    data = cast("dict[str, Json]", unit.item["data"])
    code, article, message = describe_defect(Defect(pointer, defect.code, defect.detail), data)
    row, title = _locate(pointer, unit, titles)
    return CellProblem(row, title, pointer, code, article, message)


def _locate(pointer: str, unit: Unit, titles: dict[str, str]) -> tuple[int, str]:
    """The row and the column that state what `pointer` leads to, or would if it were there."""
    tokens = pointer.split("/")[1:]
    row = unit.first
    if tokens and tokens[0] == "principals" and len(tokens) > 1 and tokens[1].isdigit():
        number = int(tokens[1])
        row = unit.persons[number] if number < len(unit.persons) else unit.first
    name = name_of(pointer)
    if not name.startswith(PERSON):
        row = unit.rows_of.get(name, row)
    if name in titles:
        return row, titles[name]
    # A whole that is missing is stated by the columns of its parts; a part by its whole's.
    for known, title in titles.items():
        if known.startswith(f"{name}.") or name.startswith(f"{known}."):
            return row, title
    if name == "date_not_recorded":
        return row, titles.get("transferred_on", "")
    return row, ""


def _inner(defect: Defect) -> str:
    return defect.pointer.removeprefix(_DATA)


def _outer(pointer: str) -> str:
    return pointer if pointer == "/id" else f"{_DATA}{pointer}"


def _is_below(pointer: str, places: set[str]) -> bool:
    """Whether one of `places` is `pointer`, or a part or the whole of it: told once is enough."""
    return any(
        pointer == place or place.startswith(f"{pointer}/") or pointer.startswith(f"{place}/")
        for place in places
        if pointer
    )


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
        yield _summarize_batch(batch, results, mapping)


def batches_of(transfers: Iterable[CheckedTransfer]) -> Iterator[list[CheckedTransfer]]:
    """The transfers in batches of at most `ITEMS_MAX`, and of hardly more than `PERSONS_MAX`."""
    batch: list[CheckedTransfer] = []
    persons = 0
    for one in transfers:
        batch.append(one)
        persons += max(1, _persons(one))
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


def _summarize_batch(
    batch: list[CheckedTransfer], results: list[Result], mapping: Mapping
) -> ImportedBatch:
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
            problems.append(CellProblem(one.first, title, "/id", code, "", message_for(code)))
    return ImportedBatch(batch[-1].last, len(batch), statuses, findings, tuple(problems))
