"""The composition root: everything is built once and connected here only."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version
from typing import Any, Final, cast

import orjson
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from typing_extensions import override

from api.auth import (
    ActorOf,
    ApiKeyTable,
    Authenticator,
    Connect,
    Proofs,
    Tokens,
    UsedProofs,
    check_every_route,
)
from api.auth.people import People
from api.observability import Metrics
from api.problems.answers import INCIDENT_PAGE, install, internal_error_response
from api.problems.documentation import routes
from api.resources.bulk.schemas import PART_PATH
from api.resources.health import endpoints
from api.resources.health.endpoints import Check, Readiness
from api.settings.settings import Settings
from api.web import openapi
from api.web.access_log import Watch
from api.web.bare_route import DirectRoute, Express, express_routes
from api.web.intake import BodyLimit
from api.web.pages.navigation import REGISTERS
from api.web.parameters import KnowingRoute
from ledger.crypto.row_macs import RowMac

DESCRIPTION: Final = """\
A record ledger for third-party provision (第三者提供) under Japan's APPI.

Every error is `application/problem+json` (RFC 9457), in Japanese with `Accept-Language: ja`;
`code` and `type` are stable. Every answer carries `X-Request-ID`. Lists are paged by cursor. What
writes takes an `Idempotency-Key`; transfers need none, for `source` and `id` are theirs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDependencies:
    """What the application itself needs, built by the command line or by a test.

    Attributes:
        connect: lends a connection with the writer's rights; for API keys and used proofs.
        row_mac: gives the MAC of a row under the ledger secret; for API keys.
        actor_of: identity → 32 hex digits, by the ledger's keyed hash.
        checks: what must pass for `/health/ready`, by name.
        late: names what is late and fails no check.
        metrics: where the process counts; others may add to its registry.
        routers: of the nouns: transfers, histories, notices …
        schemas: schema components that their documents refer to, by name.
        services: what those find in `app.state.services`.
        people: who signs in to the pages, in `app.state.people`; None without pages.
        lifespan: entered before the first request and left after the last one.
    """

    settings: Settings
    connect: Connect
    row_mac: RowMac
    actor_of: ActorOf
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    late: Callable[[], tuple[str, ...]] = tuple
    metrics: Metrics = field(default_factory=Metrics)
    routers: Sequence[APIRouter] = ()
    schemas: Mapping[str, object] = field(default_factory=dict[str, object])
    services: object = None
    people: People | None = None
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None


class _Application(FastAPI):
    """FastAPI inside of our layers: what they answer themselves does not pass its own ones.

    Args:
        layers: innermost first.
    """

    def __init__(self, *, layers: Sequence[Callable[[ASGIApp], ASGIApp]], **declared: Any) -> None:  # noqa: ANN401 -- handed on as it comes
        super().__init__(**declared)
        self._layers = layers
        self.add_exception_handler(Exception, _answer_incident)

    @override
    def build_middleware_stack(self) -> ASGIApp:
        stack = super().build_middleware_stack()
        for layer in self._layers:
            stack = layer(stack)
        return stack


async def _answer_incident(request: Request, error: Exception) -> Response:
    """Answer in our own words; the framework raises it again, and `Watch` puts it on record."""
    del error
    as_page = cast("Callable[[Request], Response] | None", request.scope.get(INCIDENT_PAGE))
    return internal_error_response(request) if as_page is None else as_page(request)


def _routers(dependencies: ApiDependencies) -> tuple[APIRouter, ...]:
    readiness = Readiness(
        dependencies.checks,
        seconds_max=dependencies.settings.health_check_s_max,
        late=dependencies.late,
    )
    on_loopback = dependencies.settings.metrics_on_loopback
    # Routes are tried in their order: the busy ones come first.
    return (
        *dependencies.routers,
        endpoints.routes(readiness, dependencies.metrics, on_loopback=on_loopback),
        routes(KnowingRoute),
    )


def create_app(dependencies: ApiDependencies) -> FastAPI:
    """The application.

    Raises:
        UnguardedRouteError: a route has no scope and is not on the public list.
    """
    settings = dependencies.settings
    express: dict[tuple[str, str], DirectRoute] = {}
    app = _Application(
        layers=(
            partial(Express, routes=express),
            partial(
                BodyLimit,
                bytes_max=settings.body_bytes_max,
                items_max=settings.items_per_request_max,
                unbounded=(REGISTERS.address, PART_PATH),
            ),
            partial(
                Watch,
                metrics=dependencies.metrics,
                over_https=(settings.pages_url or "").startswith("https://"),
            ),
        ),
        title="Provision ledger",
        version=version("provision-ledger"),
        description=DESCRIPTION,
        openapi_url=None,  # our own document below
        docs_url=None,  # its pages would load scripts from another host
        redoc_url=None,
        lifespan=dependencies.lifespan,
        redirect_slashes=False,  # a redirect repeats the path in a header
        # Spans and events would carry paths and the messages of exceptions, whoever collects them.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    origin = settings.api_url or settings.pages_url
    app.state.authenticator = Authenticator(
        ApiKeyTable(dependencies.connect, dependencies.row_mac),
        Tokens(
            settings.jwt_issuers,
            leeway_s=settings.jwt_leeway_s,
            person_claim=settings.oidc_person_claim,
        ),
        dependencies.actor_of,
        remember_s=settings.api_key_cache_s,
        proofs=None if origin is None else Proofs(origin, UsedProofs(dependencies.connect)),
    )
    app.state.services = dependencies.services
    app.state.people = dependencies.people
    install(app)
    for router in _routers(dependencies):
        # Not `include_router`: that nests a second router, which every request would pass.
        app.router.routes.extend(router.routes)
    _publish_openapi(app, dependencies.schemas)
    check_every_route(app.router.routes)
    express.update(express_routes(app.router.routes))
    return app


def _publish_openapi(app: FastAPI, schemas: Mapping[str, object]) -> None:
    @cache
    def build() -> dict[str, Any]:
        return openapi.document(app, app.router.routes, schemas)

    @cache
    def content() -> bytes:
        return orjson.dumps(build())

    async def serve(request: Request) -> Response:
        del request
        return Response(content(), media_type="application/json")

    app.openapi = build
    app.router.route_class = KnowingRoute
    app.add_api_route("/openapi.json", serve, include_in_schema=False)
