"""修復: one rejected item, what is wrong with it, and the form that records it put right.

What an item says may name anybody: it is shown to who has just proved who they are, and each time
that is put on record. An item that waits no more is told of alike, whatever became of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.resources.quarantine.forms import content, fields
from api.resources.quarantine.forms.problems import LABELS, at_fields, outside, problems_of
from api.resources.quarantine.pages import ADDRESS
from api.resources.quarantine.repair import record_access, repaired, repaired_item
from api.resources.quarantine.schemas import done_to_rejected, known_rejected
from api.resources.registers.fields import FIELDS
from api.resources.transfers.forms import members
from api.resources.transfers.forms.finding_view import describe_verdict
from api.web.items import MARKING, ParsedItem
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import FIRST, UNPROCESSABLE, FormResult, explain_refusal
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.once import once
from api.web.pages.renderer import go, page
from api.web.pages.route import PageRoute
from api.web.services import Services
from ledger.errors import LedgerError, MalformedError, NotFoundError, SourceNotAllowedError
from ledger.law.findings import FINDINGS
from ledger.policies.context import TransferVerdict
from ledger.quarantine.service import RejectedItem
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(route_class=PageRoute)

# As `POST /v1/quarantine/{rejected}/repair`; it shows persons, so a fresh proof is asked for.
_RESCUING: Final = PageDrafts("rejected", "repair")
Keeper = Annotated[Visit, Depends(signed("quarantine:write", proved=True, rescue=_RESCUING.keep))]

ONE: Final = f"{ADDRESS}/{{rejected}}"
_NOT_FOUND: Final = 404
_JAPANESE: Final = "ja"
FIELDS_SHAPE: Final = "fields"
CONTENT_SHAPE: Final = "content"


@dataclass(frozen=True, slots=True)
class RepairedItem:
    """What a form makes of an item.

    Attributes:
        shape: whether its fields are shown, or its text.
        unread: field → why it cannot be read.
        item: what would be recorded; its error when it is none.
    """

    form: Form
    shape: str
    unread: dict[str, str]
    item: ParsedItem


class _Refused(Exception):  # noqa: N818 -- the ledger's own refusal, carried through `once`
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@router.get(ONE)
async def get_repair(rejected: UUID, visit: Keeper) -> Response:
    """The item with what is wrong with it; what was sent when the time was up stands in it."""
    waited = await _RESCUING.take_draft(visit)
    again = FormResult() if waited is None else FormResult(form=waited[0], kept_at=waited[1])
    return await _render_page(rejected, visit, again)


@router.post(ONE)
async def repair(rejected: UUID, visit: Keeper) -> Response:
    """Show what the item would be in law, or record it; what is refused is shown again."""
    form, caller = await visit.form(), visit.caller
    press = form.text("act")
    if await done_to_rejected(rejected, caller, visit.services, "repaired"):
        return go(f"{ADDRESS}?done=repaired")
    if press != "record":
        again = FormResult(form=form)
        return await _render_page(rejected, visit, again, as_text=press == "content")

    async def act(_: UUID) -> None:
        kept = await known_rejected(rejected, caller, visit.services)
        stated = _read_repair(form, kept, visit)
        if stated.unread or isinstance(stated.item.error, SourceNotAllowedError):
            raise MalformedError(())
        result = await repaired(kept, stated.item, caller, visit.services, _JAPANESE)
        if "problem" in result:
            problem = cast("dict[str, Json]", result["problem"])
            refusal = _Refused(cast("int", problem["status"]), cast("str", problem["detail"]))
            raise MalformedError(()) from refusal

    try:
        await once(visit, act)
    except LedgerError as error:
        again = _form_result_of(error, form)
        return await _render_page(rejected, visit, again)
    return go(f"{ADDRESS}?done=repaired")


def _form_result_of(error: LedgerError, form: Form) -> FormResult:
    if isinstance(error.__cause__, _Refused):
        return FormResult(error.__cause__.status, form, message=error.__cause__.words)
    if isinstance(error, MalformedError | NotFoundError):
        return FormResult(UNPROCESSABLE, form)
    return FIRST.refused(error, form)


def _read_repair(form: Form | None, kept: RejectedItem, visit: Visit) -> RepairedItem:
    """What the form, or none yet, makes of the item that waits."""
    is_text = not fields.fits(kept.item)
    if form is not None:
        is_text = is_text or form.text("shape") == CONTENT_SHAPE
    if is_text:
        form = content.form_of(kept.item) if form is None else form
        if not form.has(content.CONTENT):
            form = Form({**form.fields, **content.form_of(kept.item).fields})
        read = content.read(form)
    else:
        form = fields.form_of(kept.item) if form is None else form
        read = fields.read(form, kept.item)
    item = repaired_item(read.item, kept, visit.caller, visit.services)
    return RepairedItem(form, CONTENT_SHAPE if is_text else FIELDS_SHAPE, {**read.defects}, item)


def _as_text(stated: RepairedItem, kept: RejectedItem, visit: Visit) -> RepairedItem:
    """The same as text; what cannot be read stays in its field."""
    if stated.unread or stated.shape == CONTENT_SHAPE:
        return stated
    fields_of_text = {**content.form_of(stated.item.given).fields, "shape": (CONTENT_SHAPE,)}
    return _read_repair(Form(fields_of_text), kept, visit)


async def _render_page(
    rejected: UUID, visit: Visit, again: FormResult, *, as_text: bool = False
) -> Response:
    try:
        kept = await known_rejected(rejected, visit.caller, visit.services)
    except NotFoundError:
        if again.form is None:
            raise
        return await _render_missing(rejected, visit, again.form)
    if kept.text is None:
        return page(visit.request, "quarantine/repair.html", kept=kept, is_empty=True)
    stated = _read_repair(again.form, kept, visit)
    if as_text:
        stated = _as_text(stated, kept, visit)
    await record_access(visit.caller, visit.services)
    message, problems, defects = again.message, (), dict(stated.unread)
    error = stated.item.error
    is_unread = bool(stated.unread) and stated.shape == CONTENT_SHAPE
    if isinstance(error, MalformedError | SourceNotAllowedError) and not is_unread:
        problems = (
            problems_of(error.defects, stated.item.given)
            if isinstance(error, MalformedError)
            else (outside(kept.within),)
        )
        defects = _at_fields(stated, {**at_fields(problems), **stated.unread})
    elif error is not None and not stated.unread and message is None:
        again = replace(again, status=explain_refusal(error)[0])
        message = explain_refusal(error)[1]
    is_first = again.form is None
    if defects and not is_first and not as_text and again.kept_at is None:
        again = replace(again, status=UNPROCESSABLE)
    return page(
        visit.request,
        "quarantine/repair.html",
        again.status,
        **await _judged(stated, visit.services, is_requested=not is_first and message is None),
        is_empty=False,
        kept=kept,
        address=f"{ADDRESS}/{rejected}",
        refused=message,
        kept_at=again.kept_at,
        problems=problems,
        unread=stated.unread,
        is_refused=again.status == UNPROCESSABLE,
        defects=defects,
        form=stated.form,
        shape=stated.shape,
        content=content.raw_text(stated.form),
        is_too_long=content.is_too_long(kept.item),
        can_have_fields=fields.fits(kept.item),
        actor=visit.actor,
        labels=LABELS,
        persons=fields.people_in(stated.form),
        fields=fields,
        members=members,
        member_fields=FIELDS,
        data=_data(kept.item),
        advised=frozenset[str](),
        findings=FINDINGS,
    )


def _data(item: Json) -> dict[str, Json]:
    data = item.get("data") if isinstance(item, dict) else None
    return data if isinstance(data, dict) else {}


def _at_fields(stated: RepairedItem, found: dict[str, str]) -> dict[str, str]:
    """What is told at the fields that the page has."""
    if stated.shape == CONTENT_SHAPE:
        message = f"{len(found)}か所に問題があります。上の「問題」の表を確かめてください。"
        return {content.CONTENT: message}
    return {name: found[name] for name in LABELS if name in found}


async def _judged(
    stated: RepairedItem, services: Services, *, is_requested: bool
) -> dict[str, Any]:
    """The verdict that recording would reach now, as the dry run of the endpoints tells it."""
    command = stated.item.command
    if command is None or stated.unread or not is_requested:
        return {"verdict": None}

    def judged(ledger: Ledger, at: datetime) -> tuple[int, TransferVerdict]:
        return ledger.judge(command, at)

    _, verdict = await services.run(judged)
    own = verdict.persons.values()
    whole = frozenset(verdict.whole.findings)
    only = [
        (code, count)
        for code in FINDINGS
        if code not in whole and (count := sum(code in one.findings for one in own))
    ]
    return {
        "verdict": verdict.whole,
        "is_lawful": verdict.whole.lawful and all(one.lawful for one in own),
        "verdict_rows": describe_verdict(verdict.whole),
        "findings_of_some": only,
    }


async def _render_missing(rejected: UUID, visit: Visit, form: Form) -> Response:
    """The item waits no more, or never did: what was typed is there to be copied."""
    includes_hidden = visit.caller.may(MARKING)
    ended = await run_in_threadpool(
        lambda: visit.services.quarantine.settled_by(rejected, includes_hidden=includes_hidden)
    )
    typed = {
        LABELS[name]: "\n".join(one for one in form.fields[name] if one)
        for name in form.fields
        if name in LABELS
    }
    return page(
        visit.request,
        "quarantine/repair_gone.html",
        _NOT_FOUND,
        ended=ended,
        typed={label: text for label, text in typed.items() if text.strip()},
    )
