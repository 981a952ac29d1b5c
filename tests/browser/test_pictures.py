"""The pictures in the documents: each is there, and each is shown.

That each can be taken is a part of going through the tutorial (`tests/demo`).
"""

from pathlib import Path

import pytest

from tests.browser.pictures import FOLDER, PICTURES, WIDE, width

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_as_wide_as_it_is_taken(name: str) -> None:
    assert width((FOLDER / f"{name}.png").read_bytes()) == WIDE["width"]


def test_the_documents_show_every_picture_and_no_other() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    texts = "".join(page.read_text("utf-8") for page in pages)
    assert {one.name for one in FOLDER.iterdir()} == {f"{name}.png" for name in PICTURES}
    assert all(f"images/{name}.png" in texts for name in PICTURES)
