"""The work list of verdicts that something late would change."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.reassessments.schemas import LIST, ReassessmentRequest, check_late
from api.resources.transfers.correction_schemas import corrected
from api.resources.transfers.schemas import render_verdict
from api.web.answers import JsonResponse
from api.web.bodies import EvenCommandRoute, EventReceipt
from api.web.cursors import CHARACTERS
from api.web.examples import DECISION, REASSESSMENTS_EXAMPLE
from api.web.idempotency import CommandId
from api.web.items import MARKING, random_command
from api.web.openapi import example
from api.web.schemas import REASSESSMENTS, answer
from api.web.services import ServicesDep
from ledger.accesses.access import REASSESSMENTS as REASSESSMENTS_SEEN
from ledger.commands import ReclassifyTransfer, ViewDocument
from ledger.policies.context import Verdict
from ledger.transfers.reassessments import BEGIN, VerdictProposal
from ledger.values import Json

router = APIRouter(prefix="/v1/reassessments", tags=["transfers"], route_class=EvenCommandRoute)

REASON = "reassessment"
"""Why, as an auditor reads it: the list has no other use."""
Officer = Annotated[Caller, Depends(requires("records:write"))]


@router.get(
    "",
    summary="Verdicts that would differ now",
    responses={
        **answer(REASSESSMENTS, "The next proposals", REASSESSMENTS_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_reassessments(
    caller: Officer,
    services: ServicesDep,
    cursor: Annotated[str | None, Query(min_length=CHARACTERS, max_length=CHARACTERS)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Transfers touched by notices, stops and links that arrived after they were judged.

    Behind them those whose verdict was given under an older reading of the law and would be another
    one now (`cause_position` null). `limit` counts proposals; a page may hold fewer, or none, and
    still have a `cursor`. A transfer is proposed once, under the first late event that touches it;
    once acted on, it is gone. A page that names persons is itself put on record.
    """
    after = BEGIN if cursor is None else services.cursors.read(cursor, "/query/cursor", LIST)
    includes_hidden = caller.may(MARKING)
    proposals, place = await run_in_threadpool(
        services.reassessing.page, after, limit, includes_hidden=includes_hidden
    )
    shown: dict[str, Json] = {
        "proposals": [_render_proposal(one) for one in proposals],
        "cursor": None if place is None else services.cursors.make(place, LIST),
    }
    if any(one.persons for one in proposals):
        access = ViewDocument(
            random_command(), caller.actor, None, REASSESSMENTS_SEEN, reason=REASON
        )
        viewed = await services.run(lambda ledger, at: ledger.view(access, at))
        shown["viewed_at_position"] = viewed.position
    return JsonResponse(shown)


def _render_proposal(proposal: VerdictProposal) -> Json:
    return {
        "transfer": str(proposal.transfer),
        "cause_position": proposal.cause_position,
        "judged_at": proposal.judged_at,
        "before": render_verdict(proposal.before),
        "after": render_verdict(proposal.after),
        "persons": [
            {
                "scheme": person.principal.scheme,
                "id": person.principal.id,
                "before": _own(person.before),
                "after": _own(person.after),
            }
            for person in proposal.persons
        ],
    }


def _own(verdict: Verdict | None) -> Json:
    """A person's own verdict; null where the transfer's holds for the person too."""
    return None if verdict is None else cast("Json", render_verdict(verdict))


@router.post(
    "/{transfer}",
    summary="Judge it anew",
    responses=problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 503),
)
async def reassess(
    transfer: UUID,
    body: Annotated[
        ReassessmentRequest,
        Body(openapi_examples={"late": example("A stop that came late", DECISION)}),
    ],
    caller: Officer,
    services: ServicesDep,
    command_id: CommandId,
) -> EventReceipt:
    """Append the reclassification that the late event, or the reading of the law, asks for.

    The cause must be one that the work list names, or has named, for this transfer.
    """
    command = ReclassifyTransfer(
        command_id, caller.actor, transfer, {}, body.reason, body.cause_position
    )

    await check_late(transfer, body.cause_position, caller, services)
    return await corrected(command, caller, services)
