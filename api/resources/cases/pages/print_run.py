"""Replies that wait to be posted, printed in one run from 受付一覧; each is posted by itself.

What was ticked by somebody who must first prove who they are waits for them, sealed as a draft is
(ADR 0064): the list that they come from is of the session before, and its form is taken no more.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Final, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.problems.kinds import kind_of
from api.resources.cases.dispatch.batch import CASES_MAX, BatchRefusedError, PrintBatch
from api.resources.cases.dispatch.handout import PDF_TYPE
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import HEADERS, page
from api.web.pages.route import EvenPageRoute
from api.web.services import services_of
from ledger.errors import LedgerError
from ledger.service import Ledger

router = APIRouter(route_class=EvenPageRoute)

_CHOICE: Final = "printing"
"""What the choice that waits is called among the drafts."""


async def _rescue(request: Request, actor: str) -> None:
    """Keep what was ticked while somebody proves who they are, or signs in again."""
    services = services_of(request)
    chosen = orjson.dumps([str(case) for case in _chosen(await form_of(request))])
    await run_in_threadpool(services.form_drafts.keep, actor, _CHOICE, chosen, services.now())


Printer = Annotated[Visit, Depends(signed("reply:download"))]
# What shows the records is opened by who has just proved who they are, as where one is printed.
Sender = Annotated[Visit, Depends(signed("reply:download", proved=True, rescue=_rescue))]

NAME: Final = "print.pdf"
Row = tuple[str, UUID | None, str]
"""Number of a request, its case, and why it cannot be printed; of no name."""

_UNPROCESSABLE: Final = 422
_CONFLICT: Final = 409
_NOBODY: Final = "この受付番号の請求はありません。"


@router.get("/desk/printing")
async def get_printing(visit: Printer) -> Response:
    """Where somebody lands who had to prove who they are: what they ticked, one press away."""
    actor, at = visit.actor, visit.now()
    kept = await run_in_threadpool(visit.services.form_drafts.find, actor, _CHOICE, at)
    texts = [] if kept is None else cast("list[str]", orjson.loads(kept.content))
    waiting = await visit.run(lambda ledger, _: _numbers(ledger, [UUID(one) for one in texts]))
    ready = [case for _, case in waiting] if len(waiting) <= CASES_MAX else ()
    context = {"count": len(waiting), "most": CASES_MAX, "refused": (), "ready": ready}
    return page(visit.request, "cases/printing.html", 200, **context, waiting=waiting)


@router.post("/desk/printing")
async def print_several(visit: Sender) -> Response:
    """All that was ticked as one PDF, each document on record; or why not, and of which."""
    cases = _chosen(await visit.form())
    if not 1 <= len(cases) <= CASES_MAX:
        return _refused(visit.request, _UNPROCESSABLE, len(cases))
    batch = PrintBatch(cases, visit.caller)
    try:
        content = await visit.run(
            lambda ledger, at: batch.handed(ledger, visit.services.replies, at)
        )
    except BatchRefusedError as error:
        refused, ready = error.refused, error.ready
        rows = await visit.run(lambda ledger, _: _rows(ledger, refused))
        return _refused(visit.request, _CONFLICT, len(cases), rows, ready)
    # It is handed out, whether the choice can be forgotten or not.
    with suppress(LedgerError):
        await run_in_threadpool(visit.services.form_drafts.forget, visit.actor, _CHOICE)
    # It is printed, not kept: the name tells of no request.
    headers = {**HEADERS, "Content-Disposition": f'inline; filename="{NAME}"'}
    return Response(content, headers=headers, media_type=PDF_TYPE)


def _chosen(form: Form) -> tuple[UUID, ...]:
    """What was ticked, each once, in the order of the list; with the other button all of it."""
    texts = form.texts("listed" if form.has("all") else "case")
    return tuple(dict.fromkeys(one for text in texts if (one := _case(text)) is not None))


def _case(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _refused(
    request: Request,
    status: int,
    count: int,
    refused: Sequence[Row] = (),
    ready: Sequence[UUID] = (),
) -> Response:
    context = {"count": count, "most": CASES_MAX, "refused": refused, "ready": ready}
    return page(request, "cases/printing.html", status, **context, waiting=())


def _numbers(ledger: Ledger, cases: Sequence[UUID]) -> list[tuple[str, UUID]]:
    """Number and case of each that there is."""
    states = (ledger.case(case) for case in cases)
    return [(state.number, state.case) for state in states if state is not None]


def _rows(ledger: Ledger, refused: Mapping[UUID, LedgerError]) -> list[Row]:
    return [_row(ledger, case, why) for case, why in refused.items()]


def _row(ledger: Ledger, case: UUID, why: LedgerError) -> Row:
    state = ledger.case(case)
    if state is None:
        return "—", None, _NOBODY
    kind, _ = kind_of(why)
    message = kind.detail.ja if "{" not in kind.detail.ja else kind.title.ja
    return state.number, case, message
