"""Whoever chose a form that the letters print prepared it, whoever says it once more."""

from dataclasses import replace

import pytest

from ledger.cases.events.substitute import Substitute
from ledger.cases.print_step import PrintAs
from ledger.cases.state import StepActors
from ledger.cases.steps import CheckDocuments, Verify
from ledger.errors import SeparationOfDutiesError
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
from tests.ledger.test_case_substitutes import DOT, GAIJI, asked


def test_whoever_chose_prepared_the_letter() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(PRINT_AS, by=APPROVER).do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)
    desk = Desk().receive().do(PRINT_AS, by=APPROVER).do(PrintAs(()))
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)


OTHER_REASON = Substitute(VARIATION, "邉", "戸籍の写しで確かめた")
SPELT = {
    "the form in two code points": ((GAIJI, "が"), (GAIJI, "か\u3099")),
    "the form in one code point": ((GAIJI, "か\u3099"), (GAIJI, "が")),
    "what is written in several code points": (("ṩ", "ṣ"), (f"s{DOT}\u0307", f"s{DOT}")),
}
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


@pytest.mark.parametrize("what", SPELT)
def test_who_spells_the_same_text_otherwise_takes_nobodys_place(what: str) -> None:
    first, second = SPELT[what]
    later = asked(second)
    anew = replace(later, substitutes=(replace(later.substitutes[0], evidence="窓口で確かめた"),))
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    desk.do(asked(first), by=APPROVER).do(anew).do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)


def test_a_compatibility_form_is_another_form() -> None:
    was, later = StepActors().substituting("a", {(GAIJI, "神")}), {(GAIJI, "\ufa19")}
    assert {who for _, _, who in was.substituting("b", later).substituted} == {"b"}


def test_whoever_says_it_once_more_prepared_it_too() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE).do(asked((VARIATION, "邉")))
    desk.do(asked((VARIATION, "邉"), (GAIJI, "葛")), by=APPROVER).do(asked((VARIATION, "邉")))
    desk.do(SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=APPROVER)
    # Taken back and said anew by somebody else, it is theirs alone.
    desk.do(PrintAs(())).do(asked((VARIATION, "邉"))).do(SUBMIT).do(APPROVE, by=APPROVER)
