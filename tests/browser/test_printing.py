"""Several replies are printed in one run in a browser: by keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import Page

from tests.browser.looking import Tab
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.sending import status

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"
LIST = "/desk?tab=dispatch"
ROW = "document.activeElement.closest('tr')?.id ?? null"


@pytest.fixture
def ready(office: Office) -> tuple[Worked, Worked]:
    work = Work(office)
    first, second = (work.begun().submitted().do("approve", by="approver") for _ in range(2))
    return first, second


def printed(page: Page, key: str) -> None:
    """Press a key that opens the run in a tab of its own."""
    with page.expect_popup() as popup:
        page.keyboard.press(key)
    popup.value.wait_for_load_state()
    assert popup.value.evaluate("document.contentType") == "application/pdf"
    popup.value.close()


def test_two_replies_are_printed_by_keys_alone(
    watched: Tab, office: Office, ready: tuple[Worked, Worked]
) -> None:
    watched.sign_in("officer")
    watched.go(LIST)
    page = watched.page
    for one in ready:
        while page.evaluate(ROW) != f"row-{one.number}":
            page.keyboard.press("j")
        page.keyboard.press("x")
    chosen = page.locator("input[name=case]:checked")
    assert {one.get_attribute("value") for one in chosen.all()} == {one.id for one in ready}
    before = office.rows(LOOKS)[0][0]
    printed(page, "p")
    assert office.rows(LOOKS)[0][0] == before + 4
    assert [status(one.work, one) for one in ready] == ["notice_ready"] * 2
