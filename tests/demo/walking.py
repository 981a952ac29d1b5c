"""はじめての開示請求, gone through in a browser on the demo, as its reader goes through it."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from playwright.sync_api import Browser, Page, expect

from ledger.clock import day_in_japan, now
from tests.browser.looking import WAITS_MS
from tests.browser.record_places import answer_points
from tests.docs.markdown import DOCS

TUTORIAL: Final = (DOCS / "tutorial" / "hajimete.ja.md").read_text("utf-8")


def this_day() -> date:
    return day_in_japan(now())


def day_of_issue() -> date:
    return this_day() - timedelta(days=9)


Seen = Callable[[str, Page], None]
"""Is told which of the tutorial's pictures the page shows now."""


def typed(pattern: str) -> str:
    """What the tutorial says is to be typed."""
    found = re.search(pattern, TUTORIAL)
    assert found is not None, pattern
    return found[1]


def signed_in(browser: Browser, url: str, who: str) -> Page:
    """Somebody on their first page."""
    context = browser.new_context(base_url=url, locale="ja-JP", timezone_id="Asia/Tokyo")
    context.set_default_timeout(WAITS_MS)
    page = context.new_page()
    page.goto("/desk")
    page.get_by_role("link", name="認証サービスでサインイン").click()
    page.get_by_role("button", name=who).click()
    page.get_by_role("heading", name="受付一覧").wait_for()
    return page


def day(page: Page, name: str, year: int, month: int, on: int) -> None:
    for part, number in (("year", year), ("month", month), ("day", on)):
        page.locator(f"#{name}_{part}").fill(str(number))


def taken_in(page: Page, seen: Seen) -> None:
    page.get_by_role("link", name="新規受付").click()
    name, kana = typed(r"氏名・フリガナ \| ([^|]+) \|").split("・")
    postcode, address = typed(r"郵便番号・住所 \| ([^|]+) \|").split("・")
    fields = {"name": name, "name_kana": kana, "postal_code": postcode, "address": address}
    for field, text in fields.items():
        page.locator(f"[name={field}]").fill(text.strip())
    page.locator("#birth_date_era").select_option(label="昭和")
    day(page, "birth_date", 60, 1, 7)
    page.locator("#scheme-1").select_option(label="会員ID")
    page.locator("#identifier-1").fill(typed(r"会員ID\u3000(\S+)"))
    for choice in ("本人", "書面", "契約者住所"):
        page.get_by_label(choice, exact=True).check()
    seen("intake", page)
    page.get_by_role("button", name="受付する").click()
    page.wait_for_url("**/papers")


def looked_at(page: Page, seen: Seen) -> None:
    for n in (0, 1):
        page.locator(f"#row-{n}").get_by_role("button", name="すべて適").click()
        page.locator(f"[name=p{n}_name]:checked").wait_for()
        day(page, f"p{n}_issued_on", day_of_issue().year, day_of_issue().month, day_of_issue().day)
    page.locator("[name=on_papers]").fill(typed(r"本人確認書類「([^」]+)」"))
    page.locator("[name=registered]").fill(typed(r"登録住所「([^」]+)」"))
    page.get_by_role("button", name="住所を比較する").click()
    page.locator("[name=form_registered][value=same]").check()
    page.locator("[name=identity_form][value=spelling]").check()
    page.locator("[name=form_checked]").check()
    done = page.get_by_role("button", name="本人確認を完了する")
    expect(done).to_be_enabled(timeout=WAITS_MS)
    seen("papers", page)
    done.click()
    page.wait_for_url("**/records")


def identified(page: Page, seen: Seen) -> None:
    expect(page.get_by_text("▲ 申請書と異なる氏名の記録がある").first).to_be_visible()
    expect(page.get_by_text("隔離中の記録が").first).to_be_visible()
    page.locator("[name=because_1]").fill(typed(r"理由に「([^」]+)」"))
    page.locator("input[name=chosen]").first.check()
    page.locator("#evidence").fill(typed(r"根拠には「([^」]+)」"))
    seen("records", page)
    page.get_by_role("button", name="この方の記録として特定する").click()
    page.wait_for_url("**/decision")


def submitted(page: Page, seen: Seen) -> None:
    expect(page.get_by_role("heading", name="件数の照合")).to_be_visible()
    answer_points(page)
    seen("decision", page)
    with page.expect_popup() as letter:
        page.get_by_role("button", name="回答書を確認する").click()
    letter.value.close()
    page.get_by_role("button", name="承認に回す").click()
    page.wait_for_url("**/approval")


def approved(page: Page, case: str, seen: Seen) -> None:
    with page.expect_popup() as letter:
        page.locator(f"a[href='/desk/cases/{case}/next']").click()
    letter.value.close()
    expect(page.get_by_role("button", name="承認する")).to_be_enabled(timeout=WAITS_MS)
    seen("approval", page)
    page.get_by_role("button", name="承認する").click()
    page.get_by_text("承認済みです").wait_for()


def posted(page: Page, seen: Seen) -> None:
    page.wait_for_url("**/post")
    for link in ("印刷する", "宛名"):
        with page.expect_popup() as letter:
            page.get_by_role("link", name=link).first.click()
        letter.value.close()
    page.locator("#item_number").fill(typed(r"デモでは `([0-9-]+)`"))
    seen("post", page)
    page.get_by_role("button", name="発送済みにする").click()
    page.wait_for_url("**/keeping")
    day(page, "delivered_on", this_day().year, this_day().month, this_day().day)
    page.get_by_role("button", name="配達済みとして完了する").click()
    page.get_by_text("まで保存されます").wait_for()


def walk(browser: Browser, url: str, seen: Seen) -> str:
    """Go from an envelope to a closed request.

    Args:
        url: of the demo.

    Returns:
        The id of the case.
    """
    officer = signed_in(browser, url, "佐藤\u3000明子")
    expect(officer.get_by_text("デモ").first).to_be_visible()
    seen("work-list", officer)
    taken_in(officer, seen)
    case = officer.url.split("/")[-2]
    for step in (looked_at, identified, submitted):
        step(officer, seen)
    approved(signed_in(browser, url, "高橋\u3000誠"), case, seen)
    posted(officer, seen)
    return case
