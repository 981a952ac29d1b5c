"""Taking a request in, and looking for earlier ones of the same person."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.problems.documentation import problems
from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Desk, Reader, tagged
from api.resources.cases.schemas.answers import RECEIVED, SIMILAR
from api.resources.cases.schemas.case_view import render_links, render_step
from api.resources.cases.schemas.examples import RECEIVED_EXAMPLE, SIMILAR_EXAMPLE
from api.resources.cases.schemas.intake import OfEarlierCases, OfRequest
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute, StrictRoute, refs
from api.web.idempotency import CommandId
from api.web.if_match import ETAG_HEADER
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.service import Ledger

router = APIRouter(prefix=PREFIX, tags=list(TAGS), route_class=CommandRoute)
searching = APIRouter(prefix=PREFIX, tags=list(TAGS), route_class=StrictRoute)

_CREATED = answer(RECEIVED, "The case", RECEIVED_EXAMPLE, status=201)
_HEADERS = {
    **ETAG_HEADER,
    "Location": {"description": "the address of the case", "schema": {"type": "string"}},
}


@router.post(
    "",
    status_code=201,
    summary="Take a request in",
    responses={
        **{
            status: {**response_doc, "headers": _HEADERS}
            for status, response_doc in _CREATED.items()
        },
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def receive(
    body: OfRequest, caller: Desk, services: ServicesDep, command_id: CommandId
) -> Response:
    """A case begins. It falls under the procedure of the day of arrival, whatever comes later.

    `similar` names earlier cases of the same identifiers. They are links: no status, no papers and
    no verification of theirs counts here.
    """
    command = body.command(command_id, caller.actor)

    def received(ledger: Ledger, at: datetime) -> Response:
        receipt = ledger.receive_case(command, at)
        state, position = ledger.case_after(receipt, command_id)
        named = command.application.identifiers
        similar = services.caseload.similar(named, at, besides=state.case)
        shown = render_step(state, ledger.procedure_of(state), caller, position)
        shown["similar"] = render_links(similar)
        response = tagged(shown, state.version, 201)
        response.headers["location"] = f"{PREFIX}/{state.case}"
        return response

    return await services.run(received)


@searching.post(
    "/search",
    summary="Earlier cases of the same person",
    responses={
        **answer(SIMILAR, "The cases, newest first", SIMILAR_EXAMPLE),
        **problems(400, 401, 403, 413, 415, 422, 503),
    },
)
async def search(body: OfEarlierCases, caller: Reader, services: ServicesDep) -> Response:
    """The cases that name one of the identifiers, exactly; links alone, newest first."""
    del caller

    def find_similar(_: Ledger, at: datetime) -> Response:
        similar = services.caseload.similar(refs(body.identifiers), at)
        return JsonResponse({"similar": render_links(similar)})

    return await services.run(find_similar)
