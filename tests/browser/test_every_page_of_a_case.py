"""The work list and every page of a case, in the fullest state of each template."""

import pytest

from tests.browser.every_page import hold
from tests.browser.looking import Tab
from tests.browser.places import OF_CASES


@pytest.mark.parametrize("place", OF_CASES)
def test_axe_finds_nothing_and_nothing_overflows(known: Tab, place: str) -> None:
    hold(known, place, OF_CASES[place])
