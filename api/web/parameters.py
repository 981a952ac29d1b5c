"""Routes that pass over no parameter: a misspelt one would be answered as if it had not been sent.

A filter that is not applied shows too much, and a caller takes it for all there is. So does one
that is sent twice, of which one value alone would count.
"""

import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, Final, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.auth import guards
from ledger.errors import Defect, MalformedError

_NO_SUCH: Final = "there is no such parameter"
_PARAMETER: Final = re.compile(r"[a-z][a-z_]{0,39}")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_Guard = Callable[[Request], Coroutine[Any, Any, object]]


class KnowingRoute(APIRoute):
    """A route that refuses parameters which it does not have, or twice; who calls is asked first.

    A request with a body says everything in it, and is left to who reads the body.
    """

    @override
    def get_route_handler(self) -> _Handler:
        """The handler, behind a look at the names in the query."""
        handle = super().get_route_handler()
        if self.body_field is not None:
            return handle
        return _knowing(handle, dict(_parameters(self.dependant)), guards(self))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Name of each parameter, and whether it may be there several times: it is a list."""
    for one in dependant.query_params:
        stated = one.field_info.annotation
        yield one.alias, any(get_origin(part) is list for part in (stated, *get_args(stated)))
    for one in dependant.dependencies:
        yield from _parameters(one)


def _knowing(handle: _Handler, known: Mapping[str, bool], guarding: Sequence[_Guard]) -> _Handler:
    """`handle`, with a query refused of which something would be passed over."""

    async def check_query(request: Request) -> Response:
        counted = Counter(name for name, _ in request.query_params.multi_items())
        # A name may be somebody's name put into the wrong place: it is then not repeated.
        defects = [
            Defect(
                f"/query/{name}" if _PARAMETER.fullmatch(name) else "/query",
                "SCHEMA",
                "the parameter stands there twice" if name in known else _NO_SUCH,
            )
            for name, times in counted.items()
            if name not in known or (times > 1 and not known[name])
        ]
        if defects:
            for guard in guarding:
                await guard(request)
            raise MalformedError(tuple(defects))
        return await handle(request)

    return check_query
