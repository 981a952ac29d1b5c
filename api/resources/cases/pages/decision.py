"""回答内容の確認: what goes out, what is withheld and why; then it waits for an approval (S4)."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.auth.people import NotYoursError
from api.problems.refusals import UnprintableError
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.handout import DocumentRequest, HandedDocument
from api.resources.cases.dispatch.steps import submitting
from api.resources.cases.forms import decision, measures, records, substitutes, withheld_blocks
from api.resources.cases.forms.decision import DecisionForm
from api.resources.cases.pages.case_documents import document, handed_out
from api.resources.cases.pages.decision_page import NONE, Trouble, is_undecided, page_view
from api.resources.cases.pages.step_order import DECISION
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    PageTaking,
    drafts_of_step,
    form_result_of,
)
from api.resources.cases.pages.step_view import StepPageView, case_of, show
from api.resources.cases.schemas.measures import MeasuresDecision
from api.resources.cases.schemas.print_choices import PrintedForms
from api.resources.cases.schemas.replies import Principal, ReplyDecision
from api.resources.cases.search.decision import as_decided, decided, measures_as_decided
from api.resources.cases.search.scope import PersonSearch
from api.resources.cases.search.search import records_identified
from api.web.pages.draft_recovery import draft_routes
from api.web.pages.form_result import CONFLICT, FIRST, ByField, FormResult, invalid
from api.web.pages.form_values import in_order, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import go
from api.web.pages.route import EvenPageRoute
from api.web.services import Services
from ledger.cases.case import WITHOUT_RECORDS, State
from ledger.cases.print_step import PrintAs
from ledger.cases.steps import Decide, IdentifyRecords, Submit
from ledger.clock import day_in_japan
from ledger.errors import LedgerError, MalformedError, NotFoundError
from ledger.service import Ledger

Decided = Callable[[Ledger, State, datetime], State]
"""A case as what is typed would make it, to be looked at."""


DRAFTS: Final = drafts_of_step(DECISION, (*decision.NAMES, *measures.NAMES))
WRITER: Final = signed("cases:write", rescue=DRAFTS.keep)
# Records are shown: who opens the page has just proved who they are. What is sent from it is taken
# from whoever is signed in, so that nothing typed is lost to a proof that grew old meanwhile.
Reader = Annotated[Visit, Depends(signed("cases:write", proved=True))]
Desk = Annotated[Visit, Depends(WRITER)]


async def check_reader(visit: Visit, case: UUID) -> State:
    """The case, whose records the visitor may see.

    Raises:
        NotFoundError: there is no such case.
        NotYoursError: they may not read records, and it has some.
    """
    state = await visit.run(lambda ledger, _: case_of(ledger, case))
    if state.search is not None and not visit.caller.may("records:read"):
        raise NotYoursError
    return state


class DecisionAnswer:
    """One form of the page, and how it is answered."""

    def __init__(self, visit: Visit, taking: PageTaking, form: Form) -> None:
        self.visit, self.taking, self.form = visit, taking, form
        self.case, self.inside = taking.case, taking.inside
        self.choices = substitutes.read(form)

    async def show_page(
        self, again: FormResult, typed: DecisionForm | None = None, trouble: Trouble = NONE
    ) -> Response:
        """The page once more, with all that was typed; after a refusal that is kept, too."""
        await DRAFTS.refused(self.visit, again)
        page = page_view(self.inside, typed, self.choices or None, trouble)
        return await show(self.visit, self.case, page, again)

    async def refused(
        self, error: LedgerError, by_field: ByField, typed: DecisionForm | None = None
    ) -> Response:
        """The page with what was refused: at its fields, or which characters cannot be printed."""
        if isinstance(error, UnprintableError):
            lacking = substitutes.refused(error.defects)
            self.form = substitutes.noted(self.form, lacking)
            return await self.show_page(FormResult(CONFLICT, self.form), typed, Trouble(lacking))
        again = form_result_of(error, self.form, await self.taking.version(), by_field)
        return await self.show_page(again, typed)

    async def done(self) -> Response:
        """What was typed is on record: on to the next step."""
        await DRAFTS.sent(self.visit)
        return go(f"/desk/cases/{self.case}/next")

    async def printed(self, typed: DecisionForm | None = None) -> Response:
        """Say what is printed for characters that cannot be printed; the page then goes on."""

        def make_step(ledger: Ledger, state: State, at: datetime) -> PrintAs:
            del ledger
            return self.inside.replies.print_as(state, body.values(), at)

        try:
            body = validate_body(PrintedForms, substitutes.body(self.choices))
            await self.taking.make(PrintAs, make_step, self.visit)
        except LedgerError as error:
            return await self.refused(error, substitutes.by_field, typed)
        self.choices = ()
        return await self.show_page(FormResult(form=self.form), typed)

    async def handed(self, as_decided: Decided) -> Response:
        """The letter as what is typed would make it; nothing but the look is on record."""
        caller, services = self.visit.caller, self.inside

        def fetch_preview(ledger: Ledger, at: datetime) -> HandedDocument:
            def make_document(state: State, at: datetime) -> HandedDocument:
                return handout.preview(services.replies)(as_decided(ledger, state, at), at)

            return DocumentRequest(self.case, caller, "preview.pdf").handed(
                ledger, make_document, at
            )

        return document(await services.run(fetch_preview))


router = APIRouter(prefix="/desk/cases/{case}/decision", route_class=EvenPageRoute)

_SHOWING: Final = frozenset(("", "show", "page", "rows", "drop"))
_AGAIN_REFUSED: Final = (
    "最新の位置で取り直せませんでした。「記録の特定」の画面で、この方の識別子と氏名を確かめて、"
    "もう一度特定してください。"
)


@router.get("")
async def get_decision(case: UUID, visit: Reader) -> Response:
    """The records, and what is withheld of them, or was being typed. The look is on record."""
    state = await check_reader(visit, case)
    again = await _resumed(visit) if is_undecided(state) else FIRST
    return await show(visit, case, _page_of(visit.services, state, again), again)


@router.get("/preview.pdf")
async def get_preview(case: UUID, visit: Reader) -> Response:
    """The letter as it would go out, as the case stands decided. The fetch is on record."""
    await check_reader(visit, case)
    make = handout.preview(visit.services.replies)
    return await handed_out(visit, case, "preview.pdf", make)


async def _check(visit: Visit) -> State:
    return await check_reader(visit, visit.id_of("case"))


async def _show(visit: Visit, again: FormResult) -> Response:
    state = await _check(visit)
    return await show(visit, state.case, _page_of(visit.services, state, again), again)


drafts: Final = draft_routes(DRAFTS, WRITER, router.prefix, _check, _show)


@router.post("")
async def decide(visit: Desk, taking: PageTake) -> Response:
    """Do what the button says: show more, withhold, make the letter, ask for approval."""
    form = await visit.form()
    state = await check_reader(visit, taking.case)
    answering = DecisionAnswer(visit, taking, form)
    if state.application.kind in WITHOUT_RECORDS:
        return await _measures(answering, state)
    return await _records(answering, decision.read(form))


def _page_of(services: Services, state: State, again: FormResult) -> StepPageView:
    """The page of what was typed and kept; a form of measures is read by the page itself."""
    is_about_records = state.application.kind not in WITHOUT_RECORDS
    if again.form is None:
        return page_view(services)
    typed = decision.read(again.form) if is_about_records else None
    return page_view(services, typed, substitutes.read(again.form) or None)


async def _resumed(visit: Visit) -> FormResult:
    """A draft; the button that was pressed then is not pressed once more."""
    found = await DRAFTS.load_draft(visit)
    if found is None:
        return FIRST
    form = Form({name: one for name, one in found[0].fields.items() if name != "action"})
    return FIRST.resumed((form, found[1]))


async def _records(answering: DecisionAnswer, typed: DecisionForm) -> Response:
    """The form of a request for records."""
    if typed.action == "substitutes":
        return await answering.printed(typed)
    if typed.action == "again":
        return await _repeat_search(answering, typed)
    if typed.action in _SHOWING or typed.action == "add":
        wrong = _not_addable(typed) if typed.action == "add" else {}
        form = answering.form
        again = invalid(form, wrong) if wrong else FormResult(form=form)
        return await answering.show_page(again, typed)
    if wrong := _missing(typed):
        return await answering.show_page(invalid(answering.form, wrong), typed)
    try:
        body = validate_body(ReplyDecision, typed.body)
        if typed.action == "preview":
            replies = answering.inside.replies
            return await answering.handed(
                lambda ledger, state, at: as_decided(
                    body, state, ledger.procedure_of(state), replies, day_in_japan(at)
                )
            )
        await _decided(answering, typed, body)
    except LedgerError as error:
        return await answering.refused(error, typed.describe_defects, typed)
    return await answering.done()


async def _decided(answering: DecisionAnswer, typed: DecisionForm, body: ReplyDecision) -> None:
    """Decide, and ask for the approval. What stands decided so is not decided once more."""
    taking, services, visit = answering.taking, answering.inside, answering.visit
    state = await services.run(lambda ledger, _: ledger.case(taking.case))
    done: Done | None = None
    if state is None or not decision.is_decided(typed, state):

        def make_step(ledger: Ledger, state: State, at: datetime) -> Decide:
            del ledger, at
            return decided(body, state, services.replies)

        done = await taking.make(Decide, make_step, visit)
    await taking.make(Submit, submitting(services.replies), visit, after=done)


async def _measures(answering: DecisionAnswer, state: State) -> Response:
    """Do what the button of the form says."""
    typed = measures.read(answering.form, measures.offered(state.application))
    action = answering.form.text("action")
    if action == "substitutes":
        return await answering.printed()
    if action in ("", "more"):
        return await answering.show_page(FormResult(form=answering.form))
    if typed.defects:
        defects = in_order(typed.defects, typed.labels)
        return await answering.show_page(invalid(answering.form, defects))
    try:
        body = validate_body(MeasuresDecision, typed.body)
        if action == "preview":
            return await answering.handed(
                lambda ledger, state, at: measures_as_decided(
                    body, state, ledger.procedure_of(state), day_in_japan(at)
                )
            )
        await _measures_decided(answering, typed, body)
    except LedgerError as error:
        return await answering.refused(error, typed.describe_defects)
    return await answering.done()


async def _measures_decided(
    answering: DecisionAnswer, typed: measures.MeasuresForm, body: MeasuresDecision
) -> None:
    """Decide, and ask for the approval. What stands decided so is not decided once more."""
    taking, services, visit = answering.taking, answering.inside, answering.visit
    state = await services.run(lambda ledger, _: ledger.case(taking.case))
    today = day_in_japan(services.now())
    done: Done | None = None
    if state is None or not measures.is_decided(typed, state, today):
        done = await taking.take(body.step(), visit)
    await taking.make(Submit, submitting(services.replies), visit, after=done)


def _missing(typed: DecisionForm) -> dict[str, str]:
    wrong = withheld_blocks.missing(typed.blocks)
    if typed.is_ticked:
        words = "選んだ記録が、まだ不開示に加えられていません。加えるか、選択を外してください。"
        return {"ticks": words, **wrong}
    return wrong


def _not_addable(typed: DecisionForm) -> dict[str, str]:
    if not typed.is_ticked:
        return {"ticks": "不開示にする記録を選んでください。"}
    if len(typed.blocks) >= withheld_blocks.BLOCKS_MAX:
        most = withheld_blocks.BLOCKS_MAX
        return {
            "ticks": f"この画面で分けられる不開示は{most}件までです。"
            "理由が同じ記録をまとめてください。"
        }
    return {}


async def _repeat_search(answering: DecisionAnswer, typed: DecisionForm) -> Response:
    """Search the records of the same person anew, as of now; what was typed stays."""
    services, taking = answering.inside, answering.taking

    def make_step(ledger: Ledger, state: State, at: datetime) -> IdentifyRecords:
        del at
        where = PersonSearch.now(ledger, state, services)
        return records_identified(_principal(state), where)

    try:
        await taking.make(IdentifyRecords, make_step, answering.visit)
    except MalformedError:
        return await answering.show_page(
            FormResult(CONFLICT, answering.form, message=_AGAIN_REFUSED), typed
        )
    except LedgerError as error:
        return await answering.refused(error, typed.describe_defects, typed)
    return await answering.show_page(FormResult(form=answering.form), typed, Trouble(is_again=True))


def _principal(state: State) -> Principal:
    """Who the person is, as it was said for the search that stands."""
    search = state.search
    if search is None:
        raise NotFoundError
    body: dict[str, object] = {
        "identifiers": [{"scheme": one.scheme, "id": one.id} for one in search.identifiers],
        "tried": [{"scheme": one.scheme, "id": one.id} for one in search.tried],
        "evidence": search.evidence,
        "names_differ": [
            {
                "identifier": {"scheme": one.identifier.scheme, "id": one.identifier.id},
                "because": one.because,
            }
            for one in search.names_differ or ()
        ],
        "former_names": [*records.former(state)],
        "left_out": [
            {
                "identifier": {"scheme": one.identifier.scheme, "id": one.identifier.id},
                "because": one.because,
            }
            for one in search.left_out or ()
        ],
    }
    for name in ("not_the_person", "others_left_out"):
        if (text := getattr(search, name)) is not None:
            body[name] = text
    return validate_body(Principal, body)
