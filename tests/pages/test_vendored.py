"""What came from others is what its lock says, byte for byte, with its licence beside it."""

from pathlib import Path

import pytest

from api.web.pages.assets import STATIC, address, asset
from tests.pages.vendor_files import FOLDERS, LOCK, packages, sha256


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_vendored_files_are_those_of_the_lock(folder: Path) -> None:
    named = {file.name: file.sha256 for one in packages(folder) for file in one.files}
    assert {path.name: sha256(path) for path in folder.iterdir() if path.name != LOCK} == named


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_every_vendored_package_brings_its_licence(folder: Path) -> None:
    for one in packages(folder):
        assert one.licence in ("MIT", "0BSD", "MPL-2.0")
        assert any("LICENSE" in file.name for file in one.files), one.name


def test_a_script_is_served_under_its_hash_and_under_no_other_name() -> None:
    name = address("htmx.min.js").removeprefix("/static/")
    found = asset(name)
    assert found is not None
    assert found.content == (STATIC / "vendor/htmx.min.js").read_bytes()
    assert name.split(".")[-2] == sha256(STATIC / "vendor/htmx.min.js")[:16]
    assert asset("htmx.min.js") is None
    assert asset(name.replace(".js", ".css")) is None
