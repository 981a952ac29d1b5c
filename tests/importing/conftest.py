"""A served ledger on a durable PostgreSQL for all tests of files that are imported over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.canary import traces
from tests.chaos.ledger import Ledger, running_ledger
from tests.importing.items import SOURCE


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with running_ledger(tmp_path_factory.mktemp("ledger")) as running:
        running.start("commit")
        yield running
        assert not traces(running.output.read_bytes())


@pytest.fixture
def source(request: pytest.FixtureRequest) -> str:
    """A source of the test's own, within the one that the key is bound to."""
    name = f"{request.node.path.stem}/{request.node.name.partition('[')[0]}"
    return f"{SOURCE}/{name.replace('test_', '').replace('_', '-')}"


@pytest.fixture
def key_file(ledger: Ledger, tmp_path: Path) -> Path:
    file = tmp_path / "key.txt"
    file.write_text(ledger.key(), "utf-8")
    return file
