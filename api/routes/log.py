"""The signed log as files: checkpoint and tiles.

They hold hashes only. Still, how many events came when is told to auditors alone: on a quiet day it
would tell who watches whether something was excluded. The operator may publish the folder.

Source: C2SP tlog-tiles.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller, requires
from api.http.parameters import KnowingRoute
from api.problems import problems
from api.services import Inside
from api.signed_log import SignedLog
from ledger.errors import NotFoundError
from ledger.merkle.tiles import Tile
from projections.log.errors import CheckpointPendingError, MissingTileError

router = APIRouter(prefix="/log", tags=["log"], route_class=KnowingRoute)

Auditor = Annotated[Caller, Depends(requires("audit:read", "exports:read"))]

_NEWEST: Final = {"Cache-Control": "private, max-age=1"}
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}
_TILE: Final = "application/octet-stream"


def _log(inside: Inside) -> SignedLog:
    if inside.signed_log is None:
        raise NotFoundError
    return inside.signed_log


@router.get(
    "/checkpoint",
    summary="The newest signed checkpoint",
    response_class=Response,
    responses={
        200: {
            "description": "A signed note (C2SP tlog-checkpoint)",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_checkpoint(_: Auditor, inside: Inside) -> Response:
    """Size and root of the log, signed: the key is told by `ledger log key`, not here."""
    note = await run_in_threadpool(_log(inside).folder.checkpoint)
    if note is None:
        raise CheckpointPendingError
    return Response(note, headers=_NEWEST, media_type="text/plain")


@router.get(
    "/tile/{name:path}",
    summary="A tile of the log's tree",
    response_class=Response,
    responses={
        200: {
            "description": "1 to 256 hashes of 32 bytes (C2SP tlog-tiles)",
            "content": {_TILE: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_tile(name: str, _: Auditor, inside: Inside) -> Response:
    """Hashes of a level, by the standard's path; full tiles never change.

    A partial tile is answered for as long as a checkpoint may need it, and after that from the full
    one, whose beginning it is.
    """
    tile = Tile.named(f"tile/{name}")
    if tile is None:
        raise NotFoundError
    try:
        content = await run_in_threadpool(_log(inside).folder.read, tile)
    except MissingTileError:
        raise NotFoundError from None
    return Response(content, headers=_FOR_EVER, media_type=_TILE)
