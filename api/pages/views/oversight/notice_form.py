"""公表: a notice, a version, an amendment or a filing is typed, looked at, and published.

Nothing is appended before the last button. What is shown before it is decided as the append decides
it, and the append is refused when something was published about the notice in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from api.pages import days
from api.pages.drafts import NUMBER_SHOWN, kept_by_itself
from api.pages.forms import TOKEN, Form, form_of
from api.pages.guard import signed
from api.pages.navigation import NOTICES
from api.pages.once import COMMAND, once
from api.pages.oversight.notices import fields
from api.pages.oversight.notices.about import PATTERN, About, found
from api.pages.renderer import go, is_part, page
from api.pages.route import EvenPageRoute
from api.pages.views.oversight.differences import DATA_KINDS, FIELDS
from api.pages.views.oversight.notice_drafts import NoticeDrafts
from api.pages.views.oversight.publication import (
    SEEN,
    PublicationFormError,
    PublicationPreview,
    check_new,
    commanded,
    seen,
)
from api.pages.views.oversight.refusals import told_of
from api.people import Visitor
from api.services import Services, ServicesDep
from api.wire.items import random_command
from ledger.cases.refusals import StaleVersionError
from ledger.clock import day_in_japan
from ledger.errors import LedgerError
from ledger.notices.notice import UnlawfulChangesError
from ledger.service import Ledger

_ONE: Final = f"{NOTICES.address}/{{notice}}/publication"

router = APIRouter(prefix=_ONE, route_class=EvenPageRoute)

DRAFTS: Final = NoticeDrafts("publication")
# As `POST /v1/notices`. What is published is relied on and stays, so who publishes proves who they
# are (0084).
Writer = Annotated[Visitor, Depends(signed("notices:write", rescue=DRAFTS.keep))]
Publisher = Annotated[Visitor, Depends(signed("notices:write", proved=True, rescue=DRAFTS.keep))]
Code = Annotated[str, Path(pattern=PATTERN)]

MORE: Final = "more"
"""The button that asks for more rows; with any other value, for the form again."""
_WRITTEN: Final = frozenset((TOKEN, COMMAND, SEEN, MORE, fields.RECORD_UNLAWFUL))
NOT_TICKED: Final = "適合しない変更を記録するときは、この欄を選んでください。"
_OK: Final = 200
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
STALE: Final = (
    "確かめている間に、この公表事項について別の公表又は取下げがありました。"
    "まだ何も登録していません。もう一度、内容を確かめてください。"
)


@dataclass(frozen=True, slots=True)
class NoticeFormResult:
    """How the form is shown.

    Attributes:
        form: what stands in it; None: what it begins with.
        defects: field → what is wrong with it; `told`: why it was refused.
        kept_at: when what was typed was kept; None: it is not.
    """

    form: Form | None = None
    status: int = _OK
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    told: str | None = None
    kept_at: datetime | None = None


@router.get("")
async def get_form(
    notice: Code, request: Request, visitor: Writer, services: ServicesDep
) -> Response:
    """The form: as it begins, or as it was left."""
    kept = await DRAFTS.of(request).find(visitor.caller.actor, services.now())
    again = NoticeFormResult() if kept is None else NoticeFormResult(kept[0], kept_at=kept[1])
    return await _shown(request, services, notice, again)


@router.post("")
async def look(notice: Code, request: Request, visitor: Writer, services: ServicesDep) -> Response:
    """What would be published, and how it differs from what stands; nothing is published."""
    form = await form_of(request)
    if form.text(MORE):
        return await _shown(request, services, notice, NoticeFormResult(form))

    return await _looked(request, visitor, services, notice, {})


async def _looked(
    request: Request,
    visitor: Visitor,
    services: Services,
    code: str,
    defects: Mapping[str, str],
) -> Response:
    """What would be published; or the form once more, with what is wrong with it.

    Args:
        defects: what is wrong with the form by which it is published.
    """
    form, actor = await form_of(request), visitor.caller.actor

    def looked(ledger: Ledger, at: datetime) -> tuple[About, PublicationPreview]:
        about = found(ledger, code)
        command = commanded(form, about, random_command(), actor)
        check_new(ledger, about, command.notice_id)
        return about, seen(form, about, command, day_in_japan(at))

    try:
        about, shown = await services.run(looked)
    except PublicationFormError as error:
        return await _refused(
            request, visitor, services, code, NoticeFormResult(form, defects=error.defects)
        )
    # Who goes away from here finds it again.
    await DRAFTS.of(request).keep(actor, form, services.now())
    return page(
        request,
        "watching/publication_seen.html",
        _UNPROCESSABLE if defects else _OK,
        about=about,
        address=_address(code),
        seen=shown,
        hidden={one: texts for one, texts in form.fields.items() if one not in _WRITTEN},
        command=form.text(COMMAND) or str(random_command()),
        defects=defects,
        labels=fields.LABELS,
        unlawful=fields.RECORD_UNLAWFUL,
    )


@router.post("/publish")
async def publish(
    notice: Code, request: Request, visitor: Publisher, services: ServicesDep
) -> Response:
    """Publish what was looked at, by the command of `POST /v1/notices`."""
    form, actor = await form_of(request), visitor.caller.actor

    async def act(command: UUID) -> None:
        def published(ledger: Ledger, at: datetime) -> None:
            about = found(ledger, notice)
            publication = commanded(form, about, command, actor)
            if publication.expected_version is None:
                raise StaleVersionError
            if publication.expected_version == about.version:
                # Told at its field, where the append would tell of the whole.
                check_new(ledger, about, publication.notice_id)
                seen(form, about, publication, day_in_japan(at))
            ledger.publish(publication, at)

        await services.run(published)

    try:
        await once(request, services, actor, act)
    except PublicationFormError as error:
        return await _refused(
            request, visitor, services, notice, NoticeFormResult(form, defects=error.defects)
        )
    except UnlawfulChangesError:
        not_ticked = {fields.RECORD_UNLAWFUL: NOT_TICKED}
        return await _looked(request, visitor, services, notice, not_ticked)
    except StaleVersionError:
        again = NoticeFormResult(form, _CONFLICT, told=STALE)
        return await _refused(request, visitor, services, notice, again)
    except LedgerError as error:
        status, told = told_of(error)
        again = NoticeFormResult(form, status, told=told)
        return await _refused(request, visitor, services, notice, again)
    await DRAFTS.of(request).sent(actor, form, services.now())
    position = await services.run(lambda ledger, _: _position(ledger, notice, form))
    return go(f"{NOTICES.address}/{position}/waiting?done=published")


@router.post("/draft")
async def keep_draft(
    notice: Code, request: Request, visitor: Writer, services: ServicesDep
) -> Response:
    """Keep what was typed so far; nothing of it is checked but for an individual number."""
    form, actor, at = await form_of(request), visitor.caller.actor, services.now()
    await services.run(lambda ledger, _: found(ledger, notice))
    drafts = DRAFTS.of(request)
    if is_part(request):
        return await kept_by_itself(request, drafts, actor, form, at)
    if await drafts.keep(actor, form, at):
        return await _shown(request, services, notice, NoticeFormResult(form, kept_at=at))
    again = NoticeFormResult(form, _UNPROCESSABLE, told=NUMBER_SHOWN)
    return await _shown(request, services, notice, again)


@router.post("/discard")
async def discard(
    notice: Code, request: Request, visitor: Writer, services: ServicesDep
) -> Response:
    """Forget what was typed."""
    form = await form_of(request)
    await services.run(lambda ledger, _: found(ledger, notice))
    await DRAFTS.of(request).sent(visitor.caller.actor, form, services.now())
    return go(_address(notice))


def _address(code: str) -> str:
    return _ONE.format(notice=code)


def _position(ledger: Ledger, code: str, form: Form) -> int:
    """Where the notice begins that was published, under which its page stands."""
    if code.isdigit():
        return int(code)
    named = form.text("notice_id")
    return next(one.published[0].position for one in ledger.notices() if one.notice_id == named)


async def _refused(
    request: Request, visitor: Visitor, services: Services, code: str, again: NoticeFormResult
) -> Response:
    """The form once more; what was typed waits."""
    if again.form is not None:
        await DRAFTS.of(request).keep(visitor.caller.actor, again.form, services.now())
    return await _shown(request, services, code, again)


async def _shown(
    request: Request, services: Services, code: str, again: NoticeFormResult
) -> Response:
    about = await services.run(lambda ledger, _: found(ledger, code))
    form = fields.first(about.state, about.kind) if again.form is None else again.form
    codes = dict.fromkeys((*DATA_KINDS, *form.texts("data_kinds")))
    return page(
        request,
        "watching/publication.html",
        _UNPROCESSABLE if again.defects else again.status,
        about=about,
        address=_address(code),
        form=form,
        defects=again.defects,
        told_why=again.told,
        kept_at=again.kept_at,
        labels=fields.LABELS,
        statements=fields.STATEMENTS,
        what=fields.WHAT,
        rows={rows: fields.rows_of(form, rows) for rows in fields.ROWS},
        most={rows: most for rows, (most, _, _) in fields.ROWS.items()},
        added=form.text(MORE),
        more_rows=fields.MORE,
        is_too_long=fields.is_too_long(about.state),
        data_kinds={one: DATA_KINDS.get(one, one) for one in codes if one},
        changeable=FIELDS,
        eras=days.ERAS,
        calendar=days.CALENDAR,
    )
