"""The work list as officers use it, with and without JavaScript."""

import pytest
from playwright.sync_api import Browser

from tests.browser.looking import Tab, tab
from tests.browser.places import Cases, made
from tests.canary import NAME
from tests.pages.office import Office

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


@pytest.fixture(scope="module")
def cases(office: Office) -> Cases:
    return made(office)


def test_a_name_is_masked_until_it_is_asked_for_and_the_look_is_on_record(
    watched: Tab, cases: Cases
) -> None:
    watched.sign_in("officer")
    row = watched.page.locator(f"#row-{cases.received.number}")
    assert NAME not in watched.page.content()
    assert "神＊　金＊" in row.inner_text()
    before = watched.office.rows(LOOKS)[0][0]
    button = row.get_by_role("button", name="氏名を表示")
    button.click()
    row.get_by_text(NAME).wait_for()
    assert watched.office.rows(LOOKS)[0][0] == before + 1
    # The page was not left, and the keyboard is where it was.
    assert button.evaluate("one => one === document.activeElement")
    assert watched.page.url == f"{watched.office.url}/desk"


def test_the_whole_way_goes_without_javascript(
    browser: Browser, office: Office, cases: Cases
) -> None:
    with tab(browser, office, java_script_enabled=False) as opened:
        opened.sign_in("officer")
        page = opened.page
        page.get_by_role("link", name="全て").click()
        page.get_by_role("searchbox").fill(NAME)
        page.get_by_role("button", name="検索").click()
        row = page.locator(f"#row-{cases.received.number}")
        before = office.rows(LOOKS)[0][0]
        row.get_by_role("button", name="氏名を表示").click()
        assert NAME in page.locator(f"#row-{cases.received.number}").inner_text()
        assert office.rows(LOOKS)[0][0] == before + 1
        page.get_by_role("link", name=cases.received.number, exact=True).click()
        assert page.get_by_role("heading", level=1).inner_text().endswith(cases.received.number)
        assert office.rows(LOOKS)[0][0] == before + 2
        page.get_by_role("button", name="サインアウト").click()
        opened.go("/desk")
        assert "/sign-in" in page.url


def test_what_was_searched_for_stands_in_no_address(watched: Tab, cases: Cases) -> None:
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    watched.sign_in("officer")
    watched.page.get_by_role("searchbox").fill(NAME.replace(" ", ""))
    watched.page.get_by_role("button", name="検索").click()
    watched.page.locator(f"#row-{cases.received.number}").wait_for()
    assert all("%E7%A5%9E" not in url for url in asked)


def test_going_back_after_signing_out_shows_nothing(watched: Tab, cases: Cases) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{cases.received.id}")
    watched.page.get_by_role("button", name="サインアウト").click()
    watched.page.get_by_role("heading", name="サインアウトしました").wait_for()
    watched.page.go_back()
    heading = watched.page.get_by_role("heading", level=1).inner_text()
    assert (heading, "/sign-in" in watched.page.url) == ("サインイン", True)
    assert NAME not in watched.page.content()


def test_a_name_needs_a_fresh_proof_of_who_asks(watched: Tab, cases: Cases) -> None:
    watched.sign_in("officer")
    watched.office.age_proofs()
    row = watched.page.locator(f"#row-{cases.received.number}")
    row.get_by_role("button", name="氏名を表示").click()
    watched.page.get_by_role("heading", name="もう一度、ご自身の確認をお願いします").wait_for()
    watched.page.get_by_role("link", name="認証サービスで確認する").click()
    watched.page.locator("button[value=officer]").click()
    watched.page.wait_for_url(f"{watched.office.url}/desk*")
    watched.go("/desk")
    row.get_by_role("button", name="氏名を表示").click()
    row.get_by_text(NAME).wait_for()
