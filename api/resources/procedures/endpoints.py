"""The published procedure for requests: its versions, checked and published without code."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.procedures.schemas import (
    CHECKED,
    CHECKED_EXAMPLE,
    DOCUMENT,
    DOCUMENT_EXAMPLE,
    PROCEDURES,
    PROCEDURES_EXAMPLE,
    PUBLISHED_ANSWER,
    PUBLISHED_EXAMPLE,
    OfDraft,
    OfProcedure,
    compared,
    defaults_of,
    refused,
    render_procedures,
)
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute, Day, StrictRoute
from api.web.idempotency import CommandId
from api.web.items import random_command
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.clock import day_in_japan
from ledger.commands import PublishProcedure
from ledger.errors import MalformedError, NotFoundError
from ledger.law.procedure.version import Procedure
from ledger.law.procedure.writer import document_of

router = APIRouter(prefix="/v1/procedures", tags=["procedures"], route_class=CommandRoute)
checking = APIRouter(prefix="/v1/procedures", tags=["procedures"], route_class=StrictRoute)
"""What records nothing, and so takes no Idempotency-Key."""

Publisher = Annotated[Caller, Depends(requires("notices:write"))]
Reader = Annotated[
    Caller, Depends(requires("notices:write", "cases:read", "cases:write", "audit:read"))
]


@router.post(
    "",
    summary="Publish a version of the procedure",
    responses={
        **answer(PUBLISHED_ANSWER, "The version is published", PUBLISHED_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def publish(
    body: OfProcedure, caller: Publisher, services: ServicesDep, command_id: CommandId
) -> Response:
    """Publish a version, for requests that arrive from its first day on.

    Requests that have arrived keep theirs. Settings that are left out are published with their
    defaults, and named in the answer.
    """
    command = PublishProcedure(command_id, caller.actor, body)
    receipt = await services.run(lambda ledger, at: ledger.publish_procedure(command, at))
    versions = await services.run(lambda ledger, _: ledger.procedures())
    [new] = [
        one.procedure
        for one in versions
        if one.published is not None and one.published.position == receipt.position
    ]
    return JsonResponse(
        {
            "version": new.version,
            "position": receipt.position,
            "defaults": defaults_of(body, document_of(new)),
        }
    )


@checking.post(
    "/check",
    summary="Check a version of the procedure",
    responses={
        **answer(CHECKED, "What is wrong with it, or what it changes", CHECKED_EXAMPLE),
        **problems(400, 401, 403, 413, 415, 422, 503),
    },
)
async def check(body: OfDraft, caller: Publisher, services: ServicesDep) -> Response:
    """Every defect of a version, or what it changes in the one that it would follow.

    Nothing is recorded.
    """
    command = PublishProcedure(random_command(), caller.actor, body)
    try:
        event = await services.run(lambda ledger, at: ledger.check_procedure(command, at))
    except MalformedError as error:
        return JsonResponse(refused(error.defects))
    versions = await services.run(lambda ledger, _: ledger.procedures())
    return JsonResponse(compared(body, event.document, versions[-1].procedure))


@router.get(
    "",
    summary="All versions of the procedure",
    responses={
        **answer(PROCEDURES, "Every version, oldest first", PROCEDURES_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_procedures(caller: Reader, services: ServicesDep) -> Response:
    """Every version with the days on which it chooses, oldest first. They are few."""
    del caller
    shown = await services.run(
        lambda ledger, at: render_procedures(ledger.procedures(), day_in_japan(at))
    )
    return JsonResponse({"procedures": shown})


@router.get(
    "/{version}",
    summary="One version of the procedure",
    responses={
        **answer(DOCUMENT, "The whole version, as it can be sent back", DOCUMENT_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_procedure(version: Day, caller: Reader, services: ServicesDep) -> Response:
    """The version that begins on that day, with every setting, defaults too."""
    del caller
    versions = await services.run(lambda ledger, _: ledger.procedures())
    return JsonResponse(document_of(_named(version.isoformat(), [v.procedure for v in versions])))


def _named(version: str, procedures: list[Procedure]) -> Procedure:
    for one in procedures:
        if one.version == version:
            return one
    raise NotFoundError
