"""Identity and form: looking at the papers, asking for corrections, verified or refused."""

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Desk, Take, documented
from api.resources.cases.schemas.bodies import OfNothing
from api.resources.cases.schemas.papers import OfFurther, OfPapersCheck
from api.web.bodies import CommandRoute
from ledger.cases.steps import Refuse, RequestCorrection, Verify

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=CommandRoute)


@router.post("/documents", summary="Look at the papers", **documented("The papers are on record"))
async def check_documents(body: OfPapersCheck, caller: Desk, take: Take) -> Response:
    """Put down what was seen on the papers and the form; the answer says what is short or open.

    Whatever was decided on an earlier look is void.
    """
    return await take.take(body.step(), caller)


@router.post(
    "/correction-request", summary="Ask for a correction", **documented("The correction is due")
)
async def request_correction(body: OfNothing, caller: Desk, take: Take) -> Response:
    """Ask for everything that is short, in one letter of today; its time begins."""
    del body
    return await take.take(RequestCorrection(), caller)


@router.post("/resubmission", summary="Take further papers in", **documented("They are on record"))
async def resubmit(body: OfFurther, caller: Desk, take: Take) -> Response:
    """Further papers came; they are looked at next, also while a refusal is being prepared."""
    return await take.take(body.step(), caller)


@router.post("/verification", summary="Verify", **documented("Who asks may ask"))
async def verify(body: OfNothing, caller: Desk, take: Take) -> Response:
    """Who asks may ask: possible when nothing is short and nothing is open."""
    del body
    return await take.take(Verify(), caller)


@router.post("/refusal", summary="Refuse for form or identity", **documented("It is refused"))
async def refuse(body: OfNothing, caller: Desk, take: Take) -> Response:
    """Refuse without a search, when the time for the correction is over; it is approved by two."""
    del body
    return await take.take(Refuse(), caller)
