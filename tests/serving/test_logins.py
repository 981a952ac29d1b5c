"""Processes that have a login for each role, and none that owns the database."""

import psycopg
import pytest

from api.database import found, prepared, tell_given_up
from api.settings.settings import Settings
from ledger.postgres.errors import OwnerNeededError
from ledger.postgres.home import LOGINS
from ledger.postgres.roles import OWNER, SERVING, role_urls
from tests.database import LEDGER_NAME, Database
from tests.serving.processes import environment, run
from tests.serving.test_serve import SECRETS


def given(database: Database, **more: str) -> dict[str, str]:
    """What a process that serves is given."""
    kinds = {role.removeprefix("ledger_").upper(): url for role, url in database.logins.items()}
    urls = {f"LEDGER_DATABASE_URL_{kind}": url for kind, url in kinds.items()}
    return environment(**SECRETS, **urls, LEDGER_NAME=LEDGER_NAME, **more)


def test_a_process_with_the_logins_of_the_roles_works_and_does_nothing_of_the_owners(
    database: Database,
) -> None:
    code, printed = run("projections", "verify", given=given(database))
    assert code == 0, printed
    needed = "this needs the login that owns the database: set LEDGER_DATABASE_URL"
    for words in (("migrate",), ("keys", "list"), ("backup", "unused")):
        code, printed = run(*words, given=given(database))
        assert code == 1, words
        assert needed in printed.splitlines()[-1], printed
    code, printed = run("migrate", given=given(database, LEDGER_DATABASE_URL=database.login))
    assert code == 0, printed


def test_no_url_of_a_process_that_serves_is_the_owners(database: Database) -> None:
    settings = Settings.from_environment(given(database, LEDGER_DATABASE_URL=database.login))
    with prepared(settings) as given_out:
        both = (found(settings), given_out)
    for urls in both:
        with pytest.raises(OwnerNeededError):
            _ = urls.owner
        for role, url in urls.serving.items():
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT session_user, current_user").fetchone()
                assert row == (LOGINS[role], role)
    with prepared(settings, by_owner=True) as urls, psycopg.connect(urls.owner) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (OWNER,)


def test_what_one_login_gives_up_is_said_at_the_start(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tell_given_up(database.urls)
    assert caplog.records == []
    tell_given_up(role_urls(database.login))
    [told] = caplog.records
    assert told.levelname == "WARNING"
    assert "may take the others, the owner of the tables too" in told.message
    assert vars(told)["names"] == ", ".join(SERVING)
