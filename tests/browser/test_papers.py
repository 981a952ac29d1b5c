"""本人確認 in a browser: by keyboard alone, with a script and without one."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from ledger.clock import day_in_japan, now
from tests.browser.looking import Tab, tab
from tests.canary import NAME
from tests.pages.casework import Work, Worked
from tests.pages.looked import ADDRESS, ADDRESSES, day, row, two
from tests.pages.office import Office


def this_day() -> date:
    return day_in_japan(now())


FOCUSED = "document.activeElement.name || document.activeElement.id"


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


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a field of that name has the focus."""
    for _ in range(200):
        if page.evaluate(FOCUSED) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {name} by Tab")


def events(office: Office, case: Worked) -> list[str]:
    told = office.api("GET", f"/v1/cases/{case.id}", case.work.key("officer")).json()
    return [one["type"] for one in told["events"]]


def test_the_papers_of_a_principal_are_looked_at_by_keyboard_alone(
    watched: Tab, case: Worked
) -> None:
    watched.sign_in("officer")
    page = watched.page
    page.keyboard.press("/")
    page.keyboard.type(case.number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/papers")
    issued = this_day() - timedelta(days=9)
    for n in (0, 1):
        # A choice is entered by Tab at its first answer, and moved on in by the arrows.
        tab_to(page, f"p{n}_original")
        page.keyboard.press("Space")
        for part, number in (("year", issued.year), ("month", issued.month), ("day", issued.day)):
            tab_to(page, f"p{n}_issued_on_{part}")
            page.keyboard.type(str(number))
        for box in ("name", "birth_date", "current_address"):
            tab_to(page, f"p{n}_{box}")
            page.keyboard.press("Space")
        tab_to(page, f"p{n}_address_mark")
        page.keyboard.press("Space")
    tab_to(page, "p1_my_number")
    page.keyboard.press("Space")
    for name in ("on_papers", "registered"):
        tab_to(page, name)
        page.keyboard.insert_text(str(ADDRESSES[name]))
    for name in ("form_registered", "identity_form"):
        tab_to(page, name)
        page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    tab_to(page, "form_checked")
    page.keyboard.press("Space")
    # The button wakes up by itself, as the last thing is ticked.
    expect(page.locator("#primary")).to_be_enabled()
    expect(page.locator("#result")).to_contain_text("本人確認ができます")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/desk/cases/{case.id}/records")
    assert events(watched.office, case)[1:] == ["case-documents-checked", "case-verified"]


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


def test_more_rows_by_keyboard_lead_to_the_first_of_them(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    page = watched.page
    rows = page.locator("fieldset.paper")
    before = rows.count()
    page.get_by_role("button", name="書類の欄を増やす").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(rows).to_have_count(before + 2)
    expect(page.locator(f"#p{before}_kind")).to_be_focused()
    expect(page.locator(f"#p{before}_kind")).to_be_in_viewport()


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


def test_what_is_typed_is_kept_and_a_second_officer_sees_that_somebody_types(
    watched: Tab, browser: Browser, case: Worked
) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    watched.page.locator("#note").fill("自動保存")
    watched.page.locator("#draft-state").get_by_text("下書きを保存しました").wait_for()
    with tab(browser, watched.office) as other:
        other.sign_in("colleague")
        other.go(f"/desk/cases/{case.id}/papers")
        other.page.get_by_text("が編集中です").wait_for()
        assert other.violations() == []
    watched.go("/desk")
    watched.go(f"/desk/cases/{case.id}/papers")
    assert watched.page.locator("#note").input_value() == "自動保存"


def test_the_whole_step_goes_without_javascript(
    browser: Browser, office: Office, case: Worked
) -> None:
    with tab(browser, office, java_script_enabled=False) as opened:
        opened.sign_in("officer")
        opened.go(f"/desk/cases/{case.id}/papers")
        expect(opened.page.locator("#primary")).to_be_disabled()
        fill(opened.page)
        opened.page.locator("#save").click()
        opened.page.wait_for_url("**/papers#result")
        expect(opened.page.locator("#primary")).to_be_enabled()
        opened.page.locator("#primary").click()
        opened.page.wait_for_url(f"**/desk/cases/{case.id}/records")


def test_enter_in_a_field_saves_and_does_not_end_the_check(watched: Tab, case: Worked) -> None:
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    fill(watched.page)
    watched.page.locator("#registered").focus()
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/papers#result")
    assert events(watched.office, case) == ["case-received", "case-documents-checked"]


def test_the_papers_of_an_agent_go_through_a_round_of_correction(
    watched: Tab, office: Office
) -> None:
    form = {"name": NAME, "address": ADDRESS, "agent_name": "代理 二郎", "agent_address": ADDRESS}
    case = Work(office).begun(requester="mandated_agent", form=form)
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    page = watched.page
    fill(page, **row(0), **row(1, my_number="absent"))
    fill(page, **row(2), **row(3, my_number="absent"), **ADDRESSES)
    fill(page, p4_original="original", p4_by_principal="yes", p4_covers="yes", p4_looked="yes")
    page.locator("#save").click()
    page.wait_for_url("**/papers#result")
    expect(page.locator("#result")).to_contain_text("委任状の印影が印鑑登録証明書と異なります")
    page.get_by_role("button", name="補正を依頼").click()
    page.get_by_text("補正の依頼：").wait_for()
    with page.expect_response("**/papers/correction.pdf") as letter:
        page.evaluate("fetch(document.querySelector('a[href$=\"correction.pdf\"]').href)")
    assert letter.value.headers["content-type"] == "application/pdf"
    fill(page, **day("further_on", this_day()), further_note="委任状の再提出")
    page.get_by_role("button", name="届いた書類を登録").click()
    expect(page.locator("#p4_covers input")).to_be_checked()
    fill(page, p4_seal="yes", **day("p4_arrived_on", this_day()))
    page.locator("#p4_looked input").uncheck()
    expect(page.locator("#primary")).to_be_enabled()
    page.locator("#primary").click()
    page.wait_for_url(f"**/desk/cases/{case.id}/records")
    assert events(office, case)[1:] == [
        "case-documents-checked",
        "case-correction-requested",
        "case-resubmitted",
        "case-documents-checked",
        "case-verified",
    ]


def test_the_papers_of_a_legal_representative_prove_the_representation(
    watched: Tab, office: Office
) -> None:
    form = {
        "name": NAME,
        "address": ADDRESS,
        "representative_name": "保護 者",
        "representative_address": ADDRESS,
    }
    case = Work(office).begun(
        requester="legal_representative",
        representation="parent_of_minor",
        birth_date=f"{this_day().year - 9}-01-15",
        form=form,
        reply_address="representative_identity_document",
    )
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/papers")
    page = watched.page
    expect(page.get_by_text("歳（未成年）です")).to_be_visible()
    fill(page, **row(0), **row(1, my_number="absent"))
    fill(page, p2_original="original", **day("p2_issued_on", this_day()))
    fill(page, **row(3), **row(4, my_number="absent"), **ADDRESSES)
    page.get_by_role("link", name="法定代理人の住所の照合").click()
    fill(page, representative="yes")
    expect(page.locator("#primary")).to_be_enabled()
    page.locator("#primary").click()
    page.wait_for_url(f"**/desk/cases/{case.id}/records")
    whole = office.api("GET", f"/v1/cases/{case.id}", case.work.key("officer")).json()
    assert whole["reply_to"] == {
        "person": "legal_representative",
        "address": "representative_identity_document",
    }
