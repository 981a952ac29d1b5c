"""A served ledger on a durable PostgreSQL for all tests of the emitter client."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_emitter import Outbox
from tests.canary import traces
from tests.chaos.ledger import Ledger, running_ledger
from tests.emitter.transfers import SOURCE


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with running_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running
        assert not traces(running.output.read_bytes())


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[io.StringIO]:
    """What the client and its HTTP library log; nobody of whom the tests tell it is in it."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    root, ours = logging.getLogger(), logging.getLogger("ledger_emitter")
    root.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    yield lines
    ours.setLevel(logging.NOTSET)
    root.removeHandler(handler)
    assert not traces(lines.getvalue())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox(path) as opened:
        yield opened


@pytest.fixture
def source(request: pytest.FixtureRequest) -> str:
    """A source of the test's own, within the one that the key is bound to."""
    name = f"{request.node.path.stem}/{request.node.name.partition('[')[0]}"
    return f"{SOURCE}/{name.replace('test_', '').replace('_', '-')}"
