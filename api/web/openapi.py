"""The OpenAPI 3.1 document: guards become security, refusals become documented answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.openapi.models import Example
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.auth import SCOPES, guards
from api.problems.documentation import PROBLEM_SCHEMA, problems
from api.web.idempotency import PARAMETER, REPLAYED_HEADER, KeyedRoute

SECURITY_SCHEMES: Final = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "plk_<id>_<secret>",
        "description": "A key made by `ledger keys create`.\n\n"
        + "\n".join(f"* `{scope}` – {meaning}" for scope, meaning in SCOPES.items()),
    },
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of a configured issuer (RFC 9068); the claim `scope` "
        "holds the same scopes, the claim `ledger_source` the source prefix of an emitter.",
    },
    "boundCredential": {
        "type": "http",
        "scheme": "dpop",
        "description": "Either of them, bound to a key pair; the header `DPoP` holds a proof by "
        "the private key for this request (RFC 9449).",
    },
}

_WITH_BODY: Final = frozenset(("post", "put", "patch"))
_OFTEN: Final = (500, 503)
_OF_A_BODY: Final = (400, 413, 415, 422)
_OF_A_GUARD: Final = (401, 403)
_OF_A_KEY: Final = (400, 409, 422)


def document(
    app: FastAPI, routes: Sequence[BaseRoute], named: Mapping[str, object]
) -> dict[str, Any]:
    """The document of `app`, completed; `named` are schema components that it refers to."""
    openapi = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary=app.summary,
        description=app.description,
        routes=routes,
        servers=[{"url": "/"}],
    )
    components = cast("dict[str, Any]", openapi.setdefault("components", {}))
    schemas = cast("dict[str, Any]", components.setdefault("schemas", {}))
    if double := schemas.keys() & named.keys():
        raise ValueError(f"a body and another schema have one name: {', '.join(sorted(double))}")
    schemas.update(named)
    schemas["Problem"] = PROBLEM_SCHEMA
    # The framework documents its own form of a validation error, which nobody ever gets here.
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["securitySchemes"] = SECURITY_SCHEMES
    for route in routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = openapi["paths"][route.path_format][method.lower()]
                _complete(operation, method.lower(), route)
    return openapi


def _complete(operation: dict[str, Any], method: str, route: APIRoute) -> None:
    responses = cast("dict[str, Any]", operation["responses"])
    for status, response in route.responses.items():
        # The framework drops every null, and examples are to show them.
        responses[str(status)].setdefault("content", {}).update(response.get("content", {}))
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
        _add(responses, (422,))
    _add(responses, _OFTEN)
    if method in _WITH_BODY:
        _add(responses, _OF_A_BODY)
    if isinstance(route, KeyedRoute) and route.takes_key:
        operation.setdefault("parameters", []).append(PARAMETER)
        done = str(route.status_code or 200)
        responses[done].setdefault("headers", {}).update(REPLAYED_HEADER)
        _add(responses, _OF_A_KEY)
    guarding = guards(route)
    if not guarding:
        operation["security"] = []
        return
    _add(responses, _OF_A_GUARD)
    # Alternatives: one requirement for each scope that suffices and each way to prove it.
    operation["security"] = [
        {scheme: [scope]}
        for guard in guarding
        for scope in guard.scopes
        for scheme in SECURITY_SCHEMES
    ]


def _add(responses: dict[str, Any], statuses: Sequence[int]) -> None:
    for status, answer in problems(*statuses).items():
        responses.setdefault(str(status), answer)


def example(summary: str, value: object) -> Example:
    """One entry of `openapi_examples`; invented persons only."""
    return Example(summary=summary, value=value)
