"""How a page is answered: a request of another site is refused first, a refusal is a page too."""

import re
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.auth.people import (
    CrossOriginError,
    ForgedRequestError,
    NotSignedInError,
    NotYoursError,
    ProofTooOldError,
    SignedInUser,
)
from api.auth.people.tickets import HOME, own_page
from api.problems.answers import INCIDENT_PAGE
from api.problems.kinds import kind_of
from api.web.latency_padding import EvenRoute
from api.web.pages.guard import SAFE, people_of
from api.web.pages.navigation import back_of
from api.web.pages.renderer import go, is_part, page
from ledger.errors import LedgerError

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_OWN: Final = "same-origin"
# A form of a line in a list: it is sent below the page of the list.
_OF_A_LIST: Final = re.compile(
    r"(/desk/(?:emitters/quarantine|holds|exceptions/late|keys))"
    r"/[^/]+/(?:discard|release|reassess|revoke)"
)
# A form of a step that has several: it is sent below the page of the step.
_OF_A_STEP: Final = re.compile(r"/desk/cases/[^/]+/[a-z]+/[a-z-]+")
# A form about a case as a whole: it is sent below the page of the case.
_OF_A_CASE: Final = re.compile(
    r"/desk/cases/[^/]+/(?:withdrawal|death|(?:entry|end)-mistake|mistake-(?:confirmation|dismissal))"
)
# A form of a register: it is sent below the page of the register.
_OF_A_REGISTER: Final = re.compile(r"/desk/registers/[^/]+/[a-z]+")
# A document is opened from the page of a step, and that is where its proof leads back to; so with
# what the page of an approval asks for by itself.
_OF_A_DOCUMENT: Final = re.compile(
    r"(/desk/cases/[^/]+/[a-z]+)/(?:[a-z]+\.(?:pdf|zip)|button|waiting)"
)
_TITLES: Final = {
    HTTPStatus.FORBIDDEN: "この画面は表示できません",
    HTTPStatus.NOT_FOUND: "見つかりません",
    HTTPStatus.METHOD_NOT_ALLOWED: "この操作はできません",
    HTTPStatus.SERVICE_UNAVAILABLE: "一時的に利用できません",
}


class PageRoute(APIRoute):
    """A page. It is no part of the API's document.

    A query parameter that it does not have is passed over, unlike at the endpoints: mail gateways
    and providers of identities add some, and a person could do nothing about a refusal.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:  # noqa: ANN401 -- handed on as it comes
        declared["include_in_schema"] = False
        super().__init__(path, endpoint, **declared)

    @override
    def get_route_handler(self) -> _Handler:
        """The handler; what it refuses becomes a page."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            request.scope[INCIDENT_PAGE] = _incident
            try:
                _check_site(request)
                return await handle(request)
            except (NotSignedInError, ProofTooOldError) as error:
                return _sign_in(request, error)
            except CrossOriginError:
                return _confirm(request)
            except ForgedRequestError:
                return _refused(request, HTTPStatus.FORBIDDEN, _FORGED)
            except NotYoursError:
                return _refused(request, HTTPStatus.FORBIDDEN, _NOT_YOURS)
            except LedgerError as error:
                kind, _ = kind_of(error)
                message = kind.detail.ja if "{" not in kind.detail.ja else kind.title.ja
                return _refused(request, kind.status, message)
            except RequestValidationError:
                return _refused(request, HTTPStatus.NOT_FOUND, _NOT_FOUND)
            except HTTPException as error:
                is_read = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
                message = _ONLY_READ if is_read else _NOT_FOUND
                response = _refused(request, error.status_code, message)
                response.headers.update(error.headers or {})
                return response

        return answered


class EvenPageRoute(EvenRoute, PageRoute):
    """A page that reads records: its answers leave on the grid, as those of the API's endpoints."""


_FORGED: Final = (
    "このシステムの画面から送られた操作であることを確認できなかったため、実行していません。"
    "前の画面を読み込み直して、もう一度操作してください。"
)
_CROSS_ORIGIN: Final = (
    "他のサイトのページから開かれたため、まだ何も表示していません。閲覧の記録も残していません。"
    "表示する場合は「画面を開く」を押してください。"
)
_NOT_YOURS: Final = "この画面を見る役割が割り当てられていません。"
_NOT_FOUND: Final = "お探しの画面又は受付番号はありません。"
_ONLY_READ: Final = (
    "この画面は表示だけのもので、送信は受け付けていません。"
    "前の画面に戻って、もう一度操作してください。"
)


def _check_site(request: Request) -> None:
    """Refuse a form that another site sent, before anything of it is read.

    Source: Fetch Metadata Request Headers; a browser without them tells the origin.

    Raises:
        ForgedRequestError: it did not come from a page of ours.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != _OWN:
            raise ForgedRequestError
        return
    origin = request.headers.get("origin")
    if origin not in (None, "null", people_of(request).pages_url):
        raise ForgedRequestError


def _sign_in(request: Request, error: Exception) -> Response:
    """To the sign-in; what was being sent is not done, and the page says so."""
    is_read = request.method in SAFE
    target_page = _page_read(request) if is_read else own_page(_page_before(request))
    proof = "&proof=1" if isinstance(error, ProofTooOldError) else ""
    ended = "" if is_read or proof else "&ended=1"
    address = f"/sign-in?page={quote(target_page)}{proof}{ended}"
    if is_part(request):
        # A part of a page would be swapped into the page of somebody who is signed out.
        response = page(request, "parts/signed_out.html", HTTPStatus.UNAUTHORIZED)
        response.headers["HX-Redirect"] = address
        return response
    return go(address)


def _confirm(request: Request) -> Response:
    """A page that shows nothing and leads on to the one that was asked for."""
    title, address = "この画面を開きますか", _page_read(request)
    template = "parts/refused.html" if is_part(request) else "cross_origin.html"
    return page(
        request, template, HTTPStatus.FORBIDDEN, title=title, message=_CROSS_ORIGIN, address=address
    )


def _page_read(request: Request) -> str:
    """The page that was asked for; of a document, the one that it is opened from."""
    document = _OF_A_DOCUMENT.fullmatch(request.url.path)
    return own_page(request.url.path if document is None else document[1])


def _page_before(request: Request) -> str:
    """The page that a form stands on, where that is not the address of its action."""
    path, _, last = request.url.path.rpartition("/")
    if _OF_A_CASE.fullmatch(request.url.path):
        return path
    if _OF_A_STEP.fullmatch(request.url.path) or _OF_A_REGISTER.fullmatch(request.url.path):
        return path
    if of_a_list := _OF_A_LIST.fullmatch(request.url.path):
        return of_a_list[1]
    return {
        "name": HOME,
        "search": HOME,
        "draft": path,
        "discard": path,
        "lift": path,
        "persons": path,
        "unlink": path,
        "look": path,
        "publish": path,
        "withdraw": path,
    }.get(last, request.url.path)


def _refused(request: Request, status: int, message: str) -> Response:
    path = request.url.path
    title = _TITLES.get(HTTPStatus(status), "処理できませんでした")
    template = "parts/refused.html" if is_part(request) else "refused.html"
    back = back_of(cast("SignedInUser | None", getattr(request.state, "user", None)), path)
    if status == HTTPStatus.NOT_FOUND and back is not None and back.holds(path):
        message = back.missing or message
    return page(
        request,
        template,
        status,
        title=title,
        message=message,
        retry=_retry(request, status),
        back=back,
    )


def _retry(request: Request, status: int) -> str | None:
    may_pass = status == HTTPStatus.SERVICE_UNAVAILABLE
    return own_page(request.url.path) if may_pass and request.method in SAFE else None


def _incident(request: Request) -> Response:
    message = "予期しない問題が起きました。入力の途中だった内容は、下書きがあれば残っています。"
    return _refused(request, HTTPStatus.INTERNAL_SERVER_ERROR, message)
