"""Fixtures of the doors."""

import io
import logging
from collections.abc import Iterator

import pytest

from api.observability.logs import OURS, JsonLines
from tests.canary import traces
from tests.database import Database
from tests.doors.corridor import Corridor, open_doors


@pytest.fixture(scope="session")
def _session_lines() -> Iterator[io.StringIO]:
    lines = io.StringIO()
    yield lines
    assert not traces(lines.getvalue())


@pytest.fixture(autouse=True)
def log_lines(_session_lines: io.StringIO) -> Iterator[io.StringIO]:
    """What the process would log, in all tests of the doors; searched for canaries at the end."""
    handler = logging.StreamHandler(_session_lines)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    yield _session_lines
    root.removeHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    """The doors of one ledger for the tests of one file."""
    with open_doors(shared_database.urls) as opened:
        yield opened
