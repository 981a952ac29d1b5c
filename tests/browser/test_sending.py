"""What scripts do beside a form: buttons that wake up, parts that are swapped, letters opened."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from ledger.clock import day_in_japan, now
from tests.browser.looking import Tab, tab
from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER
from tests.pages.casework import Work, Worked
from tests.pages.looked import two
from tests.pages.office import Office
from tests.pages.sending import status


@pytest.fixture
def work(office: Office) -> Work:
    return Work(office)


def ready(work: Work) -> Worked:
    return work.begun().submitted().do("approve", by="approver")


def opened(page: Page, key: str) -> None:
    """Press a key that opens a document in a tab of its own, read it there, and come back."""
    with page.expect_popup() as popup:
        page.keyboard.press(key)
    popup.value.wait_for_load_state()
    assert popup.value.evaluate("document.contentType") == "application/pdf"
    popup.value.close()
    page.bring_to_front()


def test_a_letter_is_opened_and_approved_by_keyboard(watched: Tab, work: Work) -> None:
    case = work.begun().submitted()
    watched.sign_in("approver")
    watched.go(f"/desk/cases/{case.id}/approval")
    page = watched.page
    expect(page.locator("#open-reply")).to_be_focused()
    button = page.get_by_role("button", name="承認する")
    assert button.is_disabled()
    page.keyboard.press("Control+Enter")
    assert status(work, case) == "submitted"
    page.locator("#open-reply").focus()
    opened(page, "Enter")
    page.locator("#approve [data-primary]").wait_for()
    assert button.is_enabled()
    assert "確認済み" in page.locator("#opened-reply").inner_text()
    page.keyboard.press("Control+Enter")
    page.get_by_text("承認済みです").wait_for()
    assert status(work, case) == "notice_ready"


def test_the_key_of_the_main_button_sends_back_who_writes_why(watched: Tab, work: Work) -> None:
    """In the form of a return it is the return's key: nobody approves while they refuse."""
    case = work.begun().submitted()
    watched.sign_in("approver")
    watched.go(f"/desk/cases/{case.id}/approval")
    watched.page.locator("#open-reply").focus()
    opened(watched.page, "Enter")
    watched.page.locator("#approve [data-primary]").wait_for()
    watched.page.get_by_label("差戻しの理由").fill("宛名の字体を確認してください")
    watched.page.keyboard.press("Control+Enter")
    watched.page.get_by_text("承認を待っている書面はありません").wait_for()
    assert status(work, case) == "sent_back"


def test_what_is_typed_stays_when_a_colleague_decides_meanwhile(watched: Tab, work: Work) -> None:
    case = work.begun().submitted()
    watched.sign_in("approver")
    watched.go(f"/desk/cases/{case.id}/approval")
    page, reason = watched.page, watched.page.get_by_label("差戻しの理由")
    reason.fill("宛名の字体を確認してください")
    case.do("return", {"reason": "番地の誤り"}, by="approver")
    page.locator("#open-reply").focus()
    with page.expect_popup() as popup:
        page.keyboard.press("Enter")
    popup.value.close()
    page.bring_to_front()
    # It asks again: the first answer led nowhere.
    for _ in range(2):
        with page.expect_response(lambda one: "/approval/button" in one.url):
            pass
    assert reason.input_value() == "宛名の字体を確認してください"
    # Without it the page leads on.
    reason.fill("")
    page.get_by_text("承認を待っている書面はありません").wait_for()


def test_who_printed_before_scans_at_once(watched: Tab, work: Work) -> None:
    case = ready(work)
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/post")
    page = watched.page
    typed = f"A{POST_NUMBER.replace('-', '')}A"
    page.keyboard.type(typed)
    assert page.locator("#item_number").input_value() == typed
    page.keyboard.press("Enter")
    expect(page.locator("#dispatched_on_year")).to_be_focused()
    assert len(page.context.pages) == 1, "nothing was printed"


def test_a_scanner_sends_nothing_without_javascript(
    browser: Browser, office: Office, work: Work
) -> None:
    case = ready(work)
    with tab(browser, office, java_script_enabled=False) as without:
        without.sign_in("officer")
        without.go(f"/desk/cases/{case.id}/post")
        page = without.page
        page.locator("#item_number").fill(POST_NUMBER)
        page.locator("#item_number").press("Enter")
        # A form that was sent would have led away before this page is here once more.
        assert page.url.endswith("/post")
        assert page.locator("#item_number").input_value() == POST_NUMBER
        assert status(work, case) == "notice_ready"
        page.get_by_role("button", name="発送済みにする").click()
        assert page.url.endswith("/keeping")
    assert status(work, case) == "dispatched"


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


EDITED = "が編集中です"
MINE, THEIRS = "私の所見", "先に書いた所見"


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


LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


@pytest.fixture(scope="module")
def list_case(office: Office) -> Worked:
    return Work(office).begun()


def test_a_name_is_masked_until_it_is_asked_for_and_the_look_is_on_record(
    watched: Tab, list_case: Worked
) -> None:
    watched.sign_in("officer")
    row = watched.page.locator(f"#row-{list_case.number}")
    assert NAME not in watched.page.content()
    assert "神＊　金＊" in row.inner_text()
    before = watched.office.rows(LOOKS)[0][0]
    button = row.get_by_role("button", name="氏名を表示")
    button.click()
    row.get_by_text(NAME).wait_for()
    assert watched.office.rows(LOOKS)[0][0] == before + 1
    # The page was not left, and the keyboard is where it was.
    expect(button).to_be_focused()
    assert watched.page.url == f"{watched.office.url}/desk"


def test_going_back_after_signing_out_shows_nothing(watched: Tab, list_case: Worked) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{list_case.id}")
    watched.page.get_by_role("button", name="サインアウト").click()
    watched.page.get_by_role("heading", name="サインアウトしました").wait_for()
    watched.page.go_back()
    heading = watched.page.get_by_role("heading", level=1).inner_text()
    assert (heading, "/sign-in" in watched.page.url) == ("サインイン", True)
    assert NAME not in watched.page.content()
