"""What is asked of every page, in every state.

No finding of axe, nothing too wide, every field marked, Japanese broken as it is to be, and nothing
lost in the colours that somebody forces.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from tests.browser import shown
from tests.browser.looking import Tab
from tests.browser.seeing import STRICTLY, line_breaking, lost

REFUSED: Final = frozenset((403, 404, 405, 500, 503))
NARROW: Final = {"width": 320, "height": 640}
ZOOMED: Final = {"width": 640, "height": 512}
"""1280 at 200 per cent."""


def hold(watched: Tab, place: str, go: Callable[[Tab], None]) -> None:
    """Go to a place and look at it: as it is, on a phone, zoomed in, in forced colours."""
    go(watched)
    _is_there(watched, place)
    assert watched.violations() == []
    assert watched.unmarked() == []
    assert place in shown.UNSTYLED or line_breaking(watched.page) == STRICTLY
    for size in (NARROW, ZOOMED):
        watched.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType] -- it wants its own dict
        assert watched.overflow() == [], size
    # On a dark ground, which the pages themselves never have.
    watched.page.emulate_media(forced_colors="active", color_scheme="dark")
    assert lost(watched.page) == []


def _is_there(watched: Tab, place: str) -> None:
    """Where a place stands for a route, it ends at an address of it, and at no refusal instead."""
    address = urlsplit(watched.page.url).path
    for path in shown.at(place):
        assert shown.fits(path, address), (path, address)
        assert watched.status not in REFUSED or shown.may_refuse(path), path
