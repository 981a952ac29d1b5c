"""One record with findings: what it says, what can be done about it, and what happened to it.

Opening it is itself put on record, as at the endpoint of the API. Its persons are a count, until
somebody says why they look at them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth.people import SignedInUser
from api.problems.kind import DEFECTS_JA
from api.resources.transfers.access import (
    AccessReason,
    TransferView,
    is_case_number,
    named_case,
    view_transfer,
)
from api.resources.transfers.forms import finding_view, words
from api.resources.transfers.pages.transfer_view import EMPTY, ONE, OPENED, build_context
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.renderer import page
from api.web.pages.route import EvenPageRoute
from ledger.errors import MalformedError
from ledger.policies.my_number import MY_NUMBER_SHOWN
from ledger.service import Ledger

router = APIRouter(route_class=EvenPageRoute)

# As `GET /v1/transfers/{transfer}`; persons are shown on a fresh proof of who looks.
Officer = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes))]
_RESCUING: Final = PageDrafts("transfer", "persons", ("look_reason", "look_case"))
Proved = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes, proved=True, rescue=_RESCUING.keep))]

DONE: Final = f"^({'|'.join(words.DONE)})$"
LABELS: Final = {"look_reason": "閲覧の理由", "look_case": "受付番号"}
_OK: Final = 200
_UNPROCESSABLE: Final = 422
_DIGITS_MAX: Final = 9


@router.get(ONE)
async def get_one(
    transfer: UUID, visit: Officer, done: Annotated[str | None, Query(pattern=DONE)] = None
) -> Response:
    """The record; the look is put on record before it is answered."""
    waited = await _RESCUING.take_draft(visit)
    view = await _read_view(transfer, visit, OPENED)
    form, kept_at = (EMPTY, None) if waited is None else waited
    return _page(visit, view, form, done=done, kept_at=kept_at)


@router.post(f"{ONE}/persons")
async def view_persons(transfer: UUID, visit: Proved) -> Response:
    """The persons of the record, their names masked; the look is put on record with its reason."""
    form = await visit.form()
    reason, number = form.text("look_reason"), form.text("look_case")
    defects: dict[str, str] = {}
    if reason not in words.REASONS:
        defects["look_reason"] = words.CHOOSE
    if number and not is_case_number(number):
        defects["look_case"] = words.CASE_MALFORMED
    why = OPENED
    if not defects:
        try:
            why = await visit.run(lambda ledger, _: _why(ledger, visit.user, reason, number))
        except MalformedError as error:
            defects["look_case"] = _wrong(error, number)
    view = await _read_view(transfer, visit, why)
    begin = None if defects else _begin(form.text("begin"))
    return _page(visit, view, form, defects, begin=begin)


def _why(ledger: Ledger, user: SignedInUser, reason: str, number: str) -> AccessReason:
    named = named_case(ledger, user.caller, reason, number or None)
    return AccessReason(reason, named, number if number and named is None else None)


def _wrong(error: MalformedError, number: str) -> str:
    if any(one.code == MY_NUMBER_SHOWN for one in error.defects):
        return DEFECTS_JA[MY_NUMBER_SHOWN]
    return words.CASE_UNKNOWN if number else words.CASE_MISSING


def _begin(text: str) -> int:
    """After how many persons the shown ones begin."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else 0


async def _read_view(transfer: UUID, visit: Visit, why: AccessReason) -> TransferView:
    def read(ledger: Ledger, at: datetime) -> TransferView:
        return view_transfer(ledger, visit.caller, transfer, why, at)

    return await visit.run(read)


def _page(  # noqa: PLR0913 -- what a page is made of
    visit: Visit,
    view: TransferView,
    form: Form,
    defects: Mapping[str, str] | None = None,
    *,
    begin: int | None = None,
    done: str | None = None,
    kept_at: datetime | None = None,
) -> Response:
    """The page; `begin`: after how many persons the shown ones begin, None: none is shown."""
    persons, following = (None, None)
    if begin is not None:
        persons, following = finding_view.persons(view.state, begin)
    context = {**build_context(view, visit.user), "labels": LABELS}
    return page(
        visit.request,
        "transfers/one.html",
        _UNPROCESSABLE if defects else _OK,
        **context,
        persons=persons,
        following=following,
        begin=begin,
        form=form,
        kept_at=kept_at,
        defects=defects or {},
        done=words.DONE[done] if done else None,
    )
