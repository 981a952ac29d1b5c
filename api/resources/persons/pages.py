"""名寄せ: which identifiers are held to be one person, made and taken away under a case.

Whose identifiers they are is told to who may link (`records:write`), and the look is put on record.
Links know no records: nothing here tells of what is excluded under Order 11.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import SignedInUser
from api.resources.cases.pages.step_order import STEPS, next_step, opens
from api.resources.cases.pages.step_view import case_of, view_case
from api.resources.persons import forms
from api.resources.persons.forms import LABELS, MESSAGES
from api.resources.persons.schemas import Pair
from api.web.bodies import Identifier
from api.web.items import random_command
from api.web.padding_clock import restart_padding
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import CONFLICT, FormResult, form_page
from api.web.pages.form_values import validate_body, wrong
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.once import once
from api.web.pages.renderer import go
from api.web.pages.route import EvenPageRoute
from api.web.services import Services
from ledger.cases.case import State
from ledger.cases.refusals import StaleVersionError
from ledger.commands import ViewHistory
from ledger.errors import LedgerError, MalformedError, NotFoundError, ProjectionBehindError
from ledger.persons.stored_links import Link, links_of
from ledger.service import Ledger
from ledger.values import PrincipalRef

router = APIRouter(prefix="/desk/cases/{case}/links", route_class=EvenPageRoute)

_RESCUING: Final = PageDrafts("case", "links")
_DONE: Final = PageDrafts("case", "links-done", [one for pair in forms.ENDS for one in pair])
"""The pair of the last change is kept sealed until it is shown: no address tells whose they are."""
# As `POST /v1/links` and `POST /v1/unlinks`, which ask for no fresh proof either.
Officer = Annotated[Visit, Depends(signed("records:write", rescue=_RESCUING.keep))]

CASES_MAX: Final = 20
"""Requests of the same identifiers that are listed; more than one person makes."""
DONE: Final = "^(linked|unlinked)$"
_PAIR: Final = 2
# Why somebody looked, as an auditor reads it.
_REASON: Final = "名寄せの確認"


@dataclass(frozen=True, slots=True)
class LinkQuery(FormResult):
    """Which links are shown, and what is told beside them.

    Attributes:
        besides: an identifier whose links are shown besides those of the request.
        is_line: what was typed is the form of one line.
        is_unseen: it would link two of whom more was done than its page showed.
    """

    besides: tuple[PrincipalRef, ...] = ()
    done: str | None = None
    is_line: bool = False
    is_unseen: bool = False


@router.get("")
async def get_links(
    case: UUID, visit: Officer, done: Annotated[str | None, Query(pattern=DONE)] = None
) -> Response:
    """The links of the identifiers of the case, and what became of requests that rest on them."""
    waited = await _RESCUING.take_draft(visit)
    if waited is not None:
        form = waited[0]
        query = LinkQuery(besides=forms.besides(form), is_line=form.has("unlink_evidence"))
        return await _render_page(case, visit, query.resumed(waited))
    pair = None
    if done is not None:
        with suppress(LedgerError):
            pair = await _DONE.take_draft(visit)
    query = LinkQuery(besides=() if pair is None else forms.ends(pair[0]), done=done)
    return await _render_page(case, visit, query)


@router.post("/look")
async def search_links(case: UUID, visit: Officer) -> Response:
    """The links of another identifier too, as of one that was typed into the search."""
    form = await visit.form()
    defects = forms.search_defects(form)
    identifier = forms.read_identifier(form)
    if not defects:
        try:
            validate_body(Identifier, {"scheme": identifier.scheme, "id": identifier.id})
        except MalformedError as error:
            defects = forms.describe_defects(error.defects, form)
    query = LinkQuery(besides=(identifier,), form=form)
    query = LinkQuery().invalid(form, defects) if defects else query
    return await _render_page(case, visit, query)


@router.post("")
async def link(case: UUID, visit: Officer) -> Response:
    """Two identifiers are one person from here on."""
    form, actor = await visit.form(), visit.actor

    async def act(command: UUID) -> None:
        pair = validate_body(Pair, forms.linking(form)).linked(command, actor)

        def linked(ledger: Ledger, at: datetime) -> None:
            seen = forms.pair_version(form, ledger.streams.pair_key(pair.a, pair.b))
            case_of(ledger, case)
            ledger.link(replace(pair, expected_version=seen), at)

        await visit.run(linked)

    if defects := forms.linking_defects(form):
        return await _render_page(case, visit, _defective(form, defects))
    try:
        await once(visit, act)
    except MalformedError as error:
        query = _defective(form, forms.describe_defects(error.defects, form))
        return await _render_page(case, visit, query)
    except LedgerError as error:
        return await _render_page(case, visit, _refused(error, form))
    return await _done(case, visit.request, actor, "linked")


@router.post("/unlink")
async def unlink(case: UUID, visit: Officer) -> Response:
    """The link of exactly these two does not stand from here on; other links stay."""
    form, actor = await visit.form(), visit.actor

    async def act(command: UUID) -> None:
        pair = validate_body(Pair, forms.unlinking(form)).unlinked(
            command, actor, forms.line_version(form)
        )

        def unlinked(ledger: Ledger, at: datetime) -> None:
            case_of(ledger, case)
            ledger.link(pair, at)

        await visit.run(unlinked)

    try:
        await once(visit, act)
    except MalformedError:
        defects = {"unlink_evidence": wrong(form.text("unlink_evidence"))}
        query = _defective(form, defects, is_line=True)
        return await _render_page(case, visit, query)
    except LedgerError as error:
        return await _render_page(case, visit, _refused(error, form, is_line=True))
    return await _done(case, visit.request, actor, "unlinked")


async def _done(case: UUID, request: Request, actor: str, what: str) -> Response:
    """It stands, whether or not the page will find the pair that it was done to."""
    with suppress(LedgerError):
        await _DONE.keep(request, actor)
    return go(f"/desk/cases/{case}/links?done={what}")


def _defective(form: Form, defects: Mapping[str, str], *, is_line: bool = False) -> LinkQuery:
    """What is told of a defect; what others did before is told once more, with its pair."""
    query = LinkQuery(besides=forms.besides(form), is_line=is_line).invalid(form, defects)
    if not form.has(forms.CONFLICT):
        return query
    message = MESSAGES[StaleVersionError.code] if is_line else forms.UNSEEN
    besides = (*query.besides, *forms.ends(form))
    return replace(query, besides=besides, message=message, is_unseen=not is_line)


def _refused(error: LedgerError, form: Form, *, is_line: bool = False) -> LinkQuery:
    """What is told of a refusal.

    Raises:
        LedgerError: the error itself, when it is no refusal of this command, or of no case.
    """
    if isinstance(error, NotFoundError):
        raise error
    query = LinkQuery(status=CONFLICT, form=form, besides=forms.besides(form), is_line=is_line)
    if isinstance(error, StaleVersionError) and not is_line:
        besides = (*query.besides, *forms.ends(form))
        return replace(query, besides=besides, message=forms.UNSEEN, is_unseen=True)
    if not isinstance(error, StaleVersionError):
        query = query.refused(error, form)
    return replace(query, message=MESSAGES.get(error.code, query.message))


async def _render_page(case: UUID, visit: Visit, query: LinkQuery) -> Response:
    def render(ledger: Ledger, at: datetime) -> Response:
        seen = view_case(ledger, case, visit, at)
        state = seen.state
        who = tuple(dict.fromkeys((*forms.identifiers_of(state), *query.besides)))
        found: Sequence[Link] = ()
        head = ledger.streams.reads.head()
        if who:
            _put_on_record(ledger, visit.user, state, who, at)
            found = links_of(ledger.streams, who)
        key = ledger.streams.pair_key
        rows = [forms.row(one, n, key(one.a, one.b)) for n, one in enumerate(found, 1)]
        ends = forms.ends(query.current_form) if query.is_unseen else ()
        typed = key(*ends) if len(ends) == _PAIR else b""
        meant = [one for one in rows if query.is_line and forms.is_of(query.current_form, one.link)]
        again = [one.key for one in meant if one.link.is_active]
        return form_page(
            visit,
            "persons/links.html",
            query,
            LABELS,
            state=state,
            steps=STEPS,
            opens=opens,
            step=None,
            next_step=next_step(state),
            who=who,
            rows=rows,
            again=again,
            fell=[one for one in meant if not one.link.is_active],
            unseen=[one for one in rows if query.is_unseen and one.pair == typed],
            is_late=not _has_followed(visit.services, head),
            cases=_resting_on(visit.services, state, who, found, at),
            asked=query,
        )

    return await visit.run(render)


def _has_followed(services: Services, head: int) -> bool:
    """Whether what became of a request is told of all that was recorded up to `head`; waits."""
    try:
        services.histories.wait(head, services.settings.projection_wait_s)
    except ProjectionBehindError:
        return False
    restart_padding()
    return True


def _put_on_record(
    ledger: Ledger, user: SignedInUser, state: State, who: tuple[PrincipalRef, ...], at: datetime
) -> None:
    """That somebody looked at the links of these; no record of theirs is shown."""
    actor, as_of = user.caller.actor, ledger.streams.reads.head()
    access = ViewHistory(random_command(), actor, state.number, who, as_of, 0, _REASON)
    ledger.view(access, at)


def _resting_on(
    services: Services,
    state: State,
    who: Iterable[PrincipalRef],
    found: Iterable[Link],
    at: datetime,
) -> list[dict[str, Any]]:
    """This request and the others that name one of the identifiers, with what became of them.

    No flag tells of an exclusion (`api.case_replies.since`).
    """
    ends = (end for one in found for end in (one.a, one.b))
    similar = services.caseload.similar((*who, *ends), at, besides=state.case)
    return [
        {"state": one, "flags": services.replies.flags(one)}
        for one in (state, *similar[:CASES_MAX])
    ]
