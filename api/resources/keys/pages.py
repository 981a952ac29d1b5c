"""利用者と鍵: the API keys, who is signed in, and where roles come from; no record of anybody."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.scopes import SCOPES_JA
from api.resources.accesses.access import access_now
from api.resources.keys import forms
from api.resources.keys.forms import Command
from api.web.pages.guard import Visit, people_of, signed
from api.web.pages.renderer import go, page
from api.web.pages.route import PageRoute
from ledger.errors import NotFoundError

router = APIRouter(prefix="/desk/keys", route_class=PageRoute)

Operator = Annotated[Visit, Depends(signed("admin:config"))]
# What is revoked stays so, and stops a system.
Revoker = Annotated[Visit, Depends(signed("admin:config", proved=True))]
Key = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]

_UNPROCESSABLE = 422


@router.get("")
async def get_keys(visit: Operator) -> Response:
    """The keys that there ever were, and whose sessions go on. Keys are made by command line."""
    return await _render_page(visit, forms.first(visit.services.settings.api_key_days))


@router.post("/command")
async def put_together(visit: Operator) -> Response:
    """The command that makes a key; nothing is made."""
    form = await visit.form()
    return await _render_page(visit, forms.read(form, visit.now()))


@router.post("/{key}/revoke")
async def revoke(key: Key, visit: Revoker) -> Response:
    """Take a key away, for ever; who did it stands with it. Once more changes nothing."""
    at, actor = visit.now(), visit.actor
    since = await run_in_threadpool(lambda: visit.services.api_keys.revoke(key, at, actor))
    if since is None:
        raise NotFoundError
    return go(router.prefix)


async def _render_page(visit: Visit, command: Command) -> Response:
    people = people_of(visit.request)
    found = await run_in_threadpool(access_now, visit.services, people)
    return page(
        visit.request,
        "keys/keys.html",
        _UNPROCESSABLE if command.defects else 200,
        at=found.at,
        rows=[forms.row(one, found.at) for one in found.keys],
        states=forms.STATES,
        scopes=SCOPES_JA,
        labels=forms.LABELS,
        form=command.form,
        defects=command.defects,
        command=command.text,
        signed_in=found.signed_in,
        own_actor=visit.actor,
        roles_of=people.roles_of,
        role_claim=visit.services.settings.oidc_role_claim,
        person_claim=visit.services.settings.oidc_person_claim,
        idle_minutes=visit.services.settings.session_idle_minutes,
        hours_max=visit.services.settings.session_hours_max,
    )
