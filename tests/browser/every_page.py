"""What is asked of every page, in every state: no finding of axe, nothing too wide, all marked."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab

NARROW: Final = {"width": 320, "height": 640}
ZOOMED: Final = {"width": 640, "height": 512}
"""1280 at 200 per cent."""


def hold(watched: Tab, go: Callable[[Tab], None]) -> None:
    """Go to a place and look at it: as it is, as narrow as a phone, and zoomed in."""
    go(watched)
    assert watched.violations() == []
    assert watched.unmarked() == []
    for size in (NARROW, ZOOMED):
        watched.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType] -- it wants its own dict
        assert watched.overflow() == [], size
    assert watched.violations() == []
