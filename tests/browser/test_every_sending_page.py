"""Every page of what goes out, in every state."""

import pytest

from tests.browser.every_page import hold
from tests.browser.looking import Tab
from tests.browser.places import OWN

PLACES = OWN["sending"]


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_and_nothing_overflows(known: Tab, place: str) -> None:
    hold(known, place, PLACES[place])
