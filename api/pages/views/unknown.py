"""An address below 受付一覧 that is no page: whoever typed it or kept an old one is led on."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.guard import signed
from api.pages.navigation import ANY, DESK
from api.pages.rendering import go
from api.pages.route import PageRoute
from api.people import Visitor

router = APIRouter(route_class=PageRoute)


@router.post("/desk/{rest:path}")
@router.get("/desk/{rest:path}")
async def get_unknown(rest: str, visitor: Annotated[Visitor, Depends(signed(*ANY))]) -> Response:
    """No page, as a page; `/desk/` is the first one.

    Raises:
        HTTPException: 404, always, but for that one.
    """
    del visitor
    if rest:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return go(DESK.address)
