"""Routes that cost little: for endpoints that need the request, its caller and the services only.

FastAPI solves the dependencies of a route anew for each request, and wraps it in two exit stacks
and one more handler of exceptions: as much work as recording a transfer. An endpoint that declares
no parameter beyond these three is called directly; what it declares still documents it, and the
factory still checks that it is guarded.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from api.auth.guard import Requires
from api.services import inside, services_of

_DECLARED: Final = ("path_params", "query_params", "header_params", "cookie_params", "body_params")


class DirectRoute(APIRoute):
    """Calls its endpoint directly where it can; else it is FastAPI's own route."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:  # noqa: ANN401 -- handed on as it comes
        super().__init__(path, endpoint, **declared)
        answer = _direct(self.dependant)
        if answer is None:
            return

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            response = await answer(Request(scope, receive, send))
            await response(scope, receive, send)

        # What it raises reaches the application's own handlers, as from every route.
        self.app = app

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; another method than the route's is refused as by every route."""
        if scope["method"] in (self.methods or ()):
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


def _direct(dependant: Dependant) -> Callable[[Request], Awaitable[Response]] | None:
    """How to call the endpoint; None when it needs more than request, caller and services."""
    if any(getattr(dependant, declared) for declared in _DECLARED):
        return None
    given = {one.call: one.name for one in dependant.dependencies}
    guard = next((call for call in given if isinstance(call, Requires)), None)
    request_name = dependant.request_param_name
    if guard is None or request_name is None or given.keys() != {guard, inside}:
        return None
    endpoint = cast("Callable[..., Awaitable[Response]]", dependant.call)
    caller_name, inside_name = str(given[guard]), str(given[inside])

    async def answer(request: Request) -> Response:
        caller = await guard(request)
        arguments = {
            request_name: request,
            caller_name: caller,
            inside_name: services_of(request),
        }
        return await endpoint(**arguments)

    return answer
