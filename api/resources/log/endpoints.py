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
from api.problems.documentation import problems
from api.web.parameters import KnowingRoute
from api.web.services import ServicesDep
from ledger.errors import NotFoundError
from ledger.merkle.tiles import Tile
from projections.log.errors import CheckpointPendingError, MissingTileError
from projections.log.signed_log import SignedLog

router = APIRouter(prefix="/log", tags=["log"], route_class=KnowingRoute)

Auditor = Annotated[Caller, Depends(requires("audit:read", "exports:read"))]

_NEWEST: Final = {"Cache-Control": "private, max-age=1"}
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}
_TILE: Final = "application/octet-stream"


def _log(services: ServicesDep, epoch: int = 1) -> SignedLog:
    """The log in that epoch: each has an address of its own, where no file ever changes meaning."""
    if services.signed_log is None:
        raise NotFoundError
    return services.signed_log.of(epoch)


async def _checkpoint(log: SignedLog) -> Response:
    note = await run_in_threadpool(log.folder.checkpoint)
    if note is None:
        raise CheckpointPendingError
    newest = (await run_in_threadpool(lambda: log.published_epochs))[-1]
    headers = dict(_NEWEST)
    if newest != log.epoch:
        # RFC 5829: whoever follows an ended epoch is told where the log goes on.
        headers["Link"] = f'</log/epochs/{newest}/checkpoint>; rel="latest-version"'
    return Response(note, headers=headers, media_type="text/plain")


async def _cosigned(log: SignedLog) -> Response:
    cosigned = log.cosigned
    if cosigned is None:
        raise NotFoundError
    seen = await run_in_threadpool(cosigned.newest)
    if seen is None:
        raise CheckpointPendingError
    return Response(seen.note.full_text, headers=_NEWEST, media_type="text/plain")


async def _tile(log: SignedLog, name: str) -> Response:
    tile = Tile.named(name)
    if tile is None:
        raise NotFoundError
    try:
        content = await run_in_threadpool(log.folder.read, tile)
    except MissingTileError:
        raise NotFoundError from None
    return Response(content, headers=_FOR_EVER, media_type=_TILE)


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
async def get_checkpoint(_: Auditor, services: ServicesDep) -> Response:
    """Size and root of the log, signed: the key is told by `ledger log key`, not here.

    Where the log goes on in a later epoch, after a restore, this is the last one of the first
    epoch, and `Link` says with `rel="latest-version"` where the newest is.
    """
    return await _checkpoint(_log(services))


@router.get(
    "/cosigned",
    summary="The newest checkpoint that enough witnesses cosigned",
    response_class=Response,
    responses={
        200: {
            "description": "A signed note (C2SP tlog-checkpoint) with its cosignatures",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_cosigned(_: Auditor, services: ServicesDep) -> Response:
    """The newest checkpoint with the cosignatures that the operator's policy asks for.

    Not found where no witness is asked.
    """
    return await _cosigned(_log(services))


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
async def get_tile(name: str, _: Auditor, services: ServicesDep) -> Response:
    """Hashes of a level, by the standard's path; full tiles never change.

    A partial tile is answered for as long as a checkpoint may need it, and after that from the full
    one, whose beginning it is.
    """
    return await _tile(_log(services), f"tile/{name}")


@router.get(
    "/epochs/{epoch}/{name:path}",
    summary="The same files of a later epoch of the log",
    response_class=Response,
    responses={
        200: {
            "description": "What `/log/{name}` is of the first epoch",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                _TILE: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_of_epoch(epoch: str, name: str, _: Auditor, services: ServicesDep) -> Response:
    """`checkpoint`, `cosigned` and `tile/…` of epoch 2 and later.

    An epoch begins when the ledger was restored behind its last checkpoint: another name, another
    tree. What was signed before stays below `/log/`, and verifies.
    """
    known = await run_in_threadpool(lambda: _log(services).published_epochs)
    if epoch not in {str(one) for one in known if one > 1}:
        raise NotFoundError
    log = _log(services, int(epoch))
    match name:
        case "checkpoint":
            return await _checkpoint(log)
        case "cosigned":
            return await _cosigned(log)
        case _:
            return await _tile(log, name)
