"""本人の履歴 in a browser: the moment by a slider, and all of it without scripts."""

from playwright.sync_api import Browser

from tests.browser.looking import Tab, tab
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.histories import WHY, api_history, head, whose
from tests.pages.office import Office


def changed(office: Office) -> tuple[Worked, int]:
    """A case of somebody with two records, and a position between them."""
    case, who = whose(Work(office), provision(transferred_on="2026-01-05"))
    between = head(office)
    whose(Work(office), provision(transferred_on="2026-02-05"), who=who)
    api_history(office, who, after=head(office))
    return case, between


def opened(seen: Tab, case: Worked) -> None:
    seen.sign_in("officer")
    seen.go(f"/desk/cases/{case.id}/history")
    seen.page.locator("#reason").fill(WHY)


def records(seen: Tab) -> int:
    seen.page.locator("#h-found").wait_for()
    return seen.page.locator("section[aria-labelledby=h-provision] tbody tr").count()


def press(seen: Tab, button: str) -> None:
    with seen.page.expect_navigation():
        seen.page.get_by_role("button", name=button).click()


def test_the_slider_the_field_and_the_choice_go_together(watched: Tab, office: Office) -> None:
    case, between = changed(office)
    opened(watched, case)
    slider = watched.page.get_by_role("slider", name="位置を動かす")
    slider.fill(str(between))
    assert watched.page.locator("#position").input_value() == str(between)
    assert watched.page.get_by_label("台帳の位置を指定する").is_checked()
    press(watched, "履歴を表示する")
    assert records(watched) == 1
    assert slider.input_value() == str(between)
    press(watched, "最新の時点に戻す")
    assert records(watched) == 2
    watched.page.locator("#as_of_year").fill("2026")
    assert watched.page.get_by_label("日付を指定する").is_checked()


def test_without_scripts_a_moment_is_typed(browser: Browser, office: Office) -> None:
    case, between = changed(office)
    with tab(browser, office, java_script_enabled=False) as plain:
        opened(plain, case)
        assert not plain.page.locator("input[type=range]").is_visible()
        press(plain, "履歴を表示する")
        assert records(plain) == 2
        plain.page.get_by_label("台帳の位置を指定する").check()
        plain.page.locator("#position").fill(f"{between:,}")
        press(plain, "履歴を表示する")
        assert records(plain) == 1


def test_what_is_folded_on_the_screen_is_printed(watched: Tab, office: Office) -> None:
    case, _ = changed(office)
    opened(watched, case)
    press(watched, "履歴を表示する")
    assert records(watched) == 2
    watched.page.emulate_media(media="print")
    detail = watched.page.locator("details dl").first
    assert detail.evaluate("one => one.checkVisibility({contentVisibilityAuto: true})")
    assert detail.bounding_box() is not None
    assert not watched.page.locator("#asked").is_visible()
