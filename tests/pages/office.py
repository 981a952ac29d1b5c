"""The pages of a real ledger over real HTTP, and people who sign in at the demo's provider."""

import re
import ssl
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import psycopg
from fastapi import FastAPI

from api.auth import ApiKeyTable, Scope, make, person_owner
from api.auth.people.sessions import Session
from api.demo.provider import CLIENT_ID, PERSON_CLAIM, ROLES, DemoProvider
from api.demo.provider.identities import IDENTITIES
from api.server.application import served
from api.server.local_ledger import is_ready
from api.server.supervisor import listening_socket, url_of
from api.server.web import web_server
from api.settings.settings import Settings
from ledger.clock import now
from ledger.postgres.roles import RoleUrls
from tests.doors.corridor import SETTINGS, following
from tests.leaving import LEAVING, Told
from tests.rows import key_table, move_sessions, older

WAITS_S = 300
"""Seconds for an answer that never comes: no test times one."""
_TLS: Final = ssl.create_default_context()
"""Each client would read the certificates of the system anew, and asks no server for one."""
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass(slots=True)
class Person:
    """Somebody with a browser's cookies."""

    client: httpx2.Client
    _tokens: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def token(self) -> str:
        """What the forms of this session carry; read from a page once for each session."""
        session = ";".join(str(one.value) for one in self.client.cookies.jar)
        if session not in self._tokens:
            self._tokens[session] = self.form_token()
        return self._tokens[session]

    def get(self, path: str, **how: Any) -> httpx2.Response:  # noqa: ANN401 -- the client's own
        return self.client.get(path, **how)

    def form_token(self, path: str = "/desk") -> str:
        """The token that the forms of a page carry."""
        found = _TOKEN.search(self.get(path, follow_redirects=True).text)
        assert found is not None, path
        return found[1]

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send a form as a browser does from a page of ours."""
        given = {"form_token": token or self.token, **(fields or {})}
        return self.client.post(path, data=given, headers={**SAME_SITE, **(headers or {})})


@dataclass(slots=True)
class Office:
    """The pages of one ledger."""

    url: str
    app: FastAPI
    urls: RoleUrls
    provider: DemoProvider
    settings: Settings
    closing: ExitStack
    _people: dict[str, Person] = field(default_factory=dict[str, Person])
    _keys: ApiKeyTable | None = None

    def stranger(self) -> Person:
        """Somebody who is not signed in. Redirects are not followed: they are looked at."""
        client = httpx2.Client(base_url=self.url, verify=_TLS, trust_env=False, timeout=WAITS_S)
        return Person(self.closing.enter_context(client))

    def signed_in(self, who: str) -> Person:
        """Somebody who has just signed in, as a browser would."""
        person = self.stranger()
        answer = self.sign_in(person, who)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk"), answer.text
        return person

    def person(self, who: str) -> Person:
        """Somebody who signed in once for all tests of a file."""
        if who not in self._people:
            self._people[who] = self.signed_in(who)
        return self._people[who]

    def called(self, who: str) -> str:
        """What a page calls somebody who has signed in, with one blank in their name."""
        self.person(who)
        [found] = [one for one in IDENTITIES if one.subject == who]
        return f"{' '.join(found.name.split())}（{found.duty}）"

    def forget(self, who: str) -> None:
        """Let somebody sign in anew the next time."""
        self._people.pop(who, None)

    def at_provider(self, person: Person, page: str = "/desk", more: str = "") -> str:
        """The address at the provider to which a sign-in leads."""
        begun = person.get(f"/sign-in/start?page={page}{more}")
        assert begun.status_code == 303, begun.text
        return begun.headers["location"]

    def chosen(self, address: str, who: str) -> str:
        """Where the provider sends the browser back to, once somebody was chosen."""
        answer = httpx2.post(
            address, data={"identity": who}, verify=_TLS, trust_env=False, timeout=WAITS_S
        )
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, person: Person, who: str, page: str = "/desk") -> httpx2.Response:
        """The answer to the end of a sign-in."""
        return person.get(self.chosen(self.at_provider(person, page), who))

    def key(self, *scopes: Scope, owner: str, source: str | None = None) -> str:
        """An API key of the person with that code, for items of that source."""
        row, credential = make(
            "test", frozenset(scopes), source, at=now(), days=1, owner=person_owner(owner)
        )
        if self._keys is None:
            self._keys = key_table(self.urls.owner, self.secret)
        self._keys.add(row)
        return credential

    def api(
        self, method: str, path: str, key: str, body: object = None, **headers: str
    ) -> httpx2.Response:
        """A request of the API. Pages that are opened after it show what it recorded."""
        sent = {"Authorization": f"Bearer {key}", **headers}
        answer = httpx2.request(
            method,
            f"{self.url}{path}",
            json=body,
            headers=sent,
            verify=_TLS,
            trust_env=False,
            timeout=WAITS_S,
        )
        if method != "GET":
            self.catch_up()
        return answer

    def catch_up(self) -> None:
        """Wait until the read side has reached the ledger's head."""
        head = self.rows("SELECT position FROM ledger.head")[0][0]
        self.app.state.services.histories.wait(head, WAITS_S)

    @property
    def secret(self) -> bytes:
        """The ledger secret."""
        assert self.settings.secret is not None
        return self.settings.secret

    def age_proofs(self) -> None:
        """Let all proofs of identity be older than they may be; no process that serves may.

        Whoever was signed in is forgotten: the next test of a file, in whatever order, begins anew.
        """
        self._people.clear()
        move_sessions(self.urls.owner, _with_an_old_proof, secret=self.secret)

    def let_sessions_lapse(self) -> None:
        """Let the time of all sessions be up, and forget them, as `age_proofs` does."""
        self._people.clear()
        move_sessions(
            self.urls.owner, lambda one: older(one, timedelta(hours=13)), secret=self.secret
        )

    def rows(self, statement: str) -> list[Any]:
        """Rows as a superuser would see them: as the owner."""
        with psycopg.connect(self.urls.owner) as connection:
            return connection.execute(statement.encode()).fetchall()


def _with_an_old_proof(session: Session) -> Session:
    assert session.proved_at is not None
    return replace(session, proved_at=session.proved_at - timedelta(days=1))


@contextmanager
def open_office(
    urls: RoleUrls,
    settings: Settings = SETTINGS,
    *,
    clock: Callable[[], datetime] = now,
    **changes: Any,  # noqa: ANN401 -- settings of any kind
) -> Generator[Office]:
    """A running ledger with pages, and a provider for it."""
    with listening_socket("127.0.0.1", 0) as listening:
        url = url_of(listening)
        with DemoProvider.running(url) as provider:
            given: dict[str, Any] = {
                "pages_url": url,
                "oidc_issuer": provider.issuer,
                "oidc_client_id": CLIENT_ID,
                "oidc_roles": ROLES,
                "oidc_person_claim": PERSON_CLAIM,
            }
            told = replace(settings, **{**given, **changes})
            with following(urls, told), served(told, urls, clock=clock) as app:
                app.add_middleware(Told)
                server = web_server(app, told)
                thread = threading.Thread(target=server.run, args=([listening],), name="office")
                thread.start()
                try:
                    while not is_ready(url):
                        assert thread.is_alive(), "the office did not open"
                        time.sleep(0.05)
                    with ExitStack() as closing:
                        yield Office(url, app, urls, provider, told, closing)
                    counted = httpx2.get(
                        f"{url}/metrics", verify=_TLS, trust_env=False, timeout=WAITS_S
                    )
                    LEAVING.tell("metrics", counted.text)
                finally:
                    server.should_exit = True
                    thread.join()
