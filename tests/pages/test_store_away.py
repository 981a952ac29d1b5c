"""A database that is away is told as a page, with a way to try again."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from api.database import ROOMS
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.prepare import prepare
from tests.database import LEDGER_NAME
from tests.pages.office import Office, open_office
from tests.postgres.temporary import temporary_server


@dataclass(frozen=True, slots=True)
class Mortal:
    """Pages on a server of their own."""

    server: EmbeddedServer
    office: Office


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    with temporary_server() as server:
        urls = prepare(server.url("ledger"), LEDGER_NAME, ROOMS, admin=server.admin_url())
        with open_office(urls) as office:
            yield Mortal(server, office)


def test_a_page_without_its_database_offers_to_try_again(mortal: Mortal) -> None:
    person = mortal.office.signed_in("officer")
    assert person.get("/desk").status_code == 200
    mortal.server.stop()
    away = person.get("/desk?tab=all")
    assert away.status_code == 503
    assert away.headers["content-type"].startswith("text/html")
    assert away.headers["cache-control"] == "no-store"
    assert "一時的に利用できません" in away.text
    assert '<a class="button" href="/desk">再試行</a>' in away.text
    assert away.headers["x-request-id"] in away.text
    # A stranger needs no database to be sent to the sign-in.
    assert mortal.office.stranger().get("/desk").status_code == 303
    mortal.server.start()
    assert person.get("/desk").status_code == 200
