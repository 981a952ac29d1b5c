"""Keys and focus: what they do, that an input method keeps its own, where a page goes on."""

from collections.abc import Callable
from typing import cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import Tab, tab
from tests.browser.record_places import dated, reviewed, several
from tests.doors.samples import provision
from tests.doors.test_procedures import in_days
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.sending import status

FOCUSED = "document.activeElement.id || document.activeElement.getAttribute('href')"


@pytest.fixture
def case(watched: Tab) -> Worked:
    return Work(watched.office).begun()


def posts(page: Page) -> list[str]:
    """The addresses that forms are sent to from now on; drafts are no forms that are sent."""
    sent: list[str] = []
    page.on(
        "request",
        lambda one: (
            sent.append(one.url)
            if one.method == "POST" and not one.url.endswith(("/draft", "/result"))
            else None
        ),
    )
    return sent


def press_enter_of_an_input_method(page: Page, modifiers: int = 0) -> None:
    """The Enter that confirms a kanji, as browsers tell it: of a composition, and as key 229."""
    cdp = page.context.new_cdp_session(page)
    send = cast("Callable[[str, dict[str, object]], object]", cdp.send)  # pyright: ignore[reportUnknownMemberType] -- its dict is of anything
    send("Input.imeSetComposition", {"text": "神楽坂", "selectionStart": 3, "selectionEnd": 3})
    for kind, code in (("rawKeyDown", 229), ("keyUp", 13)):
        key: dict[str, object] = {
            "type": kind,
            "key": "Enter",
            "code": "Enter",
            "modifiers": modifiers,
        }
        send("Input.dispatchKeyEvent", {**key, "windowsVirtualKeyCode": code})
    send("Input.insertText", {"text": "神楽坂"})
    cdp.detach()


@pytest.mark.parametrize("modifiers", [0, 2], ids=["Enter", "Ctrl+Enter"])
def test_confirming_a_kanji_sends_no_form(watched: Tab, modifiers: int) -> None:
    watched.sign_in("reception")
    watched.go("/desk/new")
    sent = posts(watched.page)
    watched.page.locator("#name").focus()
    press_enter_of_an_input_method(watched.page, modifiers)
    # A form that was sent would have been answered before this one.
    watched.page.evaluate("fetch('/desk').then(one => one.text())")
    assert sent == []
    assert watched.page.locator("#name").input_value().startswith("神楽坂")


def test_an_enter_that_a_browser_sends_after_the_composition_sends_no_form(watched: Tab) -> None:
    """As Safari does: the composition is over, and the key still belongs to it."""
    watched.sign_in("reception")
    watched.go("/desk/new")
    is_stopped = watched.page.evaluate(
        """() => {
            const field = document.getElementById('name');
            const key = new KeyboardEvent('keydown',
                {key: 'Enter', code: 'Enter', keyCode: 229, bubbles: true, cancelable: true});
            return !field.dispatchEvent(key);
        }"""
    )
    assert is_stopped
    sent = posts(watched.page)
    watched.page.locator("#name").focus()
    watched.page.keyboard.press("Control+Enter")
    watched.page.locator("#errors").wait_for()
    assert sent


def test_letters_in_a_field_are_letters(watched: Tab) -> None:
    watched.sign_in("officer")
    watched.page.locator("#q").focus()
    watched.page.keyboard.type("n/jk?g2")
    assert watched.page.locator("#q").input_value() == "n/jk?g2"
    assert watched.page.url.endswith("/desk")


def test_the_list_is_gone_through_and_a_case_opened_at_its_next_step(watched: Tab) -> None:
    # They fall due among the first; there may be others.
    other, case = (Work(watched.office).begun(arrived_on=in_days(-30)) for _ in range(2))
    watched.sign_in("officer")

    def go_to(key: str, to: Worked) -> None:
        for _ in range(50):
            watched.page.keyboard.press(key)
            if watched.page.evaluate(FOCUSED) == f"/desk/cases/{to.id}/next":
                return
        raise AssertionError(f"no way to {to.number} by {key}")

    listed = watched.page.locator("a[href$='/next']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    watched.page.keyboard.press("j")
    assert watched.page.evaluate(FOCUSED) == listed[0]
    watched.page.keyboard.press("j")
    assert watched.page.evaluate(FOCUSED) == listed[1]
    watched.page.keyboard.press("k")
    assert watched.page.evaluate(FOCUSED) == listed[0]
    ours = [f"/desk/cases/{one.id}/next" for one in (other, case)]
    if listed.index(ours[0]) > listed.index(ours[1]):
        other, case = case, other
    if listed[0] != f"/desk/cases/{other.id}/next":
        go_to("j", other)
    watched.page.keyboard.press("v")
    watched.page.locator(f"#row-{other.number}").get_by_text("表示を記録しました").wait_for()
    go_to("j", case)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url(f"**/desk/cases/{case.id}/papers")


def test_keys_lead_to_the_search_a_new_request_and_the_steps(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.page.keyboard.press("/")
    assert watched.page.evaluate(FOCUSED) == "q"
    assert watched.page.locator("#q").input_value() == ""
    watched.go(f"/desk/cases/{case.id}")
    watched.page.keyboard.press("g")
    watched.page.keyboard.press("2")
    watched.page.wait_for_url("**/papers")
    watched.page.keyboard.press("g")
    watched.page.keyboard.press("1")
    watched.page.wait_for_url(f"**/desk/cases/{case.id}")
    watched.page.keyboard.press("2")
    watched.page.keyboard.press("n")
    watched.page.wait_for_url("**/desk/new")
    watched.page.keyboard.press("/")
    watched.page.wait_for_url("**/desk#q")
    assert watched.page.evaluate(FOCUSED) == "q"


def test_help_is_opened_by_a_key_and_letters_are_switched_off_in_it(watched: Tab) -> None:
    watched.sign_in("officer")
    watched.page.keyboard.press("?")
    dialog = watched.page.get_by_role("dialog", name="キー操作")
    dialog.wait_for()
    assert watched.violations() == []
    dialog.get_by_label("一文字のキーを使わない").check()
    watched.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    watched.page.evaluate("document.activeElement.blur()")
    watched.page.keyboard.press("/")
    watched.page.keyboard.press("?")
    assert watched.page.evaluate("document.activeElement.tagName") == "BODY"
    assert not dialog.is_visible()
    watched.go("/desk")
    watched.page.keyboard.press("n")
    watched.page.get_by_role("button", name="キー操作").click()
    dialog.get_by_label("一文字のキーを使わない").uncheck()
    watched.page.keyboard.press("Escape")
    watched.page.evaluate("document.activeElement.blur()")
    watched.page.keyboard.press("n")
    watched.page.wait_for_url("**/desk/new")


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


WHY = "第三者の権利利益を害するおそれがあるため"


def test_what_is_typed_is_kept_by_itself_and_a_key_ticks_a_row(watched: Tab) -> None:
    case = reviewed(watched.office, dated("2026-01-01"), provision())
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/decision")
    page = watched.page
    page.keyboard.press("d")
    assert page.get_by_label("記録番号1を選ぶ").is_checked()
    page.get_by_role("button", name="選んだ記録を不開示に加える").click()
    page.get_by_label("不開示1の理由", exact=False).fill(WHY)
    page.get_by_text("下書きを保存しました").wait_for()
    watched.go(f"/desk/cases/{case.id}/decision")
    page.get_by_text("下書きから再開しています").wait_for()
    assert page.get_by_label("不開示1の理由", exact=False).input_value() == WHY
    page.get_by_role("button", name="入力を破棄").click()
    page.get_by_text("全て開示します").last.wait_for()


def test_the_list_of_defects_takes_the_focus_and_leads_to_the_fields(watched: Tab) -> None:
    # Nobody who typed a name before: it would be restored from a draft.
    watched.sign_in("officer")
    watched.go("/desk/new")
    watched.page.get_by_role("button", name="受付する").click()
    errors = watched.page.locator("#errors")
    expect(errors).to_be_focused()
    errors.get_by_role("link", name="契約者の氏名", exact=True).click()
    field = watched.page.locator("#name")
    expect(field).to_be_focused()
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


SCRIPTS = pytest.mark.parametrize("scripts", [True, False])


def press(page: Page, button: str) -> None:
    """By the keyboard, as whoever is led by it."""
    page.get_by_role("button", name=button, exact=True).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def is_there(one: Locator) -> None:
    """It has the focus, and can be seen."""
    expect(one).to_be_focused()
    expect(one).to_be_in_viewport()


@SCRIPTS
def test_more_rows_for_identifiers(browser: Browser, office: Office, *, scripts: bool) -> None:
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("reception")
        opened.go("/desk/new")
        before = opened.page.locator("select[name=scheme]").count()
        opened.page.locator("#identifier-1").fill("CNRY-M-1")
        press(opened.page, "識別子の欄を増やす")
        is_there(opened.page.locator(f"#scheme-{before + 1}"))
        expect(opened.page.locator("#identifier-1")).to_have_value("CNRY-M-1")


@SCRIPTS
def test_records_that_are_withheld_lead_to_why(
    browser: Browser, office: Office, *, scripts: bool
) -> None:
    case = reviewed(office, *several(), *(dated(f"2025-{n:02}-07") for n in range(1, 13)))
    with tab(browser, office, java_script_enabled=scripts) as opened:
        opened.sign_in("officer")
        opened.go(f"/desk/cases/{case.id}/decision")
        press(opened.page, "全件を表示する")
        expect(opened.page.locator("#h-provided")).to_be_in_viewport()
        press(opened.page, "選んだ記録を不開示に加える")
        is_there(opened.page.locator("#errors"))
        opened.page.get_by_label("記録番号3を選ぶ").check()
        press(opened.page, "選んだ記録を不開示に加える")
        is_there(opened.page.locator("#block_1_record"))
        press(opened.page, "不開示1を取り消す")
        expect(opened.page.locator("#h-withheld")).to_be_in_viewport()
        press(opened.page, "同じ内容をまとめる")
        expect(opened.page.locator("#h-provided")).to_be_in_viewport()
