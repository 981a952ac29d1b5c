"""公表: a notice, a version, an amendment or a filing is typed, looked at, and published.

Nothing is appended before the last button. What is shown before it is decided as the append decides
it, and the append is refused when something was published about the notice in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.resources.notices.forms import fields, form_values
from api.resources.notices.forms.about import PATTERN, About, find_about, subject
from api.resources.notices.forms.changes import ChangeView, describe_changes, statements
from api.resources.notices.forms.fields import LABELS, NAMES, RECORD_UNLAWFUL
from api.resources.notices.pages.differences import (
    DATA_KINDS,
    FIELDS,
    ChangedSection,
    NoticeSection,
    announced,
    differences,
)
from api.resources.notices.schemas import JointUse, OptOut, publishing
from api.web.items import random_command
from api.web.pages.draft_recovery import PageDrafts, draft_routes
from api.web.pages.form_drafts import StepDrafts
from api.web.pages.form_result import (
    CONFLICT,
    FIRST,
    OK,
    UNPROCESSABLE,
    FormResult,
    form_page,
    invalid,
)
from api.web.pages.form_values import in_order, number_of, validate_body
from api.web.pages.forms import TOKEN, Form, FormError
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import NOTICES
from api.web.pages.once import COMMAND, once
from api.web.pages.renderer import go, page
from api.web.pages.route import EvenPageRoute
from api.web.services import services_of
from ledger.cases.refusals import StaleVersionError
from ledger.clock import day_in_japan
from ledger.commands import PublishNotice
from ledger.errors import AlreadyActiveError, LedgerError, MalformedError
from ledger.format.events import NoticePublished
from ledger.notices import notice
from ledger.notices.notice import PublishedNotice, UnlawfulChangesError
from ledger.service import Ledger

SEEN: Final = "seen"
"""The hidden field with the version of the notice that was compared with."""
_NOT_YET: Final = 0


STALE: Final = (
    "確かめている間に、この公表事項について別の公表又は取下げがありました。"
    "まだ何も登録していません。もう一度、内容を確かめてください。"
)


def refusal(error: LedgerError | FormError, form: Form) -> FormResult:
    """How the form is shown after a refusal.

    Raises:
        LedgerError: the error itself, when it is no refusal of this command.
    """
    if isinstance(error, FormError):
        return invalid(form, error.fields)
    if isinstance(error, StaleVersionError):
        return FormResult(CONFLICT, form, message=STALE)
    return FIRST.refused(error, form)


@dataclass(frozen=True, slots=True)
class PublicationPreview:
    """What would be published.

    Attributes:
        sections: what it announces.
        before: what it is compared with; `changed`: what differs; both None of a first publication.
        judged: what it changes, each with its verdict (Art. 27(6)); `stated`: what was stated.
        is_compared: whether a version stands that its changes are judged against.
        is_past: whether transfers of past days come to rely on it.
        version: of the notice as it was looked at.
    """

    event: NoticePublished
    sections: tuple[NoticeSection, ...]
    before: PublishedNotice | None
    changed: tuple[ChangedSection, ...] | None
    judged: tuple[ChangeView, ...]
    stated: Sequence[str]
    is_compared: bool
    is_past: bool
    version: int

    @property
    def is_unlawful(self) -> bool:
        """Whether a change is not allowed."""
        return bool(self.event.findings)


def commanded(form: Form, about: About, command: UUID, actor: str) -> PublishNotice:
    """The command that the form states.

    Raises:
        FormError: it states none.
    """
    read = form_values.read(form, about)
    model = OptOut if about.kind == "opt_out" else JointUse
    try:
        made = publishing(validate_body(model, read.body), command, actor, preview_version(form))
    except MalformedError as error:
        found = {**form_values.describe_defects(error.defects, form, about), **read.defects}
        raise FormError(in_order(found, LABELS)) from None
    if read.defects:
        raise FormError(in_order(read.defects, LABELS))
    return replace(made, records_unlawful=form.has(RECORD_UNLAWFUL))


def preview_version(form: Form) -> int | None:
    """The version that was looked at; None: none was, as on the form itself."""
    text = form.text(SEEN)
    if not text:
        return None
    # What is no number is no version that there ever is.
    found = number_of(text)
    return -1 if found is None else found


def build_preview(
    form: Form, about: About, command: PublishNotice, today: date
) -> PublicationPreview:
    """What the command would append, and how it differs from what stands.

    Raises:
        FormError: it would be refused; at its field.
    """
    try:
        # What is not allowed is shown with its article; the append refuses it, or not.
        event = notice.publish(replace(command, records_unlawful=True), about.state)
    except AlreadyActiveError:
        if command.version is not None:
            raise FormError({"version": form_values.SAME_VERSION}) from None
        field = "filed_items" if about.kind == "opt_out" else "what"
        raise FormError({field: form_values.NOTHING_NEW}) from None
    except MalformedError as error:
        raise FormError(form_values.describe_defects(error.defects, form, about)) from None
    published = PublishedNotice(_NOT_YET, event)
    sections, before = announced(published), _before(about, event)
    changed = None if before is None else differences(announced(before), sections)
    first = max(event.in_force_from, event.published_on)
    is_past = first <= today and (event.version is not None or event.kind == "opt_out")
    judged = describe_changes(event)
    statement_texts = statements(event)
    first_day = event.in_force_from
    is_compared = (
        about.state is not None and notice.version_before(about.state, first_day) is not None
    )
    version = about.version
    return PublicationPreview(
        event, sections, before, changed, judged, statement_texts, is_compared, is_past, version
    )


def _before(about: About, event: NoticePublished) -> PublishedNotice | None:
    """What is compared with: the version or filing before, with what is said beside it last."""
    if about.state is None:
        return None
    published = about.state.published
    newest = published[-1]
    if event.kind == "opt_out":
        return newest
    if event.version is None:
        return replace(newest, event=replace(newest.event, version=None))
    versions = [one for one in published if one.event.version is not None]
    if not versions:
        return newest
    # The one that its changes are judged against; of what begins anew, the last one.
    before = notice.version_before(about.state, event.in_force_from) or versions[-1]
    return replace(before, event=replace(before.event, notice=newest.event.notice))


def check_new(ledger: Ledger, about: About, notice_id: str) -> None:
    """A form of a new notice publishes nothing about one that stands.

    Raises:
        FormError: the name is that of one.
    """
    if about.state is None and any(one.notice_id == notice_id for one in ledger.notices()):
        raise FormError({"notice_id": form_values.KNOWN})


class NoticeDrafts(PageDrafts):
    """The drafts of the forms of one page; each notice has its own."""

    @override
    def drafts(self, request: Request, form: str) -> StepDrafts:
        """The drafts of the notice that the address is about."""
        code = request.path_params["notice"]
        # The two kinds of new notices are about nothing yet, so the page tells them apart.
        page = form if code.isdigit() else f"{form}-{code}"
        return StepDrafts(services_of(request), subject(code), page, NAMES, "notice")


_ONE: Final = f"{NOTICES.address}/{{notice}}/publication"

router = APIRouter(prefix=_ONE, route_class=EvenPageRoute)

DRAFTS: Final = NoticeDrafts("notice", "publication")
# As `POST /v1/notices`. What is published is relied on and stays, so who publishes proves who they
# are (0084).
_writer: Final = signed("notices:write", rescue=DRAFTS.keep)
Writer = Annotated[Visit, Depends(_writer)]
Publisher = Annotated[Visit, Depends(signed("notices:write", proved=True, rescue=DRAFTS.keep))]
Code = Annotated[str, Path(pattern=PATTERN)]

MORE: Final = "more"
"""The button that asks for more rows; with any other value, for the form again."""
_WRITTEN: Final = frozenset((TOKEN, COMMAND, SEEN, MORE, fields.RECORD_UNLAWFUL))
NOT_TICKED: Final = "適合しない変更を記録するときは、この欄を選んでください。"


@router.get("")
async def get_form(notice: Code, visit: Writer) -> Response:
    """The form: as it begins, or as it was left."""
    return await _render_form(visit, notice, await DRAFTS.first(visit))


@router.post("")
async def preview_publication(notice: Code, visit: Writer) -> Response:
    """What would be published, and how it differs from what stands; nothing is published."""
    form = await visit.form()
    if form.text(MORE):
        return await _render_form(visit, notice, FormResult(form=form))

    return await _render_preview(visit, notice, {})


async def _render_preview(visit: Visit, code: str, defects: Mapping[str, str]) -> Response:
    """What would be published; or the form once more, with what is wrong with it.

    Args:
        defects: what is wrong with the form by which it is published.
    """
    form, actor = await visit.form(), visit.actor

    def read_preview(ledger: Ledger, at: datetime) -> tuple[About, PublicationPreview]:
        about = find_about(ledger, code)
        command = commanded(form, about, random_command(), actor)
        check_new(ledger, about, command.notice_id)
        return about, build_preview(form, about, command, day_in_japan(at))

    try:
        about, shown = await visit.run(read_preview)
    except FormError as error:
        return await _refused(visit, code, refusal(error, form))
    # Who goes away from here finds it again.
    await DRAFTS.put(visit.request, actor, form)
    return page(
        visit.request,
        "notices/publication_seen.html",
        UNPROCESSABLE if defects else OK,
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
async def publish(notice: Code, visit: Publisher) -> Response:
    """Publish what was looked at, by the command of `POST /v1/notices`."""
    form, actor = await visit.form(), visit.actor

    async def act(command: UUID) -> None:
        def published(ledger: Ledger, at: datetime) -> None:
            about = find_about(ledger, notice)
            publication = commanded(form, about, command, actor)
            if publication.expected_version is None:
                raise StaleVersionError
            if publication.expected_version == about.version:
                # Told at its field, where the append would tell of the whole.
                check_new(ledger, about, publication.notice_id)
                build_preview(form, about, publication, day_in_japan(at))
            ledger.publish(publication, at)

        await visit.run(published)

    try:
        await once(visit, act)
    except UnlawfulChangesError:
        not_ticked = {fields.RECORD_UNLAWFUL: NOT_TICKED}
        return await _render_preview(visit, notice, not_ticked)
    except (FormError, LedgerError) as error:
        return await _refused(visit, notice, refusal(error, form))
    await DRAFTS.sent(visit)
    position = await visit.run(lambda ledger, _: _position(ledger, notice, form))
    return go(f"{NOTICES.address}/{position}/waiting?done=published")


async def _check(visit: Visit) -> None:
    await visit.run(lambda ledger, _: find_about(ledger, visit.request.path_params["notice"]))


async def _show(visit: Visit, again: FormResult) -> Response:
    return await _render_form(visit, visit.request.path_params["notice"], again)


drafts: Final = draft_routes(DRAFTS, _writer, _ONE, _check, _show)


def _address(code: str) -> str:
    return _ONE.format(notice=code)


def _position(ledger: Ledger, code: str, form: Form) -> int:
    """Where the notice begins that was published, under which its page stands."""
    if code.isdigit():
        return int(code)
    named = form.text("notice_id")
    return next(one.published[0].position for one in ledger.notices() if one.notice_id == named)


async def _refused(visit: Visit, code: str, again: FormResult) -> Response:
    """The form once more; what was typed waits."""
    await DRAFTS.put(visit.request, visit.actor, again.current_form)
    return await _render_form(visit, code, again)


async def _render_form(visit: Visit, code: str, again: FormResult) -> Response:
    about = await visit.run(lambda ledger, _: find_about(ledger, code))
    form = fields.first(about.state, about.kind) if again.form is None else again.form
    codes = dict.fromkeys((*DATA_KINDS, *form.texts("data_kinds")))
    return form_page(
        visit,
        "notices/publication.html",
        again,
        fields.LABELS,
        about=about,
        address=_address(code),
        form=form,
        statements=fields.STATEMENTS,
        what=fields.WHAT,
        rows={rows: fields.rows_of(form, rows) for rows in fields.ROWS},
        most={rows: most for rows, (most, _, _) in fields.ROWS.items()},
        added=form.text(MORE),
        more_rows=fields.MORE,
        is_too_long=fields.is_too_long(about.state),
        data_kinds={one: DATA_KINDS.get(one, one) for one in codes if one},
        changeable=FIELDS,
    )
