"""Outcomes as answers: one result an item, the same for every endpoint that takes transfers in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.problems.answers import ProblemResponse, problem_of
from api.problems.refusals import ScopeMissingError
from api.resources.transfers.schemas import render_verdict
from api.web.items import DefectBudget, ParsedItem
from api.web.padding_clock import padding_s
from api.web.services import Services
from ledger.commands import RecordTransfer
from ledger.errors import (
    ConflictingTransferError,
    LedgerError,
    MalformedError,
    SourceNotAllowedError,
    TooLargeError,
    UnstorableError,
)
from ledger.quarantine.service import MalformedItem
from ledger.service import Ledger, RecordOutcome
from ledger.streams.outcome import DUPLICATE, RECORDED
from ledger.transfers.transfer import MarkDiffersError
from ledger.values import Json

# The member of an item that a refusal of the whole item speaks of.
_PLACES: Final[dict[type[LedgerError], str]] = {
    ConflictingTransferError: "/id",
    SourceNotAllowedError: "/source",
    TooLargeError: "/data",
    UnstorableError: "",
}


SMALL_BYTES: Final = 64 * 1024
"""A larger body waits for a place, and is read and checked in a thread."""
SMALL_ITEMS: Final = 100
"""The same where there are more items."""

Make = Callable[[DefectBudget], list[ParsedItem]]
"""Makes the items of one body, and names defects of the malformed ones within the budget."""


async def recorded(
    size: int, read: Callable[[], tuple[int, Make]], actor: str, services: Services, language: str
) -> list[dict[str, Json]]:
    """Record the items of a body as `record` does, with a place where that takes long (0112).

    Args:
        size: of the body, in bytes.
        read: how many items there are, and what makes them; may be called twice.
        actor: who has the place.

    Raises:
        TooBusyError: there was no place in time.
        LedgerError: the body as a whole cannot be taken.
        StoreUnavailableError: nothing of the request is acknowledged; send it again.
    """
    places = services.batch_places

    async def detailed() -> list[ParsedItem]:
        async with places.slot(actor):
            return await places.run(lambda: make(DefectBudget()))

    if size <= SMALL_BYTES:
        count, make = read()
        if count <= SMALL_ITEMS:
            return await record(
                lambda: make(DefectBudget(is_detailed=False)), services, language, detailed
            )
    async with places.slot(actor):
        items = await places.run(lambda: read()[1](DefectBudget()))
        return await record(lambda: items, services, language)


async def record(
    make: Callable[[], Sequence[ParsedItem]],
    services: Services,
    language: str,
    detailed: Callable[[], Awaitable[Sequence[ParsedItem]]] | None = None,
) -> list[dict[str, Json]]:
    """Record what can be recorded, keep what is malformed; a result an item, in their order.

    Args:
        make: makes the items; called once, beside those of the requests that wait too.
        detailed: makes them again, with the defects of the malformed ones; None: they have them.

    Raises:
        StoreUnavailableError: nothing of the request is acknowledged; send it again.
    """
    begun, items = time.monotonic(), list[ParsedItem]()

    def commands() -> list[RecordTransfer]:
        items.extend(make())
        return [item.command for item in items if item.command is not None]

    record_outcomes = await services.record(commands)
    known = await _known(items, services) if len(record_outcomes) < len(items) else {}
    source = items[0].within if items else None
    if source is not None and services.heartbeats.is_due(source, services.now()):
        await _noted(source, (*record_outcomes, *known.values()), services)
    malformed = {n for n, one in enumerate(items) if isinstance(one.error, MalformedError)}
    if detailed is not None and malformed - known.keys():
        named = await detailed()
        items = [
            one if one.error is None else again for one, again in zip(items, named, strict=True)
        ]
    outcomes = iter(record_outcomes)
    # Nearly always every item became a command: then nothing is to be kept.
    left = [item for n, item in enumerate(items) if n not in known]
    kept = iter(await _quarantine(left, services) if len(record_outcomes) < len(left) else ())
    results: list[dict[str, Json]] = []
    for n, item in enumerate(items):
        if item.command is not None or n in known:
            outcome = known[n] if n in known else next(outcomes)
            results.append(result_of(item, outcome, language))
            continue
        result = rejected(item, language)
        if isinstance(item.error, MalformedError):
            result["quarantine"] = next(kept)
        results.append(result)
    if any(_names_another(item) for item in items):
        interval_s = services.settings.even_answers_ms / 1000
        await asyncio.sleep(padding_s(time.monotonic() - begun, interval_s))
    return results


def _names_another(item: ParsedItem) -> bool:
    """Whether an earlier record is looked for, of another source and hidden perhaps.

    Then the answer leaves on the grid: a hidden one is read, one that is not there is not.
    """
    if item.command is None:
        return False
    return not item.command.data.keys().isdisjoint(("base_record", "derived_from"))


async def _noted(source: str, outcomes: Sequence[RecordOutcome], services: Services) -> None:
    """Note whose transfers were accepted, before the answer: a source that sends is never unseen.

    Raises:
        StoreUnavailableError: it cannot be noted; send the request again.
    """
    if any(one.status in (RECORDED, DUPLICATE) for one in outcomes):
        await run_in_threadpool(services.heartbeats.accepted, source, services.now())


async def _known(items: Sequence[ParsedItem], services: Services) -> dict[int, RecordOutcome]:
    """Place of each malformed item that is recorded as it is → what a repeat of it answers."""
    repeats_of = {n: one.repeat for n, one in enumerate(items) if one.repeat is not None}
    if not repeats_of:
        return {}
    found = await services.run(lambda ledger, _: ledger.repeats([*repeats_of.values()]))
    return {n: one for n, one in zip(repeats_of, found, strict=True) if one is not None}


async def _quarantine(items: Sequence[ParsedItem], services: Services) -> list[str]:
    """The ids in quarantine of the malformed items, in their order."""
    malformed = [
        MalformedItem(item.given, item.within, item.error.defects)
        for item in items
        if isinstance(item.error, MalformedError)
    ]
    if not malformed:
        return []
    ids = await run_in_threadpool(services.quarantine.keep, malformed, services.now())
    return [str(one) for one in ids]


def repeated(ledger: Ledger, position: int) -> dict[str, Json]:
    """The result of sending the transfer that is recorded at `position` once more."""
    return _render_outcome(ledger.repeat(position))


def result_of(item: ParsedItem, outcome: RecordOutcome, language: str) -> dict[str, Json]:
    """The result of one item that was decided."""
    result = _render_outcome(outcome)
    if outcome.error is not None:
        result["problem"] = _problem(item, outcome.error, language)
    return result


def _render_outcome(outcome: RecordOutcome) -> dict[str, Json]:
    result: dict[str, Json] = {"status": outcome.status}
    if outcome.position:
        result["position"] = outcome.position
        result["transfer"] = str(outcome.transfer)
    if outcome.verdict is not None:
        result |= render_verdict(outcome.verdict)
        result["lawful"] = outcome.lawful
        if outcome.persons_with_findings:
            result["persons_with_findings"] = outcome.persons_with_findings
    return result


def rejected(item: ParsedItem, language: str) -> dict[str, Json]:
    """The result of an item that did not become a command."""
    error = cast("LedgerError", item.error)
    return {"status": "rejected", "problem": _problem(item, error, language)}


def _problem(item: ParsedItem, error: LedgerError, language: str) -> dict[str, Json]:
    """The problem of one item, with its place in the body."""
    problem = problem_of(error, language)
    is_of_mark = isinstance(error, ScopeMissingError | MarkDiffersError)
    place = f"/{item.mark}" if is_of_mark else _PLACES.get(type(error))
    if place is not None:
        pointer = item.pointer + place
        problem["errors"] = [
            {"pointer": pointer, "code": error.code, "detail": problem["detail"]},
        ]
    return problem


def single_problem(result: dict[str, Json], language: str) -> Response:
    """A single refused item, as the problem that it is (decision 0013)."""
    problem = dict(cast("dict[str, Json]", result["problem"]))
    for member in ("quarantine", "position", "transfer"):
        if member in result:
            problem[member] = result[member]
    return ProblemResponse(problem, language)


def counted(results: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """The body of the answer to a batch."""
    counts: dict[str, Json] = {}
    for result in results:
        status = cast("str", result["status"])
        counts[status] = cast("int", counts.get(status, 0)) + 1
    positions = [cast("int", r["position"]) for r in results if "position" in r]
    answer: dict[str, Json] = {"results": cast("Json", list(results)), "counts": counts}
    if positions:
        answer["position"] = max(positions)
    return answer
