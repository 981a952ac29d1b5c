"""Transfers in: record, check beforehand."""

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.answers import language_of
from api.problems.documentation import problems
from api.problems.refusals import TooManyItemsError
from api.resources.transfers.receipts import Make, counted, recorded, rejected, single_problem
from api.resources.transfers.schemas import render_verdict
from api.web.answers import JsonResponse
from api.web.bare_route import DirectRoute
from api.web.examples import CHECKED_EXAMPLE, RESULTS_EXAMPLE, TRANSFERS
from api.web.intake import media_type, parse_json, read_body
from api.web.items import DefectBudget, ParsedItem, items_of, sender_of, unknown_members
from api.web.latency_padding import EvenRoute
from api.web.parameters import KnowingRoute
from api.web.schemas import CHECKED, RESULTS, answer
from api.web.services import Services, ServicesDep
from ledger.errors import Defect, MalformedError
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(prefix="/v1/transfers", tags=["transfers"], route_class=DirectRoute)

Emitter = Annotated[Caller, Depends(requires("events:write"))]


class CheckRoute(EvenRoute, KnowingRoute):
    """On the grid: a verdict reads the records that a transfer is made of, hidden ones too."""


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


def _read(body: bytes, caller: Caller, services: Services) -> tuple[int, Make]:
    """How many items the body has, and what makes them; one that cannot be one has its error.

    Raises:
        MalformedError, TooManyItemsError: the body as a whole cannot be taken.
    """
    settings = services.settings
    read = parse_json(body)
    if not isinstance(read, dict):
        raise MalformedError((Defect("", "SCHEMA", 'send {"items": [{"source", "id", "data"}]}'),))
    unknown = unknown_members("", read, ("items",))
    items = read.get("items")
    if not isinstance(items, list) or not items:
        unknown.append(Defect("/items", "SCHEMA", "give an array of 1 to 1,000 items"))
    if unknown:
        raise MalformedError(tuple(unknown))
    given = cast("list[Json]", items)
    if len(given) > settings.items_per_request_max:
        raise TooManyItemsError(settings.body_bytes_max, settings.items_per_request_max)
    at, sender = services.now(), sender_of(caller)
    return len(given), lambda naming: items_of(given, sender, at, naming)


@router.post(
    "",
    summary="Record transfers",
    openapi_extra=_BODY,
    responses={
        **answer(RESULTS, "A result for each item, in their order", RESULTS_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def post_transfers(request: Request, caller: Emitter, services: ServicesDep) -> Response:
    """Record 1 to 1,000 transfers, each under its own key (source, id).

    A transfer that happened is never refused because it was unlawful: it is recorded with its
    findings. The same content again answers `duplicate` with the first position. A request with a
    single item that is refused answers with that item's problem and status; in a larger batch each
    refused item carries its problem, and the others are recorded.
    """
    media_type(request, "application/json")
    body = await read_body(request)
    language = language_of(request)

    def read() -> tuple[int, Make]:
        return _read(body, caller, services)

    results = await recorded(len(body), read, caller.actor, services, language)
    if len(results) == 1 and "problem" in results[0]:
        return single_problem(results[0], language)
    return JsonResponse(counted(results))


async def check_transfers(request: Request, caller: Emitter, services: ServicesDep) -> Response:
    """Answer with the verdict that recording would reach now (事前確認); nothing is stored."""
    media_type(request, "application/json")
    body = await read_body(request)
    language = language_of(request)

    def judged(ledger: Ledger, at: datetime) -> list[dict[str, Json]]:
        _, make = _read(body, caller, services)
        return [_checked(item, ledger, at, language) for item in make(DefectBudget())]

    places = services.batch_places
    async with places.slot(caller.actor):
        results = await places.run(lambda: services.group.call(judged))
    return JsonResponse({"results": cast("Json", results)})


router.add_api_route(
    "/check",
    check_transfers,
    methods=["POST"],
    route_class_override=CheckRoute,
    summary="Would these transfers be lawful? Records nothing",
    openapi_extra=_BODY,
    responses={
        **answer(CHECKED, "A verdict for each item, in their order", CHECKED_EXAMPLE),
        **problems(400, 401, 403, 413, 415, 422, 503),
    },
)


def _checked(item: ParsedItem, ledger: Ledger, at: datetime, language: str) -> dict[str, Json]:
    if item.command is None:
        return rejected(item, language)
    head, verdict = ledger.judge(item.command, at)
    shown: dict[str, Json] = {
        "status": "checked",
        "judged_at": head,
        **render_verdict(verdict.whole),
    }
    if verdict.persons:
        # Who reads no further than this word must not be told yes.
        lawful = [verdict.whole.lawful, *(own.lawful for own in verdict.persons.values())]
        shown["lawful"] = all(lawful)
        shown["persons"] = [
            {"index": index, **render_verdict(own)}
            for index, own in sorted(verdict.persons.items())
        ]
    return shown
