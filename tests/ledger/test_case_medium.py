"""The medium of a reply: who asks chooses, and only paper may stand in for what is difficult."""

from dataclasses import replace

import pytest

from ledger.errors import MalformedError
from ledger.events.case import CaseDecided
from ledger.law.procedure.published import PUBLISHED
from ledger.law.procedure.version import Procedure
from tests.law.papers import read_with
from tests.ledger.case_given import DISCLOSE, IDENTIFY, Desk, application, defects

PAPER, ELECTRONIC = "paper", "electronic"
WHY = "ご指定の記録媒体を読み書きする設備がないためです。"
FIRST = PUBLISHED[0]
OTHER_DEFAULT = read_with(unstated_medium=ELECTRONIC)

GIVEN: dict[str, tuple[Procedure, str | None, str | None, str | None, str]] = {
    "paper as asked": (FIRST, PAPER, None, None, PAPER),
    "paper as asked, said again": (FIRST, PAPER, PAPER, None, PAPER),
    "electronic as asked": (FIRST, ELECTRONIC, None, None, ELECTRONIC),
    "paper for electronic, with a reason": (FIRST, ELECTRONIC, PAPER, WHY, PAPER),
    "nothing stated": (FIRST, None, None, None, PAPER),
    "nothing stated, by another procedure": (OTHER_DEFAULT, None, None, None, ELECTRONIC),
    "nothing stated, the officer chooses electronic": (FIRST, None, ELECTRONIC, None, ELECTRONIC),
    "nothing stated, the officer chooses paper": (OTHER_DEFAULT, None, PAPER, None, PAPER),
}
REFUSED: dict[str, tuple[str | None, str, str | None, str, str]] = {
    "electronic for paper": (PAPER, ELECTRONIC, None, "/medium", "MEDIUM_NOT_ASKED"),
    "electronic for paper, with a reason": (
        PAPER,
        ELECTRONIC,
        WHY,
        "/medium",
        "MEDIUM_NOT_ASKED",
    ),
    "paper for electronic": (
        ELECTRONIC,
        PAPER,
        None,
        "/medium_reason",
        "MEDIUM_REASON_MISSING",
    ),
    "paper for electronic, for a blank": (
        ELECTRONIC,
        PAPER,
        " ",
        "/medium_reason",
        "MEDIUM_REASON_MISSING",
    ),
    "stone": (None, "stone", WHY, "/medium", "SCHEMA"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_the_reply_goes_in_the_medium_that_was_asked_for(name: str) -> None:
    procedure, asked, medium, reason, expected = GIVEN[name]
    desk = Desk((procedure,)).verified(application(medium=asked)).do(IDENTIFY)
    desk.do(replace(DISCLOSE, medium=medium, medium_reason=reason))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.medium, decision.medium_reason) == (expected, reason)


@pytest.mark.parametrize("name", REFUSED)
def test_another_medium_is_refused_by_name(name: str) -> None:
    asked, medium, reason, pointer, code = REFUSED[name]
    desk = Desk().verified(application(medium=asked)).do(IDENTIFY)
    with pytest.raises(MalformedError) as error:
        desk.do(replace(DISCLOSE, medium=medium, medium_reason=reason))
    assert defects(error) == {(pointer, code)}
