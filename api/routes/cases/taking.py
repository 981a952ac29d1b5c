"""How every door of a case takes a step: who, of which version, once, and what is answered."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.http.answers import JsonResponse
from api.http.idempotency import CommandId
from api.http.matching import ETAG_HEADER, PARAMETER, SeenVersion, etag
from api.problems import problems
from api.services import Inside, Services
from api.wire.cases.answers import STEP
from api.wire.cases.examples import STEP_EXAMPLE
from api.wire.cases.showing import next_shown, step_shown
from api.wire.schemas import answer
from ledger.application import Ledger, Receipt
from ledger.case import State, Step, StepCase
from ledger.case.refusals import CaseStatusError
from ledger.values import Json

PREFIX: Final = "/v1/cases"
TAGS: Final = ["cases"]

# The desk works, the approver approves; both see what they work on.
Desk = Annotated[Caller, Depends(requires("cases:write"))]
Approver = Annotated[Caller, Depends(requires("cases:approve"))]
Either = Annotated[Caller, Depends(requires("cases:write", "cases:approve"))]
Reader = Annotated[Caller, Depends(requires("cases:read"))]
Sender = Annotated[Caller, Depends(requires("reply:download"))]

Make = Callable[[Ledger, State, datetime], Step]
"""What a step is made of the case as it stands, and of now; runs in a worker thread."""


def documented(description: str, *more: int) -> dict[str, Any]:
    """What the OpenAPI document says of a step, beside its summary and its body.

    Args:
        more: statuses of refusals beside those of every step.
    """
    [(status, told)] = answer(STEP, description, STEP_EXAMPLE).items()
    refusals = problems(*{400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 503, *more})
    return {
        "responses": {status: {**told, "headers": ETAG_HEADER}, **refusals},
        "openapi_extra": {"parameters": [PARAMETER]},
    }


@contextmanager
def naming_doors(ledger: Ledger, case: UUID, caller: Caller, door: str) -> Generator[None]:
    """Name, in what says that a step is not open, the door asked at and those that are open.

    Both are of the case as it stands now, in the words of `next`.
    """
    try:
        yield
    except CaseStatusError:
        state = ledger.case(case)
        if state is None:
            raise
        doors = next_shown(state, ledger.procedure_of(state), caller)
        raise CaseStatusError(state.status.value, door, doors) from None


class Taking:
    """One request for a step of a case."""

    def __init__(
        self,
        case: UUID,
        inside: Inside,
        version: SeenVersion,
        command_id: CommandId,
        request: Request,
    ) -> None:
        self.case = case
        self.door = request.url.path.rpartition("/")[2]
        self.inside: Services = inside
        self.version = version
        self.command_id = command_id

    async def take(self, step: Step, caller: Caller) -> Response:
        """Take a step that its body states.

        Raises:
            LedgerError: see `ledger.application.cases.Cases.step`.
        """

        def taken(ledger: Ledger, at: datetime) -> Response:
            with naming_doors(ledger, self.case, caller, self.door):
                receipt = self._appended(ledger, step, caller, at)
            return self._answered(ledger, receipt, caller)

        return await self.inside.run(taken)

    async def make(self, kind: type[Step], make: Make, caller: Caller) -> Response:
        """Take a step that is made of the case itself: of its records, of the letter.

        A command that stands already is not made again: the case has moved on by it.
        """

        def taken(ledger: Ledger, at: datetime) -> Response:
            receipt = ledger.case_first(self.command_id)
            if receipt is None:
                with naming_doors(ledger, self.case, caller, self.door):
                    state = ledger.case_ready(self.case, self.version, kind)
                    receipt = self._appended(ledger, make(ledger, state, at), caller, at)
            else:
                # It may have ended between an approval and the stops that it is.
                ledger.resume_case(receipt.stream, at)
            return self._answered(ledger, receipt, caller)

        return await self.inside.run(taken)

    def _appended(self, ledger: Ledger, step: Step, caller: Caller, at: datetime) -> Receipt:
        command = StepCase(self.command_id, caller.actor, self.case, self.version, step)
        return ledger.step_case(command, at)

    def _answered(self, ledger: Ledger, receipt: Receipt, caller: Caller) -> Response:
        state, position = ledger.case_after(receipt, self.command_id)
        shown = step_shown(state, ledger.procedure_of(state), caller, position)
        return tagged(shown, state.version)


def tagged(shown: dict[str, Json], version: int, status: int = 200) -> Response:
    """The answer with the ETag of that version."""
    response = JsonResponse(shown, status)
    response.headers["etag"] = etag(version)
    return response


Take = Annotated[Taking, Depends()]
