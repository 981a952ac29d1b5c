"""Hostile texts in a real browser: what is shown and what scripts swap in stays text.

Attack: hostile texts reach a real browser, and the parts that scripts swap in.
Held off by: escaping everywhere, the content security policy, Trusted Types.
"""

from contextlib import suppress
from typing import Final

import pytest
from playwright.sync_api import Browser, Error

from tests.attacks.hostile import PLANTED
from tests.attacks.stored import Stored, text, written
from tests.browser.looking import Tab, tab
from tests.pages.office import Office

SINKS: Final = f"""() => {{
    const own = one => one.src && one.nonce;
    const found = [...document.querySelectorAll('{PLANTED}, img[src="x"]')].map(x => x.outerHTML);
    for (const one of document.querySelectorAll('script')) if (!own(one)) found.push('a script');
    for (const one of document.querySelectorAll('*')) for (const it of one.attributes) {{
        if (it.name.startsWith('on') || it.name === '{PLANTED}') found.push(one.tagName + it.name);
        const leads = ['href', 'src', 'action', 'formaction'].includes(it.name);
        if (leads && !/^(https?:|[/#])/.test(it.value)) found.push(it.name + '=' + it.value);
    }}
    return found;
}}"""
"""What is in the document that was never ours."""
HEARD: Final = """
    window.heard = [];
    document.addEventListener('securitypolicyviolation', one => heard.push(one.violatedDirective));
    window.alert = () => heard.push('alert');
"""


@pytest.fixture(scope="module")
def stored(office: Office) -> Stored:
    return written(office)


def nothing_planted(opened: Tab) -> None:
    assert opened.page.evaluate(SINKS) == []
    assert opened.page.evaluate("window.heard") == []


def watching(opened: Tab) -> Tab:
    opened.page.add_init_script(HEARD)
    return opened


def test_every_page_shows_what_was_written_as_text(watched: Tab, stored: Stored) -> None:
    watching(watched).sign_in("officer")
    paths = [path for reader, path in stored.addresses() if reader == "officer"]
    assert paths
    for path in paths:
        watched.go(path)
        nothing_planted(watched)


def test_what_a_script_swaps_in_is_text(watched: Tab, stored: Stored) -> None:
    watching(watched).sign_in("officer")
    page = watched.page
    watched.go("/desk?tab=all")
    page.locator(f"#row-{stored.cases['received'].number}").get_by_role(
        "button", name="氏名を表示"
    ).click()
    page.get_by_text(text("name")).first.wait_for()
    nothing_planted(watched)
    watched.go(f"/desk/cases/{stored.cases['looked'].id}/papers")
    page.locator("#registered").fill(text("typed"))
    page.locator("#note").fill(text("typed too"))
    with page.expect_response("**/papers/result"):
        page.locator("#note").dispatch_event("change")
    with page.expect_response("**/papers/rows/0"):
        page.locator("#p0_kind").dispatch_event("change")
    nothing_planted(watched)
    assert page.locator("#registered").input_value() == text("typed")


def test_what_is_typed_into_a_form_comes_back_as_text(browser: Browser, office: Office) -> None:
    with tab(browser, office) as opened:
        opened.sign_in("reception")
        opened.go("/desk/new")
        page = opened.page
        fields = page.locator("form[action='/desk/new'] :is(input:not([type]), input[type=text])")
        names = [one.get_attribute("name") or "" for one in fields.all()]
        assert "name" in names
        for one in fields.all():
            if one.is_visible() and one.is_enabled() and not one.get_attribute("inputmode"):
                one.fill(text("typed"))
        page.get_by_role("button", name="受付する").click()
        page.locator("#errors").wait_for()
        assert page.locator("#name").input_value() == text("typed")
        assert page.locator(f"{PLANTED}, img[src=x]").count() == 0
        assert opened.complaints == []


def test_a_planted_element_is_found(watched: Tab) -> None:
    """The control: what would be there if a text were no text."""
    watching(watched).sign_in("officer")
    nothing_planted(watched)
    watched.page.evaluate(
        f"document.querySelector('main').append(document.createElement('{PLANTED}'))"
    )
    assert watched.page.evaluate(SINKS) != []
    with suppress(Error):
        watched.page.evaluate("document.body.setAttribute('onclick', 'alert(1)')")
    watched.page.wait_for_function("window.heard.length > 0")
    watched.complained("Content Security Policy", "Trusted")
    watched.complaints.clear()
