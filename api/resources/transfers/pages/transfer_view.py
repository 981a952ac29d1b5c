"""What the page of one transfer and its forms show of it, and how a form brings its version."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import SignedInUser
from api.resources.registers.fields import LABELS
from api.resources.transfers.access import AccessReason, TransferView, view_transfer
from api.resources.transfers.correction_schemas import sight_of
from api.resources.transfers.forms import finding_view, words
from api.resources.transfers.forms.form_changes import (
    Keeping,
    RecordVersions,
    merge_as_sent,
    takes_changes,
)
from api.resources.transfers.forms.members import FIELD_LABELS, field_of
from api.resources.transfers.forms.transfer_timeline import TransferTimelineEntry, build_timeline
from api.resources.transfers.forms.ways import WAYS, Way
from api.resources.transfers.schemas import transfer_facts
from api.web.pages.conflict import SINCE, Conflict, conflict_since, version_in
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import FIRST, ByField, FormResult, explain_refusal, invalid
from api.web.pages.form_values import AnyBody, in_order, validate_body, wrong
from api.web.pages.forms import Form, FormError, form_of
from api.web.pages.guard import Visit
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.once import once
from api.web.pages.renderer import go, page
from ledger.errors import (
    ExpiredError,
    LedgerError,
    MalformedError,
    NotFoundError,
    StreamMovedError,
)
from ledger.law.findings import FINDINGS
from ledger.service import Ledger
from ledger.transfers.settlement import FindingsDifferError, NothingToSettleError
from ledger.transfers.transfer import State, fold

_AGAIN: Final = {
    words.CHANGED: words.CHANGED_FOR_GOOD,
    words.NOT_CURRENT: words.NOTHING_CURRENT,
}
"""What asks to send a form once more → the same where it can be sent no more."""


@dataclass(frozen=True, slots=True)
class TransferFormView:
    """One form of a transfer.

    Attributes:
        done: the code of what was done, for the page of the transfer.
        first: the form as it begins.
        filled: what its template needs besides.
        kept: what of it stays when the record changed after it was opened.
        is_open: whether the record takes what the form states.
    """

    way: Way
    done: str
    first: Callable[[State], Form]
    filled: Callable[[State], dict[str, Any]]
    kept: Keeping = merge_as_sent
    is_open: Callable[[State], bool] = takes_changes


def form_context(
    seen: TransferView,
    showing: TransferFormView,
    again: FormResult,
    events: Sequence[TransferTimelineEntry],
) -> dict[str, Any]:
    """The form over the record as it stands, what others did since it was made, what differs.

    A form bears the version that it is shown with: whatever it holds then is what its sender saw.
    It goes on to say since when it was overtaken, so what differs is told until it is taken.
    """
    state, form = seen.state, again.form
    is_open = showing.is_open(state)
    context: dict[str, Any] = {
        "form": showing.first(state) if form is None else form,
        "refused": again.message,
        "since": (),
        "differing": None,
        "overtaken_since": None,
        "defects": again.defects,
    }
    if form is None:
        return context
    made_of = version_in(form)
    first = version_in(form, SINCE) or made_of
    if first == state.version and is_open:
        return context
    versions = RecordVersions(_then(seen, first), _then(seen, made_of), state, is_open)
    kept = showing.kept(form, versions)
    context["form"], context["since"] = kept.form, [one for one in events if one.version > first]
    context["overtaken_since"] = conflict_since(form, state.version)
    if kept.rows:
        context["differing"] = Conflict(kept.rows, is_sendable=is_open, is_replaced=False)
    if not is_open:
        context["refused"] = _AGAIN.get(again.message or "", again.message)
        # There is no form in which anything could be mended.
        context["defects"] = {}
    return context


def _then(seen: TransferView, version: int) -> State | None:
    """The transfer at a version; None where the form names none that there was."""
    is_known = 1 <= version <= seen.state.version
    return fold(None, [one for one in seen.facts if one.version <= version]) if is_known else None


ONE: Final = f"{EXCEPTIONS.address}/{{transfer}}"
"""The address of the page of one transfer."""
OPENED: Final = AccessReason("inspection")
"""Why the page of a transfer is opened: it is looked at whether the record is right."""
HANDLED: Final = AccessReason("correction")
"""Why one of its forms is opened."""
RESCUING: Final = PageDrafts("transfer")
"""What somebody sends to one of the forms whose time is up, or whose proof is too old."""
EMPTY: Final = Form({})


def validate_form(  # noqa: PLR0913 -- a form, its body and its fields
    form: Form,
    model: type[AnyBody],
    body: Mapping[str, object],
    defects: Mapping[str, str],
    labels: Iterable[str],
    *,
    by_field: ByField | None = None,
    reason_at: str = "/reason",
) -> AnyBody:
    """The body of the endpoint; all that is wrong with the form is told at once.

    Args:
        defects: field → what was wrong with it before.
        labels: the fields, in the order of the page.
        by_field: tells what the body does not fit by, but the reason.
        reason_at: where the body has the reason.

    Raises:
        FormError: it does not fit, or there were defects before.
    """
    found, made = {**defects}, None
    try:
        made = validate_body(model, body)
    except MalformedError as error:
        found = {**(by_field(error.defects) if by_field else {}), **found}
        if any(one.pointer == reason_at for one in error.defects):
            found["reason"] = wrong(form.text("reason"))
    if found or made is None:
        raise FormError(in_order(found, labels))
    return made


def address_of(transfer: UUID) -> str:
    """The page of one transfer."""
    return f"{EXCEPTIONS.address}/{transfer}"


async def version_of(request: Request) -> int:
    """The version of the transfer that a form was made of; 0, which none has, without one."""
    return version_in(await form_of(request))


async def read_state(transfer: UUID, visit: Visit) -> State:
    """The transfer as it stands, for what a form says of it; nothing of it is shown.

    Raises:
        NotFoundError, ExpiredError: as the endpoint of the API.
    """

    def read(ledger: Ledger, _: datetime) -> State:
        sight = sight_of(ledger, visit.caller)
        return transfer_facts(ledger.streams, transfer, sight)[0]

    return await visit.run(read)


async def read_state_at(transfer: UUID, visit: Visit, version: int) -> State:
    """The transfer as the form saw it.

    Raises:
        NotFoundError, ExpiredError: as the endpoint of the API.
        StreamMovedError: somebody changed it since.
    """
    state = await read_state(transfer, visit)
    if state.version != version:
        raise StreamMovedError(transfer)
    return state


def build_context(view: TransferView, user: SignedInUser) -> dict[str, Any]:
    """What each page of a transfer is made of; no person of it is named."""
    state = view.state
    assert state.entry is not None, "what is shown lives"
    assert state.record is not None, "what is shown lives"
    found = finding_view.list_findings(state)
    events = build_timeline(view.facts, user.caller.actor)
    return {
        "transfer": view.transfer,
        "address": address_of(view.transfer),
        "state": state,
        "version": state.version,
        "entry": state.entry,
        "recorded_on": state.record.recorded_on,
        "found": found,
        "findings": FINDINGS,
        "is_settled": not state.open_findings,
        "facts": finding_view.facts(state.record.data),
        "verdict": finding_view.verdict(state),
        "happened": events,
        "persons_count": state.persons,
        "may_change": takes_changes(state),
        "way_words": {way.value: text for way, text in WAYS.items()},
        "exception_words": words,
        "field_of": field_of,
        "member_labels": LABELS,
        "labels": FIELD_LABELS,
    }


async def show(
    visit: Visit, transfer: UUID, showing: TransferFormView, again: FormResult
) -> Response:
    """The page of one way to handle a transfer. The look is put on record before it is answered.

    What was sent when the time of its sender was up is shown first, once.

    Raises:
        NotFoundError, ExpiredError: as the endpoint of the API.
    """
    if again is FIRST:
        again = again.resumed(await RESCUING.take_draft(visit))

    def render(ledger: Ledger, at: datetime) -> Response:
        seen = view_transfer(ledger, visit.caller, transfer, HANDLED, at)
        about = build_context(seen, visit.user)
        return page(
            visit.request,
            f"transfers/{showing.way.value}.html",
            again.status,
            **{**about, **showing.filled(seen.state)},
            **form_context(seen, showing, again, about["happened"]),
            way=showing.way.value,
            kept_at=again.kept_at,
        )

    return await visit.run(render)


async def answered(
    visit: Visit,
    transfer: UUID,
    showing: TransferFormView,
    act: Callable[[UUID], Awaitable[object]],
) -> Response:
    """Carry a form out once and lead to the page of the transfer; or show the form again."""
    try:
        await once(visit, act)
    except (FormError, LedgerError) as error:
        again = _form_result_of(error, await visit.form())
        return await show(visit, transfer, showing, again)
    return go(f"{address_of(transfer)}?done={showing.done}")


def _form_result_of(error: LedgerError | FormError, form: Form) -> FormResult:
    """How the form is shown after a refusal.

    Raises:
        LedgerError: the refusal itself, when the form could not be shown either.
    """
    if isinstance(error, FormError):
        return invalid(form, error.fields)
    if isinstance(error, NotFoundError | ExpiredError):
        raise error
    status, words_of_it = explain_refusal(error)
    if isinstance(error, StreamMovedError):
        words_of_it = words.CHANGED
    if isinstance(error, FindingsDifferError):
        words_of_it = words.NOT_CURRENT
    if isinstance(error, NothingToSettleError) and form.texts("code"):
        words_of_it = words.NOTHING_CURRENT
    return FormResult(status, form, message=words_of_it)
