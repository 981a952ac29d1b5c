"""受付登録 in a browser: filled in by keyboard, kept while it is typed, taken in."""

from tests.browser.looking import Tab


def test_the_list_of_defects_takes_the_focus_and_leads_to_the_fields(watched: Tab) -> None:
    watched.sign_in("reception")
    watched.go("/desk/new")
    watched.page.get_by_role("button", name="受付する").click()
    errors = watched.page.locator("#errors")
    errors.wait_for()
    assert errors.evaluate("one => one === document.activeElement")
    errors.get_by_role("link", name="契約者の氏名", exact=True).click()
    assert watched.page.evaluate("document.activeElement.id") == "name"
    field = watched.page.locator("#name")
    assert field.get_attribute("aria-invalid") == "true"
    assert "入力してください" in watched.page.locator("#name-error").inner_text()


def test_what_is_typed_is_kept_by_itself(watched: Tab) -> None:
    watched.sign_in("colleague")
    watched.go("/desk/new")
    watched.page.locator("#name").fill("自動 保存")
    watched.page.locator("#draft-state").get_by_text("下書きを保存しました").wait_for()
    watched.go("/desk")
    watched.go("/desk/new")
    assert watched.page.locator("#name").input_value() == "自動 保存"
