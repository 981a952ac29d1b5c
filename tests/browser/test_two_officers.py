"""Two officers at one case: the second sees who is at it, loses nothing, and reads what differs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import Tab, tab
from tests.pages.casework import Work, Worked
from tests.pages.office import Office

EDITED = "が編集中です"
MINE, THEIRS = "私の所見", "先に書いた所見"


@pytest.fixture
def case(office: Office) -> Worked:
    return Work(office).begun()


@pytest.fixture
def other(browser: Browser, office: Office) -> Iterator[Tab]:
    """The tab of a colleague; their browser's complaints fail the test too."""
    with tab(browser, office) as opened:
        opened.sign_in("colleague")
        yield opened


def test_the_second_sees_who_edits_loses_nothing_and_reads_what_differs(
    watched: Tab, other: Tab, case: Worked
) -> None:
    path = f"/desk/cases/{case.id}/papers"
    watched.sign_in("officer")
    watched.go(path)
    other.go(path)
    assert other.page.get_by_text(EDITED).count() == 0
    watched.page.locator("#note").fill(MINE)
    watched.page.locator("#draft-state").get_by_text("下書きを保存しました").wait_for()
    other.go(path)
    other.page.get_by_text(EDITED).wait_for()
    assert "佐藤　明子（開示担当）" in other.page.locator("main").inner_text()
    assert MINE not in other.page.content()
    # The colleague goes on all the same, and is first.
    other.page.locator("#note").fill(THEIRS)
    with other.page.expect_navigation():
        other.page.locator("#save").click()
    expect(other.page.locator("#conflict")).to_have_count(0)
    # Who comes second is told by whom and what, and has everything that they typed.
    watched.page.locator("#save").click()
    conflict = watched.page.locator("#conflict")
    conflict.wait_for()
    told = conflict.inner_text()
    assert "ほかの担当者が先に更新しました" in told
    assert "書類の確認（田中　浩（開示担当））" in told
    assert watched.page.locator("#note").input_value() == MINE
    note = watched.page.get_by_role("table", name="異なる項目").get_by_role("row", name="メモ")
    assert note.get_by_role("cell").all_inner_texts() == [THEIRS, MINE]
    assert watched.violations() == []
    with watched.page.expect_navigation():
        watched.page.locator("#save").click()
    expect(watched.page.locator("#conflict")).to_have_count(0)
    key = case.work.key("officer")
    whole = case.work.office.api("GET", f"/v1/cases/{case.id}", key).json()
    assert whole["examination"]["note"] == MINE
    looks = [one for one in whole["events"] if one["type"] == "case-documents-checked"]
    assert len(looks) == 2, "what the first one put down stays on record"
