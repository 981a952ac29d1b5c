"""An address below 受付一覧 that is no page: whoever typed it or kept an old one is led on."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import ANY, DESK
from api.web.pages.renderer import go
from api.web.pages.route import PageRoute

router = APIRouter(route_class=PageRoute)

Somebody = Annotated[Visit, Depends(signed(*ANY))]

_ANY_ADDRESS: Final = "/desk/{rest:path}"


@router.get(_ANY_ADDRESS)
async def get_unknown(rest: str, visit: Somebody) -> Response:
    """No page, as a page; `/desk/` is the first one.

    Raises:
        HTTPException: 404, always, but for that one.
    """
    del visit
    if rest:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return go(DESK.address)


@router.post(_ANY_ADDRESS)
async def post_unknown(visit: Somebody) -> Response:
    """A form that nothing takes; what can be done at the address is told in `Allow`.

    Raises:
        HTTPException: always: 405 where there is a page that can be read, else 404.

    Source: RFC 9110, section 15.5.6.
    """
    if methods := _methods(visit.request):
        headers = {"Allow": ", ".join(methods)}
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)
    raise HTTPException(HTTPStatus.NOT_FOUND)


def _methods(request: Request) -> list[str]:
    """What can be done at the address: of all routes that it fits, but the ones above."""
    fitting = [
        route.methods or set[str]()
        for route in request.app.router.routes
        if isinstance(route, APIRoute)
        and route.endpoint not in (get_unknown, post_unknown)
        and route.matches(request.scope)[0] is not Match.NONE
    ]
    return sorted(set[str]().union(*fitting))
