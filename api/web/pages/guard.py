"""Who may see a page: `Annotated[Visit, Depends(signed("cases:read"))]`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from typing_extensions import override

from api.auth import CALLER, Caller, Guard, Scope
from api.auth.people import (
    CrossOriginError,
    ForgedRequestError,
    NotSignedInError,
    NotYoursError,
    People,
    ProofTooOldError,
    SignedInUser,
)
from api.auth.people.sessions import Token
from api.web.intake import media_type
from api.web.pages.cookies import session_cookie
from api.web.pages.forms import TOKEN, Form, form_of
from api.web.pages.upload_form import TYPE as UPLOAD_TYPE
from api.web.pages.upload_form import UploadForm
from api.web.services import Services, services_of
from ledger.service import Ledger

SAFE = frozenset(("GET", "HEAD"))
_OWN_OR_NONE = frozenset((None, "same-origin", "none"))

Rescue = Callable[[Request, str], Awaitable[None]]
"""Keeps what the request brings, under an actor who must first sign in or prove who they are."""


def people_of(request: Request) -> People:
    """Who signs in to the pages of the application that answers `request`."""
    return cast("People", request.app.state.people)


def is_cross_origin(request: Request) -> bool:
    """Whether a page of another origin made the browser send this, itself or by redirects.

    `none` is what the person asked of the browser itself: an address that was typed, a bookmark.
    A browser that does not tell (of before 2023) is believed.

    Source: Fetch Metadata Request Headers, section 2.4.
    """
    return request.headers.get("sec-fetch-site") not in _OWN_OR_NONE


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at a page or sends a form of it: `user` by `request`."""

    request: Request
    user: SignedInUser

    @property
    def services(self) -> Services:
        """The services of the application that answers."""
        return services_of(self.request)

    @property
    def caller(self) -> Caller:
        """The user, as the endpoints of the API know them."""
        return self.user.caller

    @property
    def actor(self) -> str:
        """The user's opaque id."""
        return self.user.caller.actor

    def id_of(self, subject: str) -> UUID:
        """The id that the address names, by what it is of: `case`.

        Raises:
            ValueError: it is none.
        """
        return UUID(self.request.path_params[subject])

    def now(self) -> datetime:
        """The present instant."""
        return self.services.now()

    async def form(self) -> Form:
        """The form that is sent; see `form_of`."""
        return await form_of(self.request)

    async def run(self, method: Callable[[Ledger, datetime], T]) -> T:
        """Run a command or a look at the ledger; see `Services.run`."""
        return await self.services.run(method)


class PageGuard(Guard):
    """Lets in who is signed in and holds one of `scopes`; of a form, only one of their own.

    Args:
        proved: the proof of who they are must be fresh.
        rescue: keeps what somebody sends whose time is up, or who must prove again who they are,
            under their actor.
    """

    def __init__(
        self, scopes: tuple[Scope, ...], *, proved: bool, rescue: Rescue | None = None
    ) -> None:
        super().__init__(scopes)
        self.proved = proved
        self.rescue = rescue

    async def __call__(self, request: Request) -> Visit:
        """Who looks at the page.

        Raises:
            NotSignedInError: nobody is signed in.
            CrossOriginError: a page of another origin sent the browser here.
            NotYoursError: none of the user's roles opens the page.
            ForgedRequestError: a form without the token of the session.
            ProofTooOldError: they must prove again who they are.
        """
        people = people_of(request)
        cookie = session_cookie(request, people.pages_url)
        if cookie is not None and request.method in SAFE and is_cross_origin(request):
            # Many pages put a look on record: whoever sits there must have asked for it.
            raise CrossOriginError
        user = await self._find_user(request, people, cookie)
        request.state.user = user
        request.scope[CALLER] = user.caller
        if self.suffice.isdisjoint(user.caller.scopes):
            raise NotYoursError  # before anything of what they send is read
        if request.method not in SAFE:
            form = await self._sent(request)
            token = Token.read(cookie)
            if token is None or not token.allows(form.text(TOKEN)):
                raise ForgedRequestError
            # A form may take its time: whoever signed out meanwhile sends no more.
            user = await self._find_user(request, people, cookie)
        if self.proved and not user.is_proved:
            if self.rescue is not None and request.method not in SAFE:
                await self.rescue(request, user.caller.actor)
            raise ProofTooOldError
        return Visit(request, user)

    async def _find_user(
        self, request: Request, people: People, cookie: str | None
    ) -> SignedInUser:
        try:
            return await run_in_threadpool(people.find_user, cookie, services_of(request).now())
        except NotSignedInError:
            await self._keep(request, people, cookie)
            raise

    async def _sent(self, request: Request) -> Form:
        """The fields of the form, as far as they must be known here."""
        return await form_of(request)

    async def _keep(self, request: Request, people: People, cookie: str | None) -> None:
        if self.rescue is None or request.method in SAFE:
            return
        if not await run_in_threadpool(people.has_lapsed, cookie):
            return  # of nobody known, nothing is read
        given = (await form_of(request)).text(TOKEN)
        actor = await run_in_threadpool(people.lapsed, cookie, given)
        if actor is not None:
            await self.rescue(request, actor)

    @override
    def __repr__(self) -> str:
        return f"Signed({self.scopes}, proved={self.proved})"


class SignedUpload(PageGuard):
    """The same of a form with a file, of which the fields alone are read here."""

    @override
    async def _sent(self, request: Request) -> Form:
        media_type(request, UPLOAD_TYPE)
        upload = UploadForm(request)
        request.state.upload = upload
        await upload.begin()
        return upload.form


def upload_of(request: Request) -> UploadForm | None:
    """The file that a request brings, behind a guard that lets files in; None: it brings none."""
    upload = cast("UploadForm | None", getattr(request.state, "upload", None))
    return upload if upload is not None and upload.name else None


def signed(
    scope: Scope, *alternatives: Scope, proved: bool = False, rescue: Rescue | None = None
) -> PageGuard:
    """The dependency of a page that needs `scope`, or one of the alternatives.

    Args:
        proved: the proof of who they are must be fresh (step-up).
        rescue: keeps what somebody sends whose time is up, or whose proof is too old.
    """
    return PageGuard((scope, *alternatives), proved=proved, rescue=rescue)


def signed_upload(scope: Scope) -> SignedUpload:
    """The dependency of a page that takes a file."""
    return SignedUpload((scope,), proved=False)
