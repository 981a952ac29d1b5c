"""Subjects at the top, what the settings of sign-in allow, and what came from others."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from api.auth import guards
from api.auth.people import LABELS, Role, scopes_of
from api.resources.accesses import endpoints as accesses
from api.resources.emitters import endpoints as emitters
from api.resources.exclusions import endpoints as exclusions
from api.resources.histories import endpoints as histories
from api.resources.holds import endpoints as holds
from api.resources.notices import endpoints as notices
from api.resources.page_routers import ROUTERS
from api.resources.quarantine import endpoints as quarantine
from api.resources.reassessments import endpoints as reassessments
from api.resources.retention import endpoints as retention
from api.resources.transfers import correction_endpoints
from api.settings.settings import Settings, SettingsError
from api.web.latency_padding import EvenRoute
from api.web.pages.assets import STATIC, address, asset
from api.web.pages.cookies import forget_session, keep_session, keep_ticket
from api.web.pages.navigation import (
    AUDIT,
    DESK,
    EMITTERS,
    EXCEPTIONS,
    EXCLUSIONS,
    HOLDS,
    NOTICES,
    PLACES,
    RETENTION,
)
from tests.pages.office import Office
from tests.pages.test_routes import IDENTITY_OF, guard_of
from tests.pages.vendor_files import FOLDERS, LOCK, packages, sha256

DOORS = [
    (f"GET {AUDIT.address}", accesses, "GET /v1/accesses"),
    (f"POST {AUDIT.address}", accesses, "GET /v1/accesses"),
    ("POST /desk/cases/{case}/history", histories, "POST /v1/histories"),
    (f"GET {EXCEPTIONS.address}/late", reassessments, "GET /v1/reassessments"),
    (
        f"POST {EXCEPTIONS.address}/late/{{transfer}}/reassess",
        reassessments,
        "POST /v1/reassessments/{transfer}",
    ),
    (
        f"GET {EXCEPTIONS.address}",
        correction_endpoints,
        "POST /v1/transfers/{transfer}/corrections",
    ),
    (f"GET {EMITTERS.address}", emitters, "GET /v1/coverage"),
    (f"GET {EMITTERS.address}/quarantine", quarantine, "GET /v1/quarantine"),
    (
        f"POST {EMITTERS.address}/quarantine/{{rejected}}/discard",
        quarantine,
        "POST /v1/quarantine/{rejected}/discard",
    ),
    (f"POST {EMITTERS.address}", emitters, "PUT /v1/emitters/{emitter}"),
    *(
        (f"{method} {EMITTERS.address}/quarantine/{{rejected}}", quarantine, door)
        for method, door in (
            ("GET", "GET /v1/quarantine"),
            ("POST", "POST /v1/quarantine/{rejected}/repair"),
        )
    ),
    (f"GET {RETENTION.address}", retention, "GET /v1/retention"),
    (f"POST {RETENTION.address}/plans", retention, "POST /v1/retention/plans"),
    (
        f"GET {RETENTION.address}/plans/{{plan}}/certificate",
        retention,
        "GET /v1/retention/plans/{plan}/certificate",
    ),
    (f"GET {HOLDS.address}", holds, "GET /v1/holds"),
    (f"POST {HOLDS.address}", holds, "POST /v1/holds"),
    (f"POST {HOLDS.address}/{{hold}}/release", holds, "POST /v1/holds/{hold}/release"),
    (f"GET {EXCLUSIONS.address}", exclusions, "GET /v1/exclusions"),
    (f"POST {EXCLUSIONS.address}", exclusions, "POST /v1/exclusions"),
    (f"POST {EXCLUSIONS.address}/lift", exclusions, "POST /v1/exclusions"),
    (f"GET {NOTICES.address}", notices, "GET /v1/notices"),
    (f"GET {NOTICES.address}/{{notice}}", notices, "GET /v1/notices"),
]
"""Page → the door of the API with the same subject."""


def links(page: str) -> dict[str, str]:
    """Address → what it is called, in the row of subjects."""
    row = page.partition('<nav class="places"')[2].partition("</nav>")[0]
    return dict(re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', row))


def _found(routes: Iterable[object], wanted: str) -> APIRoute:
    method, _, path = wanted.partition(" ")
    [found] = [
        one
        for one in routes
        if isinstance(one, APIRoute) and one.path == path and method in (one.methods or ())
    ]
    return found


@pytest.mark.parametrize(("page", "module", "door"), DOORS, ids=str)
def test_a_page_opens_for_whom_the_door_of_the_same_subject_opens(
    page: str, module: ModuleType, door: str
) -> None:
    pages = [one for router in ROUTERS for one in router.routes]
    shown = _found(pages, page)
    told = _found(cast("APIRouter", vars(module)["router"]).routes, door)
    signed, [guard] = guard_of(shown), guards(told)
    assert signed is not None
    assert signed.suffice == guard.suffice
    assert isinstance(shown, EvenRoute) == isinstance(told, EvenRoute), "one leaves on the grid"


@pytest.mark.parametrize("role", [*LABELS])
def test_every_role_has_a_home_and_sees_all_its_subjects_and_no_other(
    office: Office, role: Role
) -> None:
    person = office.person(IDENTITY_OF[role])
    page = person.get("/desk", follow_redirects=True)
    assert page.status_code == 200
    mine = [one for one in PLACES if not scopes_of((role,)).isdisjoint(one.scopes)]
    assert list(links(page.text).items()) == [(one.address, one.label) for one in mine]
    assert page.url.path == mine[0].address
    for place in PLACES:
        answer = person.get(place.address)
        wanted = 200 if place in mine else (303 if place is DESK else 403)
        assert answer.status_code == wanted, place.label
        assert set(links(answer.text or page.text)) == {one.address for one in mine}


def test_where_somebody_is_is_told_by_more_than_a_colour(office: Office) -> None:
    person = office.person("officer")
    for place, current in (
        ("/desk", "/desk"),
        ("/desk/new", "/desk"),
        ("/desk/printing", "/desk"),
        ("/desk/emitters", "/desk/emitters"),
        ("/desk/exceptions/late", "/desk/exceptions"),
        ("/desk/holds", "/desk/holds"),
    ):
        page = person.get(place).text
        row = page.partition('<nav class="places"')[2].partition("</nav>")[0]
        marked = re.findall(r'<a href="([^"]+)" aria-current="(page|true)"', row)
        assert marked == [(current, "page" if place == current else "true")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_vendored_files_are_those_of_the_lock(folder: Path) -> None:
    named = {file.name: file.sha256 for one in packages(folder) for file in one.files}
    assert {path.name: sha256(path) for path in folder.iterdir() if path.name != LOCK} == named


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_every_vendored_package_brings_its_licence(folder: Path) -> None:
    for one in packages(folder):
        assert one.licence in ("MIT", "0BSD", "MPL-2.0")
        assert any("LICENSE" in file.name for file in one.files), one.name


def test_a_script_is_served_under_its_hash_and_under_no_other_name() -> None:
    name = address("htmx.min.js").removeprefix("/static/")
    found = asset(name)
    assert found is not None
    assert found.content == (STATIC / "vendor/htmx.min.js").read_bytes()
    assert name.split(".")[-2] == sha256(STATIC / "vendor/htmx.min.js")[:16]
    assert asset("htmx.min.js") is None
    assert asset(name.replace(".js", ".css")) is None


HOW_TO = Path(__file__).parents[2] / "docs/how-to/sign-in.md"
GIVEN = {
    "LEDGER_PAGES_URL": "https://ledger.example.jp",
    "LEDGER_OIDC_ISSUER": "https://login.example.jp",
    "LEDGER_OIDC_CLIENT_ID": "ledger-pages",
    "LEDGER_OIDC_ROLES": '{"desk": ["officer", "reception"]}',
    "LEDGER_OIDC_PERSON_CLAIM": "staff_code",
}


def test_the_settings_of_a_sign_in_are_read() -> None:
    settings = Settings.from_environment(GIVEN)
    assert settings.pages_url == "https://ledger.example.jp"
    assert settings.oidc_roles == {"desk": ("officer", "reception")}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"LEDGER_PAGES_URL": "http://ledger.example.jp"}, "LEDGER_PAGES_URL"),
        ({"LEDGER_PAGES_URL": "https://ledger.example.jp/desk"}, "LEDGER_PAGES_URL"),
        ({"LEDGER_PAGES_URL": "https://user@ledger.example.jp"}, "LEDGER_PAGES_URL"),
        ({"LEDGER_OIDC_ISSUER": "http://login.example.jp"}, "LEDGER_OIDC_ISSUER"),
        ({"LEDGER_OIDC_ISSUER": ""}, "LEDGER_OIDC_ISSUER"),
        ({"LEDGER_OIDC_CLIENT_ID": ""}, "LEDGER_OIDC_CLIENT_ID"),
        ({"LEDGER_OIDC_ROLES": ""}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": "officer"}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": '{"desk": ["king"]}'}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": '{"desk": []}'}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_ROLES": "{}"}, "LEDGER_OIDC_ROLES"),
        ({"LEDGER_OIDC_PERSON_CLAIM": ""}, "LEDGER_OIDC_PERSON_CLAIM"),
    ],
    ids=str,
)
def test_a_setting_that_would_let_anybody_in_is_refused(
    changes: Mapping[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({**GIVEN, **changes})
    assert any(line.startswith(f"{named}:") for line in refused.value.wrong)


def test_over_https_a_cookie_is_for_this_very_host_and_never_sent_in_clear() -> None:
    response = Response()
    keep_session(response, "value", "https://ledger.example.jp")
    keep_ticket(response, "value", "https://ledger.example.jp")
    forget_session(response, "https://ledger.example.jp")
    cookies = response.headers.getlist("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [
        "__Host-sid",
        "__Host-sign-in",
        "__Host-sid",
    ]
    for cookie in cookies:
        told = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= told
        assert not any(part.startswith("domain") for part in told)


def test_the_how_to_tells_every_role_with_its_scopes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (.*) \|$", HOW_TO.read_text("utf-8"), re.MULTILINE)
    told = {role: (label, set(re.findall("`([a-z:]+)`", scopes))) for role, label, scopes in rows}
    assert told == {role: (LABELS[role], set(scopes_of((role,)))) for role in LABELS}


@pytest.mark.parametrize("address", ["nix", "nix/nix", "cases", "search", "new/", "%2e%2e%2fetc"])
def test_an_unknown_address_is_a_page_that_leads_back(office: Office, address: str) -> None:
    for who, told in (("officer", "受付一覧へ"), ("auditor", f"{AUDIT.label}へ")):
        person = office.person(who)
        answer = person.get(f"/desk/{address}")
        assert (answer.status_code, answer.headers["content-type"]) == (
            404,
            "text/html; charset=utf-8",
        )
        assert "お探しの画面又は受付番号はありません" in answer.text
        assert told in answer.text
        assert "nix" not in answer.text
    answer = office.stranger().get(f"/desk/{address}")
    assert answer.headers["location"].startswith("/sign-in?page=/desk")
