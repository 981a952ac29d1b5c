"""Every page of the work list, of a case and of a new request, in every state."""

import pytest

from tests.browser.every_page import hold
from tests.browser.looking import Tab
from tests.browser.places import DESK, Cases, made
from tests.pages.office import Office


@pytest.fixture(scope="module")
def cases(office: Office) -> Cases:
    return made(office)


@pytest.mark.parametrize("place", DESK)
def test_axe_finds_nothing_and_nothing_overflows(known: Tab, cases: Cases, place: str) -> None:
    hold(known, place, lambda tab: DESK[place](tab, cases))
