"""The pictures in the documents: each can be taken, each is there, and each is shown."""

import struct
from pathlib import Path

import pytest

from tests.browser.looking import Tab
from tests.browser.pictures import FOLDER, PICTURES, WIDE, take
from tests.browser.places import Cases, made
from tests.pages.office import Office

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cases(office: Office) -> Cases:
    return made(office)


def width(picture: bytes) -> int:
    """Of a PNG, in pixels."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    [wide] = struct.unpack(">I", picture[16:20])
    return int(wide)


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_can_be_taken_as_it_stands_in_the_documents(
    watched: Tab, cases: Cases, name: str
) -> None:
    assert width(take(watched, cases, name)) == WIDE["width"]
    assert width((FOLDER / f"{name}.png").read_bytes()) == WIDE["width"]


def test_the_documents_show_every_picture_and_no_other() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    texts = "".join(page.read_text("utf-8") for page in pages)
    assert {one.name for one in FOLDER.iterdir()} == {f"{name}.png" for name in PICTURES}
    assert all(f"images/{name}.png" in texts for name in PICTURES)
