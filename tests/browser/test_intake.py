"""受付登録 in a browser: filled in by keyboard, kept while it is typed, taken in."""

from playwright.sync_api import Browser, Page

from ledger.clock import day_in_japan, now
from tests.browser.looking import Tab, tab
from tests.canary import MEMBER, NAME
from tests.pages.office import Office


def _fill(page: Page) -> None:
    """Every field that must be there."""
    page.locator("#name").fill(NAME)
    page.locator("#name_kana").fill("カグラザカ　カナリア")
    page.locator("#birth_date_era").select_option("showa")
    for part, text in (("year", "６４"), ("month", "1"), ("day", "7")):
        page.locator(f"#birth_date_{part}").fill(text)
    page.locator("#address").fill("東京都千代田区永田町２－１１－１")
    page.locator("#scheme-1").select_option("member")
    page.locator("#identifier-1").fill(MEMBER)
    page.get_by_label("本人", exact=True).check()
    page.get_by_label("書面", exact=True).check()
    page.get_by_label("契約者住所", exact=True).check()


def test_a_request_is_taken_in_and_shown(watched: Tab) -> None:
    watched.sign_in("reception")
    before = day_in_japan(now())
    watched.page.get_by_role("link", name="新規受付").click()
    typed = watched.page.locator("#arrived_on_day").input_value()
    assert typed in {str(one.day) for one in (before, day_in_japan(now()))}
    _fill(watched.page)
    watched.page.get_by_role("button", name="受付する").click()
    watched.page.wait_for_url("**/papers")
    shown = watched.page.locator("main").inner_text()
    for words in (NAME, "昭和64年1月7日", "東京都千代田区永田町２－１１－１", "受付"):
        assert words in shown
    watched.page.get_by_role("link", name="受付内容").click()
    watched.page.get_by_role("heading", name="請求の内容").wait_for()
    assert MEMBER in watched.page.locator("main").inner_text()


def test_a_request_is_taken_in_without_javascript(browser: Browser, office: Office) -> None:
    with tab(browser, office, java_script_enabled=False) as opened:
        opened.sign_in("reception")
        opened.go("/desk/new")
        opened.page.get_by_role("button", name="識別子の欄を増やす").click()
        _fill(opened.page)
        opened.page.locator("#name").fill("")
        opened.page.get_by_role("button", name="受付する").click()
        assert "1件の入力を確認してください" in opened.page.locator("#errors").inner_text()
        opened.page.locator("#name").fill(NAME)
        opened.page.get_by_role("button", name="受付する").click()
        assert opened.page.get_by_role("heading", level=1).inner_text().startswith("本人確認")


def test_two_tabs_of_one_draft_lose_no_request(watched: Tab) -> None:
    watched.sign_in("officer")
    watched.go("/desk/new")
    _fill(watched.page)
    watched.page.get_by_role("button", name="下書きを保存").click()
    watched.page.get_by_text("下書きから再開しています").wait_for()
    second = watched.page.context.new_page()
    second.goto(f"{watched.office.url}/desk/new")
    watched.page.get_by_role("button", name="受付する").click()
    number = watched.page.get_by_role("heading", name="受付番号").inner_text().split()[-1]
    watched.page.goto("about:blank")
    second.locator("#name").fill("別人 二郎")
    second.get_by_role("button", name="受付する").click()
    told = second.locator("#earlier")
    told.wait_for()
    assert told.evaluate("one => one === document.activeElement")
    assert number in told.inner_text()
    assert second.locator("#name").input_value() == "別人 二郎"
    shown = Tab(second, watched.office)
    second.set_viewport_size({"width": 320, "height": 640})
    assert (shown.violations(), shown.overflow()) == ([], [])
    second.get_by_role("button", name="受付する").click()
    other = second.get_by_role("heading", name="受付番号").inner_text().split()[-1]
    assert other != number
    assert "別人 二郎" in second.locator("main").inner_text()
    second.close()


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
