"""Fixtures of the browser: one Chromium and one ledger a file, one tab a test or a file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import executable
from tests.browser.looking import WAITS_MS, KnownTab, Tab, known_tab
from tests.database import Database
from tests.pages.office import Office, open_office


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. Where there is none, the tests fail.

    Its driver runs an event loop in this thread: it ends with the file, for others run their own.
    """
    with sync_playwright() as playwright:
        # Its own sandbox needs rights that a container seldom gives; it opens our pages alone.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(
            executable_path=executable(), args=arguments, timeout=WAITS_MS
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Iterator[Office]:
    """The pages of one ledger for the tests of one file."""
    with open_office(shared_database.urls) as opened:
        yield opened


@pytest.fixture
def watched(browser: Browser, office: Office) -> Iterator[Tab]:
    """A tab to which people come signed in; that the browser complained fails the test."""
    with known_tab(browser, office) as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture(scope="module")
def lasting(browser: Browser, office: Office) -> Iterator[KnownTab]:
    with known_tab(browser, office) as opened:
        yield opened


@pytest.fixture
def known(lasting: KnownTab) -> Iterator[Tab]:
    """The one tab of a file, as if it were new; that the browser complained fails the test."""
    yield lasting
    complaints = list(lasting.complaints)
    lasting.renew()
    assert complaints == []
