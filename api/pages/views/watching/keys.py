"""利用者と鍵: the API keys, who is signed in, and where roles come from; no record of anybody."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.pages.guard import people_of, signed
from api.pages.rendering import page
from api.pages.route import PageRoute
from api.pages.watched import keys
from api.people import Visitor
from api.services import Inside
from api.watching.access import access_now

router = APIRouter(prefix="/desk/keys", route_class=PageRoute)

Operator = Annotated[Visitor, Depends(signed("admin:config"))]


@router.get("")
async def get_keys(request: Request, visitor: Operator, inside: Inside) -> Response:
    """The keys that there ever were, and whose sessions go on. Keys are made by command line."""
    people = people_of(request)
    found = await run_in_threadpool(access_now, inside, people)
    return page(
        request,
        "watching/keys.html",
        at=found.at,
        rows=[keys.row(one, found.at) for one in found.keys],
        states=keys.STATES,
        signed_in=found.signed_in,
        own_actor=visitor.caller.actor,
        roles_of=people.roles_of,
        role_claim=inside.settings.oidc_role_claim,
        person_claim=inside.settings.oidc_person_claim,
        days=inside.settings.api_key_days,
        idle_minutes=inside.settings.session_idle_minutes,
        hours_max=inside.settings.session_hours_max,
    )
