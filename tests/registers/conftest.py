"""A ledger on a real PostgreSQL for the tests of the import, and the command that imports."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.container import Container
from api.server.secrets import secrets_of
from tests.canary import traces
from tests.database import Database
from tests.doors.corridor import SETTINGS

Run = Callable[..., Result]


def environment(database: Database) -> dict[str, str]:
    """The settings of a process on that ledger."""
    assert SETTINGS.secret is not None
    [(name, master)] = SETTINGS.epoch_masters.items()
    return {
        "LEDGER_DATABASE_URL": database.login,
        "LEDGER_NAME": database.ledger_name,
        "LEDGER_SECRET": SETTINGS.secret.hex(),
        "LEDGER_EPOCH_MASTER": f"{name}:{master.hex()}",
    }


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`ledger import …` on the test's ledger; nothing that it prints may name a canary."""
    for name, value in environment(database).items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    before = list(root.handlers), root.level

    def invoke(place: Path, *arguments: object) -> Result:
        done = CliRunner().invoke(app, ["import", str(place), *map(str, arguments)])
        assert not traces(done.output), done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    yield invoke
    root.handlers, root.level = before


@pytest.fixture
def house(database: Database) -> Iterator[Container]:
    """The inside of the test's ledger."""
    with closing(Container(database.urls, database.ledger_name, secrets_of(SETTINGS))) as inside:
        yield inside
