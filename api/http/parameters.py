"""Routes that pass over no parameter: a misspelt one would be answered as if it had not been sent.

A filter that is not applied shows too much, and a caller takes it for all there is.
"""

import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.auth import guards
from ledger.errors import Defect, MalformedError

_PARAMETER: Final = re.compile(r"[a-z][a-z_]{0,39}")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_Guard = Callable[[Request], Coroutine[Any, Any, object]]


class KnowingRoute(APIRoute):
    """A route that refuses parameters which it does not have; who calls is asked first.

    A request with a body says everything in it, and is left to who reads the body.
    """

    @override
    def get_route_handler(self) -> _Handler:
        """The handler, behind a look at the names in the query."""
        handle = super().get_route_handler()
        if self.body_field is not None:
            return handle
        return _knowing(handle, frozenset(_parameters(self.dependant)), guards(self))


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (one.alias for one in dependant.query_params)
    for one in dependant.dependencies:
        yield from _parameters(one)


def _knowing(handle: _Handler, known: frozenset[str], guarding: Sequence[_Guard]) -> _Handler:
    """`handle`, with a query refused that has parameters besides `known`: none is passed over."""

    async def look_first(request: Request) -> Response:
        if unknown := [name for name in request.query_params if name not in known]:
            for guard in guarding:
                await guard(request)
            # A name may be somebody's name put into the wrong place: it is then not repeated.
            places = [f"/query/{one}" if _PARAMETER.fullmatch(one) else "/query" for one in unknown]
            detail = "there is no such parameter"
            raise MalformedError(tuple(Defect(one, "SCHEMA", detail) for one in places))
        return await handle(request)

    return look_first
