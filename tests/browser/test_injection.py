"""What is not ours in a real browser: it stays text, is not loaded, and leads to no look.

Attack: hostile texts reach a real browser, and the parts that scripts swap in; a page loads or runs
what is not the product's; a link of another site leads a signed-in browser to a page of a case.
Held off by: escaping everywhere, the content security policy and Trusted Types, of which any
complaint fails a test; `Sec-Fetch-Site`: one press more, and no look before it.
"""

from typing import Final

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.attacks.hostile import PLANTED
from tests.attacks.stored import Stored, text, written
from tests.browser.looking import Tab, tab
from tests.browser.record_places import searched
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


POLICY_PLANTED = {
    "a picture of another host": "document.body.append(Object.assign(new Image(),"
    " {src: 'https://other.example/x.png'}))",
    "a script of another host": "(() => { const one = document.createElement('script');"
    " one.setAttribute('src', 'https://other.example/x.js') })()",
    "a style in the page": "(() => { const one = document.createElement('style');"
    " one.textContent = 'body { color: red }'; document.head.append(one) })()",
    "a handler in an attribute": "document.body.setAttribute('onclick', 'alert(1)')",
    "text as HTML": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
}


def test_what_the_policy_forbids_does_not_happen_and_fails_a_run(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office) as opened:
        opened.sign_in("officer")
        for planted in POLICY_PLANTED.values():
            assert opened.complaints == []
            try:
                opened.page.evaluate(planted)
            except Error as error:
                opened.complaints.append(str(error))
            opened.complained("Content Security Policy", "Trusted")
            opened.complaints.clear()


def test_an_htmx_attribute_that_somebody_injected_does_nothing(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office) as opened:
        opened.sign_in("officer")
        sent: list[str] = []
        opened.page.on("request", lambda request: sent.append(request.url))
        opened.page.evaluate(
            "(() => { const one = document.createElement('button'); one.id = 'planted';"
            " one.setAttribute('hx-post', '/sign-out'); one.textContent = 'x';"
            " document.querySelector('main').append(one); htmx.process(one) })()"
        )
        opened.page.locator("#planted").click()
        opened.complained("hx-csp")
        # What it would have sent, it would have sent before this.
        opened.go("/desk")
        assert not [url for url in sent if url.endswith("/sign-out")]
        opened.complaints.clear()


OTHER = "https://other.example/"
HEAD = "SELECT position FROM ledger.head"


def test_a_link_of_another_site_waits_for_the_person(browser: Browser, office: Office) -> None:
    path = f"/desk/cases/{searched(office).id}/records"
    with tab(browser, office) as opened:
        opened.sign_in("officer")
        before = office.rows(HEAD)
        link = f'<a href="{office.url}{path}">elsewhere</a>'
        opened.page.route(OTHER, lambda route: route.fulfill(body=link, content_type="text/html"))
        opened.page.goto(OTHER)
        with opened.page.expect_navigation():
            opened.page.get_by_role("link", name="elsewhere").click()
        expect(opened.page.get_by_role("heading", level=1)).to_have_text("この画面を開きますか")
        assert office.rows(HEAD) == before
        assert opened.violations() == []
        opened.page.get_by_role("link", name="画面を開く").click()
        expect(opened.page.get_by_role("heading", level=1)).not_to_have_text("この画面を開きますか")
        expect(opened.page).to_have_url(f"{office.url}{path}")
        assert office.rows(HEAD) > before
