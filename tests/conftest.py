"""Fixtures for every room: databases, and the options of the test run."""

from collections.abc import Iterator

import pytest

from tests.acceptance.folders import folder_of, not_executed
from tests.acceptance.reading import CaseError, Folder
from tests.canary import traces
from tests.database import Database, Server, cloned_database, running_server

_DATABASE_FIXTURES = frozenset({"server", "database", "shared_database"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", default=None, help="another folder of acceptance cases")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _DATABASE_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.db)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    try:
        waiting = not_executed(folder_of(config))
    except CaseError:
        return  # the collection has failed on it
    if waiting:
        names = " ".join(case.id for case in waiting)
        terminalreporter.write_line(f"acceptance cases that wait for what they test: {names}")


@pytest.fixture(scope="session")
def folder(request: pytest.FixtureRequest) -> Folder:
    """The acceptance cases of this run: those of `--cases DIR`, else our own."""
    return folder_of(request.config)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for the whole run; nobody of whom the tests tell it stands in its log."""
    with running_server() as running:
        yield running
        if running.log is not None:
            assert not traces(running.log.read_bytes())


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A ledger of its own for one test."""
    with cloned_database(server) as clone:
        yield clone


@pytest.fixture(scope="module")
def shared_database(server: Server) -> Iterator[Database]:
    """A ledger for the tests of one file, which must not depend on what the others leave."""
    with cloned_database(server) as clone:
        yield clone
