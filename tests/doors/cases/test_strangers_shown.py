"""A letter showed a stranger's records: the case says so as soon as the desk does."""

import pytest

from tests.doors.cases.desk import ABSENT, Case, begun, today
from tests.doors.cases.test_no_supplement_of_order_11 import (
    delivered,
    identified,
    recorded,
    somebody,
)
from tests.doors.cases.test_nothing_to_supplement import WHY
from tests.doors.corridor import Corridor
from tests.doors.test_exclusions import exclude

STRANGER = "桁の誤り。別人の番号"
LEAK = ["LEAK_ASSESSMENT"]


def by_a_wrong_digit(corridor: Corridor, when: str = "never", *, shown: bool = True) -> Case:
    """A letter on two identifiers; the second one is said to be a stranger's.

    Args:
        when: when the stranger's record is excluded.
        shown: whether the stranger has a record.
    """
    right, wrong = somebody(), somebody()
    recorded(corridor, right)
    record = recorded(corridor, wrong) if shown else None
    case = begun(corridor, identifiers=[right]).verified()
    if when == "before the letter":
        assert exclude(corridor, record).status == 200
    delivered(identified(case, right, wrong))
    assert case.read()["flags"] == []
    case.do("reopen", WHY)
    if when == "before the search":
        assert exclude(corridor, record).status == 200
    identified(case, right, tried=(wrong, ABSENT), not_the_person=STRANGER)
    if when == "after the search":
        assert exclude(corridor, record).status == 200
    return case


@pytest.mark.parametrize("when", ["never", "before the search", "after the search"])
def test_the_case_is_to_be_assessed_as_a_leak_and_stays_so_when_the_right_letter_is_delivered(
    corridor: Corridor, when: str
) -> None:
    case = by_a_wrong_digit(corridor, when)
    assert case.read()["flags"] == LEAK
    case.do("decisions", {}).do("submit").approve().dispatch()
    case.do("delivery", {"delivered_on": today()})
    assert case.read()["flags"] == ["SUPERSEDED", *LEAK]


@pytest.mark.parametrize("shown", [True, False])
def test_a_letter_that_showed_nothing_of_the_stranger_is_no_leak(
    corridor: Corridor, *, shown: bool
) -> None:
    when = "before the letter" if shown else "never"
    case = by_a_wrong_digit(corridor, when, shown=shown)
    assert case.read()["flags"] == []
