"""Takes the pictures that the documents show: `./dev python -m tests.browser.pictures`.

They are taken on a demo while the tutorial is gone through, so that they show what it says.
"""

import struct
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import executable
from tests.demo.asking import screen
from tests.demo.walking import walk
from tests.serving.processes import command, environment

FOLDER: Final = Path(__file__).parents[2] / "docs/images"
PICTURES: Final = ("work-list", "intake", "papers", "records", "decision", "approval", "post")
"""Names of the files, in the order in which the tutorial shows them."""
WIDE: Final = {"width": 1100, "height": 800}
PERSONS: Final = "50"
"""Of the demo: those whom the tutorial speaks of are in each one."""
_HIGH: Final = 1_600
_HEIGHT: Final = "document.documentElement.scrollHeight"


def taken(page: Page) -> bytes:
    """The picture of a page as it stands, as PNG: the whole of it, its height bounded."""
    page.set_viewport_size(WIDE)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    high = min(max(page.evaluate(_HEIGHT), WIDE["height"]), _HIGH)
    page.set_viewport_size({**WIDE, "height": high})  # pyright: ignore[reportArgumentType] -- it wants its own dict
    page.evaluate("scrollTo(0, 0)")
    return page.screenshot(animations="disabled")


def width(picture: bytes) -> int:
    """Of a PNG, in pixels."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    [wide] = struct.unpack(">I", picture[16:20])
    return int(wide)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with (
        command("demo", "--persons", PERSONS, "--port", "0", given=environment()) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable(), args=arguments)

        def seen(name: str, page: Page) -> None:
            (FOLDER / f"{name}.png").write_bytes(taken(page))

        walk(browser, screen(demo).url, seen)
        browser.close()


if __name__ == "__main__":
    main()
