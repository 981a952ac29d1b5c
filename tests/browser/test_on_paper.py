"""What a page is like on paper: its tables are tables, and what is pressed is left out."""

from typing import Final

from tests.browser.looking import Tab
from tests.browser.places import PLACES
from tests.pages.casework import Work

A4: Final = {"width": 794, "height": 1123}
"""In pixels of CSS; narrower than the screens on which a row becomes a card."""
ROW: Final = "getComputedStyle(document.querySelector('table.cards tbody tr')).display"


def printed(watched: Tab) -> None:
    watched.page.set_viewport_size(A4)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    watched.page.emulate_media(media="print")


def test_a_list_stays_a_table_on_paper(watched: Tab) -> None:
    Work(watched.office).begun()
    watched.sign_in("officer")
    watched.go("/desk?tab=all")
    assert watched.page.evaluate(ROW) == "table-row"
    watched.page.set_viewport_size(A4)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    assert watched.page.evaluate(ROW) == "block", "on a screen of that width it is a card"
    printed(watched)
    assert watched.page.evaluate(ROW) == "table-row"
    assert watched.overflow() == []


def test_what_is_pressed_is_not_on_paper_and_the_rest_fits(watched: Tab) -> None:
    PLACES["decision, withheld"](watched)
    pressed = watched.page.locator("main button, main td details:has(form)")
    assert any(one.is_visible() for one in pressed.all())
    printed(watched)
    assert not any(one.is_visible() for one in pressed.all())
    assert watched.page.get_by_role("heading", level=1).is_visible()
    assert watched.overflow() == []
