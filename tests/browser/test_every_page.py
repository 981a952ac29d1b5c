"""What looks at every page, in `test_every_*_page.py`, finds what is planted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from api.web.pages.assets import address
from tests.browser import shown
from tests.browser.every_page import NARROW
from tests.browser.looking import Tab, tab
from tests.browser.places import OWN, PLACES
from tests.browser.seeing import lost
from tests.pages.casework import Work
from tests.pages.office import Office

BAD_REQUEST, NOT_FOUND = 400, 404
WHO = {
    "/desk/cases/{case}/approval/button": "approver",
    "/desk/registers/{register}/progress": "keeper",
    "/desk/retention/plans/{plan}/certificate": "chief",
}
NOBODYS = "0b0e2c5e-7a57-8000-8000-000000000001"
UNKNOWN = "/desk/{rest:path}"
PICTURE = """(() => {{
    const made = name => document.createElementNS('http://www.w3.org/2000/svg', name);
    const picture = made('svg'), shape = made('{shape}');
    for (const [name, value] of Object.entries({{fill: '#111', y: 9, width: 9, height: 9}}))
        shape.setAttribute(name, value);
    shape.textContent = '文字';
    picture.append(shape);
    document.querySelector('main').append(picture);
}})()"""
FORCED = {"forced_colors": "active", "color_scheme": "dark"}


def test_every_kind_of_place_has_a_file_that_looks_at_it() -> None:
    files = {one.stem for one in Path(__file__).parent.glob("test_every_*_page.py")}
    assert files == {f"test_every_{kind}_page" for kind in ("desk", *OWN)}


def test_every_page_that_can_be_read_is_a_place_that_is_looked_at(office: Office) -> None:
    pages = shown.pages_of(office.app.router.routes)
    assert pages - set(shown.NO_PAGES) == set(shown.SHOWN), "each has a place in shown.py"
    assert set(shown.NO_PAGES) <= pages
    assert set(shown.SHOWN.values()) <= set(PLACES)


def test_what_is_said_to_be_no_page_answers_none(office: Office) -> None:
    case = Work(office).begun().submitted().id
    at = {"name": address("pages.css").removeprefix("/static/"), "case": case}
    for path in shown.NO_PAGES:
        answer = office.person(WHO.get(path, "officer")).get(
            re.sub(r"\{(\w+)\}", lambda one: at.get(one[1], NOBODYS), path)
        )
        assert answer.status_code < BAD_REQUEST or NOBODYS in str(answer.url), path
        assert "<html" not in answer.text or answer.status_code == NOT_FOUND, path


@pytest.mark.parametrize(
    ("there", "paths"),
    [
        ("/desk/exceptions/1", ["/desk/exceptions/{transfer}"]),
        ("/desk/exceptions/late", ["/desk/exceptions/late"]),
        ("/desk/exceptions/1/person", ["/desk/exceptions/{transfer}/person"]),
        ("/desk", ["/desk"]),
        ("/desk/exceptions/1/nothing", []),
    ],
)
def test_a_place_that_ends_elsewhere_is_no_look_at_the_page(there: str, paths: list[str]) -> None:
    assert [path for path in shown.SHOWN if path != UNKNOWN and shown.fits(path, there)] == paths


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


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("document.querySelector('.support').style.forcedColorAdjust = 'none'", "not adapted"),
        (PICTURE.format(shape="text"), "text"),
        (PICTURE.format(shape="rect"), "shape"),
        ("document.querySelector('#q').style.border = '0'", "no border"),
        (
            "document.querySelector('.tabs a[aria-current]').style.borderColor = 'LinkText'",
            "not told apart",
        ),
    ],
)
def test_what_is_planted_in_forced_colours_is_found(
    browser: Browser, office: Office, planted: str, found: str
) -> None:
    with tab(browser, office, **FORCED) as opened:
        opened.sign_in("officer")
        assert lost(opened.page) == []
        opened.page.evaluate(planted)
        assert {one.partition(":")[0] for one in lost(opened.page)} == {found}


def test_nothing_is_said_of_colours_that_are_not_forced(watched: Tab) -> None:
    watched.sign_in("officer")
    assert lost(watched.page) == ["no colours are forced"]


def test_what_scrolls_sideways_in_itself_and_is_no_table_is_found(watched: Tab) -> None:
    watched.sign_in("officer")
    watched.page.set_viewport_size(NARROW)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    assert watched.overflow() == []
    watched.page.evaluate(
        "(() => { const text = document.querySelector('.support');"
        " text.style.minInlineSize = '40rem';"
        " const box = document.createElement('div'); box.className = 'scroll';"
        " text.replaceWith(box); box.append(text); })()"
    )
    assert any('class="scroll"' in one for one in watched.overflow())
