"""A register, step by step: how it is read, what its columns are, every problem, the import."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.pages.forms import Form, form_of
from api.pages.guard import signed
from api.pages.importing import choices, words
from api.pages.importing.mapping_form import COLUMNS_MAX, stated, typed
from api.pages.importing.shown import MAPPABLE, labels_of, shown
from api.pages.navigation import REGISTERS
from api.pages.rendering import HEADERS, go, page
from api.pages.route import PageRoute
from api.people import Visitor
from api.registers.errors import RegisterError
from api.registers.first_look import HEADING_ROW_MAX, Reading, first_look
from api.registers.problem_pages import PAGES_MAX, page_of, pages_of
from api.registers.reports import lines
from api.registers.runs import NotNowError, ProcessBusyError, start
from api.registers.sealed import read
from api.services import Inside, Services
from ledger.law.findings import FINDINGS
from ledger.store.registers import Change, Register, RegisterBusyError, Told

router = APIRouter(prefix=REGISTERS.address, route_class=PageRoute)

# As `POST /v1/transfers`; what records much at once asks for a fresh proof.
Importer = Annotated[Visitor, Depends(signed("events:write"))]
Proved = Annotated[Visitor, Depends(signed("events:write", proved=True))]

_UNPROCESSABLE: Final = 422
_CONFLICT: Final = 409
_PROGRESS: Final = "registers/progress.html"


@dataclass(frozen=True, slots=True)
class Again:
    """How the page is shown again after a refusal."""

    status: int = 200
    form: Form | None = None
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    told: str | None = None


@router.get("/{register}")
async def get_register(
    register: UUID,
    request: Request,
    visitor: Importer,
    inside: Inside,
    number: Annotated[int, Query(alias="page", ge=1, le=PAGES_MAX)] = 1,
) -> Response:
    """The register as it stands, with what can be done next."""
    del visitor
    return await _shown(request, register, inside, Again(), number)


@router.get("/{register}/progress")
async def get_progress(
    register: UUID, request: Request, visitor: Importer, inside: Inside
) -> Response:
    """How far it is, as a part of the page; once it has ended, the page is to be read anew."""
    del visitor
    one = await run_in_threadpool(inside.registers.find, register, inside.now())
    told = shown(one)
    if not told.is_going_on:
        return Response(status_code=204, headers={**HEADERS, "HX-Redirect": _path(register)})
    return page(request, _PROGRESS, shown=told)


@router.get("/{register}/problems.csv")
async def get_problems(register: UUID, visitor: Importer, inside: Inside) -> Response:
    """Every problem that is kept, for a spreadsheet program; no cell is repeated."""
    del visitor
    one = await run_in_threadpool(inside.registers.find, register, inside.now())

    def content() -> Iterator[bytes]:
        problems = (problem for some in pages_of(inside.registers, one) for problem in some)
        return (line.encode() for line in lines(problems))

    told = {**HEADERS, "Content-Disposition": 'attachment; filename="problems.csv"'}
    return StreamingResponse(content(), headers=told, media_type="text/csv; charset=utf-8")


@router.post("/{register}/reading")
async def read_again(
    register: UUID, request: Request, visitor: Importer, inside: Inside
) -> Response:
    """Read the headings anew: of another sheet, from another row, in another encoding."""
    del visitor
    form = await form_of(request)
    row, sheet, encoding = (form.text(name) for name in ("row", "sheet", "encoding"))
    defects: dict[str, str] = {}
    is_row = row.isascii() and row.isdigit() and len(row) <= len(str(HEADING_ROW_MAX))
    if row and not (is_row and 1 <= int(row) <= HEADING_ROW_MAX):
        defects["row"] = words.NOT_A_NUMBER.format(most=HEADING_ROW_MAX)
    if encoding not in words.ENCODINGS:
        defects["encoding"] = words.CHOOSE
    if defects:
        again = Again(_UNPROCESSABLE, defects=defects)
        typed_anew = {"row": row, "sheet": sheet, "encoding": encoding}
        return await _shown(request, register, inside, again, reading=typed_anew)
    reading = Reading(sheet or None, encoding or None, int(row) if row else None)

    async def act() -> None:
        await run_in_threadpool(_read_again, inside, register, reading)

    return await _done(request, register, inside, act)


@router.post("/{register}/mapping")
async def map_columns(
    register: UUID, request: Request, visitor: Importer, inside: Inside
) -> Response:
    """Say what the columns are, and look at every row."""
    form = await form_of(request)
    one = await run_in_threadpool(inside.registers.find, register, inside.now())
    before = cast("dict[str, Any] | None", one.told.get("mapping"))
    if before is None:
        return await _shown(request, register, inside, Again(_CONFLICT, told=words.NOT_NOW))
    found = stated(form, before)
    if found.defects:
        again = Again(_UNPROCESSABLE, form, found.defects)
        return await _shown(request, register, inside, again)

    async def act() -> None:
        actor = visitor.caller.actor
        await start(inside, register, "check", actor, mapping=found.document)

    return await _done(request, register, inside, act)


@router.post("/{register}/check")
async def check_again(
    register: UUID, request: Request, visitor: Importer, inside: Inside
) -> Response:
    """Look at every row once more: a dry run that was interrupted."""

    async def act() -> None:
        await start(inside, register, "check", visitor.caller.actor)

    return await _done(request, register, inside, act)


@router.post("/{register}/import")
async def import_register(
    register: UUID, request: Request, visitor: Proved, inside: Inside
) -> Response:
    """Record what was checked; what was interrupted goes on, and nothing is recorded twice.

    While a row has a problem nothing is recorded, unless its rest is to be kept in quarantine.
    """
    form = await form_of(request)
    one = await run_in_threadpool(inside.registers.find, register, inside.now())
    keeps_rest = form.text("rest") == "quarantine" or bool(one.told.get("keeps_rest"))
    if one.state == "checked" and one.counts.get("problems") and not keeps_rest:
        again = Again(_CONFLICT, told=words.PROBLEMS_LEFT)
        return await _shown(request, register, inside, again)

    async def act() -> None:
        actor = visitor.caller.actor
        await start(inside, register, "record", actor, keeps_rest=keeps_rest)

    return await _done(request, register, inside, act)


@router.post("/{register}/discard")
async def discard(register: UUID, request: Request, visitor: Importer, inside: Inside) -> Response:
    """Delete what was uploaded; what was recorded of it stands."""
    del visitor

    def forgotten() -> None:
        with inside.registers.working(register):
            inside.registers.forget(register)

    async def act() -> None:
        await run_in_threadpool(forgotten)

    return await _done(request, register, inside, act, then=REGISTERS.address)


def _read_again(inside: Services, register: UUID, reading: Reading) -> None:
    """Look at the headings once more.

    Raises:
        NotNowError: it is checked or imported meanwhile.
        RegisterBusyError: somebody is at it.
    """
    registers, at = inside.registers, inside.now()
    with registers.working(register):
        one = registers.find(register, at)
        if one.state not in MAPPABLE:
            raise NotNowError
        try:
            look = first_look(read(registers, one), str(one.told["name"]), reading)
        except RegisterError as error:
            registers.change(one, Change(error=(error.code, error.place)), at)
            return
        told: Told = {**one.told, "sheets": look.sheets, "mapping": look.mapping}
        registers.clear(one, "problems")
        registers.change(one, Change("uploaded", told=told, rows_done=0, counts={}), at)


async def _done(
    request: Request,
    register: UUID,
    inside: Services,
    act: Callable[[], Awaitable[None]],
    then: str | None = None,
) -> Response:
    """Do it, and lead to the page; what cannot be done now is told on it."""
    try:
        await act()
    except (NotNowError, RegisterBusyError, ProcessBusyError) as error:
        again = Again(_CONFLICT, told=_why_not(error))
        return await _shown(request, register, inside, again)
    return go(then or _path(register))


def _why_not(error: Exception) -> str:
    match error:
        case NotNowError():
            return words.NOT_NOW
        case ProcessBusyError():
            return words.PROCESS_BUSY
        case _:
            return words.BUSY


async def _shown(
    request: Request,
    register: UUID,
    inside: Services,
    again: Again,
    number: int = 1,
    *,
    reading: Mapping[str, str] | None = None,
) -> Response:
    one, problems = await run_in_threadpool(_found, inside, register, number)
    told = shown(one)
    mapping = cast("dict[str, Any] | None", one.told.get("mapping"))
    form = again.form
    if form is None and mapping is not None:
        form = typed(mapping)
    kept = min(sum(count for _, count in told.problems.values()), PAGES_MAX * 100)
    return page(
        request,
        "registers/register.html",
        again.status,
        shown=told,
        address=_path(register),
        form=form or Form({}),
        mapping=mapping or {},
        defects=again.defects,
        labels=labels_of(told.titles),
        refusal=again.told,
        findings=FINDINGS,
        error=None if one.error is None else (words.why_unreadable(one.error[0]), one.error[1]),
        is_mapped=mapping is not None and len(told.titles) <= COLUMNS_MAX,
        is_too_wide=len(told.titles) > COLUMNS_MAX,
        problems=problems,
        page_number=number,
        pages=-(-kept // 100),
        choices=choices,
        results=words.RESULTS,
        encodings=words.ENCODINGS,
        reading=reading or _reading(mapping or {}),
    )


def _found(inside: Services, register: UUID, number: int) -> tuple[Register, list[Any]]:
    one = inside.registers.find(register, inside.now())
    return one, cast("list[Any]", page_of(inside.registers, one, number - 1))


def _reading(mapping: Mapping[str, Any]) -> dict[str, str]:
    return {
        "sheet": str(mapping.get("sheet", "")),
        "encoding": str(mapping.get("encoding", "")),
        "row": str(mapping.get("heading_row", "")),
    }


def _path(register: UUID) -> str:
    return f"{REGISTERS.address}/{register}"
