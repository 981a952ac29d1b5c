"""A request that no record answers: who the person is, what is done; the envelope.

Source: Act Art. 28(3), 32(2)(3), 34, 35.
"""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Desk, Take, documented
from api.resources.cases.schemas.measures import OfMeasures, OfPerson, OfSamePapers
from api.resources.cases.search.scope import PersonSearch
from api.resources.cases.search.search import person_identified
from api.web.bodies import CommandRoute, EvenCommandRoute
from api.web.services import ServicesDep
from ledger.cases.case import State, copy_check
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.steps import CheckDocuments
from ledger.errors import Defect, MalformedError
from ledger.service import Ledger

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=CommandRoute)
knowing = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)


@knowing.post(
    "/person",
    summary="Say who the person is, of a request for measures",
    **documented("The person is known"),
)
async def identify(body: OfPerson, caller: Desk, take: Take, services: ServicesDep) -> Response:
    """Say which identifiers are the person's, for a request to stop or to erase.

    The answer to such a request tells of no record. Whatever is recorded of the person is looked at
    for the names in it alone: where an identifier, or one linked to it, has records that name
    somebody else than the form does, the person is not known until `names_differ` says why.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> IdentifyPerson:
        del at
        where = PersonSearch.now(ledger, state, services)
        return person_identified(body, where)

    return await take.make(IdentifyPerson, make_step, caller)


@router.post("/measures", summary="Decide on what no record answers", **documented("It is decided"))
async def decide(body: OfMeasures, caller: Desk, take: Take) -> Response:
    """Say what is done or told, from when, and why not, where it is not.

    For a request to stop or to erase (35), for purposes of use (32(2)), for a correction of
    retained data (34), and for measures of a recipient abroad (28(3), Rule 18(3)). The last three
    are decided on as soon as who asks is verified: nobody is looked for in the ledger.

    A stop of provision stands in the ledger as soon as a second person approved the decision,
    before the letter goes out: for each identifier of the person. No record is destroyed earlier.
    """
    return await take.take(body.step(), caller)


@router.post(
    "/same-papers",
    summary="Take the papers of the envelope over",
    **documented("They are on record"),
)
async def take_over(body: OfSamePapers, caller: Desk, take: Take) -> Response:
    """Take the look at the papers over from the case that came in the same envelope.

    The form is this request's own and is looked at here; nobody is verified by it.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> CheckDocuments:
        del at
        first = state.application.same_envelope_as
        if first is None:
            detail = "the case was not taken in as of the envelope of another one"
            raise MalformedError((Defect("", "NO_PAPERS", detail),))
        return copy_check(
            state,
            ledger.case(first),
            form_checked=body.form_checked,
            form_missing=body.form_missing,
            covers_this_request=body.covers_this_request,
            note=body.note,
        )

    return await take.make(CheckDocuments, make_step, caller)
