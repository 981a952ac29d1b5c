"""Routes that cost little: for endpoints that need the request, its caller and the services only.

FastAPI solves the dependencies of a route anew for each request and wraps it in exit stacks, one
more handler of exceptions and its router: as much work as recording a transfer. An endpoint that
declares no parameter beyond these three is called directly; what it declares still documents it,
and the factory still checks that it is guarded.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, cast

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from api.auth.guard import Requires
from api.problems.answers import refused
from api.web.services import provide_services, services_of
from ledger.errors import LedgerError

_DECLARED: Final = ("path_params", "query_params", "header_params", "cookie_params", "body_params")


class DirectRoute(APIRoute):
    """Calls its endpoint directly where it can; else it is FastAPI's own route.

    Attributes:
        answer: the endpoint, called directly; None where it needs more.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:  # noqa: ANN401 -- handed on as it comes
        super().__init__(path, endpoint, **declared)
        self.answer = _direct(self.dependant)

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; another method than the route's is refused as by every route."""
        if self.answer is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        # What it raises reaches the application's own handlers, as from every route.
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)


class Express:
    """Takes requests for direct routes past the inner layers of the framework.

    Those layers match the path, close files and hand refusals to a handler. A direct route has a
    fixed path and no files, and its refusals go to the same handler here.

    Args:
        routes: (method, path) → route; may be filled after this is built.
    """

    def __init__(self, app: ASGIApp, *, routes: Mapping[tuple[str, str], DirectRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        route = None
        if scope["type"] == "http":
            route = self._routes.get((scope["method"], scope["path"]))
        if route is None or route.answer is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route  # whoever counts requests finds the template there
        request = Request(scope, receive, send)
        try:
            response = await route.answer(request)
        except LedgerError as error:
            response = refused(request, error)
        await response(scope, receive, send)


def express_routes(routes: Iterable[BaseRoute]) -> dict[tuple[str, str], DirectRoute]:
    """The direct routes with a fixed path, by method and path."""
    return {
        (method, route.path): route
        for route in routes
        if isinstance(route, DirectRoute) and route.answer is not None and "{" not in route.path
        for method in route.methods or ()
    }


def _direct(dependant: Dependant) -> Callable[[Request], Awaitable[Response]] | None:
    """How to call the endpoint; None when it needs more than request, caller and services."""
    if any(getattr(dependant, declared) for declared in _DECLARED):
        return None
    given = {one.call: one.name for one in dependant.dependencies}
    guard = next((call for call in given if isinstance(call, Requires)), None)
    request_name = dependant.request_param_name
    if guard is None or request_name is None or given.keys() != {guard, provide_services}:
        return None
    endpoint = cast("Callable[..., Awaitable[Response]]", dependant.call)
    caller_name, inside_name = str(given[guard]), str(given[provide_services])

    async def answer(request: Request) -> Response:
        caller = await guard(request)
        arguments = {
            request_name: request,
            caller_name: caller,
            inside_name: services_of(request),
        }
        return await endpoint(**arguments)

    return answer
