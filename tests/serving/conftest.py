"""What several tests of the processes need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.transit_server import Transit, running_transit


@pytest.fixture
def transit() -> Iterator[Transit]:
    with running_transit() as running:
        yield running


@pytest.fixture
def token(transit: Transit, tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{transit.token}\n")
    return file
