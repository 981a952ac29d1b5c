"""Every page but those of cases, in the fullest state of each template; and that none is left out.

What looks at them finds what is planted.
"""

import re
from typing import Final

import pytest
from playwright.sync_api import Browser

from api.web.pages.assets import address
from tests.browser import shown
from tests.browser.every_page import NARROW, hold
from tests.browser.looking import Tab, tab
from tests.browser.places import OTHERS, PLACES
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
PLANTED: Final = {
    "label": "document.querySelector('label[for=q]').remove()",
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "color-contrast": "document.querySelector('.support').style.color = '#bbb'",
    "page-has-heading-one": "document.querySelector('h1').remove()",
}
SHAPES: Final = """(() => {
    const made = name => document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const kind of ['text', 'rect']) {
        const picture = made('svg'), shape = made(kind);
        for (const [name, value] of Object.entries({fill: '#111', y: 9, width: 9, height: 9}))
            shape.setAttribute(name, value);
        shape.textContent = '文字';
        picture.append(shape);
        document.querySelector('main').append(picture);
    }
    document.querySelector('.support').style.forcedColorAdjust = 'none';
    document.querySelector('#q').style.border = '0';
    document.querySelector('.tabs a[aria-current]').style.borderColor = 'LinkText';
})()"""


@pytest.mark.parametrize("place", OTHERS)
def test_axe_finds_nothing_and_nothing_overflows(known: Tab, place: str) -> None:
    hold(known, place, OTHERS[place])


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


def test_planted_defects_are_found(watched: Tab) -> None:
    watched.sign_in("reception", "/desk/new")
    watched.page.evaluate("document.querySelector('label[for=name] .need').remove()")
    watched.page.evaluate("document.querySelector('#arrived_on > legend .need').remove()")
    parts = {f"arrived_on_{part}" for part in ("era", "year", "month", "day")}
    assert {one.partition(":")[0] for one in watched.unmarked()} == {"name", *parts}
    watched.go("/desk?tab=all")
    watched.page.set_viewport_size(NARROW)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    assert watched.overflow() == []
    watched.page.evaluate("document.querySelector('h1').style.minWidth = '400px'")
    assert any("<h1" in one for one in watched.overflow())
    for planted in PLANTED.values():
        watched.page.evaluate(planted)
    found = {one.partition(":")[0] for one in watched.violations()}
    assert found >= PLANTED.keys()


def test_what_is_planted_in_forced_colours_is_found(browser: Browser, office: Office) -> None:
    with tab(browser, office, forced_colors="active", color_scheme="dark") as opened:
        opened.sign_in("officer")
        assert lost(opened.page) == []
        opened.page.evaluate(SHAPES)
        found = {one.partition(":")[0] for one in lost(opened.page)}
        assert found == {"not adapted", "text", "shape", "no border", "not told apart"}
