"""本人確認 in a browser: by keyboard alone, with a script and without one."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from ledger.clock import day_in_japan, now
from tests.browser.looking import Tab
from tests.pages.casework import Work, Worked
from tests.pages.looked import two
from tests.pages.office import Office


def this_day() -> date:
    return day_in_japan(now())


@pytest.fixture
def case(office: Office) -> Worked:
    return Work(office).begun()


def fill(page: Page, **typed: object) -> None:
    """What is stated, clicked and typed; without anything, all of a look at two good papers."""
    for name, value in (typed or two(this_day() - timedelta(days=9))).items():
        field = page.locator(f'[name="{name}"]').first
        kind = field.get_attribute("type")
        if kind == "radio":
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "checkbox":
            field.check()
        elif name.endswith("_era"):
            field.select_option(str(value))
        else:
            field.fill(str(value))


def events(office: Office, case: Worked) -> list[str]:
    told = office.api("GET", f"/v1/cases/{case.id}", case.work.key("officer")).json()
    return [one["type"] for one in told["events"]]


def test_what_is_left_is_told_as_it_is_typed_and_leads_to_its_field(
    watched: Tab, case: Worked
) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    fill(watched.page)
    why = watched.page.locator("#why-not")
    expect(why).to_have_count(0)
    watched.page.locator("#p1_current_address input").uncheck()
    link = why.get_by_role("link", name="住民票（本人）の現住所")
    link.wait_for()
    expect(watched.page.locator("#primary")).to_be_disabled()
    link.click()
    assert watched.page.evaluate("location.hash") == "#p1_current_address"
    assert events(watched.office, case) == ["case-received"]


def test_a_reason_that_is_missing_is_named_and_typing_it_is_enough(
    watched: Tab, case: Worked
) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    page = watched.page
    fill(page)
    expect(page.locator("#primary")).to_be_enabled()
    page.locator('[name="form_registered"][value="differs"]').check()
    link = page.locator("#why-not").get_by_role("link", name="申請書と登録住所の判定の理由")
    expect(link).to_contain_text("理由を入力してください")
    link.click()
    # No other field is gone to: what is typed is judged while it is typed.
    reason = page.locator("#form_registered_reason")
    reason.press_sequentially("転居")
    expect(page.locator("#why-not")).not_to_contain_text("理由を入力してください")
    expect(reason).to_be_focused()
    # Whoever has gone on to a button stays there as the result is shown anew.
    page.locator("#note").fill("確認")
    with page.expect_response("**/papers/result"):
        page.locator("#save").focus()
    page.locator("#draft-state").get_by_text("下書きを保存しました").wait_for()
    expect(page.locator("#save")).to_be_focused()


def test_another_kind_of_paper_asks_for_its_own_facts_at_once(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    watched.page.locator("#p0_name input").check()
    watched.page.locator("#p0_kind").select_option("residence_card")
    watched.page.locator("#p0_permanent").wait_for()
    assert watched.page.locator("#p0_name input").is_checked()
    watched.page.locator("#p0_kind").select_option("driving_licence")
    watched.page.locator("#p0_international").wait_for()
    assert watched.page.locator("#p0_permanent").count() == 0
    assert watched.violations() == []


def test_enter_in_a_field_saves_and_does_not_end_the_check(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    fill(watched.page)
    watched.page.locator("#registered").focus()
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/papers#result")
    assert events(watched.office, case) == ["case-received", "case-documents-checked"]
