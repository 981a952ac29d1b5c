"""Fixtures for every room: databases, and the options of the test run."""

import gc
import io
import os
from collections.abc import Generator, Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Self

import pytest
from hypothesis import HealthCheck, settings
from typing_extensions import override

from ledger import clock
from ledger.policies import wellformedness
from tests.acceptance.folders import folder_of, not_executed
from tests.acceptance.reading import CaseError, Folder
from tests.canary import traces
from tests.database import Database, Server, cloned_database, running_server
from tests.hanging import bounded
from tests.leaving import LEAVING
from tests.rounds import be_thorough, rounds

_WORKERS_MAX: Final = 8
"""Each has a PostgreSQL of its own, and some tests take a gigabyte and more."""

_LONG: Final = (
    "tests/benchmarks/",
    "tests/browser/",
    "tests/chaos/",
    "tests/demo/",
    "tests/doors/test_schemathesis.py",
    "tests/emitter/",
    "tests/oracle/",
    "tests/postgres/test_returning",
    "tests/retaining/",
    "tests/serving/",
)
"""They begin first: a file of a minute that begins last would be waited for by all."""

_DATABASE_FIXTURES = frozenset({"server", "database", "shared_database"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", default=None, help="another folder of acceptance cases")
    parser.addoption("--thorough", action="store_true", help="all rounds of what is random")


def pytest_configure(config: pytest.Config) -> None:
    """Before any test is imported, for their numbers of rounds are read then."""
    if config.getoption("thorough"):
        be_thorough()
    # Nothing is timed: how long an example takes, the machine decides.
    settings.register_profile(
        "untimed",
        settings(),
        max_examples=rounds(100),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("untimed")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores, of which waiting tests would make no use.

    No more than there are files, if files are named; one file runs in this process (0).
    """
    named = {Path(argument.split("::")[0]) for argument in config.args}
    wanted = min(_WORKERS_MAX, (os.cpu_count() or 1) + 1)
    if all(map(Path.is_file, named)):
        wanted = min(wanted, len(named))
    return wanted if wanted > 1 else 0


class _DayBefore(datetime):
    @classmethod
    @override
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) - timedelta(days=1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Test modules are imported as on the day before: midnight in Japan may pass in any run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", _DayBefore)
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))
    for item in items:
        if isinstance(item, pytest.Function) and _DATABASE_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.db)


def pytest_collection_finish() -> None:
    """Tests and modules stay to the end: garbage is not looked for among them again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    LEAVING.begin()
    with bounded():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    with bounded():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None]:
    with bounded():
        yield
    # After all that the test has closed, and, at the end of a file or of the run, what they have.
    LEAVING.search()


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


@pytest.fixture
def large_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of any length are taken, as before they were bounded: there are such records."""
    monkeypatch.setattr(wellformedness, "CHARACTERS_MAX", 10**9)


@pytest.fixture
def log_lines() -> io.StringIO:
    """What the process would have logged in this test so far."""
    return LEAVING.lines


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL for all that a worker runs; nobody of whom the tests tell it is in its log."""
    from tests.lent import lent_renderers  # noqa: PLC0415 -- a run without a database starts sooner

    with running_server() as running, lent_renderers():
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
