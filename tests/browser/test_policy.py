"""The browser itself refuses what should not be there: the policy is in force, and watched.

Attack: a page loads or runs what is not the product's.
Held off by: the content security policy; any complaint of the browser fails the test that opened
it.
"""

from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error

from tests.browser.looking import tab
from tests.browser.places import made
from tests.pages.office import Office

PLANTED = {
    "a picture of another host": "document.body.append(Object.assign(new Image(),"
    " {src: 'https://other.example/x.png'}))",
    "a script of another host": "(() => { const one = document.createElement('script');"
    " one.setAttribute('src', 'https://other.example/x.js') })()",
    "a style in the page": "(() => { const one = document.createElement('style');"
    " one.textContent = 'body { color: red }'; document.head.append(one) })()",
    "a handler in an attribute": "document.body.setAttribute('onclick', 'alert(1)')",
    "text as HTML": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_the_policy_forbids_does_not_happen_and_fails_a_run(
    browser: Browser, office: Office, what: str
) -> None:
    with tab(browser, office) as opened:
        opened.sign_in("officer")
        assert opened.complaints == []
        try:
            opened.page.evaluate(PLANTED[what])
        except Error as error:
            opened.complaints.append(str(error))
        opened.complained("Content Security Policy", "Trusted")
        opened.complaints.clear()


def test_a_breach_that_no_test_provoked_fails_the_test(browser: Browser, office: Office) -> None:
    def broken() -> None:
        with tab(browser, office) as opened:
            opened.sign_in("officer")
            with suppress(Error):
                opened.page.evaluate(PLANTED["a picture of another host"])
            opened.complained("Content Security Policy")

    with pytest.raises(AssertionError):
        broken()


def test_a_complaint_that_never_comes_is_waited_for_no_longer(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office) as opened:
        opened.sign_in("officer")
        with pytest.raises(AssertionError, match="no complaint of"):
            opened.complained("Content Security Policy", waits_ms=100)


def test_an_htmx_attribute_that_somebody_injected_does_nothing(
    browser: Browser, office: Office
) -> None:
    made(office)
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
