"""What looks at every page, in `test_every_*_page.py`, finds what is planted."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.every_page import NARROW
from tests.browser.looking import Tab, tab
from tests.browser.places import OWN
from tests.pages.office import Office


def test_every_kind_of_place_has_a_file_that_looks_at_it() -> None:
    files = {one.stem for one in Path(__file__).parent.glob("test_every_*_page.py")}
    assert files == {f"test_every_{kind}_page" for kind in ("desk", *OWN)}


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


def test_a_field_without_its_mark_is_found(watched: Tab) -> None:
    watched.sign_in("reception")
    watched.go("/desk/new")
    assert watched.unmarked() == []
    watched.page.evaluate("document.querySelector('label[for=name] .need').remove()")
    watched.page.evaluate("document.querySelector('#arrived_on > legend .need').remove()")
    parts = {f"arrived_on_{part}" for part in ("era", "year", "month", "day")}
    assert {one.partition(":")[0] for one in watched.unmarked()} == {"name", *parts}


def test_the_current_tab_and_the_focus_are_seen_in_forced_colours(
    browser: Browser, office: Office
) -> None:
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
