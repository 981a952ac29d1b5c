"""Sign in at the operator's own identity provider, and out again."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.auth.people import SignInFailedError
from api.auth.people.tickets import HOME, own_page
from api.problems.refusals import TooBusyError
from api.web.pages.cookies import (
    forget_session,
    forget_ticket,
    keep_session,
    keep_ticket,
    session_cookie,
    ticket_cookie,
)
from api.web.pages.forms import PUBLIC_BYTES_MAX, TOKEN, form_of
from api.web.pages.guard import is_cross_origin, people_of
from api.web.pages.renderer import go, page
from api.web.pages.route import PageRoute
from api.web.pages.words import SIGN_IN_FAILURES
from api.web.services import services_of

router = APIRouter(route_class=PageRoute)
by_provider = APIRouter()

_UNAVAILABLE: Final = "PROVIDER_UNAVAILABLE"
_FORBIDDEN: Final = frozenset(("NO_ROLE", "ROLES_EXCLUDE_ONE_ANOTHER"))


@router.get("/")
async def get_root() -> Response:
    """The first page."""
    return go(HOME)


@router.get("/sign-in")
async def get_sign_in(request: Request) -> Response:
    """Where a person without a session arrives. Nothing is asked of the provider yet."""
    query = request.query_params
    return page(
        request,
        "sessions/sign_in.html",
        start=_start(own_page(query.get("page")), proof=query.get("proof") == "1"),
        proof=query.get("proof") == "1",
        ended=query.get("ended") == "1",
        failure=None,
    )


@router.get("/sign-in/start")
async def start(request: Request) -> Response:
    """To the provider, with a ticket for the way back.

    A provider that asks nothing sends the person straight back, and to the page: what began on
    another site waits on ours until the button is pressed.
    """
    people = people_of(request)
    query = request.query_params
    target, proof = own_page(query.get("page")), query.get("proof") == "1"
    if is_cross_origin(request):
        return go(f"/sign-in?{_query(target, proof=proof)}")
    try:
        waiting = await run_in_threadpool(people.begin, target, proof=proof)
    except SignInFailedError as error:
        return _failed(request, error)
    response = go(waiting.address)
    keep_ticket(response, waiting.ticket, people.pages_url)
    return response


@router.get("/sign-in/callback")
async def finish(request: Request) -> Response:
    """Back from the provider: a new session, which shares nothing with the one before."""
    people, services = people_of(request), services_of(request)
    parameters, before = dict(request.query_params), session_cookie(request, people.pages_url)
    places = services.sign_in_places
    try:
        ticket = people.ticket(parameters, ticket_cookie(request, people.pages_url))
        async with places.slot(ticket.state):
            cookie, target = await places.run(
                lambda: people.finish(ticket, parameters["code"], before, services.now())
            )
    except SignInFailedError as error:
        response = _failed(request, error)
    except TooBusyError:
        response = _failed(request, SignInFailedError(_UNAVAILABLE))
    else:
        # A redirect would count as the provider's request, which no page answers (`Signed`): a
        # page of ours asks for the one that is wanted.
        is_direct = not is_cross_origin(request)
        response = (
            go(target) if is_direct else page(request, "sessions/arrived.html", address=target)
        )
        keep_session(response, cookie, people.pages_url)
    forget_ticket(response, people.pages_url)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session here, and offer to end the provider's."""
    people = people_of(request)
    form = await form_of(request, PUBLIC_BYTES_MAX)
    cookie = session_cookie(request, people.pages_url)
    await run_in_threadpool(people.end, cookie, form.text(TOKEN))
    response = go("/signed-out")
    forget_session(response, people.pages_url)
    # Whatever a browser still holds of our pages goes with the session.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.get("/signed-out")
async def get_signed_out(request: Request) -> Response:
    """Nobody is signed in any more."""
    address = await run_in_threadpool(lambda: people_of(request).log_out_address)
    return page(request, "sessions/signed_out.html", log_out_address=address)


@by_provider.post("/sign-in/ended-by-provider", include_in_schema=False)
async def end_by_provider(request: Request) -> Response:
    """The provider tells that somebody has logged out there (back-channel).

    Source: OpenID Connect Back-Channel Logout 1.0, section 2.8.
    """
    people = people_of(request)
    headers = {"Cache-Control": "no-store"}
    try:
        form = await form_of(request, PUBLIC_BYTES_MAX)
        await run_in_threadpool(people.end_by_provider, form.text("logout_token"))
    except SignInFailedError as error:
        if error.code == _UNAVAILABLE:
            return JSONResponse({"error": "temporarily_unavailable"}, 503, headers)
        return JSONResponse({"error": "invalid_request"}, 400, headers)
    return Response(headers=headers)


def _start(target: str, *, proof: bool) -> str:
    return f"/sign-in/start?{_query(target, proof=proof)}"


def _query(target: str, *, proof: bool) -> str:
    return f"page={quote(target)}" + ("&proof=1" if proof else "")


def _failed(request: Request, error: SignInFailedError) -> Response:
    status = HTTPStatus.BAD_REQUEST
    if error.code == _UNAVAILABLE:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    elif error.code in _FORBIDDEN:
        status = HTTPStatus.FORBIDDEN
    return page(
        request,
        "sessions/sign_in.html",
        status,
        start=_start(HOME, proof=False),
        proof=False,
        ended=False,
        failure=SIGN_IN_FAILURES[error.code],
    )
