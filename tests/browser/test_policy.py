"""The browser itself refuses what should not be there: the policy is in force, and watched.

Attack: a page loads or runs what is not the product's.
Held off by: the content security policy; any complaint of the browser fails the test that opened
it.
"""

from playwright.sync_api import Browser, Error

from tests.browser.looking import tab
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


def test_what_the_policy_forbids_does_not_happen_and_fails_a_run(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office) as opened:
        opened.sign_in("officer")
        for planted in PLANTED.values():
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
