"""How the forms of 回答内容の確認 are answered: shown again, printed otherwise, looked at."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from api.auth.people import NotYoursError
from api.problems.refusals import UnprintableError
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.handout import DocumentRequest, HandedDocument
from api.resources.cases.forms import decision, measures, substitutes
from api.resources.cases.forms.decision import DecisionForm
from api.resources.cases.pages.case_documents import document
from api.resources.cases.pages.decision_page import NONE, Trouble, showing
from api.resources.cases.pages.step_order import DECISION
from api.resources.cases.pages.step_submission import PageTaking, again_after, drafts_of_step
from api.resources.cases.pages.step_view import case_of, show
from api.resources.cases.schemas.print_choices import PrintedForms
from api.web.pages.form_result import CONFLICT, ByField, FormResult
from api.web.pages.form_values import stated
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import go
from ledger.cases.case import State
from ledger.cases.print_step import PrintAs
from ledger.errors import LedgerError
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

    async def again(
        self, again: FormResult, typed: DecisionForm | None = None, trouble: Trouble = NONE
    ) -> Response:
        """The page once more, with all that was typed; after a refusal that is kept, too."""
        await DRAFTS.refused(self.visit, again)
        page = showing(self.inside, typed, self.choices or None, trouble)
        return await show(self.visit, self.case, page, again)

    async def refused(
        self, error: LedgerError, by_field: ByField, typed: DecisionForm | None = None
    ) -> Response:
        """The page with what was refused: at its fields, or which characters cannot be printed."""
        if isinstance(error, UnprintableError):
            lacking = substitutes.refused(error.defects)
            self.form = substitutes.noted(self.form, lacking)
            return await self.again(FormResult(CONFLICT, self.form), typed, Trouble(lacking))
        again = again_after(error, self.form, await self.taking.version(), by_field)
        return await self.again(again, typed)

    async def done(self) -> Response:
        """What was typed is on record: on to the next step."""
        await DRAFTS.sent(self.visit)
        return go(f"/desk/cases/{self.case}/next")

    async def printed(self, typed: DecisionForm | None = None) -> Response:
        """Say what is printed for characters that cannot be printed; the page then goes on."""

        def made(ledger: Ledger, state: State, at: datetime) -> PrintAs:
            del ledger
            chosen = [one.value() for one in body.substitutes]
            return self.inside.replies.print_as(state, chosen, at)

        try:
            body = stated(PrintedForms, substitutes.body(self.choices))
            await self.taking.make(PrintAs, made, self.visit)
        except LedgerError as error:
            return await self.refused(error, substitutes.by_field, typed)
        self.choices = ()
        return await self.again(FormResult(form=self.form), typed)

    async def handed(self, as_decided: Decided) -> Response:
        """The letter as what is typed would make it; nothing but the look is on record."""
        caller, services = self.visit.caller, self.inside

        def shown(ledger: Ledger, at: datetime) -> HandedDocument:
            def made(state: State, at: datetime) -> HandedDocument:
                return handout.preview(services.replies)(as_decided(ledger, state, at), at)

            return DocumentRequest(self.case, caller, "preview.pdf").handed(ledger, made, at)

        return document(await services.run(shown))
