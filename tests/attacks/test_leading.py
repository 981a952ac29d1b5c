"""Where answers lead and what they say to browsers: nowhere else, and nothing to be kept.

Attack: a parameter or a header (`Host`) leads people elsewhere (open redirect); a cache, a frame
or a referrer gives away what was shown; a session that was left open reveals or approves.
Held off by: own addresses alone, made of the settings; `no-store`, `frame-ancestors 'none'`,
`no-referrer`; a fresh proof of identity where it matters.
"""

import re
from collections.abc import Iterator, Mapping
from random import sample
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest
from fastapi.routing import APIRoute

from api.auth.people.tickets import own_page
from tests.attacks.allowed import ALLOWED
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.office import SAME_SITE, Office, Person
from tests.pages.test_routes import (
    BY_PROVIDER,
    IDENTITY_OF,
    ROUTES,
    guard_of,
    named,
    path_of,
    who_may,
)
from tests.rounds import rounds

ELSEWHERE: Final = "other.example"
PLACES: Final = (
    f"https://{ELSEWHERE}/",
    f"//{ELSEWHERE}/desk",
    f"/\\{ELSEWHERE}",
    f"\\\\{ELSEWHERE}",
    f"/%2f{ELSEWHERE}",
    f"%2f%2f{ELSEWHERE}",
    f"/%5c{ELSEWHERE}",
    f"https:{ELSEWHERE}",
    f"http:///{ELSEWHERE}",
    f"//{ELSEWHERE}%00/desk",
    f"/desk@{ELSEWHERE}",
    f"/desk/..//{ELSEWHERE}",
    f"/desk\r\nLocation: https://{ELSEWHERE}",
    f"\x01https://{ELSEWHERE}",
    f"/\t/{ELSEWHERE}",
    f"javascript:location='https://{ELSEWHERE}'",
    f"data:text/html,{ELSEWHERE}",
    f"／／{ELSEWHERE}",
    f"/desk?next=//{ELSEWHERE}",
    f"/desk#//{ELSEWHERE}",
)
NAMES: Final = ("page", "next", "return_to", "redirect", "redirect_uri", "url", "target", "iss")
HEADERS: Final = (
    {"Host": ELSEWHERE},
    {"X-Forwarded-Host": ELSEWHERE, "X-Forwarded-Proto": "https"},
    {"Forwarded": f"host={ELSEWHERE};proto=https"},
    {"Referer": f"https://{ELSEWHERE}/"},
    {"HX-Request": "true", "HX-Current-URL": f"https://{ELSEWHERE}/"},
    {"X-Original-URL": "/desk/keys", "X-Rewrite-URL": "/desk/keys"},
    {"X-Request-ID": f'"><script>{ELSEWHERE}</script>'},
    {"X-HTTP-Method-Override": "DELETE"},
)


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    return Work(office).begun().id


def led(answer: httpx2.Response) -> list[str]:
    """Every address to which an answer leads by itself."""
    told = [answer.headers.get(name, "") for name in ("location", "hx-redirect", "hx-location")]
    told += [answer.headers.get(name, "") for name in ("refresh", "content-location", "link")]
    return [one for one in told if one]


def is_own(office: Office, address: str) -> bool:
    """Whether a browser would stay with us, or go to the provider that the settings name."""
    if address.startswith(office.provider.issuer):
        return True
    return re.fullmatch(r"/(?![/\\])[!-~]*", address) is not None and "\\" not in address


@every("wanted", PLACES)
def test_only_our_own_pages_are_led_to(office: Office, wanted: str) -> None:
    assert own_page(wanted) == "/desk"
    given = quote(wanted, safe="")
    stranger = office.stranger()
    shown = stranger.get(f"/sign-in?page={given}").text
    assert 'href="/sign-in/start?page=/desk"' in shown
    assert ELSEWHERE not in shown
    again = office.sign_in(stranger, "officer", given)
    assert again.headers["location"] == "/desk"


def _asked() -> Iterator[tuple[str, APIRoute]]:
    for method, route in ROUTES:
        if route.path not in (BY_PROVIDER, "/static/{name}", "/sign-out"):
            yield method, route


@every("method, route", [*_asked()], called=named)
def test_no_parameter_and_no_header_leads_anywhere_else(
    office: Office, case: str, method: str, route: APIRoute
) -> None:
    person, path = who_may(office, method, route), path_of(route, case)
    query = "&".join(f"{name}={quote(f'//{ELSEWHERE}', safe='')}" for name in NAMES)
    fields = {"form_token": person.token, **dict.fromkeys(NAMES, f"//{ELSEWHERE}")}
    for more, headers in (
        ("?" + query, {}),
        *(("", one) for one in sample(HEADERS, rounds(len(HEADERS)))),
    ):
        form = None if method == "GET" else fields
        sent = {**({} if method == "GET" else SAME_SITE), **headers}
        answer = person.client.request(method, path + more, data=form, headers=sent)
        assert answer.status_code < 500, (headers, answer.text)
        for address in led(answer):
            assert is_own(office, address), (headers, address)
            assert ELSEWHERE not in address, (headers, address)
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert ELSEWHERE not in answer.text, headers


def test_the_provider_sends_people_back_to_the_address_of_the_settings(office: Office) -> None:
    for headers in HEADERS[:3]:
        begun = office.stranger().get("/sign-in/start?page=/desk", headers=headers)
        asked = parse_qs(urlsplit(begun.headers["location"]).query)
        assert asked["redirect_uri"] == [f"{office.url}/sign-in/callback"]


@every("method, route", [*_asked()], called=named)
def test_every_answer_is_kept_nowhere_framed_nowhere_and_tells_no_address(
    office: Office, case: str, method: str, route: APIRoute
) -> None:
    """Of whoever may, of a stranger, of a part that a script asks for; refusals too."""
    path = path_of(route, case)
    may = who_may(office, method, route)
    for person in (may, office.person("operator"), office.stranger()):
        for more in sample([{}, {"HX-Request": "true"}], rounds(2)):
            form = None if method == "GET" else {"form_token": "0" * 64}
            headers = {**({} if method == "GET" else SAME_SITE), **more}
            answer = person.client.request(method, path, data=form, headers=headers)
            told = answer.headers
            assert told["cache-control"] == "no-store", (path, more)
            assert told["referrer-policy"] == "no-referrer"
            assert told["x-content-type-options"] == "nosniff"
            policy = told["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "base-uri 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "*" not in policy
            if told.get("content-type", "").startswith("text/html"):
                assert told["cross-origin-opener-policy"] == "same-origin"
            assert "access-control-allow-origin" not in told
            assert "server" not in told or "/" not in told["server"]


PROVED: Final = [one for one in ROUTES if (guard := guard_of(one[1])) is not None and guard.proved]


@pytest.fixture(scope="module")
def unproved(office: Office) -> Mapping[str, Person]:
    """Somebody of each role who proved long ago who they are."""
    signed_in = {role: office.signed_in(identity) for role, identity in IDENTITY_OF.items()}
    office.age_proofs()
    return signed_in


@every("method, route", PROVED, called=named)
def test_a_proof_that_is_old_opens_nothing_that_asks_for_one(
    unproved: Mapping[str, Person], case: str, method: str, route: APIRoute
) -> None:
    person = unproved[ALLOWED[method, route.path].first()]
    path, token = path_of(route, case), person.token
    answer = person.get(path) if method == "GET" else person.post(path, token=token)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].endswith("&proof=1")
