"""The work list as officers use it, with and without JavaScript."""

import pytest

from tests.browser.looking import Tab
from tests.canary import NAME
from tests.pages.casework import Work, Worked
from tests.pages.office import Office

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


@pytest.fixture(scope="module")
def case(office: Office) -> Worked:
    return Work(office).begun()


def test_a_name_is_masked_until_it_is_asked_for_and_the_look_is_on_record(
    watched: Tab, case: Worked
) -> None:
    watched.sign_in("officer")
    row = watched.page.locator(f"#row-{case.number}")
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


def test_going_back_after_signing_out_shows_nothing(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}")
    watched.page.get_by_role("button", name="サインアウト").click()
    watched.page.get_by_role("heading", name="サインアウトしました").wait_for()
    watched.page.go_back()
    heading = watched.page.get_by_role("heading", level=1).inner_text()
    assert (heading, "/sign-in" in watched.page.url) == ("サインイン", True)
    assert NAME not in watched.page.content()


def test_a_name_needs_a_fresh_proof_of_who_asks(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.office.age_proofs()
    row = watched.page.locator(f"#row-{case.number}")
    row.get_by_role("button", name="氏名を表示").click()
    watched.page.get_by_role("heading", name="もう一度、ご自身の確認をお願いします").wait_for()
    watched.page.get_by_role("link", name="認証サービスで確認する").click()
    watched.page.locator("button[value=officer]").click()
    watched.page.wait_for_url(f"{watched.office.url}/desk*")
    watched.go("/desk")
    row.get_by_role("button", name="氏名を表示").click()
    row.get_by_text(NAME).wait_for()
