"""A register that somebody discarded while a colleague was at it: nothing that was typed is lost.

It is told as text, and waits: where a file with the same headings is uploaded again, the form of
its columns begins with it.
"""

from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.pages.draft_recovery import PageRescuing
from api.pages.forms import Form
from api.pages.register_forms.conflict import TITLES, said, titles_in
from api.pages.register_forms.register_view import labels_of, shown
from api.pages.renderer import page
from api.pages.views.registers.register_page import RegisterFormResult
from api.people import Visitor
from api.registers.discarded_register import discarded
from api.registers.register_version import version_of
from api.services import ServicesDep
from ledger.store.registers import RegisterRow

_CONFLICT: Final = 409
_WAITING: Final = PageRescuing("", "registers-mapping")


async def show_gone(
    request: Request, register: UUID, visitor: Visitor, services: ServicesDep, form: Form
) -> Response:
    """Who discarded it, and what was typed; a mapping is kept for the next upload."""
    by = await run_in_threadpool(discarded, services, register)
    is_mapping = form.has(TITLES)
    is_kept = is_mapping and await _WAITING.put(request, visitor.caller.actor, form)
    return page(
        request,
        "registers/gone.html",
        _CONFLICT,
        by=by,
        is_kept=is_kept,
        typed=said(form, labels_of(tuple(titles_in(form)))),
    )


async def begun_before(request: Request, visitor: Visitor, one: RegisterRow) -> RegisterFormResult:
    """What was typed of a discarded register with the same headings; it then waits no more."""
    found = await _WAITING.found(request, visitor)
    if found is None or titles_in(found[0]) != list(shown(one).titles):
        return RegisterFormResult()
    await _WAITING.taken(request, visitor)
    return RegisterFormResult(form=found[0], version=version_of(one), kept_at=found[1])
