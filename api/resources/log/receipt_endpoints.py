"""Receipts of the signed log: an emitter keeps one for what it sent.

Source: C2SP tlog-proof.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller, is_within, requires
from api.problems.documentation import problems
from api.web.latency_padding import EvenRoute
from api.web.parameters import KnowingRoute
from api.web.services import ServicesDep
from ledger.errors import NotFoundError
from ledger.service import Ledger
from projections.log.proofs import receipt


class ReceiptRoute(EvenRoute, KnowingRoute):
    """A route whose answers leave on the grid, and which knows its query."""


router = APIRouter(prefix="/v1/transfers", tags=["log"], route_class=ReceiptRoute)

Emitter = Annotated[Caller, Depends(requires("events:read.own"))]

_TEXT: Final = "text/plain"


@router.get(
    "/{transfer}/receipt",
    summary="The receipt of one transfer: that it stands in the signed log",
    response_class=Response,
    responses={
        200: {
            "description": "A `.tlog-proof` file; its extra data is the event's header",
            "content": {_TEXT: {"schema": {"type": "string"}}},
        },
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_receipt(transfer: UUID, caller: Emitter, services: ServicesDep) -> Response:
    """Prove that the transfer, as it was first recorded, stands in the log at its position.

    Verified offline with the log's public key, also after the record itself was destroyed at its
    time. A transfer of another source is unknown, as everywhere.
    """
    log = services.signed_log
    if log is None:
        raise NotFoundError

    def recorded(ledger: Ledger, _: datetime) -> tuple[int, bytes]:
        state = ledger.streams.transfer_state(transfer)
        source = None if state is None or state.entry is None else state.entry.source
        if state is None or state.effective_position is None or not _is_own(caller, source):
            raise NotFoundError
        position = state.first_position
        return position, ledger.streams.reads.headers_at([position])[position]

    position, header = await services.run(recorded)

    def proven() -> str:
        note, signed = log.proving(position)
        return receipt(log.folder, note, signed, position, header).text

    text = await run_in_threadpool(proven)
    name = f'attachment; filename="{transfer}.tlog-proof"'
    return Response(
        text,
        headers={"Cache-Control": "no-store", "Content-Disposition": name},
        media_type=_TEXT,
    )


def _is_own(caller: Caller, source: str | None) -> bool:
    prefix = caller.source_prefix
    return bool(source and prefix and is_within(source, prefix))
