"""Retention: what is kept until when, what will be destroyed, and the proof that it was."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import documents
from api.auth import Caller, requires
from api.documents import certificate_pdf
from api.problems.documentation import problems
from api.problems.refusals import UnprintableError
from api.resources.holds.schemas import may_see_reasons
from api.resources.retention.bodies import (
    DESTROYED,
    EXPIRED_EXAMPLE,
    PLAN,
    PLANNED,
    REPORT_EXAMPLE,
    RETENTION,
    RETENTION_EXAMPLE,
    WHOLE_PLAN_EXAMPLE,
    OfExpiry,
    OfPlan,
)
from api.resources.retention.views import (
    collect_expired_keys,
    render_destruction,
    render_overview,
    render_plan_details,
    render_plan_report,
)
from api.web.answers import JsonResponse
from api.web.bodies import POSITION_MAX, CommandRoute
from api.web.idempotency import CommandId
from api.web.items import MARKING
from api.web.schemas import Schema, answer, closed
from api.web.services import Services, ServicesDep
from ledger.errors import NotFoundError
from ledger.retention.certificate import content
from ledger.values import Json

_STRING: Final[Schema] = {"type": "string"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_COUNTS: Final[Schema] = {"type": "object", "additionalProperties": _COUNT}
_HEX: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}

CERTIFICATE: Final[Schema] = closed(
    {
        "type": {"const": "deletion-certificate"},
        "v": {"const": 2},
        "ledger": _STRING,
        "plan": closed(
            {
                "stream": {"type": "string", "format": "uuid"},
                "position": _POSITION,
                "at": _INSTANT,
                "on": _DAY,
                "through": _DAY,
                "confirmed": {"type": "boolean"},
            },
            # For whoever may exclude.
            {"keys": _COUNT, "counts": _COUNTS},
        ),
        "erasures": {
            "type": "array",
            "items": closed(
                {
                    "position": _POSITION,
                    "version": {"type": "integer", "minimum": 2},
                    "at": _INSTANT,
                    "on": _DAY,
                    "keys": {"type": "array", "items": _HEX},
                    "counts": _COUNTS,
                }
            ),
        },
        "totals": _COUNTS,
        "law": {**_STRING, "description": "version of the Act in force at the last event"},
        "rules": {
            "type": "array",
            "items": closed(
                {"class": _STRING, "label": _STRING, "articles": _STRING, "period": _STRING}
            ),
        },
        "tree": closed({"size": _POSITION, "root": _HEX}),
    },
    {
        "backup_days": {
            **_COUNT,
            "description": "after these no backup opens any more; absent: one may open for ever",
        }
    },
)
_COUNTED: Final[dict[str, Json]] = {
    "events": 1_204,
    "keys": 1,
    "lookups": 9,
}
CERTIFICATE_EXAMPLE: Final[dict[str, Json]] = {
    "type": "deletion-certificate",
    "v": 2,
    "ledger": "provision-ledger",
    "plan": {
        "stream": "b3f0a6de-1f0c-4d5e-9a57-7b2f0c9d8e11",
        "position": 4021,
        "at": "2029-11-11T15:05:00.310Z",
        "on": "2029-11-12",
        "through": "2029-11-26",
        "keys": 1,
        "counts": _COUNTED,
        "confirmed": False,
    },
    "erasures": [
        {
            "position": 4100,
            "version": 2,
            "at": "2029-11-25T15:05:02.004Z",
            "on": "2029-11-26",
            "keys": ["5f" * 32],
            "counts": _COUNTED,
        }
    ],
    "totals": {"events": 1_204, "keys": 1, "lookups": 9, "remaining": 0, "unplanned": 0},
    "law": "2025-06-01",
    "rules": [
        {
            "class": "record",
            "label": "第三者提供の記録",
            "articles": "法第29条第2項",
            "period": "3年",
        }
    ],
    "backup_days": 42,
    "tree": {"size": 4100, "root": "a1" * 32},
}


router = APIRouter(prefix="/v1/retention", tags=["retention"], route_class=CommandRoute)

# Numbers, days and ids of keys: they name nobody, so who operates may see them as auditors do.
Reader = Annotated[Caller, Depends(requires("audit:read", "records:exclude", "admin:config"))]
# A plan destroys nothing, and who vouches for the clock must know the clock.
Planner = Annotated[Caller, Depends(requires("records:exclude", "admin:config"))]
# To let go is the decision of the chief; who operates sees no records and destroys none.
Chief = Annotated[Caller, Depends(requires("records:exclude"))]

PDF: Final = "application/pdf"
_PDF_CONTENT: Final[dict[str, Json]] = {PDF: {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "",
    summary="What is kept until when",
    responses={
        **answer(RETENTION, "The state of retention and a page of plans", RETENTION_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_retention(
    caller: Reader,
    services: ServicesDep,
    cursor: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Response:
    """Ends by month and class, the next plan, what is due and why it is still there, holds, plans.

    Why a hold stands is shown to officers alone; whom it is about, by `GET /v1/holds`. Which holds
    and cases keep something, and how many, is shown to those alone who may exclude records.

    It counts every sealed event: ask for it by the day, not by the second.
    """
    includes_hidden = caller.may(MARKING)
    seen = await run_in_threadpool(
        lambda: services.retention.overview.overview(includes_hidden=includes_hidden)
    )
    whole = may_see_reasons(caller)
    shown = render_overview(seen, services.settings, whole=whole, before=cursor, limit=limit)
    return JsonResponse(shown)


@router.post(
    "/plans",
    summary="Make a plan now",
    responses={
        **answer(PLANNED, "The plan", REPORT_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def plan(
    body: OfPlan, caller: Planner, services: ServicesDep, command_id: CommandId
) -> Response:
    """Name what will be destroyed within the window. The daily job does the same."""

    def make_plan() -> Response:
        report = services.retention.plan(
            caller.actor, confirmed=body.confirm_clock, command=command_id
        )
        return JsonResponse(render_plan_report(report, includes_hidden=caller.may(MARKING)))

    return await run_in_threadpool(make_plan)


@router.post(
    "/expiries",
    summary="Destroy what is due",
    responses={
        **answer(DESTROYED, "What was destroyed", EXPIRED_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def expire(body: OfExpiry, caller: Chief, services: ServicesDep) -> Response:
    """Destroy every key that is due and that a plan names, without waiting for the window.

    It answers when all is done, which takes minutes for millions of records; a client that hangs up
    earlier does not stop it.
    """
    del body

    def done() -> Response:
        return JsonResponse(render_destruction(services.retention.expire(caller.actor)))

    return await run_in_threadpool(done)


@router.get(
    "/plans/{plan}",
    summary="One plan",
    responses={
        **answer(PLAN, "The plan with all that it names", WHOLE_PLAN_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_plan(plan: UUID, caller: Reader, services: ServicesDep) -> Response:
    """What a plan names, and what became of it; to who may exclude, what keeps something back."""
    plans = await run_in_threadpool(services.retention.overview.plans)
    found = next((one for one in plans if one.plan == plan), None)
    if found is None:
        raise NotFoundError
    shown = render_plan_details(
        found, collect_expired_keys(plans), includes_hidden=caller.may(MARKING)
    )
    return JsonResponse(shown)


@router.get(
    "/plans/{plan}/certificate",
    summary="Deletion certificate",
    responses={
        **answer(CERTIFICATE, "The deletion certificate", CERTIFICATE_EXAMPLE, _PDF_CONTENT),
        **problems(401, 403, 404, 409, 410, 422, 503),
    },
)
async def get_certificate(
    plan: UUID, request: Request, caller: Reader, services: ServicesDep
) -> Response:
    """What was destroyed under the plan, by which rules, and the root of the log that says so.

    JSON, or the document on paper with the JSON inside (`Accept: application/pdf`, or the path with
    `.pdf`). What the plan named, and how many events were destroyed, is told to who may exclude.
    It reads the headers of the whole log: some seconds a million events.
    """
    accepted = request.headers.get("accept", "")
    wants_pdf = PDF in accepted and "json" not in accepted
    includes_hidden = caller.may(MARKING)
    return await run_in_threadpool(
        _certificate, plan, services, wants_pdf=wants_pdf, includes_hidden=includes_hidden
    )


@router.get(
    "/plans/{plan}/certificate.pdf",
    summary="Deletion certificate on paper",
    response_class=Response,
    responses={
        200: {
            "description": "The deletion certificate (個人データ消去証明書)",
            "content": _PDF_CONTENT,
        },
        **problems(401, 403, 404, 409, 410, 422, 503),
    },
)
async def get_certificate_pdf(plan: UUID, caller: Reader, services: ServicesDep) -> Response:
    """The same as a tagged PDF/A-3a, with the JSON attached."""
    includes_hidden = caller.may(MARKING)
    return await run_in_threadpool(
        _certificate, plan, services, wants_pdf=True, includes_hidden=includes_hidden
    )


def _certificate(
    plan: UUID, services: Services, *, wants_pdf: bool, includes_hidden: bool
) -> Response:
    certificate = services.retention.overview.certificate(plan, includes_hidden=includes_hidden)
    headers = {"vary": "Accept"}
    if not wants_pdf:
        return Response(content(certificate), media_type="application/json", headers=headers)
    try:
        made = certificate_pdf(certificate)
    except documents.UnprintableTextError as error:
        raise UnprintableError(len(error.places)) from None
    headers["content-disposition"] = f'attachment; filename="deletion-certificate-{plan}.pdf"'
    return Response(made, media_type=PDF, headers=headers)
