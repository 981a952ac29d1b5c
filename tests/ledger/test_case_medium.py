"""The medium of a reply: who asks chooses; another one needs a reason or their consent."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from ledger.cases.events.case import CaseDecided, MediumAgreement
from ledger.errors import MalformedError
from ledger.law.procedure.policy_2022 import PUBLISHED
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
    "electronic for paper, with a reason": (FIRST, PAPER, ELECTRONIC, WHY, ELECTRONIC),
    "nothing stated": (FIRST, None, None, None, PAPER),
    "nothing stated, by another procedure": (OTHER_DEFAULT, None, None, None, ELECTRONIC),
    "nothing stated, the officer chooses electronic": (FIRST, None, ELECTRONIC, None, ELECTRONIC),
    "nothing stated, the officer chooses paper": (OTHER_DEFAULT, None, PAPER, None, PAPER),
}
REFUSED: dict[str, tuple[str | None, str, str | None, str, str]] = {
    "electronic for paper": (PAPER, ELECTRONIC, None, "/medium", "MEDIUM_NOT_ASKED"),
    "electronic for paper, for a blank": (
        PAPER,
        ELECTRONIC,
        "\u3000",
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


# -- what the person agreed to --------------------------------------------------------------------

ARRIVED = application().arrived_on
AGREED = MediumAgreement(ARRIVED, "電話でご本人に確認しました。")


@pytest.mark.parametrize(("asked", "given"), [(PAPER, ELECTRONIC), (ELECTRONIC, PAPER)])
def test_another_medium_goes_out_where_the_person_agreed_to_it(asked: str, given: str) -> None:
    desk = Desk().verified(application(medium=asked)).do(IDENTIFY)
    desk.do(replace(DISCLOSE, medium=given, medium_agreement=AGREED))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.medium, decision.medium_agreement) == (given, AGREED)
    assert decision.medium_reason is None


@pytest.mark.parametrize(
    ("agreement", "pointer", "code"),
    [
        (replace(AGREED, agreed_on=ARRIVED - timedelta(days=1)), "agreed_on", "BEFORE_THE_REQUEST"),
        (replace(AGREED, agreed_on=ARRIVED + timedelta(days=999)), "agreed_on", "DATE_IN_FUTURE"),
        (replace(AGREED, how=" "), "how", "SCHEMA"),
    ],
)
def test_an_agreement_has_its_day_and_its_words(
    agreement: MediumAgreement, pointer: str, code: str
) -> None:
    desk = Desk().verified(application(medium=PAPER)).do(IDENTIFY)
    with pytest.raises(MalformedError) as error:
        desk.do(replace(DISCLOSE, medium=ELECTRONIC, medium_agreement=agreement))
    assert (f"/medium_agreement/{pointer}", code) in defects(error)


@pytest.mark.parametrize("asked", [PAPER, None])
def test_no_number_of_records_changes_the_medium(asked: str | None) -> None:
    many = tuple(UUID(int=n) for n in range(10**9, 10**9 + 10_002))
    desk = Desk().verified(application(medium=asked)).do(replace(IDENTIFY, provided=many))
    desk.do(replace(DISCLOSE, provided=many))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.medium, decision.whole_on_paper) == (PAPER, True)


def test_a_decision_about_few_records_is_sealed_as_ever() -> None:
    desk = Desk().verified(application(medium=PAPER)).do(IDENTIFY).do(DISCLOSE)
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.whole_on_paper, decision.medium_agreement) == (None, None)
