"""A provider of identities that says nothing: who does not sign in just now notices nothing.

Attack: people sign in while the provider accepts connections and says nothing.
Held off by: one fetch by a thread of its own; nobody waits long, and a failure is remembered.
"""

import threading

import httpx2
import pytest

from api.auth import issuer_fetch
from api.auth.people.provider import WAITING_MAX
from tests.api.silent import silent_server
from tests.database import Database
from tests.pages.office import WAITS_S, open_office

MANY = 60
"""More than there are threads for what blocks."""
LONG_S = 600
PATHS = ("/sign-in/start", "/signed-out")


def test_pages_and_doors_go_on_while_the_provider_is_silent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WAIT_S", "TIMEOUT_S", "SECONDS_MAX"):
        monkeypatch.setattr(issuer_fetch, name, LONG_S)
    statuses: list[int] = []
    with (
        silent_server() as silent,
        open_office(database.urls, oidc_issuer=silent.url) as office,
    ):

        def ask(path: str) -> None:
            answer = httpx2.get(f"{office.url}{path}", trust_env=False, timeout=LONG_S)
            statuses.append(answer.status_code)

        asking = [
            threading.Thread(target=ask, args=(PATHS[number % len(PATHS)],))
            for number in range(MANY)
        ]
        for one in asking:
            one.start()
        assert silent.asked.wait(WAITS_S)
        key = office.key("audit:read", owner="auditor")
        assert office.api("GET", "/v1/emitters", key).status_code == 200
        assert office.stranger().get("/sign-in").status_code == 200
        assert len(statuses) <= MANY - 1, "somebody waits"
        silent.end()
        for one in asking:
            one.join(WAITS_S)
    assert len(statuses) == MANY
    assert set(statuses) <= {200, 503}
    assert statuses.count(503) >= WAITING_MAX
    assert silent.accepted == 1
