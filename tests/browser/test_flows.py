"""Whole ways through a page by keys, some of them without scripts; and what is on paper."""

import tempfile
from itertools import count
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import WAITS_MS, Tab, tab
from tests.browser.places import PLACES
from tests.doors.samples import RECIPIENT, provision
from tests.pages.casework import Work, Worked
from tests.pages.histories import WHY, api_history, head, whose
from tests.pages.office import Office
from tests.pages.publishing import NEW, on, version
from tests.pages.publishing import PAGE as NOTICES
from tests.pages.registering import KEEPER, PAGE, csv_bytes, rows, usual
from tests.pages.watching import day, recorded

A4: Final = {"width": 794, "height": 1123}
"""In pixels of CSS; narrower than the screens on which a row becomes a card."""
ROW: Final = "getComputedStyle(document.querySelector('table.cards tbody tr')).display"


def printed(watched: Tab) -> None:
    watched.page.set_viewport_size(A4)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    watched.page.emulate_media(media="print")


def test_a_list_stays_a_table_on_paper(watched: Tab) -> None:
    Work(watched.office).begun()
    watched.sign_in("officer")
    watched.go("/desk?tab=all")
    assert watched.page.evaluate(ROW) == "table-row"
    watched.page.set_viewport_size(A4)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    assert watched.page.evaluate(ROW) == "block", "on a screen of that width it is a card"
    printed(watched)
    assert watched.page.evaluate(ROW) == "table-row"
    assert watched.overflow() == []


def test_what_is_pressed_is_not_on_paper_and_the_rest_fits(watched: Tab) -> None:
    PLACES["decision, withheld"](watched)
    pressed = watched.page.locator("main button, main td details:has(form)")
    assert any(one.is_visible() for one in pressed.all())
    printed(watched)
    assert not any(one.is_visible() for one in pressed.all())
    assert watched.page.get_by_role("heading", level=1).is_visible()
    assert watched.overflow() == []


def test_the_triangle_of_a_line_s_form_stands_before_its_word(watched: Tab) -> None:
    """However narrow its cell is: it never stands alone above."""
    watched.go("/sign-in")
    lines_of_it = watched.page.evaluate(
        """() => {
            const made = (name, into) => into.appendChild(document.createElement(name));
            const table = made('table', document.querySelector('main'));
            const summary = made('summary', made('details', made('td', made('tr', table))));
            table.style.inlineSize = '1rem';
            summary.textContent = '失効させる';
            const range = document.createRange();
            range.selectNodeContents(summary);
            return range.getClientRects().length;
        }"""
    )
    assert lines_of_it == 1


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


_FIRST: Final = count(500_000, 1_000)


def _uploaded(opened: Tab, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = csv_bytes(Path(folder), rows(size, next(_FIRST)))
    opened.sign_in(KEEPER, PAGE)
    page = opened.page
    file = {"name": "台帳.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("ファイル").set_input_files(file)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    page.get_by_role("button", name="アップロードする").click()
    page.get_by_role("heading", name="列の対応付け").wait_for()
    for name, text in usual().items():
        page.locator(f"#{name}").fill(text)
    page.get_by_role("button", name="全ての行を確かめる").click()


def test_a_register_is_imported_from_file_to_records_and_the_page_comes_by_itself(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office) as opened:
        page = opened.page
        _uploaded(opened, 700)
        page.get_by_role("button", name="取り込む", exact=True).click()
        done = page.get_by_role("heading", name="取込の結果")
        expect(done).to_be_visible(timeout=WAITS_MS)
        expect(page.locator("#progress")).to_have_count(0, timeout=WAITS_MS)
        expect(page.get_by_text("記録した")).to_be_visible()
        expect(page.get_by_text("700件").first).to_be_visible()
        assert opened.complaints == []


BEGUN = {"notice_id": "ju-keys", **version("初版", day(3))}


def test_a_notice_is_published_and_withdrawn_by_keys_without_scripts(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office, java_script_enabled=False) as opened:
        page = opened.page
        opened.sign_in("chief")
        opened.go(NOTICES)
        page.locator(f'a[href="{NEW}"]').focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{NEW}")
        for name, text in BEGUN.items():
            if not name.endswith("_era"):
                page.locator(f"#{name}").focus()
                page.keyboard.insert_text(text)
        page.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#seen")).to_be_focused()
        page.get_by_role("button", name="入力に戻る").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#user_2")).to_have_value(BEGUN["user_2"])
        page.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="公表する").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/waiting?done=published")
        expect(page.locator("#done")).to_be_focused()
        page.get_by_role("link", name="ju-keysの画面へ").focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="取り下げる").focus()
        page.keyboard.press("Enter")
        for name, text in {**on("day", day(0)), "reason": "終了"}.items():
            if not name.endswith("_era"):
                page.locator(f"#{name}").fill(text)
        page.get_by_role("button", name="内容を確かめる").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="取り下げる").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/waiting?done=withdrawn")
        expect(page.get_by_text("取下げを登録しました")).to_be_visible()


EXCEPTIONS_PAGE = "/desk/exceptions"


def pressed(page: Page, selector: str, key: str = "Enter") -> None:
    """Put the focus on something, and press a key."""
    page.locator(selector).first.focus()
    page.keyboard.press(key)


def written(page: Page, field: str, text: str) -> None:
    page.locator(field).focus()
    page.keyboard.type(text)


def test_a_record_is_corrected_and_settled_by_keys_without_scripts(
    browser: Browser, office: Office
) -> None:
    party = {**RECIPIENT, "representative": None}
    transfer = recorded(office, counterparty=party, consent={"obtained": False})["transfer"]
    here = f"{EXCEPTIONS_PAGE}/{transfer}"
    with tab(browser, office, java_script_enabled=False) as opened:
        page = opened.page
        opened.sign_in("officer")
        opened.go(EXCEPTIONS_PAGE)
        pressed(page, f'a[href="{here}"]')
        page.wait_for_url(f"**{here}")
        # The link of the member that may be wrong leads to its field.
        pressed(page, f'a[href="{here}/correction#consent_obtained"]')
        page.wait_for_url(f"**{here}/correction#consent_obtained")
        pressed(page, "#consent_obtained", "ArrowUp")
        assert page.locator("#consent_obtained").input_value() == "true"
        written(page, "#reason", "同意書が見つかった")
        pressed(page, "button[data-primary]")
        page.wait_for_url(f"**{here}?done=corrected")
        told = page.locator(".notice[role=status]")
        assert "対応が必要な所見が 1件残っています" in told.inner_text()

        pressed(page, f'dl a[href="{here}/settlement"]')
        page.wait_for_url(f"**{here}/settlement")
        pressed(page, "input[name=action][value=obtained]", "Space")
        written(page, "#reason", "代表者を照会した")
        pressed(page, "button[data-primary]")
        page.wait_for_url(f"**{here}?done=settled")
        assert "全て対応済みです" in told.inner_text()

        opened.go(f"{EXCEPTIONS_PAGE}?tab=settled")
        assert page.locator(f"#transfer-{transfer}").count() == 1
