"""Outcomes as answers: one result an item, the same for every door that takes transfers in."""

from collections.abc import Sequence
from typing import cast

from api.items import Item
from api.problems import problem_of
from api.services import Services
from api.showing import verdict_shown
from ledger.application import Outcome
from ledger.errors import ConflictingTransferError, LedgerError, MalformedError
from ledger.values import Json

RESULT_SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {
            "enum": ["recorded", "duplicate", "duplicate_expired", "conflict", "rejected"],
            "description": "recorded and duplicate mean: it stands in the ledger, once",
        },
        "position": {"type": "integer", "description": "where it is recorded, 1-based"},
        "transfer": {"type": "string", "format": "uuid"},
        "duty": {"enum": ["art29", "art30", "art31_provider", "none"]},
        "statutory_items": {"type": "array", "items": {"type": "string"}},
        "retain_through": {"type": ["string", "null"], "format": "date"},
        "findings": {"type": "array", "items": {"type": "string"}},
        "persons_with_findings": {"type": "integer"},
        "quarantine": {"type": "string", "format": "uuid"},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
}


async def record(items: Sequence[Item], services: Services, language: str) -> list[dict[str, Json]]:
    """Record what can be recorded, keep what is malformed; a result an item, in their order.

    Raises:
        StoreUnavailableError: nothing of the request is acknowledged; send it again.
    """
    commands = [item.command for item in items if item.command is not None]
    outcomes = iter(await services.record(commands) if commands else [])
    results: list[dict[str, Json]] = []
    for item in items:
        if item.command is not None:
            results.append(result_of(next(outcomes), language))
        else:
            results.append(await _rejected(item, services, language))
    return results


def result_of(outcome: Outcome, language: str) -> dict[str, Json]:
    """The result of one item that was decided."""
    if outcome.error is not None and not isinstance(outcome.error, ConflictingTransferError):
        return {"status": outcome.status, "problem": problem_of(outcome.error, language)}
    result: dict[str, Json] = {
        "status": outcome.status,
        "position": outcome.position,
        "transfer": str(outcome.transfer),
    }
    if outcome.verdict is not None:
        result |= verdict_shown(outcome.verdict)
        if outcome.persons_with_findings:
            result["persons_with_findings"] = outcome.persons_with_findings
    if outcome.error is not None:
        result["problem"] = problem_of(outcome.error, language)
    return result


async def _rejected(item: Item, services: Services, language: str) -> dict[str, Json]:
    error = cast("LedgerError", item.error)
    result: dict[str, Json] = {"status": "rejected", "problem": problem_of(error, language)}
    if isinstance(error, MalformedError):
        defects = error.defects
        kept = await services.run(lambda _, at: services.quarantine.keep(item.given, defects, at))
        result["quarantine"] = str(kept)
    return result


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
