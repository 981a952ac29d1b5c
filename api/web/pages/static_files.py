"""Style sheets and scripts, under names that hold their hash."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.web.pages.assets import asset
from api.web.pages.route import PageRoute

router = APIRouter(route_class=PageRoute)


@router.get("/static/{name}")
async def get_file(name: str) -> Response:
    """One file. Its name changes with its content, so a browser may keep it for good."""
    found = asset(name)
    if found is None:
        raise HTTPException(404)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)
