"""Every page that can be asked for, by the list of routes: with real ids, by who may see it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import product
from typing import Final, cast
from urllib.parse import urlsplit

from fastapi.routing import APIRoute

from api.auth.people import scopes_of
from api.resources.page_routers import ROUTERS
from api.settings.environment import Role
from api.web.latency_padding import EvenRoute
from api.web.pages.guard import PageGuard
from benchmarks.demo import Answer, Browser, Demo, signed_in
from benchmarks.staging import stage

START: Final = "/sign-in/start"
CALLBACK: Final = "/sign-in/callback"
LEAD_ON: Final = frozenset(("/", START, CALLBACK, "/desk/cases/{case}/next"))
"""Pages that only lead to another one."""
SILENT: Final = frozenset(
    ("/desk/cases/{case}/approval/waiting", "/desk/registers/{register}/progress")
)
"""Parts that a page asks for while it waits, and that answer with nothing."""

# Who is tried first: the pages are the officer's, most of them.
_ORDER: Final[tuple[Role, ...]] = (
    *("officer", "approver", "chief", "auditor", "emitter_keeper", "operator", "reception"),
)
_LINK: Final = re.compile(r'(?:href|src|hx-get)="(/[^"#]*)"')
_PARAMETER: Final = re.compile(r"{(\w+)}")
_OK: Final = 200
_NO_CONTENT: Final = 204
_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Reached:
    """A page, and how it is asked for.

    Attributes:
        path: of its route.
        who: the role of who asks; None: somebody who is not signed in.
        addresses: where it is answered.
        is_even: whether its answers leave on the grid (ADR 0049).
    """

    path: str
    who: Role | None
    browser: Browser
    addresses: tuple[str, ...]
    is_even: bool

    def ask(self, number: int) -> Answer:
        """Ask for it; its addresses take turns.

        Raises:
            OtherPageError: it is not answered as it was.
        """
        if self.path == CALLBACK:
            answer = self.browser.sign_in(self.addresses[0])
        else:
            answer = self.browser.get(self.addresses[number % len(self.addresses)])
        if not _is_answered(self.path, answer):
            raise OtherPageError(f"{self.path}: {answer.status}")
        return answer


class OtherPageError(Exception):
    """A page was answered otherwise than before; its figure would mean nothing."""


def pages() -> list[APIRoute]:
    """The routes of all pages that can be asked for."""
    routes = (route for router in ROUTERS for route in router.routes)
    return [one for one in cast("Iterator[APIRoute]", routes) if "GET" in (one.methods or ())]


def is_even(path: str, method: str) -> bool:
    """Whether answers of that route leave on the grid (ADR 0049)."""
    routes = (route for router in ROUTERS for route in router.routes)
    [found] = [
        one
        for one in cast("Iterator[APIRoute]", routes)
        if one.path == path and method in (one.methods or ())
    ]
    return isinstance(found, EvenRoute)


def everybody(demo: Demo) -> dict[Role, Browser]:
    """Somebody of each role at their browser, signed in."""
    return {role: signed_in(demo, role) for role in _ORDER}


def reached(
    demo: Demo, people: Mapping[Role, Browser], routes: Sequence[APIRoute]
) -> tuple[list[Reached], list[str]]:
    """The pages of those routes, and the paths of those that nobody could reach."""
    plan = stage(demo, people["operator"], people["emitter_keeper"])
    links = _links(people)
    known = {**_ids(links), "plan": [plan], "kind": ["receipt"]}
    links |= _opened(people["approver"], known["case"])
    found: list[Reached] = []
    missing: list[str] = []
    for route in routes:
        addresses = [*_addresses(route.path, known), *_listed(route, links)]
        one = _reached(route, people, dict.fromkeys(addresses), demo.browser())
        if one is None:
            missing.append(route.path)
        else:
            found.append(one)
    return found, missing


def _reached(
    route: APIRoute,
    people: Mapping[Role, Browser],
    addresses: Iterable[str],
    stranger: Browser,
) -> Reached | None:
    guard = next(
        (one.call for one in route.dependant.dependencies if isinstance(one.call, PageGuard)), None
    )
    is_even = isinstance(route, EvenRoute)
    if route.path == CALLBACK:
        # Its address is another one each time: the provider makes it.
        return Reached(route.path, None, stranger, ("officer",), is_even)
    who: list[tuple[Role | None, Browser]] = [(None, stranger)]
    if guard is not None:
        suffice = guard.suffice
        who = [(role, people[role]) for role in _ORDER if suffice & scopes_of((role,))]
    for role, browser in who:
        answered = tuple(one for one in addresses if _is_answered(route.path, browser.get(one)))
        if answered:
            return Reached(route.path, role, browser, answered, is_even)
    return None


def _is_answered(path: str, answer: Answer) -> bool:
    if path not in LEAD_ON:
        return answer.status == (_NO_CONTENT if path in SILENT else _OK)
    is_refused = answer.location.startswith("/sign-in")
    return answer.status == _SEE_OTHER and bool(answer.location) and not is_refused


def _addresses(path: str, ids: Mapping[str, Sequence[str]]) -> Iterator[str]:
    names = _PARAMETER.findall(path)
    for values in product(*(ids.get(name, ()) for name in names)):
        address = path
        for name, value in zip(names, values, strict=True):
            address = address.replace(f"{{{name}}}", value)
        yield address


def _listed(route: APIRoute, links: Iterable[str]) -> Iterator[str]:
    """Links to the page with something asked of it: another tab, the page after, a version."""
    for link in links:
        address = urlsplit(link)
        if address.query and route.path not in LEAD_ON and route.path_regex.match(address.path):
            yield link


def _ids(links: Iterable[str]) -> dict[str, list[str]]:
    """Values of the parameters of pages, as they stand in links."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    named = [route for route in pages() if "{" in route.path]
    # The address of a page without parameters names nothing, though it may fit another's pattern.
    plain = {route.path for route in pages()}
    asked = [link for link in links if urlsplit(link).path not in plain]
    for link, route in product(asked, named):
        if values := route.path_regex.match(urlsplit(link).path):
            for name, value in values.groupdict().items():
                found[name][value] = None
    return {name: list(values) for name, values in found.items()}


def _links(people: Mapping[Role, Browser]) -> dict[str, None]:
    """What people find on pages without parameters, and where one link from there leads."""
    plain = sorted({route.path for route in pages() if "{" not in route.path} - LEAD_ON)
    found: dict[str, None] = {}
    for browser in people.values():
        links = [link for path in plain for link in _links_on(browser, path)]
        lists = {one for one in links if urlsplit(one).query and urlsplit(one).path in plain}
        links += [link for one in sorted(lists) for link in _links_on(browser, one)]
        found |= dict.fromkeys(links)
    return found


def _opened(approver: Browser, cases: Iterable[str]) -> dict[str, None]:
    """What the pages of approvals link to, and what they ask for once everything was opened."""
    found: dict[str, None] = {}
    for case in cases:
        path = f"/desk/cases/{case}/approval"
        found |= dict.fromkeys(_links_on(approver, path))
        for name in ("reply", "method"):
            approver.get(f"{path}/{name}.pdf")
    return found


def _links_on(browser: Browser, path: str) -> list[str]:
    answer = browser.get(path)
    text = answer.body.decode() if answer.status == _OK else ""
    return [unescape(link) for link in _LINK.findall(text)]
