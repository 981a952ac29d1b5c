"""A register, step by step: how it is read, what its columns are, every problem, the import."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.problems.refusals import TooBusyError
from api.resources.registers import register_version
from api.resources.registers.errors import RegisterError
from api.resources.registers.forms import words
from api.resources.registers.forms.conflict import TITLES, VERSION, summarize_form, titles_in
from api.resources.registers.forms.mapping_form import read_mapping
from api.resources.registers.forms.register_view import MAPPABLE, labels_of, view_of
from api.resources.registers.forms.words import with_page_message
from api.resources.registers.pages.register_page import (
    RegisterFormResult,
    path_of,
    run_preview,
    show,
)
from api.resources.registers.register_version import (
    CHANGED_BY,
    RegisterConflictError,
    RegisterGuard,
    discarded,
    require_version,
    version_of,
)
from api.resources.registers.reports import PAGES_MAX, lines, pages_of
from api.resources.registers.runs import NotNowError, ProcessBusyError, start
from api.resources.registers.sealed_file import read
from api.resources.registers.suggestion import HEADING_ROW_MAX, SheetOptions, preview_sheet
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import CONFLICT
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import REGISTERS
from api.web.pages.renderer import HEADERS, go, page
from api.web.pages.route import PageRoute
from api.web.services import Services
from ledger.errors import NotFoundError
from ledger.store.registers import RegisterBusyError, RegisterChange, RegisterRow, StagedMembers
from ledger.workers.confined_reader import Stop

router = APIRouter(prefix=REGISTERS.address, route_class=PageRoute)

# As `POST /v1/transfers`; what records much at once asks for a fresh proof.
Importer = Annotated[Visit, Depends(signed("events:write"))]
_MAPPING: Final = PageDrafts("register", "mapping")
_READING: Final = PageDrafts("register", "reading", ("sheet", "encoding", "row", VERSION))
Mapper = Annotated[Visit, Depends(signed("events:write", rescue=_MAPPING.keep))]
Reader = Annotated[Visit, Depends(signed("events:write", rescue=_READING.keep))]
Proved = Annotated[Visit, Depends(signed("events:write", proved=True))]

_PROGRESS: Final = "registers/progress.html"


class _ProblemsLeftError(Exception):
    """A row has a problem, and nobody chose to keep the rest in quarantine."""


_WHY_NOT: Final[dict[type[Exception], str]] = {
    RegisterConflictError: words.CONFLICT,
    NotNowError: words.NOT_NOW,
    RegisterBusyError: words.BUSY,
    ProcessBusyError: words.PROCESS_BUSY,
    TooBusyError: words.PREVIEWS_BUSY,
    _ProblemsLeftError: words.PROBLEMS_LEFT,
}
"""Why a step cannot be done now."""


@router.get("/{register}")
async def get_register(
    register: UUID,
    visit: Importer,
    number: Annotated[int, Query(alias="page", ge=1, le=PAGES_MAX)] = 1,
) -> Response:
    """The register as it stands, with what can be done next, or what was typed of it."""
    mapping, reading = (
        await _MAPPING.take_draft(visit),
        await _READING.take_draft(visit),
    )
    try:
        one = await run_in_threadpool(visit.services.registers.find, register, visit.now())
    except NotFoundError:
        if mapping is None:
            raise
        return await show_discarded(visit, register, mapping[0])
    again = RegisterFormResult()
    if reading is not None:
        again = _read(reading[0], kept_at=reading[1])
    if mapping is not None:
        again = replace(again.resumed(mapping), version=mapping[0].text(VERSION))
    elif reading is None and one.state == "uploaded":
        again = await recover_draft(visit, one)
    return await show(visit, register, again, number)


@router.get("/{register}/progress")
async def get_progress(register: UUID, visit: Importer) -> Response:
    """How far it is, as a part of the page; once it has ended, the page is to be read anew."""
    one = await run_in_threadpool(visit.services.registers.find, register, visit.now())
    view = view_of(one)
    if not view.is_going_on:
        return Response(status_code=204, headers={**HEADERS, "HX-Redirect": path_of(register)})
    return page(visit.request, _PROGRESS, shown=view)


@router.get("/{register}/problems.csv")
async def get_problems(register: UUID, visit: Importer) -> Response:
    """Every problem that is kept, for a spreadsheet program; no cell is repeated."""
    one = await run_in_threadpool(visit.services.registers.find, register, visit.now())

    def content() -> Iterator[bytes]:
        pages = pages_of(visit.services.registers, one)
        problems = (with_page_message(problem) for some in pages for problem in some)
        return (line.encode() for line in lines(problems))

    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="problems.csv"'}
    return StreamingResponse(content(), headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/{register}/reading")
async def reread_headings(register: UUID, visit: Reader) -> Response:
    """Read the headings anew: of another sheet, from another row, in another encoding."""
    form = await visit.form()
    row, sheet, encoding = (form.text(name) for name in ("row", "sheet", "encoding"))
    kept = _read(form)
    defects: dict[str, str] = {}
    is_row = row.isascii() and row.isdigit() and len(row) <= len(str(HEADING_ROW_MAX))
    if row and not (is_row and 1 <= int(row) <= HEADING_ROW_MAX):
        defects["row"] = words.NOT_A_NUMBER.format(most=HEADING_ROW_MAX)
    if encoding not in words.ENCODINGS:
        defects["encoding"] = words.CHOOSE
    if defects:
        again = replace(kept.invalid(form, defects), form=None)
        return await show(visit, register, again)
    reading = SheetOptions(sheet or None, encoding or None, int(row) if row else None)

    async def act() -> None:
        actor, guard = visit.actor, require_version(form.text(VERSION))
        again = partial(_reread_headings, visit.services, register, reading, actor, guard)
        await run_preview(visit, actor, again)

    try:
        return await _done(visit, register, act, kept)
    except NotFoundError:
        return await show_discarded(visit, register, form)


@router.post("/{register}/mapping")
async def map_columns(register: UUID, visit: Mapper) -> Response:
    """Say what the columns are, and look at every row.

    Of a register that somebody has discarded meanwhile, what was typed is told and kept.
    """
    form = await visit.form()
    try:
        return await _mapped(visit, register, form)
    except NotFoundError:
        if not form.has(TITLES):
            raise
        return await show_discarded(visit, register, form)


async def _mapped(visit: Visit, register: UUID, form: Form) -> Response:
    one = await run_in_threadpool(visit.services.registers.find, register, visit.now())
    before = cast("dict[str, Any] | None", one.members.get("mapping"))
    kept = RegisterFormResult(CONFLICT, form, version=form.text(VERSION))
    # The columns are told by their numbers: of other headings the form cannot even be read.
    if before is None or version_of(one) != kept.version:
        return await show(visit, register, replace(kept, message=words.NOT_NOW))
    found = read_mapping(form, before)
    if found.defects:
        again = kept.invalid(form, found.defects)
        return await show(visit, register, again)

    async def act() -> None:
        actor, guard = visit.actor, require_version(form.text(VERSION))
        await start(visit.services, register, "check", actor, guard, mapping=found.document)

    return await _done(visit, register, act, kept)


@router.post("/{register}/check")
async def restart_check(register: UUID, visit: Importer) -> Response:
    """Look at every row once more: a dry run that was interrupted."""
    form = await visit.form()

    async def act() -> None:
        await start(
            visit.services, register, "check", visit.actor, require_version(form.text(VERSION))
        )

    return await _done(visit, register, act, _sent(form))


@router.post("/{register}/import")
async def import_register(register: UUID, visit: Proved) -> Response:
    """Record what was checked; what was interrupted goes on, and nothing is recorded twice.

    While a row has a problem nothing is recorded, unless its rest is to be kept in quarantine.
    """
    form = await visit.form()
    one = await run_in_threadpool(visit.services.registers.find, register, visit.now())
    is_chosen = form.text("rest") == "quarantine"
    # What was chosen counts for the import that was begun, and for none of another check.
    is_resumed = one.state == "recording"
    quarantines_rows = is_chosen or (is_resumed and bool(one.members.get("keeps_rest")))
    check_version = require_version(form.text(VERSION))

    def guard(locked: RegisterRow) -> None:
        check_version(locked)
        if locked.state == "checked" and locked.counts.get("problems") and not is_chosen:
            raise _ProblemsLeftError

    async def act() -> None:
        actor = visit.actor
        await start(visit.services, register, "record", actor, guard, keeps_rest=quarantines_rows)

    return await _done(visit, register, act, _sent(form))


@router.post("/{register}/discard")
async def discard(register: UUID, visit: Importer) -> Response:
    """Delete what was uploaded; what was recorded of it stands."""
    form, actor = await visit.form(), visit.actor

    async def act() -> None:
        await run_in_threadpool(
            register_version.discard,
            visit.services,
            register,
            actor,
            require_version(form.text(VERSION)),
        )

    return await _done(visit, register, act, _sent(form), then=REGISTERS.address)


def _read(form: Form, kept_at: datetime | None = None) -> RegisterFormResult:
    """What is kept of the form by which a register is read anew."""
    typed = {name: form.text(name) for name in ("sheet", "encoding", "row")}
    return RegisterFormResult(version=form.text(VERSION), reading=typed, kept_at=kept_at)


def _sent(form: Form) -> RegisterFormResult:
    """What is kept of a form that is but a button."""
    return RegisterFormResult(version=form.text(VERSION))


def _reread_headings(
    services: Services,
    register: UUID,
    reading: SheetOptions,
    actor: str,
    guard: RegisterGuard,
    stop: Stop,
) -> None:
    """Look at the headings once more.

    Raises:
        OvertakenError: it is no longer as it was seen.
        NotNowError: it is checked or imported meanwhile.
        RegisterBusyError: somebody is at it.
    """
    at = services.now()
    with services.registers.working(register) as registers:
        one = registers.find(register, at)
        guard(one)
        if one.state not in MAPPABLE:
            raise NotNowError
        try:
            file, name = read(registers, one), str(one.members["name"])
            preview = preview_sheet(file, name, reading, stop)
        except RegisterError as error:
            registers.change(one, RegisterChange(error=(error.code, error.place)), at)
            return
        members: StagedMembers = {**one.members, **preview, CHANGED_BY: actor}
        registers.clear(one, "problems")
        registers.change(
            one, RegisterChange("uploaded", members=members, rows_done=0, counts={}), at
        )


async def _done(
    visit: Visit,
    register: UUID,
    act: Callable[[], Awaitable[None]],
    kept: RegisterFormResult,
    then: str | None = None,
) -> Response:
    """Do it, and lead to the page; what cannot be done now is told on it, with what is kept."""
    try:
        await act()
    except tuple(_WHY_NOT) as error:
        again = replace(kept, status=CONFLICT, message=_WHY_NOT[type(error)])
        return await show(visit, register, again)
    return go(then or path_of(register))


_WAITING: Final = PageDrafts("", "registers-mapping")


async def show_discarded(visit: Visit, register: UUID, form: Form) -> Response:
    """Who discarded it while a colleague was at it, and what was typed.

    It waits: where a file with the same headings is uploaded again, its form begins with it.
    """
    by = await run_in_threadpool(discarded, visit.services, register)
    is_mapping = form.has(TITLES)
    is_kept = is_mapping and await _WAITING.put(visit.request, visit.actor, form)
    return page(
        visit.request,
        "registers/gone.html",
        CONFLICT,
        by=by,
        is_kept=is_kept,
        typed=summarize_form(form, labels_of(tuple(titles_in(form)))),
    )


async def recover_draft(visit: Visit, one: RegisterRow) -> RegisterFormResult:
    """What was typed of a discarded register with the same headings; it then waits no more."""
    found = await _WAITING.load_draft(visit)
    if found is None or titles_in(found[0]) != list(view_of(one).titles):
        return RegisterFormResult()
    await _WAITING.take_draft(visit)
    return RegisterFormResult(version=version_of(one)).resumed(found)
