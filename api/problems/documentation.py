"""Problems for readers: the OpenAPI answers of a route and the page behind each problem type."""

from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.problems.answers import MEDIA_TYPE, language_of, problem
from api.problems.kind import ProblemKind
from api.problems.kinds import KINDS
from ledger.errors import NotFoundError
from ledger.values import Json

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` and `type` are stable, the texts are not.",
    "required": ["type", "title", "status", "detail", "code", "retryable"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "code": {"type": "string", "pattern": "^[A-Z0-9_]+$"},
        "retryable": {"type": "boolean"},
        "position": {"type": "integer", "minimum": 0},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer, RFC 6901"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
"""The schema component `Problem`; a kind may carry more members."""

_SAMPLES: dict[str, Json] = {
    "byte": 17,
    "scopes": "events:write",
    "parameter": "case",
    "position": 1841,
    "head": 1840,
    "epoch": 2,
    "bytes_max": 5 * 1024 * 1024,
    "items_max": 1_000,
    "failing": ["database"],
    "days": 730,
    "count": 3,
    "case_status": "review",
    "step": "approve",
    "outcome": "correction_requested",
    "state": "making",
    "bytes": 48_211_907,
    "bulk_state": "committed",
    "announced": 1_000_000,
    "found": 999_000,
    "reason": "truncated",
    "check": "iat",
}


def _sample(kind: ProblemKind) -> dict[str, Json]:
    used = {name: value for name, value in _SAMPLES.items() if f"{{{name}}}" in kind.detail.en}
    return problem(kind, used, "en")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these statuses, with an example a kind.

    Raises:
        KeyError: no kind of problem has one of the statuses.
    """
    by_status: dict[int, list[ProblemKind]] = {status: [] for status in statuses}
    for kind in KINDS.values():
        if kind.status in by_status:
            by_status[kind.status].append(kind)
    if missing := [status for status, kinds in by_status.items() if not kinds]:
        raise KeyError(missing)
    return {
        status: {
            "description": " · ".join(kind.title.en for kind in kinds),
            "content": {
                MEDIA_TYPE: {
                    "schema": PROBLEM_REF,
                    "examples": {
                        kind.suffix: {"summary": kind.title.en, "value": _sample(kind)}
                        for kind in kinds
                    },
                }
            },
        }
        for status, kinds in by_status.items()
    }


def routes(route_class: type[APIRoute] = APIRoute) -> APIRouter:
    """The pages behind the problem types."""
    router = APIRouter(prefix="/problems", tags=["problems"], route_class=route_class)
    router.get(
        "/{suffix}",
        summary="What a problem type means",
        response_class=JSONResponse,
        responses={
            200: {
                "description": "The meaning, as JSON or HTML, in English or Japanese",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
            **problems(404, 422),
        },
    )(_explain)
    return router


def _explain(
    request: Request,
    suffix: Annotated[str, Path(examples=["duplicate-mismatch"], max_length=64)],
    # OpenAPI: a parameter of this name is ignored, the media types of the answer say it.
    accept: Annotated[str, Header(max_length=512, include_in_schema=False)] = "application/json",
) -> Response:
    """Explain one problem type, in the language of `Accept-Language`."""
    kind = KINDS.get(suffix)
    if kind is None:
        raise NotFoundError
    spoken = language_of(request)
    body: dict[str, str | int | bool] = {
        "type": kind.type,
        "status": kind.status,
        "code": kind.code,
        "title": kind.title.in_language(spoken),
        "detail": kind.detail.in_language(spoken),
        "remedy": kind.remedy.in_language(spoken),
        "retryable": kind.retryable,
    }
    headers = {"Content-Language": spoken, "Vary": "Accept, Accept-Language"}
    if "text/html" not in accept:
        return JSONResponse(body, headers=headers)
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in body.items()
    )
    title = escape(kind.title.in_language(spoken))
    page = (
        f'<!doctype html><html lang="{spoken}"><meta charset="utf-8"><title>{title}</title>'
        f"<main><h1>{title}</h1><dl>{rows}</dl></main></html>"
    )
    return HTMLResponse(page, headers=headers)
