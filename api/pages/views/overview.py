"""One case at a glance: the request, the papers, the decision, the letters, what happened."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages import days
from api.pages.guard import signed
from api.pages.rendering import page
from api.pages.route import EvenPageRoute
from api.pages.words import FURTHER_FIELDS
from api.people import Visitor
from api.services import Inside, Services
from api.wire.cases.replacing import mistake_shown, waiting_mistake
from api.wire.cases.showing import links_shown
from api.wire.cases.whole import whole_shown
from api.wire.items import random_command
from ledger import case as cases
from ledger.access import CASE_FILE
from ledger.application import Ledger
from ledger.application.cases import CaseFact
from ledger.case import State
from ledger.commands import ViewDocument
from ledger.errors import NotFoundError
from ledger.events import Expired
from ledger.law.procedure.codes import REPRESENTATIONS
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure
from ledger.law.requests import OUTCOMES
from ledger.values import Json

router = APIRouter(route_class=EvenPageRoute)

Reader = Annotated[Visitor, Depends(signed("cases:read"))]


@router.get("/desk/cases/{case}")
async def get_case(case: UUID, request: Request, visitor: Reader, inside: Inside) -> Response:
    """Everything of a case, to read. The look is itself put on record, before it is answered."""
    command = random_command()

    def seen(ledger: Ledger, at: datetime) -> Response:
        told = ledger.case_told(case)
        if told is None:
            raise NotFoundError
        state, facts = told
        actor = visitor.caller.actor
        ledger.view(ViewDocument(command, actor, case, CASE_FILE, reason=state.status.value), at)
        procedure = ledger.procedure_of(state)
        replacing = mistake_shown(state, {one.case: one for one in inside.caseload.states(at)})
        return page(
            request,
            "overview.html",
            state=state,
            whole={**whole_shown(told, procedure, visitor.caller, at), **replacing},
            mistake=waiting_mistake(state),
            is_reporter=state.report is not None and state.report.actor == actor,
            due=_due(state, procedure, at),
            clocks=_clocks(state, procedure, at),
            timeline=_timeline(facts, actor),
            written=_written(state),
            documents=_labels(state, procedure),
            representations=REPRESENTATIONS,
            measures={code: one.label for code, one in OUTCOMES.items()},
            flags=inside.replies.flags(state),
            links=_links(inside, state, at),
            replacing=replacing,
        )

    return await inside.run(seen)


def _due(state: State, procedure: Procedure, at: datetime) -> tuple[str, date, days.Left] | None:
    found = cases.next_due(state, procedure)
    return None if found is None else (found[0], found[1], days.left(found[1], at))


def _clocks(state: State, procedure: Procedure, at: datetime) -> list[tuple[str, date, days.Left]]:
    """The clocks that run, the next one first."""
    running = cases.running(state, procedure)
    ordered = sorted(running.items(), key=lambda one: (one[1], one[0]))
    return [(name, day, days.left(day, at)) for name, day in ordered]


def _timeline(facts: Sequence[CaseFact], actor: str) -> list[dict[str, Json | datetime]]:
    """What happened, oldest first; people by a number, for the ledger knows no names of them."""
    numbers: dict[str, int] = {}
    return [
        {
            "type": fact.event.TYPE,
            "at": fact.at,
            "position": fact.position,
            "person": numbers.setdefault(fact.actor, len(numbers) + 1),
            "is_own": fact.actor == actor,
        }
        for fact in facts
        if not isinstance(fact.event, Expired)
    ]


def _written(state: State) -> list[tuple[str, str]]:
    """(what the field is called, what stands in it), in the order of the paper."""
    labels = {**FORM_LABELS, **FURTHER_FIELDS}
    form = state.application.form
    ordered = [name for name in labels if name in form] + [one for one in form if one not in labels]
    return [(labels.get(name, name), form[name]) for name in ordered]


def _labels(state: State, procedure: Procedure) -> dict[str, str]:
    """Kind of paper → what the procedure calls it."""
    documents = procedure.documents_on(state.application.arrived_on)
    return {one.code: one.label for one in documents}


def _links(inside: Services, state: State, at: datetime) -> dict[str, list[dict[str, Json]]]:
    """Further cases of the envelope, and of the same identifiers: links, nothing of theirs."""
    similar = inside.caseload.similar(state.application.identifiers, at, besides=state.case)
    envelope = cases.envelope_of(inside.caseload.states(at), state)
    return cast(
        "dict[str, list[dict[str, Json]]]",
        {"envelope": links_shown(envelope), "similar": links_shown(similar)},
    )
