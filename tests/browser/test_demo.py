"""The pages of a demo say so on top of each, and that is looked at as the pages are."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from ledger.crypto.epoch import demo_secret
from tests.browser.every_page import hold
from tests.browser.looking import Tab, tab
from tests.database import Database
from tests.doors.corridor import SETTINGS
from tests.pages.casework import Work
from tests.pages.office import Office, open_office


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Iterator[Office]:
    """The pages of a ledger with the secret that is published."""
    with open_office(shared_database.urls, replace(SETTINGS, secret=demo_secret())) as opened:
        yield opened


@pytest.fixture
def watched(browser: Browser, office: Office) -> Iterator[Tab]:
    with tab(browser, office) as opened:
        yield opened


def test_the_banner_stands_on_top_and_axe_finds_nothing(watched: Tab) -> None:
    hold(watched, "demo, work list", lambda it: it.sign_in("officer"))
    banner = watched.page.get_by_role("complementary", name="デモ")
    expect(banner).to_contain_text("架空の人物と公開された鍵による動作見本です")
    # It stands before all else, as wide as the window and no higher than what it says.
    assert banner.evaluate("one => getComputedStyle(one.firstElementChild).margin") == "0px"
    box = banner.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"]) == (0, 0, watched.page.evaluate("innerWidth"))


def test_a_label_is_printed_without_it(watched: Tab) -> None:
    case = Work(watched.office).begun()
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/label")
    expect(watched.page.get_by_role("complementary", name="デモ")).to_be_visible()
    watched.page.emulate_media(media="print")
    expect(watched.page.get_by_role("complementary", name="デモ")).to_be_hidden()
