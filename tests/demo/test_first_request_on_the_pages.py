"""はじめての開示請求, gone through on the demo; its pictures are of that walk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import executable
from tests.browser.looking import WAITS_MS
from tests.browser.pictures import PICTURES, WIDE, taken, width
from tests.demo.asking import screen
from tests.demo.walking import walk
from tests.serving.processes import Command


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(
            executable_path=executable(), args=arguments, timeout=WAITS_MS
        )
        yield launched
        launched.close()


def test_the_tutorial_leads_from_an_envelope_to_a_closed_request(
    demo: Command, browser: Browser
) -> None:
    shown = screen(demo)
    pictures: dict[str, int] = {}

    def seen(name: str, page: Page) -> None:
        assert page.get_by_role("complementary", name="デモ").is_visible()
        pictures[name] = width(taken(page))

    case = walk(browser, shown.url, seen)
    assert pictures == dict.fromkeys(PICTURES, WIDE["width"])
    told = shown.ask(f"/v1/cases/{case}")
    assert told["status"] == "closed"
    assert [one["outcome"] for one in told["replies"]] == ["full_disclosure"]
