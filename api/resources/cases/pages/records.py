"""記録の特定: who the person is, and with that which records the reply is about (S3)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.resources.cases.forms import records
from api.resources.cases.forms.candidates import CandidatePerson, grouped, suggested
from api.resources.cases.forms.records import BECAUSE, LEFT_OUT, ROWS_MIN, RecordsForm
from api.resources.cases.pages.step_order import RECORDS
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    PageTaking,
    answered,
    drafts_of_step,
    step_draft_routes,
)
from api.resources.cases.pages.step_view import CaseView, StepPageView, conflict_of, show
from api.resources.cases.schemas.measures import IdentifiedPerson
from api.resources.cases.schemas.replies import CandidatesQuery, Principal
from api.resources.cases.search.scope import PersonSearch
from api.resources.cases.search.search import (
    SearchResult,
    find_candidates,
    person_identified,
    records_identified,
)
from api.web.items import MARKING
from api.web.pages.conflict import Conflict, ConflictRow, text_conflicts
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.route import EvenPageRoute
from ledger.cases.case import FOR_MEASURES, CaseStatus, State
from ledger.cases.events.case import CaseRecordsIdentified
from ledger.cases.events.measures import CasePersonIdentified
from ledger.cases.identification import SCHEMES_TRIED_MIN, kinds_tried, named_before
from ledger.cases.intake import identifier_defects
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.steps import IdentifyRecords
from ledger.errors import MalformedError, ProjectionBehindError
from ledger.law.procedure.form import FORM_LABELS, NAMES_OF_PRINCIPAL
from ledger.policies.identifiers import IDENTIFIES_NOBODY, identifies
from ledger.service import Ledger
from ledger.values import Json, PrincipalRef

router = APIRouter(route_class=EvenPageRoute)

_drafts: Final = drafts_of_step(RECORDS)
_writer: Final = signed("cases:write", rescue=_drafts.keep)

# As the endpoint of candidates: counts and days of whom the request is about, no record itself.
Desk = Annotated[Visit, Depends(_writer)]

_UNPROCESSABLE: Final = 422
_BEFORE_APPROVAL: Final = frozenset({CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY})
_SEARCH: Final = "search"
_NOBODY: Final = "nobody"
_NOBODY_CHOSEN: Final = "該当なし"
_TRIED: Final = "この方のものでない、又は記録がない識別子"
_PHONE: Final = "phone"
"""A scheme of identifiers, and the field of the form that holds one."""


@router.get("/desk/cases/{case}/records")
async def get_records(case: UUID, visit: Desk) -> Response:
    """Who may be meant. The search starts by itself, and is itself put on record."""
    again = await _drafts.first(visit)
    typed = None if again.form is None else records.read(again.form)
    return await show(visit, case, _page_view(typed), again)


@router.post("/desk/cases/{case}/records")
async def identify(case: UUID, visit: Desk, taking: PageTake) -> Response:
    """Search by what was typed; or say who the person is, or that nobody was found."""
    form = await visit.form()
    typed = records.read(form)
    showing = _page_view(typed)
    action, nobody = form.text("action"), form.text("action") == _NOBODY
    state = await visit.run(lambda ledger, _: ledger.case(taking.case))
    if action == _SEARCH or typed.is_unsearched:
        known = () if state is None else named_before(state)
        again = FormResult(form=form, defects=_search_defects(typed, known))
        return await show(visit, case, showing, _with_status(again))
    is_for_measures = state is not None and state.application.kind in FOR_MEASURES
    wrong = records.missing(typed, nobody=nobody, is_for_measures=is_for_measures)

    async def act() -> Done:
        if is_for_measures:
            return await _person(
                taking, validate_body(IdentifiedPerson, typed.body(nobody=nobody)), visit
            )
        body = typed.body_of_records(nobody=nobody)
        return await _principal(taking, validate_body(Principal, body), visit)

    by_field = partial(typed.by_field, nobody=nobody)
    return await answered(visit, taking, act, showing, by_field, defects=wrong)


async def _person(taking: PageTaking, person: IdentifiedPerson, visit: Visit) -> Done:
    """Take the step of a request for measures; it searches anew, all that is recorded by now."""

    def named(ledger: Ledger, state: State, at: datetime) -> IdentifyPerson:
        del at
        return person_identified(person, PersonSearch.now(ledger, state, taking.inside))

    return await taking.make(IdentifyPerson, named, visit)


async def _principal(taking: PageTaking, principal: Principal, visit: Visit) -> Done:
    """The same where records are disclosed."""

    def make_step(ledger: Ledger, state: State, at: datetime) -> IdentifyRecords:
        del at
        return records_identified(principal, PersonSearch.now(ledger, state, taking.inside))

    return await taking.make(IdentifyRecords, make_step, visit)


def _search_defects(typed: RecordsForm, known: Collection[PrincipalRef]) -> dict[str, str]:
    """What is wrong with what was typed to be searched for; `known`: the case names these."""
    if any(name and not scheme for scheme, name in _pairs(typed.form)):
        return {"identifiers": "識別子の種類を選んでください。"}
    wrong: dict[str, str] = {}
    try:
        _candidates_query(typed.rows, "")
    except MalformedError as error:
        names_nobody = error.defects[0].code == IDENTIFIES_NOBODY
        wrong["identifiers"] = (
            records.words_of(error.defects) if names_nobody else "識別子を確認してください。"
        )
    else:
        if unseen := tuple(identifier_defects(typed.rows, "", known)):
            wrong["identifiers"] = records.words_of(unseen)
    try:
        _candidates_query((), typed.name)
    except MalformedError as error:
        wrong["name"] = records.words_of(error.defects)
    try:
        _candidates_query((), "", typed.former_names)
    except MalformedError as error:
        wrong["former_names"] = records.words_of(error.defects)
    return wrong


def _pairs(form: Form) -> Iterable[tuple[str, str]]:
    """The rows to search by, as they were typed: (scheme, identifier)."""
    return zip(form.texts("scheme"), form.texts("identifier"), strict=False)


def _candidates_query(
    identifiers: Iterable[PrincipalRef],
    name: str,
    former: Iterable[str] = (),
    *,
    of_form: bool = False,
) -> CandidatesQuery | None:
    """The body of the endpoint of candidates; None when nobody is asked for."""
    body: dict[str, Json] = {
        "identifiers": [{"scheme": one.scheme, "id": one.id} for one in identifiers],
        "former_names": list(former),
        "of_form": of_form,
    }
    if name:
        body["name"] = name
    has_terms = of_form or any(body[one] for one in ("identifiers", "former_names")) or bool(name)
    return validate_body(CandidatesQuery, body) if has_terms else None


def _with_status(again: FormResult) -> FormResult:
    return FormResult(_UNPROCESSABLE, again.form, again.defects) if again.defects else again


def _page_view(typed: RecordsForm | None) -> StepPageView:
    return StepPageView(RECORDS, partial(_build_context, typed))


drafts: Final = step_draft_routes(
    _drafts, RECORDS, _writer, lambda form: _page_view(records.read(form))
)


def _build_context(
    typed: RecordsForm | None,
    ledger: Ledger,
    seen: CaseView,
    again: FormResult,
) -> dict[str, Any]:
    """What the template needs besides the frame; the search, where one may be made."""
    state = seen.state
    is_open = state.status not in _BEFORE_APPROVAL and (
        seen.is_open("principal") or seen.is_open("person")
    )
    found: SearchResult | None = None
    is_late = False
    if is_open:
        try:
            found = _find_candidates(typed, ledger, seen, again)
        except ProjectionBehindError:
            is_late = True
    groups = () if found is None else grouped(found.candidates)
    kinds = seen.services.settings.kinds
    chosen = records.ticked(state, typed, groups)
    defects: Mapping[str, str] = again.defects if is_open else {}
    numbers = range(1, len(groups) + 1)
    labels = {f"{BECAUSE}{n}": f"候補{n}の氏名が異なる理由" for n in numbers}
    labels |= {f"{LEFT_OUT}{n}": f"候補{n}がこの方ではない理由" for n in numbers}
    return {
        # Without the form there is nothing to mend: what others did comes first.
        "defects": defects,
        "is_open": is_open,
        "is_late": is_late,
        "is_for_measures": state.application.kind in FOR_MEASURES,
        "found": found,
        "is_searched": _is_searched(typed, again),
        "groups": groups,
        "chosen": chosen,
        "form": records.build_form(state, typed, groups, suggested(groups, chosen, kinds)),
        "labels": {**records.LABELS, **labels},
        "rows": _rows(state, typed, groups),
        "suggestion": suggested(groups, chosen, kinds),
        "searched_former": _searched_former(state, typed, again),
        "searched_name": "" if typed is None or "name" in again.defects else typed.name,
        "kinds": kinds_tried(records.refs_to_search(state, typed), kinds),
        "kinds_min": SCHEMES_TRIED_MIN,
        "identifier_label": FORM_LABELS["identifier"],
        "written": _written(state),
        "quarantine": seen.services.quarantine.waiting(includes_hidden=seen.caller.may(MARKING)),
        "stands": state.search or state.person,
        "may_link": seen.caller.may("records:write"),
        "differing": _conflict(typed, seen, again, is_open=is_open),
    }


def _searched_former(state: State, typed: RecordsForm | None, again: FormResult) -> str:
    """The former names by which the candidates on the page were found, as they are typed."""
    if typed is None:
        return records.former_text(state)
    return "" if "former_names" in again.defects else typed.former


def _is_searched(typed: RecordsForm | None, again: FormResult) -> bool:
    """Whether the page is shown for what was found, and nothing else is to be read before it."""
    if typed is None or typed.form.text("action") != _SEARCH:
        return False
    return not again.defects and again.since is None and again.kept_at is None


def _conflict(
    typed: RecordsForm | None,
    seen: CaseView,
    again: FormResult,
    *,
    is_open: bool,
) -> Conflict | None:
    """In what the form differs from who was said to be the person since it was made."""
    if typed is None:
        return None
    stored, kinds = seen.state.search or seen.state.person, seen.services.settings.kinds
    if is_open and stored is None:
        return None
    return conflict_of(
        seen,
        again,
        (CaseRecordsIdentified, CasePersonIdentified),
        lambda _, __: _rows_of(stored, typed, kinds, is_open=is_open),
        is_open=is_open,
        is_replaced=True,
    )


def _rows_of(
    stored: CaseRecordsIdentified | CasePersonIdentified | None,
    typed: RecordsForm,
    called: Mapping[str, str],
    *,
    is_open: bool,
) -> tuple[ConflictRow, ...]:
    """The fields in which the form differs from what is stored, in the order of the page.

    Both are what the step puts down: identifiers, and why. How many records there are is in
    neither, so nothing of what is recorded, or hidden, is told here (0038).

    Args:
        stored: who the person is said to be; None when nobody says it.
        called: scheme → what such an identifier is called.
        is_open: the form is still shown, with what it is to search by.
    """
    nobody = typed.form.text("action") == _NOBODY
    kept = () if stored is None else stored.names_differ or ()
    why = {_plain(one.identifier): one.because for one in kept}
    reasons = {} if nobody else {one: typed.reasons.get(one, "") for one in typed.identifiers}
    names = {
        _because(one): f"氏名が異なる理由：{_called(one, called)}"
        for one in dict.fromkeys((*why, *reasons))
    }
    labels = {"chosen": records.LABELS["chosen"], **names, "tried": _TRIED}
    labels |= {name: records.LABELS[name] for name in ("evidence", "not_the_person")}
    ours: dict[str, str] = {_because(one): text for one, text in why.items()}
    if stored is not None:
        ours |= {
            "chosen": _all(map(_plain, stored.identifiers), called) or _NOBODY_CHOSEN,
            "tried": _all(map(_plain, stored.tried), called),
            "evidence": stored.evidence,
            "not_the_person": stored.not_the_person or "",
        }
    theirs = {_because(one): text for one, text in reasons.items()} | {
        "chosen": _NOBODY_CHOSEN if nobody else _all(typed.identifiers, called),
        "tried": _all((*typed.tried, *(typed.identifiers if nobody else ())), called),
        **{name: typed.form.text(name) for name in ("evidence", "not_the_person")},
    }
    if not is_open and typed.is_unsearched:
        labels |= {name: records.LABELS[name] for name in ("identifiers", "name")}
        theirs |= {"identifiers": _all(typed.rows, called), "name": typed.name}
    return text_conflicts(labels, ours, theirs)


def _plain(one: PrincipalRef) -> PrincipalRef:
    """The identifier alone, without what a form or an event keeps beside it."""
    return PrincipalRef(one.scheme, one.id)


def _because(one: PrincipalRef) -> str:
    return f"because {one.scheme} {one.id}"


def _called(one: PrincipalRef, called: Mapping[str, str]) -> str:
    return f"{called.get(one.scheme, one.scheme)}　{one.id}"


def _all(refs: Iterable[PrincipalRef], called: Mapping[str, str]) -> str:
    """Identifiers, one a line; their order says nothing."""
    return "\n".join(sorted({_called(one, called) for one in refs}))


def _find_candidates(
    typed: RecordsForm | None,
    ledger: Ledger,
    seen: CaseView,
    again: FormResult,
) -> SearchResult | None:
    """What the search finds; None when nobody is asked for."""
    state = seen.state
    name = "" if typed is None or "name" in again.defects else typed.name
    identifiers = records.refs_to_search(state, None if "identifiers" in again.defects else typed)
    former = () if typed is None or "former_names" in again.defects else typed.former_names
    if typed is None:
        former = records.former(state)
    former = tuple(one for one in former if identifies(one))  # a draft may hold one that is none
    of_form = state.application.kind not in FOR_MEASURES
    body = _candidates_query(identifiers, name, former if of_form else (), of_form=of_form)
    if body is None:
        return None
    return find_candidates(body, state, seen.caller, seen.services, ledger, seen.at)


def _rows(
    state: State, typed: RecordsForm | None, groups: Sequence[CandidatePerson]
) -> list[tuple[str, str]]:
    """(scheme, identifier) of each row to search by: what was typed, and empty ones.

    Where nobody was found, the telephone of the form is proposed as another kind of identifier.
    """
    rows = [(one.scheme, one.id) for one in records.further(state, typed)]
    if typed is not None:
        rows += [("", name) for scheme, name in _pairs(typed.form) if name and not scheme]
    phone = state.application.form.get(_PHONE, "")
    is_tried = any(one.scheme == _PHONE for one in records.refs_to_search(state, typed))
    if phone and not is_tried and not any(one.has_records for one in groups):
        rows.append((_PHONE, phone))
    return [*rows, *[("", "")] * max(ROWS_MIN - len(rows), 1)][: records.IDENTIFIERS_MAX]


def _written(state: State) -> list[tuple[str, str]]:
    """What the form of the request says of the person: (what it is called, what is written)."""
    form = state.application.form
    return [(FORM_LABELS[one], form[one]) for one in (*NAMES_OF_PRINCIPAL, _PHONE) if one in form]
