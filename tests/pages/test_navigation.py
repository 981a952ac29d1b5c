"""The row of subjects at the top: everybody sees theirs, each opens, and nobody is left without."""

import re
from collections.abc import Iterable
from types import ModuleType
from typing import cast
from uuid import UUID

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

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
from api.web.latency_padding import EvenRoute
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
HTML = "text/html; charset=utf-8"


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
    for address, current in (
        ("/desk", "/desk"),
        ("/desk/new", "/desk"),
        ("/desk/printing", "/desk"),
        ("/desk/emitters", "/desk/emitters"),
        ("/desk/exceptions/late", "/desk/exceptions"),
        ("/desk/holds", "/desk/holds"),
    ):
        page = person.get(address).text
        row = page.partition('<nav class="places"')[2].partition("</nav>")[0]
        marked = re.findall(r'<a href="([^"]+)" aria-current="(page|true)"', row)
        assert marked == [(current, "page" if address == current else "true")]


@pytest.mark.parametrize(
    "address",
    [
        "nix/nix",
        "%2e%2e%2fetc",
    ],
)
def test_an_unknown_address_is_a_page_that_leads_back(office: Office, address: str) -> None:
    for who, told in (("officer", "受付一覧へ"), ("auditor", f"{AUDIT.label}へ")):
        person = office.person(who)
        answer = person.get(f"/desk/{address}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, HTML)
        assert "お探しの画面又は受付番号はありません" in answer.text
        assert told in answer.text
        assert "nix" not in answer.text
    answer = office.stranger().get(f"/desk/{address}")
    assert answer.headers["location"].startswith("/sign-in?page=/desk")


@pytest.mark.parametrize("case", [str(UUID(int=7)), "1"])
@pytest.mark.parametrize(
    "address", ["retention", "cases/{case}", "cases/{case}/label", "cases/{case}/next"]
)
def test_a_form_for_what_can_only_be_read_is_told_what_can_be_done(
    office: Office, address: str, case: str
) -> None:
    """Whether there is such a case is not asked; so it is answered alike."""
    person = office.person("officer")
    answer = person.post(f"/desk/{address.format(case=case)}")
    assert (answer.status_code, answer.headers["content-type"]) == (405, HTML)
    assert answer.headers["allow"] == "GET"
    assert answer.headers["cache-control"] == "no-store"
    assert "この操作はできません" in answer.text
    assert "受付一覧へ" in answer.text
