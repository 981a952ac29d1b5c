"""A database that is away is told as a page, with a way to try again."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.database import Database, Server
from tests.pages.office import open_office

_ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
_OPEN = "ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}"


@contextmanager
def away(server: Server, name: str) -> Generator[None]:
    """Nobody is let in to the database, and who is in is put out."""
    with psycopg.connect(server.admin, autocommit=True) as admin:
        for is_open in (False, True):
            may = sql.Literal(is_open)
            admin.execute(sql.SQL(_OPEN).format(sql.Identifier(name), may))
            admin.execute(_ENDED, (name,))
            if not is_open:
                yield


def test_a_page_without_its_database_offers_to_try_again(
    server: Server, database: Database
) -> None:
    with open_office(database.urls) as office:
        person = office.signed_in("officer")
        assert person.get("/desk").status_code == 200
        with away(server, database.name):
            told = person.get("/desk?tab=all")
            assert told.status_code == 503
            assert told.headers["content-type"].startswith("text/html")
            assert told.headers["cache-control"] == "no-store"
            assert "一時的に利用できません" in told.text
            assert '<a class="button" href="/desk">再試行</a>' in told.text
            assert told.headers["x-request-id"] in told.text
            # A stranger needs no database to be sent to the sign-in.
            assert office.stranger().get("/desk").status_code == 303
        assert person.get("/desk").status_code == 200
