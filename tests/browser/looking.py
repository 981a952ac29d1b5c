"""A tab of the browser that is watched, and what is measured on a page."""

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, ConsoleMessage, Error, Frame, Page, Request
from playwright.sync_api import Response as Answer
from playwright.sync_api import TimeoutError as WaitedError
from typing_extensions import override

from tests.leaving import LEAVING
from tests.pages.office import Office

AXE: Final = (Path(__file__).parents[1] / "pages/vendor/axe.min.js").read_text("utf-8")
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
INTERNAL_ERROR: Final = 500
WAITS_MS: Final = 300_000
"""No test times a page: only what never comes ends here, before the bound of the whole test."""
_LOOK_AGAIN_MS: Final = 50
_USUAL: Final = {"width": 1280, "height": 720}
"""Of a tab that is opened."""
# What Chromium says of an answer of 4xx or 5xx: the tests look at those themselves.
_STATUS: Final = "Failed to load resource: the server responded with a status of"

_UNMARKED: Final = """() => {
    const MARK = /※必須|※任意/;
    const KINDS = 'input:not([type=hidden], [type=submit], [type=button]), select, textarea';
    const isMarked = one => {
        if ([...(one.labels ?? [])].some(label => MARK.test(label.textContent))) return true;
        for (let set = one.closest('fieldset'); set; set = set.parentElement.closest('fieldset')) {
            if (MARK.test(set.querySelector(':scope > legend')?.textContent ?? '')) return true;
        }
        return false;
    };
    const isSearch = one => one.closest('[role=search], form[method=get], dialog');
    const isTick = one => one.type === 'checkbox';
    return [...document.querySelectorAll(KINDS)]
        .filter(one => one.labels?.length && !isSearch(one) && !isTick(one) && !isMarked(one))
        .map(one => `${one.name || one.id}: ${one.labels[0].textContent.trim()}`);
}"""

# Of what passes it is enough to know that something did: there are thousands of elements.
_FOUND: Final = """async tags => {
    const runOnly = {type: 'tag', values: tags};
    const found = await axe.run(document, {runOnly, resultTypes: ['violations']});
    const violations = found.violations.flatMap(
        one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`));
    return {passes: found.passes.length, violations};
}"""

_OVERFLOW: Final = """() => {
    const wide = document.documentElement.clientWidth;
    const all = [...document.querySelectorAll('body *')];
    const tooWide = document.documentElement.scrollWidth <= wide ? []
        : all.filter(one => one.getBoundingClientRect().right > wide + 1);
    const MAY = ':has(> table), pre, input, textarea, select';
    const inItself = all.filter(one => one.scrollWidth > one.clientWidth + 1
        && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) && !one.matches(MAY));
    return [...tooWide, ...inItself].map(one => one.outerHTML.slice(0, 120)).slice(0, 5);
}"""

# The browser gives it with the next frame, which may be drawn after the page has loaded.
_IS_FOCUSED: Final = """() => {
    const wanted = [...document.querySelectorAll('[autofocus]:not(:disabled)')];
    return document.activeElement !== document.body
        || !wanted.some(one => one.checkVisibility());
}"""
_FOCUS_MS: Final = 5_000
"""An address with a place in the page gives no focus: then nobody waits longer."""


def violations(page: Page) -> list[str]:
    """As `Tab.violations`."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = cast("dict[str, Any]", page.evaluate(_FOUND, list(TAGS)))
    assert found["passes"], "axe looked at nothing"
    return cast("list[str]", found["violations"])


def overflow(page: Page) -> list[str]:
    """As `Tab.overflow`."""
    return cast("list[str]", page.evaluate(_OVERFLOW))


@dataclass(slots=True)
class Tab:
    """One tab.

    Attributes:
        has_scripts: whether the browser runs the page's.
        complaints: what the browser complained of: policies that were broken, scripts that failed.
        status: of the answer that the tab shows.
    """

    page: Page
    office: Office
    has_scripts: bool = True
    complaints: list[str] = field(default_factory=list[str])
    status: int = 0

    def complained(self, *words: str, waits_ms: int = WAITS_MS) -> None:
        """Wait until the browser has complained with one of these words; it tells it on its own."""
        until = time.monotonic() + waits_ms / 1_000
        while not any(word in one for one in self.complaints for word in words):
            assert time.monotonic() < until, f"no complaint of {words} in {self.complaints}"
            self.page.wait_for_timeout(_LOOK_AGAIN_MS)

    def go(self, path: str) -> None:
        """Open a page; where it begins has the focus, for the first key goes there."""
        answer = self.page.goto(f"{self.office.url}{path}")
        assert answer is not None
        assert answer.status < INTERNAL_ERROR, path
        if self.has_scripts:
            with suppress(WaitedError):
                self.page.wait_for_function(_IS_FOCUSED, timeout=_FOCUS_MS)

    def sign_in(self, who: str, path: str = "/desk") -> None:
        """As a person does it: by the link, and at the provider by the button."""
        self.go(path)
        self.page.get_by_role("link", name="認証サービスで").click()
        self.page.locator(f"button[value={who}]").click()
        self.page.wait_for_url(f"{self.office.url}/desk**")

    def violations(self) -> list[str]:
        """What axe finds on the page as it stands; `incomplete` is what it cannot tell."""
        return violations(self.page)

    def unmarked(self) -> list[str]:
        """Fields whose label says neither ※必須 nor ※任意, nor the legend that they stand under.

        Left out, as there it would say nothing: what is searched or filtered by (nothing is put
        down), and a box that is ticked alone or in a row of a table (not to tick it is an answer).
        """
        return cast("list[str]", self.page.evaluate(_UNMARKED))

    def overflow(self) -> list[str]:
        """The elements that are wider than the window; those that are hidden on purpose aside.

        Also what scrolls sideways in itself and is neither a table, a text as it was written, nor
        a field.
        """
        return overflow(self.page)


AnyTab = TypeVar("AnyTab", bound=Tab)


class KnownTab(Tab):
    """A tab to which people come signed in; it may serve one test after the other."""

    @override
    def sign_in(self, who: str, path: str = "/desk") -> None:
        """Open a page as somebody who signed in over HTTP, which takes a tenth of the time."""
        jar = self.office.signed_in(who).client.cookies.jar
        self.page.context.clear_cookies()
        for one in jar:
            kept: SetCookieParam = {"name": one.name, "value": one.value or ""}
            kept |= {"url": self.office.url, "httpOnly": True, "sameSite": "Lax"}
            self.page.context.add_cookies([kept])
        self.go(path)

    def renew(self) -> None:
        """Let it be as one that was just opened, of nobody."""
        for other in self.page.context.pages:
            if other != self.page:
                other.close()
        self.page.evaluate("localStorage.clear()")
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        self.page.set_viewport_size(_USUAL)  # pyright: ignore[reportArgumentType] -- it wants its own dict
        self.page.emulate_media(forced_colors="null", color_scheme="null")
        self.status = 0
        self.complaints.clear()


@contextmanager
def tab(browser: Browser, office: Office, **how: Any) -> Generator[Tab]:  # noqa: ANN401 -- the browser's own
    """A tab with cookies of its own, in Japanese. What the browser complains of fails the test."""
    with _opened(Tab, browser, office, how) as opened:
        yield opened


@contextmanager
def known_tab(browser: Browser, office: Office) -> Generator[KnownTab]:
    """As `tab`, but people come to it signed in."""
    with _opened(KnownTab, browser, office, {}) as opened:
        yield opened


@contextmanager
def _opened(
    kind: type[AnyTab], browser: Browser, office: Office, how: dict[str, Any]
) -> Generator[AnyTab]:
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", **how)
    context.set_default_timeout(WAITS_MS)
    page = context.new_page()
    opened = kind(page, office, how.get("java_script_enabled", True))

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS):
            opened.complaints.append(message.text)

    def failed(error: Error) -> None:
        opened.complaints.append(str(error))

    def answered(answer: Answer) -> None:
        if answer.request.is_navigation_request() and answer.frame == page.main_frame:
            opened.status = answer.status

    def moved(frame: Frame) -> None:
        # Also where a script moved it, and behind a `#`: of that no server hears.
        LEAVING.tell("address of the browser", frame.url)

    def asked(request: Request) -> None:
        LEAVING.tell("address that the browser asks", request.url)

    context.on("request", asked)
    page.on("framenavigated", moved)
    page.on("console", said)
    page.on("response", answered)
    page.on("pageerror", failed)
    try:
        yield opened
        # Whoever provokes a complaint takes it out again: what is left nobody expected.
        assert opened.complaints == []
    finally:
        context.close()
