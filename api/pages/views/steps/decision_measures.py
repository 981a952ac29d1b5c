"""回答内容の確認 of a request that no record answers: its form, sent."""

from collections.abc import Mapping

from starlette.responses import Response

from api.case_dispatch.steps import submitting
from api.case_search.decision import measures_as_decided
from api.pages.step_submission import Done, stated
from api.pages.step_view import StepFormResult
from api.pages.steps import measures
from api.pages.views.steps.decision_answers import UNPROCESSABLE, DecisionAnswer
from api.wire.cases.measures import MeasuresDecision
from ledger.cases.case import State
from ledger.cases.steps import Submit
from ledger.clock import day_in_japan
from ledger.errors import LedgerError


async def answered(answering: DecisionAnswer, state: State) -> Response:
    """Do what the button of the form says."""
    typed = measures.read(answering.form, measures.offered(state.application))
    action = answering.form.text("action")
    if action == "substitutes":
        return await answering.printed()
    if action in ("", "more"):
        return await answering.again(StepFormResult(form=answering.form))
    if typed.defects:
        again = StepFormResult(UNPROCESSABLE, answering.form, defects=_ordered(typed))
        return await answering.again(again)
    try:
        body = stated(MeasuresDecision, typed.body)
        if action == "preview":
            return await answering.handed(
                lambda ledger, state, at: measures_as_decided(
                    body, state, ledger.procedure_of(state), day_in_japan(at)
                )
            )
        await _decided(answering, typed, body)
    except LedgerError as error:
        return await answering.refused(error, typed.by_field)
    return await answering.done()


def _ordered(typed: measures.MeasuresForm) -> Mapping[str, str]:
    """The defects in the order of the page."""
    found = typed.defects
    return {name: found[name] for name in typed.labels if name in found}


async def _decided(
    answering: DecisionAnswer, typed: measures.MeasuresForm, body: MeasuresDecision
) -> None:
    """Decide, and ask for the approval. What stands decided so is not decided once more."""
    taking, services, visitor = answering.taking, answering.inside, answering.visitor
    state = await services.run(lambda ledger, _: ledger.case(taking.case))
    today = day_in_japan(services.now())
    done: Done | None = None
    if state is None or not measures.is_decided(typed, state, today):
        done = await taking.take(body.step(), visitor)
    await taking.make(Submit, submitting(services.replies), visitor, after=done)
