"""受付登録: a request is taken in as it stands on the paper (S1)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.resources.cases.forms import intake
from api.resources.cases.schemas import intake as wire
from api.web.items import random_command
from api.web.pages.conflict import Conflict, conflict_rows
from api.web.pages.form_values import filled
from api.web.pages.forms import TOKEN, Form, form_of
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import go, is_part, page
from api.web.pages.route import EvenPageRoute
from api.web.services import Services, services_of
from ledger.accesses.access import CASE_FILE
from ledger.cases.case import ReceiveCase, State
from ledger.cases.events.intake import Application
from ledger.cases.intake import LATE_ENTRY_DAYS
from ledger.clock import day_in_japan
from ledger.commands import ViewDocument
from ledger.errors import Defect, MalformedError, NotFoundError
from ledger.law.procedure.codes import REPRESENTATIONS
from ledger.policies.my_number import my_number_defects
from ledger.service import Ledger

router = APIRouter(route_class=EvenPageRoute)

FORM: Final = "new-case"
COMMAND: Final = "command"
_OK: Final = 200
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_log: Final = logging.getLogger(__name__)


async def _rescue(request: Request, actor: str) -> None:
    """Keep what somebody was typing whose time is up: it waits for them as a draft."""
    services = services_of(request)
    await _keep(services, actor, await form_of(request), services.now())


Desk = Annotated[Visit, Depends(signed("cases:write", rescue=_rescue))]


@router.get("/desk/new")
async def get_form(visit: Desk) -> Response:
    """The form: empty, or as it was left."""
    at = visit.now()
    actor = visit.actor
    kept = await run_in_threadpool(visit.services.form_drafts.find, actor, FORM, at)
    if kept is None:
        return _render_form(visit.request, at, _empty(day_in_japan(at)), {})
    fields = cast("dict[str, list[str]]", orjson.loads(kept.content))
    form = Form({name: tuple(texts) for name, texts in fields.items()})
    # It may have been sent while it was being kept.
    waiting = await _unsent(visit.services, actor, form)
    if waiting is None:
        return _render_form(visit.request, at, _empty(day_in_japan(at)), {})
    return _render_form(visit.request, at, waiting, {}, kept_at=kept.kept_at)


@router.post("/desk/new")
async def receive(visit: Desk) -> Response:
    """Take the request in, or tell what is wrong with it, field by field.

    Two tabs may hold one command: a form that says something else than the case that the command
    became is not taken for it. Whoever sent it is told so, and sends it again if it is another one.
    """
    form = await visit.form()
    at = visit.now()
    actor = visit.actor
    if form.text("action") == "more":
        return _render_form(visit.request, at, form, {})
    read = intake.read(form)
    defects = dict(read.defects)
    if not defects:
        try:
            command = wire.CaseRequest.model_validate(read.body).command(_command(form), actor)
            case, earlier = await visit.run(lambda ledger, now: _received(ledger, command, now))
        except ValidationError as error:
            places = (cast("Sequence[str | int]", one["loc"]) for one in error.errors())
            defects = intake.describe_defects(Defect(_pointer(one), "SCHEMA", "") for one in places)
        except MalformedError as error:
            defects = intake.describe_defects(error.defects)
        else:
            if earlier is not None and earlier.application != command.application:
                anew = _renewed(form)
                kept_at = at if await _keep(visit.services, actor, anew, at) else None
                first = await visit.run(lambda ledger, at: _first(ledger, earlier, command, at))
                return _render_form(visit.request, at, anew, {}, kept_at=kept_at, first=first)
            await run_in_threadpool(visit.services.form_drafts.forget, actor, FORM)
            return go(f"/desk/cases/{case}/next")
    await _keep(visit.services, actor, form, at)
    return _render_form(visit.request, at, form, defects)


@router.post("/desk/new/draft")
async def keep_draft(visit: Desk) -> Response:
    """Keep what was typed so far; nothing of it is checked but for an individual number."""
    form = await visit.form()
    at = visit.now()
    is_kept = await _keep(visit.services, visit.actor, form, at)
    if is_part(visit.request):
        kept_at = at if is_kept else None
        is_number = kept_at is None and bool(await _my_numbers(form))
        return page(visit.request, "parts/draft.html", kept_at=kept_at, is_number=is_number)
    defects = {} if is_kept else intake.describe_defects(await _my_numbers(form))
    return _render_form(visit.request, at, form, defects, kept_at=at if is_kept else None)


@router.post("/desk/new/discard")
async def discard(visit: Desk) -> Response:
    """Forget what was typed."""
    await run_in_threadpool(visit.services.form_drafts.forget, visit.actor, FORM)
    return go("/desk/new")


async def _keep(services: Services, actor: str, form: Form, at: datetime) -> bool:
    """Keep a draft, unless an individual number stands in it: that is stored nowhere.

    Nor is kept what became a case already, as it stands: a page that is being sent still keeps what
    was typed last.
    """
    if found := await _my_numbers(form):
        _log.warning("an individual number was refused", extra={"count": len(found)})
        return False
    waiting = await _unsent(services, actor, form)
    if waiting is None:
        return False
    fields = {name: texts for name, texts in waiting.fields.items() if name != TOKEN}
    content = orjson.dumps(fields)
    await run_in_threadpool(services.form_drafts.keep, actor, FORM, content, at)
    return True


async def _my_numbers(form: Form) -> Sequence[Defect]:
    typed = {
        name: " ".join(texts)
        for name, texts in form.fields.items()
        if name not in intake.NAMES and name != TOKEN
    }
    # A form has a mebibyte, also of what no field takes: others are served meanwhile.
    found = await run_in_threadpool(my_number_defects, typed)
    return tuple(Defect(f"/form{one.pointer}", one.code, "") for one in found)


async def _unsent(services: Services, actor: str, form: Form) -> Form | None:
    """What waits to be sent: under a new command if its own is used; None if it was taken in."""
    command = _read_command(form)
    if command is None:
        return form
    earlier = await services.run(lambda ledger, _: _became(ledger, command))
    if earlier is None:
        return form
    return None if _application(form, actor) == earlier.application else _renewed(form)


def _received(ledger: Ledger, command: ReceiveCase, at: datetime) -> tuple[UUID, State | None]:
    """The case; and as it began, if the command had begun it before."""
    receipt = ledger.receive_case(command, at)
    return receipt.stream, _became(ledger, command.command) if receipt.known else None


def _became(ledger: Ledger, command: UUID) -> State | None:
    """The case that the command began, as it then stood; None when the command is not used."""
    receipt = ledger.case_first(command)
    return None if receipt is None else ledger.case_after(receipt, command)[0]


@dataclass(frozen=True, slots=True)
class _First:
    """The case that the command of a form had become, of another request than the form's.

    Attributes:
        is_own: the visitor took it in.
    """

    state: State
    is_own: bool
    typed: Application


def _first(ledger: Ledger, earlier: State, command: ReceiveCase, at: datetime) -> _First:
    """That it is looked at is on record before it is shown."""
    case_with_facts = ledger.case_with_facts(earlier.case)
    if case_with_facts is None:
        raise NotFoundError
    state, facts = case_with_facts
    actor, reason = command.actor, state.status.value
    ledger.view(ViewDocument(random_command(), actor, state.case, CASE_FILE, reason=reason), at)
    return _First(earlier, facts[0].actor == actor, command.application)


def _application(form: Form, actor: str) -> Application | None:
    """The request that the form states; None while it states none that could be taken in."""
    read = intake.read(form)
    if read.defects:
        return None
    try:
        body = wire.CaseRequest.model_validate(read.body)
    except ValidationError:
        return None
    return body.command(_command(form), actor).application


def _renewed(form: Form) -> Form:
    """What was typed, under a command that nobody has used."""
    return Form({**form.fields, COMMAND: (str(random_command()),)})


def _command(form: Form) -> UUID:
    """The command that the form becomes: the same one, if it is sent twice."""
    return _read_command(form) or random_command()


def _read_command(form: Form) -> UUID | None:
    try:
        return UUID(form.text(COMMAND))
    except ValueError:
        return None


def _pointer(place: Sequence[str | int]) -> str:
    return "".join(f"/{step}" for step in place)


def _empty(today: date) -> Form:
    given = {"channel": "post", "provided": "yes", "received": "yes", "kind": "provision_records"}
    return filled({"arrived_on": today, **given})


def _render_form(
    request: Request,
    at: datetime,
    form: Form,
    defects: Mapping[str, str],
    *,
    kept_at: datetime | None = None,
    first: _First | None = None,
) -> Response:
    status = _UNPROCESSABLE if defects else _OK if first is None else _CONFLICT
    differing: Conflict | None = None
    if first is not None:
        kinds = services_of(request).settings.kinds
        both = (intake.stored(one, kinds) for one in (first.state.application, first.typed))
        rows = conflict_rows(intake.FIELDS, *both)
        differing = Conflict(rows, is_sendable=True, is_replaced=False)
    return page(
        request,
        "cases/intake.html",
        status,
        form=form,
        defects=defects,
        labels=intake.LABELS,
        command=form.text(COMMAND) or str(random_command()),
        rows=intake.rows(form),
        rows_max=intake.ROWS_MAX,
        new_row=intake.new_row(form),
        representations=REPRESENTATIONS,
        kept_at=kept_at,
        earlier=None if first is None else first.state,
        is_own=first is not None and first.is_own,
        differing=differing,
        today=day_in_japan(at),
        late_days=LATE_ENTRY_DAYS,
    )
