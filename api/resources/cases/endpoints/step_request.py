"""How every endpoint of a case takes a step: who, of which version, once, and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.cases.schemas.answers import STEP
from api.resources.cases.schemas.case_view import render_step
from api.resources.cases.schemas.examples import STEP_EXAMPLE
from api.resources.cases.steps import Make, StepRequest
from api.web.answers import JsonResponse
from api.web.idempotency import CommandId
from api.web.if_match import ETAG_HEADER, PARAMETER, SeenVersion, etag
from api.web.schemas import answer
from api.web.services import Services, ServicesDep
from ledger.cases.case import Step
from ledger.service import CommandReceipt, Ledger
from ledger.values import Json

PREFIX: Final = "/v1/cases"
TAGS: Final = ["cases"]

# The desk works, the approver approves; both see what they work on.
Desk = Annotated[Caller, Depends(requires("cases:write"))]
Approver = Annotated[Caller, Depends(requires("cases:approve"))]
Either = Annotated[Caller, Depends(requires("cases:write", "cases:approve"))]
Reader = Annotated[Caller, Depends(requires("cases:read"))]
Sender = Annotated[Caller, Depends(requires("reply:download"))]


def documented(description: str, *more: int) -> dict[str, Any]:
    """What the OpenAPI document says of a step, beside its summary and its body.

    Args:
        more: statuses of refusals beside those of every step.
    """
    [(status, response_doc)] = answer(STEP, description, STEP_EXAMPLE).items()
    refusals = problems(*{400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 503, *more})
    return {
        "responses": {status: {**response_doc, "headers": ETAG_HEADER}, **refusals},
        "openapi_extra": {"parameters": [PARAMETER]},
    }


class EndpointStepRequest:
    """One request for a step of a case."""

    def __init__(
        self,
        case: UUID,
        services: ServicesDep,
        version: SeenVersion,
        command_id: CommandId,
        request: Request,
    ) -> None:
        self.case = case
        self.endpoint = request.url.path.rpartition("/")[2]
        self.inside: Services = services
        self.version = version
        self.command_id = command_id

    async def take(self, step: Step, caller: Caller) -> Response:
        """Take a step that its body states.

        Raises:
            LedgerError: see `ledger.cases.service.CaseCommands.step`.
        """
        step_request = self._build_request(caller)

        def take_step(ledger: Ledger, at: datetime) -> Response:
            return self._answered(ledger, step_request.take(ledger, step, at), caller)

        return await self.inside.run(take_step)

    async def make(self, kind: type[Step], make: Make, caller: Caller) -> Response:
        """Take a step that is made of the case itself: of its records, of the letter.

        A command that stands already is not made again: the case has moved on by it.
        """
        step_request = self._build_request(caller)

        def take_step(ledger: Ledger, at: datetime) -> Response:
            return self._answered(ledger, step_request.make(ledger, kind, make, at), caller)

        return await self.inside.run(take_step)

    def _build_request(self, caller: Caller) -> StepRequest:
        return StepRequest(self.case, self.version, self.command_id, caller, self.endpoint)

    def _answered(self, ledger: Ledger, receipt: CommandReceipt, caller: Caller) -> Response:
        state, position = ledger.case_after(receipt, self.command_id)
        shown = render_step(state, ledger.procedure_of(state), caller, position)
        return tagged(shown, state.version)


def tagged(shown: dict[str, Json], version: int, status: int = 200) -> Response:
    """The answer with the ETag of that version."""
    response = JsonResponse(shown, status)
    response.headers["etag"] = etag(version)
    return response


Take = Annotated[EndpointStepRequest, Depends()]
