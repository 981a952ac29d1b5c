"""A link of another site in a real browser: one press more, and no look before it.

Attack: a link of another site leads a real, signed-in browser to a page of a case.
Held off by: `Sec-Fetch-Site`: one press more, and no look before it.
"""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import tab
from tests.browser.record_places import searched
from tests.pages.office import Office

OTHER = "https://other.example/"
HEAD = "SELECT position FROM ledger.head"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_of_another_site_waits_for_the_person(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    path = f"/desk/cases/{searched(office).id}/records"
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("officer")
        before = office.rows(HEAD)
        link = f'<a href="{office.url}{path}">elsewhere</a>'
        opened.page.route(OTHER, lambda route: route.fulfill(body=link, content_type="text/html"))
        opened.page.goto(OTHER)
        with opened.page.expect_navigation():
            opened.page.get_by_role("link", name="elsewhere").click()
        expect(opened.page.get_by_role("heading", level=1)).to_have_text("この画面を開きますか")
        assert office.rows(HEAD) == before
        if scripts:
            assert opened.violations() == []
        opened.page.get_by_role("link", name="画面を開く").click()
        expect(opened.page.get_by_role("heading", level=1)).not_to_have_text("この画面を開きますか")
        expect(opened.page).to_have_url(f"{office.url}{path}")
        assert office.rows(HEAD) > before
