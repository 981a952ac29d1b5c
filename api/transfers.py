"""Transfers in: record, check beforehand, correct, retract, reclassify, look at one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JsonResponse
from api.auth import Caller, is_within, requires
from api.bodies import Model, Standing, standing
from api.examples import TRANSFERS
from api.intake import read_json
from api.items import Item, item_of, random_command, sender_of
from api.problems import BatchTooLargeError, ProblemResponse, language_of, problem_of, problems
from api.receipts import RESULT_SCHEMA, counted, record
from api.services import Inside, Services
from api.showing import transfer_shown, verdict_shown
from ledger.application import Ledger
from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer
from ledger.errors import Defect, LedgerError, MalformedError
from ledger.values import Json

router = APIRouter(prefix="/v1/transfers", tags=["transfers"])

Emitter = Annotated[Caller, Depends(requires("events:write"))]
Officer = Annotated[Caller, Depends(requires("records:write"))]

_BODY: dict[str, Json] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["items"],
                    "additionalProperties": False,
                    "properties": {
                        "items": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 1000,
                            "items": {"$ref": "#/components/schemas/Item"},
                        }
                    },
                },
                "examples": TRANSFERS,
            }
        },
    }
}
RESULTS: dict[str, Json] = {
    "type": "object",
    "required": ["results", "counts"],
    "properties": {
        "results": {"type": "array", "items": RESULT_SCHEMA},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "position": {"type": "integer", "description": "give it back as `after` when you read"},
    },
}


async def items_of(request: Request, caller: Caller, services: Services) -> list[Item]:
    """The items of the body; an item that cannot be one carries its error.

    Raises:
        MalformedError, BatchTooLargeError: the body as a whole cannot be taken.
    """
    settings = services.settings
    body = await read_json(request)
    given = body.get("items") if isinstance(body, dict) else None
    if not isinstance(given, list) or not given or set(cast("dict[str, Json]", body)) != {"items"}:
        detail = 'send {"items": [{"source", "id", "data"}, …]} with 1 to 1,000 items'
        raise MalformedError((Defect("/items", "SCHEMA", detail),))
    if len(given) > settings.items_per_request_max:
        raise BatchTooLargeError(settings.body_bytes_max, settings.items_per_request_max)
    at, sender = services.now(), sender_of(caller)
    return [item_of(one, f"/items/{n}", sender, at) for n, one in enumerate(given)]


@router.post(
    "",
    summary="Record transfers",
    openapi_extra=_BODY,
    responses={
        200: {
            "description": "A result for each item, in their order",
            "content": {"application/json": {"schema": RESULTS}},
        },
        **problems(400, 401, 403, 409, 413, 422, 503),
    },
)
async def post_transfers(request: Request, caller: Emitter, inside: Inside) -> Response:
    """Record 1 to 1,000 transfers, each under its own key (source, id).

    A transfer that happened is never refused because it was unlawful: it is recorded with its
    findings. The same content again answers `duplicate` with the first position. A request with a
    single item that is refused answers with that item's problem and status; in a larger batch each
    refused item carries its problem, and the others are recorded.
    """
    items = await items_of(request, caller, inside)
    language = language_of(request)
    results = await record(items, inside, language)
    if len(results) == 1 and "problem" in results[0]:
        return single_problem(results[0], language)
    return JsonResponse(counted(results))


def single_problem(result: dict[str, Json], language: str) -> Response:
    """A single refused item, as the problem that it is."""
    problem = dict(cast("dict[str, Json]", result["problem"]))
    for member in ("quarantine", "position", "transfer"):
        if member in result:
            problem[member] = result[member]
    return ProblemResponse(problem, language)


@router.post(
    "/check",
    summary="Would these transfers be lawful? Records nothing",
    openapi_extra=_BODY,
    responses=problems(400, 401, 403, 413, 422, 503),
)
async def check_transfers(request: Request, caller: Emitter, inside: Inside) -> Response:
    """Answer with the verdict that recording would reach now (事前確認); nothing is stored."""
    items = await items_of(request, caller, inside)
    language = language_of(request)

    def judged(ledger: Ledger, at: datetime) -> list[dict[str, Json]]:
        return [_checked(item, ledger, at, language) for item in items]

    results = await inside.run(judged)
    return JsonResponse({"results": cast("Json", results)})


def _checked(item: Item, ledger: Ledger, at: datetime, language: str) -> dict[str, Json]:
    if item.command is None:
        return {
            "status": "rejected",
            "problem": problem_of(cast("LedgerError", item.error), language),
        }
    head, verdict = ledger.judge(item.command.data, item.command.source, at)
    answer: dict[str, Json] = {
        "status": "checked",
        "judged_at": head,
        **verdict_shown(verdict.whole),
    }
    if verdict.persons:
        answer["persons"] = [
            {"index": index, **verdict_shown(own)} for index, own in sorted(verdict.persons.items())
        ]
    return answer


# -- corrections -------------------------------------------------------------------------------


Reason = Annotated[str, Field(min_length=1, max_length=2_000, examples=["住所誤記"])]
# The members are checked by the contract of a transfer, after they are laid over what stands.
Changes = Annotated[dict[str, object], Field(min_length=1, max_length=40)]


class Correction(Model):
    """Members of the transfer that were wrong, with their right values (訂正)."""

    changes: Changes
    reason: Reason


class Reclassification(Model):
    """The transfer rests on another basis than was stated."""

    basis: Annotated[str, Field(min_length=1, max_length=64, examples=["none"])]
    changes: dict[str, object] = Field(default_factory=dict, max_length=40)
    reason: Reason


class Retraction(Model):
    """The record should not stand."""

    reason: Literal["not_occurred", "duplicate", "other_person"]
    note: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None


@router.post(
    "/{transfer}/corrections",
    summary="Correct",
    responses=problems(401, 403, 404, 409, 410, 422, 503),
)
async def correct(transfer: UUID, body: Correction, caller: Officer, inside: Inside) -> Standing:
    """Correct a recorded transfer; the old fact stays readable at its position."""
    command = CorrectTransfer(
        random_command(),
        caller.actor,
        transfer,
        cast("Mapping[str, Json]", body.changes),
        body.reason,
    )
    return standing(await inside.run(lambda ledger, at: ledger.correct(command, at)))


@router.post(
    "/{transfer}/reclassifications",
    summary="Reclassify",
    responses=problems(401, 403, 404, 409, 410, 422, 503),
)
async def reclassify(
    transfer: UUID, body: Reclassification, caller: Officer, inside: Inside
) -> Standing:
    """State that the transfer rests on another basis; it is judged anew."""
    changes = cast("Mapping[str, Json]", {**body.changes, "basis": body.basis})
    command = ReclassifyTransfer(random_command(), caller.actor, transfer, changes, body.reason)
    return standing(await inside.run(lambda ledger, at: ledger.correct(command, at)))


@router.post(
    "/{transfer}/retraction", summary="Retract", responses=problems(401, 403, 404, 409, 422, 503)
)
async def retract(transfer: UUID, body: Retraction, caller: Officer, inside: Inside) -> Standing:
    """Retract a record that should not stand; it stays readable at its position."""
    command = RetractTransfer(random_command(), caller.actor, transfer, body.reason, body.note)
    return standing(await inside.run(lambda ledger, at: ledger.retract(command, at)))


# -- one transfer ------------------------------------------------------------------------------

Reader = Annotated[Caller, Depends(requires("events:read.own", "records:write"))]


@router.get(
    "/{transfer}",
    summary="State and events of one transfer",
    responses=problems(401, 403, 404, 410, 503),
)
async def get_transfer(transfer: UUID, caller: Reader, inside: Inside) -> Response:
    """The transfer as it stands, and every event that spoke of it.

    An emitter sees the transfers of its own source; whatever else it asks for is unknown to it.
    """

    def read(ledger: Ledger, _: datetime) -> dict[str, Json]:
        return transfer_shown(ledger.streams, transfer, _sees(caller))

    return JsonResponse(await inside.run(read))


def _sees(caller: Caller) -> Callable[[str], bool]:
    if caller.may("records:write"):
        return lambda _source: True
    prefix = caller.source_prefix
    return lambda source: prefix is not None and is_within(source, prefix)
