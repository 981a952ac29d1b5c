"""Every page, in every state: nothing for axe to find, nothing wider than a phone."""

import pytest
from playwright.sync_api import Browser

from tests.browser.looking import Tab, tab
from tests.browser.places import PLACES, Cases, made
from tests.pages.office import Office

NARROW = {"width": 320, "height": 640}
# 1280 at 200 per cent.
ZOOMED = {"width": 640, "height": 512}


@pytest.fixture(scope="module")
def cases(office: Office) -> Cases:
    return made(office)


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_and_nothing_overflows(watched: Tab, cases: Cases, place: str) -> None:
    PLACES[place](watched, cases)
    assert watched.violations() == []
    for size in (NARROW, ZOOMED):
        watched.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType] -- it wants its own dict
        assert watched.overflow() == [], size
    assert watched.violations() == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("document.querySelector('label[for=q]').remove()", "label"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('.support').style.color = '#bbb'", "color-contrast"),
        ("document.querySelector('h1').remove()", "page-has-heading-one"),
    ],
)
def test_a_planted_defect_is_found(watched: Tab, planted: str, found: str) -> None:
    watched.sign_in("officer")
    watched.page.evaluate(planted)
    assert any(one.startswith(f"{found}:") for one in watched.violations())


def test_a_planted_width_is_found(watched: Tab) -> None:
    watched.sign_in("officer")
    watched.page.set_viewport_size(NARROW)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    watched.page.evaluate("document.querySelector('h1').style.minWidth = '400px'")
    assert any("<h1" in one for one in watched.overflow())


def test_the_current_tab_and_the_focus_are_seen_in_forced_colours(
    browser: Browser, office: Office, cases: Cases
) -> None:
    del cases
    with tab(browser, office, forced_colors="active") as opened:
        opened.sign_in("officer")
        styles = (
            "one => { const it = getComputedStyle(document.querySelector(one));"
            " return [it.borderBottomStyle, it.borderBottomWidth, it.borderBottomColor] }"
        )
        current = opened.page.evaluate(styles, ".tabs a[aria-current]")
        other = opened.page.evaluate(styles, ".tabs a:not([aria-current])")
        ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert current[:2] == ["solid", "4px"]
        assert current[2] not in (ground, other[2])
        opened.page.keyboard.press("Tab")
        outline = opened.page.evaluate(
            "(() => { const it = getComputedStyle(document.activeElement);"
            " return [it.outlineStyle, it.outlineWidth] })()"
        )
        assert outline == ["solid", "4px"]
        assert opened.violations() == []
