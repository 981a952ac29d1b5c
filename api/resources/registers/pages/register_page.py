"""The page of a register: as it stands, with what somebody typed before they were refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.resources.registers.forms import choices, words
from api.resources.registers.forms.conflict import differences, reading_differences, relaid
from api.resources.registers.forms.mapping_form import COLUMNS_MAX, form_of
from api.resources.registers.forms.register_view import labels_of, view_of
from api.resources.registers.forms.words import with_page_message
from api.resources.registers.problems import CellProblem
from api.resources.registers.register_version import CHANGED_BY, version_of
from api.resources.registers.reports import PAGES_MAX, page_of
from api.web.limiter import hung_up, while_connected
from api.web.pages.conflict import ConflictRow
from api.web.pages.form_result import CONFLICT, FormResult
from api.web.pages.forms import Form
from api.web.pages.guard import Visit
from api.web.pages.navigation import REGISTERS
from api.web.pages.renderer import page
from api.web.services import Services
from ledger.law.findings import FINDINGS
from ledger.store.registers import RegisterRow
from ledger.workers.confined_reader import Stop

T = TypeVar("T")
_MAY_BE_TYPED: Final = ("uploaded", "checking", "checked")
"""States in which what was typed of reading or mapping can still be of use."""


@dataclass(frozen=True, slots=True)
class RegisterFormResult(FormResult):
    """How the page is shown again after a refusal; its form is that of the mapping.

    Attributes:
        reading: the reading as it was typed.
        version: of which the form was made that was sent; None: none was.
    """

    reading: Mapping[str, str] | None = None
    version: str | None = None


async def show(
    visit: Visit,
    register: UUID,
    again: RegisterFormResult,
    number: int = 1,
) -> Response:
    """The page as it stands. Whoever sent a form of an older version is told so.

    Raises:
        NotFoundError: there is no such register any more.
    """
    one, problems = await run_in_threadpool(_find_register, visit.services, register, number)
    view = view_of(one)
    mapping = cast("dict[str, Any] | None", one.members.get("mapping"))
    version = version_of(one)
    has_conflict = again.version is not None and again.version != version
    labels = labels_of(view.titles)
    form, reading, differing = _merge_form(again, mapping, view.titles, labels)
    is_kept = again.form is not None or again.reading is not None
    kept = min(sum(count for _, count in view.problems.values()), PAGES_MAX * 100)
    return page(
        visit.request,
        "registers/register.html",
        CONFLICT if has_conflict and again.kept_at is None else again.status,
        shown=view,
        address=path_of(register),
        form=form,
        mapping=mapping or {},
        # Those of a form whose columns are other ones by now are told when it is sent again.
        defects={} if has_conflict else again.defects,
        labels=labels,
        refusal=words.CONFLICT if has_conflict else again.message,
        findings=FINDINGS,
        error=None if one.error is None else (words.why_unreadable(one.error[0]), one.error[1]),
        is_mapped=mapping is not None and len(view.titles) <= COLUMNS_MAX,
        is_too_wide=len(view.titles) > COLUMNS_MAX,
        is_kept=is_kept and one.state in _MAY_BE_TYPED,
        is_overtaken=has_conflict,
        kept_at=again.kept_at,
        changed_by=one.members.get(CHANGED_BY),
        differing=differing if has_conflict else [],
        version=version,
        titles=json.dumps(view.titles, ensure_ascii=False),
        problems=problems,
        page_number=number,
        pages=-(-kept // 100),
        choices=choices,
        results=words.RESULTS,
        encodings=words.ENCODINGS,
        reading=reading,
    )


def _merge_form(
    again: RegisterFormResult,
    mapping: Mapping[str, Any] | None,
    titles: tuple[str, ...],
    labels: Mapping[str, str],
) -> tuple[Form, Mapping[str, str], list[ConflictRow]]:
    """Mapping and reading to be shown, and where they differ from what stands."""
    current, read = Form({}) if mapping is None else form_of(mapping), _reading(mapping or {})
    form, reading, differing = current, read, list[ConflictRow]()
    if again.form is not None:
        form = relaid(again.form, current, titles)
        differing += differences(again.form, form, current, titles, labels)
    if again.reading is not None:
        reading = again.reading
        differing += reading_differences(reading, read, labels)
    return form, reading, differing


def _find_register(
    services: Services, register: UUID, number: int
) -> tuple[RegisterRow, list[CellProblem]]:
    one = services.registers.find(register, services.now())
    return one, [with_page_message(found) for found in page_of(services.registers, one, number - 1)]


def _reading(mapping: Mapping[str, Any]) -> dict[str, str]:
    return {
        "sheet": str(mapping.get("sheet", "")),
        "encoding": str(mapping.get("encoding", "")),
        "row": str(mapping.get("heading_row", "")),
    }


def path_of(register: UUID) -> str:
    """The address of its page."""
    return f"{REGISTERS.address}/{register}"


async def run_preview(visit: Visit, actor: str, preview: Callable[[Stop], T]) -> T:
    """What `preview` gives, in its turn; the body of the request was read to the end (0112).

    Few look at headings at once, and none for a browser that hung up.

    Args:
        actor: who waits for it.
        preview: done in a thread; it ends once what it is given is set.

    Raises:
        TooBusyError: it was not begun.
        ClientDisconnect: nobody waits for it any more.
    """
    stop, places = Stop(), visit.services.preview_places

    async def done() -> T:
        async with places.slot(actor):
            return await places.run(partial(preview, stop))

    return await while_connected(partial(hung_up, visit.request.receive), done, stop.set)
