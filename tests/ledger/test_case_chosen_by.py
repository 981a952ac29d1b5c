"""Whoever chose a form that the letters print prepared it, whoever says it once more."""

from dataclasses import replace

import pytest

from ledger.case.printing import PrintAs
from ledger.case.steps import CheckDocuments, Verify
from ledger.errors import SeparationOfDutiesError
from ledger.events.printing import Substitute
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DISCLOSE,
    GOOD,
    IDENTIFY,
    PRINT_AS,
    SUBMIT,
    VARIATION,
    Desk,
)
from tests.ledger.test_case_substitutes import GAIJI, asked


def test_whoever_chose_prepared_the_letter() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(PRINT_AS, by=APPROVER).do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)
    desk = Desk().receive().do(PRINT_AS, by=APPROVER).do(PrintAs(()))
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)


OTHER_REASON = Substitute(VARIATION, "邉", "戸籍の写しで確かめた")
TAKEN_OVER: dict[str, tuple[PrintAs, bool]] = {
    "with another one": (asked((VARIATION, "邉"), (GAIJI, "葛")), False),
    "in another order": (asked((GAIJI, "葛"), (VARIATION, "邉")), False),
    "for another reason": (replace(PRINT_AS, substitutes=(OTHER_REASON,)), False),
    "in another form": (asked((VARIATION, "邉"), (GAIJI, "蔦")), False),
    "without it": (asked((GAIJI, "葛")), True),
}


@pytest.mark.parametrize("what", TAKEN_OVER)
def test_whoever_chose_a_form_prepared_it_as_long_as_it_stands(what: str) -> None:
    later, may_approve = TAKEN_OVER[what]
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    desk.do(asked((VARIATION, "邉")), by=APPROVER).do(later).do(SUBMIT)
    if may_approve:
        desk.do(APPROVE, by=APPROVER)
        return
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)


def test_whoever_says_it_once_more_prepared_it_too() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(asked((VARIATION, "邉")))
    desk.do(asked((VARIATION, "邉"), (GAIJI, "葛")), by=APPROVER).do(asked((VARIATION, "邉")))
    desk.do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)
    # Taken back and said anew by somebody else, it is theirs alone.
    desk.do(PrintAs(())).do(asked((VARIATION, "邉"))).do(SUBMIT).do(APPROVE, by=APPROVER)
