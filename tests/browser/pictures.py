"""Takes the pictures that the documents show: `./dev python -m tests.browser.pictures`.

They are taken of places that the tests know, on a ledger of its own, with invented people.
"""

import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.browser.chromium import executable
from tests.browser.looking import Tab, tab
from tests.browser.places import PLACES, Cases, made
from tests.database import cloned_database, running_server
from tests.pages.office import open_office

FOLDER: Final = Path(__file__).parents[2] / "docs/images"
PICTURES: Final = {
    "work-list": "work list, all",
    "intake": "new request, draft",
    "papers": "papers, looked at",
    "records": "records, one person",
    "decision": "decision, records",
    "approval": "approval, opened",
    "post": "post",
}
"""Name of the file → place."""
WIDE: Final = {"width": 1100, "height": 800}
_HIGH: Final = 1_600
_HEIGHT: Final = "document.documentElement.scrollHeight"


def take(opened: Tab, cases: Cases, name: str) -> bytes:
    """The picture of one place, as PNG: the whole page, its height bounded."""
    opened.page.set_viewport_size(WIDE)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    PLACES[PICTURES[name]](opened, cases)
    high = min(max(opened.page.evaluate(_HEIGHT), WIDE["height"]), _HIGH)
    opened.page.set_viewport_size({**WIDE, "height": high})  # pyright: ignore[reportArgumentType] -- it wants its own dict
    return opened.page.screenshot(animations="disabled")


def main(names: list[str]) -> None:
    """Take those that are named, or all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        running_server() as server,
        cloned_database(server) as database,
        open_office(database.urls) as office,
        sync_playwright() as playwright,
    ):
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=executable(), args=arguments)
        cases = made(office)
        for name in names or PICTURES:
            with tab(browser, office) as opened:
                (FOLDER / f"{name}.png").write_bytes(take(opened, cases, name))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
