"""A case whose time is over, at every page of a case: nothing tells that it was ever there.

Attack: an address of a case that was destroyed tells that it was there.
Held off by: it answers as one that never was.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger.clock import now
from tests.attacks.allowed import ALLOWED
from tests.attacks.test_every_role import OF_A_CASE, asked, bare
from tests.database import Database
from tests.doors.cases.desk import today
from tests.doors.keeping import UNKNOWN
from tests.journals import journal_in
from tests.pages.casework import Work
from tests.pages.office import Office, Person, open_office
from tests.pages.test_routes import IDENTITY_OF, NOBODYS_CASE, path_of
from tests.rows import SECRET, move_sessions

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
def office(database: Database, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    """An office that may destroy what is due."""
    folder = tmp_path / "journal"
    journal_in(folder, secret=SECRET).begin(UNKNOWN, clock.now())
    with open_office(database.urls, clock=clock.now, journal_dir=folder) as opened:
        yield opened


def proved(office: Office, who: str) -> Person:
    """Somebody whose proof is of the time that it is here; the provider has a clock of its own."""
    person = office.person(who)
    move_sessions(office.urls.owner, lambda one: replace(one, proved_at=one.begun_at))
    return person


def test_a_forgotten_case_is_one_that_there_never_was(office: Office, clock: Clock) -> None:
    case = Work(office).begun(identifiers=[])
    case.do("withdrawal", {"withdrawn_on": today(), "evidence": "取下書"})
    assert office.person("officer").get(f"/desk/cases/{case.id}").status_code == 200
    key = office.key("records:exclude", owner="chief")
    office.forget("officer")
    for later in (KEPT, NOTICE):
        clock.later += later
        plan = office.api("POST", "/v1/retention/plans", key, {"confirm_clock": True})
        assert plan.status_code == 200, plan.text
    done = office.api("POST", "/v1/retention/expiries", key, {})
    assert done.status_code == 200, done.text
    told: dict[str, object] = {}
    for method, route in OF_A_CASE:
        role = ALLOWED[method, route.path].first()
        person = proved(office, IDENTITY_OF[role])
        token = person.form_token()
        gone, never = (
            bare(asked(person, method, path_of(route, one), token))
            for one in (case.id, NOBODYS_CASE)
        )
        assert gone[0] == 404, (route.path, gone)
        if gone != never:
            told[f"{method} {route.path}"] = gone
    assert told == {}
