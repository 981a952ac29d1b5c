"""The folder of cases that this run takes: `--cases DIR`, else the project's own."""

import pytest

from tests.acceptance.reading import OWN_FOLDER, Folder, read_folder


def folder_of(config: pytest.Config) -> Folder:
    given = config.getoption("--cases")
    # Relative to where pytest was started, as a shell user expects.
    path = config.invocation_params.dir / given if given else OWN_FOLDER
    return read_folder(path)


@pytest.fixture(scope="session")
def folder(request: pytest.FixtureRequest) -> Folder:
    return folder_of(request.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = folder_of(metafunc.config).running
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])
