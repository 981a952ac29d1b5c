"""The cases that this run takes."""

import pytest

from tests.acceptance.folders import folder_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = folder_of(metafunc.config).running
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])
