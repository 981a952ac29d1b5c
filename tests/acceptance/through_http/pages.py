"""The officers' pages of a ledger that a case plays on, as somebody sees them who signs in."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from fastapi.testclient import TestClient
from httpx2 import Response
from typing_extensions import override

from api.demo.provider import CLIENT_ID, PERSON_CLAIM, ROLES, DemoProvider
from api.settings.settings import Settings
from tests.acceptance.reading import CaseError
from tests.doors.corridor import Corridor
from tests.pages.filling import words_of
from tests.pages.office import Office, Person

URL = "http://testserver"
"""Where the test client of an application says that it is."""


@dataclass(slots=True)
class _Indoors(Office):
    """An office without a web server: people ask the application itself."""

    corridor: Corridor | None = None

    @override
    def stranger(self) -> Person:
        assert self.corridor is not None, "given when it was opened"
        client = TestClient(self.app, base_url=URL, follow_redirects=False, client=("127.0.0.1", 1))
        client.portal = self.corridor.client.portal
        return Person(client)


@dataclass(slots=True)
class Pages:
    """The pages, and the provider at which people sign in to them."""

    provider: DemoProvider

    def settings(self, settings: Settings) -> Settings:
        """Settings under which an application has these pages."""
        return replace(
            settings,
            pages_url=URL,
            oidc_issuer=self.provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_roles=ROLES,
            oidc_person_claim=PERSON_CLAIM,
        )

    def words(self, corridor: Corridor, who: str, path: str) -> str:
        """What somebody reads on a page who has just signed in."""
        return words_of(self._got(corridor, who, path).text)

    def document(self, corridor: Corridor, who: str, path: str) -> bytes:
        """A document that somebody prints who has just signed in."""
        return self._got(corridor, who, path).content

    def _got(self, corridor: Corridor, who: str, path: str) -> Response:
        settings = corridor.app.state.services.settings
        with ExitStack() as closing:
            office = _Indoors(
                URL,
                corridor.app,
                corridor.urls,
                self.provider,
                settings,
                closing,
                corridor=corridor,
            )
            answer = office.signed_in(who).get(path)
        if answer.status_code != 200:
            raise CaseError(f"GET {path}: {answer.status_code} {answer.text}")
        return answer


@contextmanager
def with_pages() -> Generator[Pages]:
    """A provider of identities, for as long as the case is played."""
    with DemoProvider.running(URL) as provider:
        yield Pages(provider)
