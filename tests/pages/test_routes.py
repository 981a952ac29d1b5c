"""What every page must hold to, asked of the list of routes: nobody adds one past these tests.

Who may open which page is asked in `tests/attacks/test_every_role.py`.

Attack: a form of another site (CSRF), or a fetch across sites, changes something.
Held off by: `Sec-Fetch-Site` or `Origin`, and the session's token in each form.
"""

import re
from typing import cast

import httpx2
import pytest
from fastapi.routing import APIRoute

from api.auth import Scope
from api.auth.people import Role, scopes_of
from api.resources.page_routers import ROUTERS
from api.web.pages.assets import address
from api.web.pages.forms import BYTES_MAX, FIELDS_MAX
from api.web.pages.guard import PageGuard, SignedUpload
from api.web.pages.route import PageRoute
from tests.attacks.allowed import ALLOWED
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.office import SAME_SITE, Office, Person

IDENTITY_OF: dict[Role, str] = {
    "reception": "reception",
    "officer": "officer",
    "approver": "approver",
    "chief": "chief",
    "auditor": "auditor",
    "emitter_keeper": "quarantine",
    "operator": "operator",
}
NOBODYS_CASE = "0b0e2c5e-7a57-8000-8000-000000000001"
NOBODYS_KEY = "0123456789abcdef"
BY_PROVIDER = "/sign-in/ended-by-provider"
NOT_OURS = "このシステムの画面から送られた操作であることを確認できなかった"
"""What a form is told that another site sent; whoever has no role for it is told another thing."""
UNKNOWN = "/desk/{rest:path}"
"""Whatever is no page; no form is sent there."""

POLICY_OF_PAGES = (
    "default-src 'none'; object-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self';"
    " img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types htmx"
)
POLICY_OF_OTHERS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

ROUTES: list[tuple[str, APIRoute]] = [
    (method, route)
    for router in ROUTERS
    for route in cast("list[APIRoute]", router.routes)
    for method in sorted(route.methods or ())
]


def named(one: object) -> str:
    if isinstance(one, APIRoute):
        return one.path
    return str(one)


def guard_of(route: APIRoute) -> PageGuard | None:
    found = [one.call for one in route.dependant.dependencies if isinstance(one.call, PageGuard)]
    return found[0] if found else None


GUARDED = [(method, route) for method, route in ROUTES if guard_of(route) is not None]
FORMS = [(method, route) for method, route in ROUTES if method == "POST"]


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    return Work(office).begun().id


def path_of(route: APIRoute, case: str) -> str:
    file = address("pages.css").removeprefix("/static/")
    path = route.path.replace("{case}", case).replace("{name}", file)
    for name in ("rejected", "hold", "transfer", "notice", "register", "plan"):
        path = path.replace(f"{{{name}}}", NOBODYS_CASE)
    for name, one in (
        ("key", NOBODYS_KEY),
        ("row", "1"),
        ("rest:path", "nothing"),
        ("kind", "receipt"),
    ):
        path = path.replace(f"{{{name}}}", one)
    assert "{" not in path, f"say here what stands there: {path}"
    return path


def who_may(office: Office, method: str, route: APIRoute) -> Person:
    """Somebody who may open the page; an officer, where there is no guard."""
    if guard_of(route) is None:
        return office.person("officer")
    return office.person(IDENTITY_OF[ALLOWED[method, route.path].first()])


def test_every_page_is_answered_as_a_page() -> None:
    plain = {route.path for _, route in ROUTES if not isinstance(route, PageRoute)}
    assert plain == {BY_PROVIDER}


def test_no_page_stands_in_the_document_of_the_api(office: Office) -> None:
    told = office.stranger().get("/openapi.json").json()["paths"]
    assert not {route.path for _, route in ROUTES} & set(told)


@every("method, route", GUARDED, called=named)
def test_a_stranger_sees_no_page(office: Office, case: str, method: str, route: APIRoute) -> None:
    form = None if method == "GET" else {"form_token": "0" * 64}
    path = path_of(route, case)
    answer = office.stranger().client.request(method, path, data=form, headers=SAME_SITE)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?page=/desk")


@every("method, route", GUARDED, called=named)
def test_a_case_that_there_is_not_is_not_found(
    office: Office, method: str, route: APIRoute
) -> None:
    guard = guard_of(route)
    assert guard is not None
    is_officers = not frozenset[Scope](guard.scopes).isdisjoint(scopes_of(("officer",)))
    person = office.person("officer" if is_officers else "approver")
    for case in (NOBODYS_CASE, "1", "..%2f..%2fetc"):
        if "{case}" not in route.path:
            continue
        path = path_of(route, case)
        answer = person.get(path) if method == "GET" else person.post(path)
        assert answer.status_code == 404, answer.text


@every("method, route", [one for one in FORMS if one[1].path != BY_PROVIDER], called=named)
def test_a_form_of_another_site_is_refused(
    office: Office, case: str, method: str, route: APIRoute
) -> None:
    person = who_may(office, method, route)
    token = person.token
    path = path_of(route, case)
    before = office.rows("SELECT position FROM ledger.head")
    for headers, given in (
        ({"Sec-Fetch-Site": "cross-site"}, token),
        ({"Sec-Fetch-Site": "same-site"}, token),
        ({"Sec-Fetch-Site": "none"}, token),
        ({"Origin": "https://other.example"}, token),
        (SAME_SITE, "0" * 64),
        (SAME_SITE, ""),
        (SAME_SITE, office.person("colleague").token),
    ):
        form = {"form_token": given}
        files = {"file": ("r.csv", b"x")} if isinstance(guard_of(route), SignedUpload) else None
        answer = person.client.post(path, data=form, files=files, headers=headers)
        assert answer.status_code == 403, (headers, answer.text)
        assert NOT_OURS in answer.text, "refused for something else"
    assert office.rows("SELECT position FROM ledger.head") == before
    assert person.form_token() == token, "still signed in"


@every("method, route", [one for one in GUARDED if one[0] == "GET"], called=named)
def test_who_is_signed_in_can_sign_out_on_every_page(
    office: Office, case: str, method: str, route: APIRoute
) -> None:
    """Also on one that tells that there is no such thing."""
    answer = who_may(office, method, route).get(path_of(route, case), follow_redirects=True)
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert answer.text.count('<form method="post" action="/sign-out">') == 1


READ = [route for method, route in ROUTES if method == "GET"]


@every("route", READ, called=named)
def test_what_somebody_hung_on_an_address_changes_no_page_and_stands_on_none(
    office: Office, case: str, route: APIRoute
) -> None:
    """Mail gateways and providers of identities add parameters: a page is not refused for them."""
    person = office.person("officer")
    path = path_of(route, case)
    plain, more = person.get(path), person.get(f"{path}?utm_source=Yamada&tabb=all")
    assert (more.status_code, way(more)) == (plain.status_code, way(plain))
    assert more.status_code != 422
    assert "Yamada" not in more.text + more.headers.get("location", "")
    assert headings(more.text) == headings(plain.text)


def way(answer: httpx2.Response) -> str:
    """Where the answer leads; each sign-in has a query of its own."""
    return answer.headers.get("location", "").partition("?")[0]


def headings(text: str) -> list[str]:
    return re.findall(r"<h[12][^>]*>([^<]*)<", text)


@every("method, route", FORMS, called=named)
def test_what_is_no_form_is_refused(
    office: Office, case: str, method: str, route: APIRoute
) -> None:
    del method
    person = office.person("officer")
    path = path_of(route, case)
    for content, kind in (
        (b'{"form_token": "x"}', "application/json"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * (BYTES_MAX - 1), "application/x-www-form-urlencoded"),
        ("a=神".encode(), "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(FIELDS_MAX + 1)), "application/x-www-form-urlencoded"),
    ):
        headers = {**SAME_SITE, "content-type": kind}
        answer = person.client.post(path, content=content, headers=headers)
        assert answer.status_code in (400, 403, 413, 415, 422), (content[:20], answer.text)


def test_a_file_that_there_is_not_is_not_found(office: Office) -> None:
    for name in ("pages.css", "vendor.lock", "..%2fvendor.lock", "tokens.0.css"):
        assert office.stranger().get(f"/static/{name}").status_code == 404


@every("method, route", ROUTES, called=named)
def test_a_page_is_kept_nowhere_and_a_file_for_good(
    office: Office, case: str, method: str, route: APIRoute
) -> None:
    person = office.signed_in("officer") if route.path == "/sign-out" else office.person("officer")
    path = path_of(route, case)
    answer = person.get(path) if method == "GET" else person.post(path)
    assert answer.status_code < 500, answer.text
    control = answer.headers["cache-control"]
    if route.path == "/static/{name}":
        assert control == "public, max-age=31536000, immutable"
    else:
        assert control == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-request-id"]
    policy = answer.headers["content-security-policy"]
    if answer.headers.get("content-type", "").startswith("text/html"):
        nonce = re.search(r"'nonce-([\w-]{22})'", policy)
        assert nonce is not None
        assert policy == POLICY_OF_PAGES.format(nonce=nonce[1])
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.text.count(f'nonce="{nonce[1]}"') >= 2
    else:
        assert policy == POLICY_OF_OTHERS
