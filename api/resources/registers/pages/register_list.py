"""What was uploaded, and the upload: a file streams into sealed pieces, and lies nowhere else."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.problems.refusals import TooBusyError
from api.resources.registers.errors import RegisterError
from api.resources.registers.forms import words
from api.resources.registers.forms.register_view import labels_of, view_of
from api.resources.registers.pages.register_page import run_preview
from api.resources.registers.sealed_file import BYTES, piece_writer, read
from api.resources.registers.suggestion import SheetOptions, preview_sheet, sheet_names
from api.web.pages.guard import Visit, signed, signed_upload, upload_of
from api.web.pages.navigation import REGISTERS
from api.web.pages.renderer import go, page
from api.web.pages.route import PageRoute
from api.web.pages.upload_form import UploadForm
from api.web.services import Services
from ledger.lifetimes import STAGING_DAYS
from ledger.store.registers import RegisterChange, RegisterRow, StagedMembers
from ledger.workers.confined_reader import Stop

router = APIRouter(route_class=PageRoute)

# As `POST /v1/transfers`: what is imported is recorded by it.
Importer = Annotated[Visit, Depends(signed("events:write"))]
Uploader = Annotated[Visit, Depends(signed_upload("events:write"))]

BYTES_MAX: Final = 64 * 1024 * 1024
DISCARDED_BYTES_MAX: Final = 4 * BYTES_MAX
"""A browser shows an answer only once it has sent everything; beyond this it is hung up on."""
LISTED_MAX: Final = 50
_MEGABYTE: Final = 1024 * 1024
_UNPROCESSABLE: Final = 422
_TOO_LARGE: Final = 413
_BUSY: Final = 503


class _TooLargeError(Exception):
    """The file is longer than it may be."""


@router.get(REGISTERS.address)
async def get_registers(visit: Importer) -> Response:
    """The registers that wait or were imported in the last days, newest first."""
    return await _render_list(visit)


@router.post(REGISTERS.address)
async def upload(visit: Uploader) -> Response:
    """Take a file in, and look at its headings."""
    file = upload_of(visit.request)
    if file is None:
        return await _render_list(visit, {"file": words.FILE_EMPTY})
    members = {"name": file.name}
    actor, at = visit.actor, visit.now()
    one = await run_in_threadpool(visit.services.registers.begin, actor, members, at)
    try:
        size = await _store_file(file, one, visit.services)
        change = await run_preview(visit, actor, partial(_preview_file, visit.services, one, size))
        await run_in_threadpool(visit.services.registers.change, one, change, visit.now())
    except _TooLargeError:
        await run_in_threadpool(visit.services.registers.forget, one.register)
        message = words.FILE_TOO_LARGE.format(megabytes=BYTES_MAX // _MEGABYTE)
        return await _render_list(visit, {"file": message}, _TOO_LARGE)
    except TooBusyError:
        await run_in_threadpool(visit.services.registers.forget, one.register)
        return await _render_list(visit, {"file": words.PREVIEWS_BUSY}, _BUSY)
    except RegisterError as error:
        await run_in_threadpool(visit.services.registers.forget, one.register)
        return await _render_list(visit, {"file": words.why_unreadable(error.code)})
    except BaseException:
        # Nothing is left of half a file; not awaited, for the request may be cancelled.
        visit.services.registers.forget(one.register)
        raise
    return go(f"{REGISTERS.address}/{one.register}")


async def _store_file(file: UploadForm, one: RegisterRow, services: Services) -> int:
    """Keep the file; how many bytes it has.

    Raises:
        _TooLargeError: see there.
    """
    writer = piece_writer(services.registers, one)
    received = 0
    async for piece in file.content():
        received += len(piece)
        if received <= BYTES_MAX:
            await run_in_threadpool(writer.write, piece)
        elif received > DISCARDED_BYTES_MAX:
            break
    if received > BYTES_MAX:
        raise _TooLargeError
    await run_in_threadpool(writer.end)
    return received


def _preview_file(services: Services, one: RegisterRow, size: int, stop: Stop) -> RegisterChange:
    """What the first look brings: columns and what they may mean, or how it must be read instead.

    Raises:
        RegisterError: it is no register, however it is read.
    """
    whole = replace(one, bytes=size)
    name = str(one.members["name"])
    file = read(services.registers, whole)
    try:
        preview = preview_sheet(file, name, SheetOptions(), stop)
    except RegisterError as error:
        if error.code not in words.AGAIN_READABLE:
            raise
        unread: StagedMembers = {
            **one.members,
            BYTES: size,
            "sheets": [*sheet_names(file, name, stop)],
        }
        return RegisterChange("uploaded", size, unread, error=(error.code, error.place))
    members: StagedMembers = {**one.members, BYTES: size, **preview}
    return RegisterChange("uploaded", size, members)


async def _render_list(
    visit: Visit, defects: Mapping[str, str] | None = None, status: int = _UNPROCESSABLE
) -> Response:
    registers = visit.services.registers
    found, spoilt = await run_in_threadpool(registers.newest, LISTED_MAX, visit.now())
    return page(
        visit.request,
        "registers/list.html",
        status if defects else 200,
        rows=[view_of(one) for one in found],
        spoilt={register: words.why_spoilt(error) for register, error in spoilt.items()},
        defects=defects or {},
        labels=labels_of(()),
        megabytes=BYTES_MAX // _MEGABYTE,
        days=STAGING_DAYS,
    )
