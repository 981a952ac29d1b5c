"""Every route of the pages for every role: what the table of `allowed` says, and nothing else.

Attack: somebody opens another's page, or the page of a case under the id of something else.
Held off by: roles and scopes; a refusal is the same for what there is and for what there is not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx2
import pytest
from fastapi.routing import APIRoute

from api.auth.people import LABELS, Role, scopes_of
from api.web.pages.guard import SignedUpload
from ledger.clock import now
from tests.attacks.allowed import ALLOWED, ROLES
from tests.database import Database
from tests.doors.cases.desk import today
from tests.doors.keeping import UNKNOWN
from tests.journals import journal_in
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.office import SAME_SITE, Office, Person, open_office
from tests.pages.recorded import member
from tests.pages.test_routes import (
    GUARDED,
    IDENTITY_OF,
    NOBODYS_CASE,
    guard_of,
    named,
    path_of,
    who_may,
)
from tests.pages.watching import recorded, rejected
from tests.rows import SECRET, move_sessions

NAME: Final = "秘匿　仮名子"
OF_A_CASE: Final = [one for one in GUARDED if "{case}" in one[1].path]
_OWN: Final = re.compile(
    r'nonce="[^"]*"|(?<=name="command" value=")[^"]*|<code>[0-9a-f-]{36}</code>'
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    """A case that there is, of somebody whose name no refusal may tell."""
    return Work(office).begun(form={"name": NAME, "address": "東京都"}).id


def bare(answer: httpx2.Response) -> tuple[int, str, str]:
    """An answer without what differs between any two: nonces, numbers of requests and ids."""
    location = _OWN.sub("…", answer.headers.get("location", ""))
    return answer.status_code, location, _OWN.sub("…", answer.text)


def asked(person: Person, method: str, path: str, token: str) -> httpx2.Response:
    """A page, or a form of it that says nothing."""
    if method == "GET":
        return person.get(path)
    return person.post(path, token=token)


def test_every_page_stands_in_the_table_and_nothing_else_does() -> None:
    told = {(method, route.path) for method, route in GUARDED}
    assert told == set(ALLOWED), "./dev python -m tests.surface.make writes down who may open"


def test_the_roles_are_those_of_the_table() -> None:
    assert {role: frozenset(told.split()) for role, told in ROLES.items()} == {
        role: scopes_of((role,)) for role in LABELS
    }


@every("method, route", GUARDED, called=named)
def test_a_page_asks_for_the_proof_that_the_table_says(method: str, route: APIRoute) -> None:
    guard = guard_of(route)
    assert guard is not None
    assert guard.proved is ALLOWED[method, route.path].is_proved


@pytest.fixture(scope="module")
def tokens(office: Office) -> Mapping[Role, str]:
    """What the forms of each role's session carry."""
    return {role: office.person(identity).form_token() for role, identity in IDENTITY_OF.items()}


@pytest.fixture(scope="module")
def foreign(office: Office) -> str:
    """What the forms of another session of the chief carry."""
    return office.signed_in(IDENTITY_OF["chief"]).form_token()


def _roles() -> Iterator[tuple[str, APIRoute, Role]]:
    for method, route in GUARDED:
        for role in LABELS:
            yield method, route, role


@every("method, route, role", [*_roles()], called=named)
def test_a_role_opens_what_the_table_says_and_learns_nothing_else(
    office: Office,
    case: str,
    tokens: Mapping[Role, str],
    method: str,
    route: APIRoute,
    role: Role,
) -> None:
    person, token = office.person(IDENTITY_OF[role]), tokens[role]
    answer = asked(person, method, path_of(route, case), token)
    assert answer.status_code < 500, answer.text
    if ALLOWED[method, route.path].of(role):
        assert answer.status_code != 403, answer.text
        return
    assert answer.status_code == 403, f"{role} may open {method} {route.path}"
    assert "役割が割り当てられていません" in answer.text
    assert NAME not in answer.text
    unknown = asked(person, method, path_of(route, NOBODYS_CASE), token)
    assert bare(unknown) == bare(answer), "a case that there is answers otherwise"


@pytest.fixture(scope="module")
def others(office: Office) -> dict[str, str]:
    """Ids of what is no case: each was given out by the ledger."""
    key = office.key("records:exclude", owner="chief")
    body = {"reason": "訴訟の提起", "identifiers": [member()]}
    return {
        "nothing": NOBODYS_CASE,
        "a transfer": recorded(office)["transfer"],
        "a hold": office.api("POST", "/v1/holds", key, body).json()["hold"],
        "a rejected item": rejected(office),
    }


@every("method, route", OF_A_CASE, called=named)
def test_the_id_of_something_else_is_the_id_of_no_case(
    office: Office, others: dict[str, str], method: str, route: APIRoute
) -> None:
    person = who_may(office, method, route)
    told = {
        what: bare(asked(person, method, path_of(route, one), person.token))
        for what, one in others.items()
    }
    assert told["nothing"][0] == 404, told["nothing"]
    assert {what for what, answer in told.items() if answer != told["nothing"]} == set()


@every("method, route", GUARDED, called=named)
def test_a_session_of_somebody_else_s_form_does_nothing(
    office: Office, case: str, foreign: str, method: str, route: APIRoute
) -> None:
    """The token of one session beside the cookie of another, however much both may."""
    if method == "GET":
        return
    person = who_may(office, method, route)
    before = office.rows("SELECT position FROM ledger.head")
    # Where a file is uploaded, another form is refused before its token is looked at.
    files = {"file": ("r.csv", b"x")} if isinstance(guard_of(route), SignedUpload) else None
    answer = person.client.post(
        path_of(route, case), data={"form_token": foreign}, files=files, headers=SAME_SITE
    )
    assert answer.status_code == 403
    assert office.rows("SELECT position FROM ledger.head") == before


KEPT = timedelta(days=3 * 366)
NOTICE = timedelta(days=60)


class Clock:
    """The real time, and so much later."""

    later = timedelta()

    def now(self) -> datetime:
        return now() + self.later


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeping_office(database: Database, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    """An keeping_office that may destroy what is due."""
    folder = tmp_path / "journal"
    journal_in(folder, secret=SECRET).begin(UNKNOWN, clock.now())
    with open_office(database.urls, clock=clock.now, journal_dir=folder) as opened:
        yield opened


def proved(keeping_office: Office, who: str) -> Person:
    """Somebody whose proof is of the time that it is here; the provider has a clock of its own."""
    person = keeping_office.person(who)
    move_sessions(keeping_office.urls.owner, lambda one: replace(one, proved_at=one.begun_at))
    return person


def test_a_forgotten_case_is_one_that_there_never_was(keeping_office: Office, clock: Clock) -> None:
    """Attack: an address of a case that was destroyed tells that it was there.
    Held off by: it answers as one that never was.
    """
    case = Work(keeping_office).begun(identifiers=[])
    case.do("withdrawal", {"withdrawn_on": today(), "evidence": "取下書"})
    assert keeping_office.person("officer").get(f"/desk/cases/{case.id}").status_code == 200
    key = keeping_office.key("records:exclude", owner="chief")
    keeping_office.forget("officer")
    for later in (KEPT, NOTICE):
        clock.later += later
        plan = keeping_office.api("POST", "/v1/retention/plans", key, {"confirm_clock": True})
        assert plan.status_code == 200, plan.text
    done = keeping_office.api("POST", "/v1/retention/expiries", key, {})
    assert done.status_code == 200, done.text
    told: dict[str, object] = {}
    people = {who: proved(keeping_office, who) for who in IDENTITY_OF.values()}
    for method, route in OF_A_CASE:
        person = people[IDENTITY_OF[ALLOWED[method, route.path].first()]]
        gone, never = (
            bare(asked(person, method, path_of(route, one), person.token))
            for one in (case.id, NOBODYS_CASE)
        )
        assert gone[0] == 404, (route.path, gone)
        if gone != never:
            told[f"{method} {route.path}"] = gone
    assert told == {}
