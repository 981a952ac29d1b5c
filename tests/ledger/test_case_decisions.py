"""The records of a case and the decision on each of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus, records_digest
from ledger.cases.events.case import CaseDecided, MediumAgreement, WithheldPart
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import (
    CheckDocuments,
    Decide,
    Reopen,
    Resubmit,
    Return,
    Verify,
)
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.version import Procedure
from tests.law.papers import read_with
from tests.ledger.case_given import (
    ALL,
    APPROVE,
    APPROVER,
    DISCLOSE,
    GOOD,
    HEAD,
    IDENTIFY,
    PROVIDED,
    RECEIVED,
    SUBMIT,
    Desk,
    application,
    dispatched,
    held,
)
from tests.ledger.given import malformed
from tests.matrix import every


@every(
    "changes, pointer, code",
    [
        ({"as_of": HEAD + 1}, "/as_of", "POSITION_BEYOND_HEAD"),
        ({"provided": (*PROVIDED, *RECEIVED)}, "/provided", "RECORD_TWICE"),
        ({"identifiers": ()}, "/identifiers", "RECORDS_OF_NOBODY"),
        ({"as_of": 2}, "/as_of", "SEARCH_TOO_OLD"),
    ],
)
def test_a_search_that_cannot_be_is_named(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert (pointer, code) in malformed(Desk().verified().do, replace(IDENTIFY, **changes))


def test_no_search_is_older_than_the_newest_verification_or_the_reopening() -> None:
    desk = Desk().sent().do(Return(ARRIVED, "unknown_address"))
    desk.do(Resubmit(ARRIVED), CheckDocuments(GOOD), Verify())
    for _ in range(2):
        newest = desk.case.searchable_from
        assert newest == len(desk.facts)
        assert malformed(desk.do, replace(IDENTIFY, as_of=newest - 1)) == {
            ("/as_of", "SEARCH_TOO_OLD")
        }
        desk.do(replace(IDENTIFY, as_of=newest), DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)
        desk.do(dispatched(desk.today), Reopen("訂正"))


@every("step", [Decide(PROVIDED, ()), Decide(RECEIVED, PROVIDED)])
def test_a_decision_on_other_records_than_those_of_the_search_is_stale(step: Decide) -> None:
    with pytest.raises(StaleApprovalError):
        Desk().verified().do(IDENTIFY, step)


@every(
    "withheld, outcome, disclosed",
    [
        ((), "full_disclosure", 3),
        ((held(ALL[0]),), "partial_disclosure", 2),
        ((held(ALL[0], items=("COUNTERPARTY",)),), "partial_disclosure", 3),
        (tuple(held(one) for one in ALL), "non_disclosure", 0),
        (tuple(held(one, items=("ITEMS",)) for one in ALL), "partial_disclosure", 3),
    ],
)
def test_every_record_is_disclosed_or_withheld_and_the_outcome_says_so(
    withheld: tuple[WithheldPart, ...], outcome: str, disclosed: int
) -> None:
    desk = Desk().verified().do(IDENTIFY, replace(DISCLOSE, withheld=withheld))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.outcome, decision.disclosed, decision.as_of) == (outcome, disclosed, 90)


@every(
    "step, pointer, code",
    [
        (
            replace(DISCLOSE, withheld=(held(UUID(int=9)),)),
            "/withheld/0/record",
            "RECORD_UNKNOWN",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0]), held(ALL[0]))),
            "/withheld/1/record",
            "RECORD_TWICE",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0], ground="IDENTITY"),)),
            "/withheld/0/ground",
            "GROUND_NOT_ALLOWED",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0], reason=" "),)),
            "/withheld/0/reason",
            "REASON_MISSING",
        ),
        (
            replace(
                DISCLOSE,
                withheld=(
                    held(ALL[1]),
                    held(
                        ALL[0], ground="ART33_2_II", causes=("repetition", "confidentiality_claus")
                    ),
                ),
            ),
            "/withheld/1/causes/1",
            "CAUSE_UNKNOWN",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0], causes=("repetition",)),)),
            "/withheld/0/causes/0",
            "CAUSE_UNKNOWN",
        ),
        (replace(DISCLOSE, medium="stone"), "/medium", "SCHEMA"),
    ],
)
def test_a_decision_that_cannot_be_is_named(step: Decide, pointer: str, code: str) -> None:
    assert malformed(Desk().verified().do, IDENTIFY, step) == {(pointer, code)}


@every(
    "causes, is_enough",
    [
        (("confidentiality_clause",), False),
        (("confidentiality_clause", "volume"), False),
        ((), False),
        (("confidentiality_clause", "repetition"), True),
    ],
)
def test_a_confidentiality_clause_is_no_hindrance_by_itself(
    causes: tuple[str, ...], *, is_enough: bool
) -> None:
    step = replace(DISCLOSE, withheld=(held(ALL[0], ground="ART33_2_II", causes=causes),))
    desk = Desk().verified().do(IDENTIFY)
    if is_enough:
        assert desk.do(step).status == CaseStatus.DECIDED
    else:
        assert malformed(desk.do, step) == {("/withheld/0/causes", "GROUND_II_ALONE")}


@every("ground", CAUSES)
def test_every_cause_of_a_ground_may_stand_behind_it(ground: str) -> None:
    causes = tuple(CAUSES[ground])
    step = replace(DISCLOSE, withheld=(held(ALL[0], ground=ground, causes=causes),))
    assert Desk().verified().do(IDENTIFY, step).status == CaseStatus.DECIDED


def test_the_digest_of_records_knows_the_sides_and_not_the_order() -> None:
    assert records_digest(PROVIDED, RECEIVED) == records_digest(PROVIDED[::-1], RECEIVED)
    assert records_digest(PROVIDED, RECEIVED) != records_digest(RECEIVED, PROVIDED)
    assert records_digest((*PROVIDED, *RECEIVED), ()) != records_digest(PROVIDED, RECEIVED)


# -- the medium of a reply: who asks chooses; another one needs a reason or their consent ----------

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


@every("name", GIVEN)
def test_the_reply_goes_in_the_medium_that_was_asked_for(name: str) -> None:
    procedure, asked, medium, reason, expected = GIVEN[name]
    desk = Desk((procedure,)).verified(application(medium=asked)).do(IDENTIFY)
    desk.do(replace(DISCLOSE, medium=medium, medium_reason=reason))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.medium, decision.medium_reason) == (expected, reason)


@every("name", REFUSED)
def test_another_medium_is_refused_by_name(name: str) -> None:
    asked, medium, reason, pointer, code = REFUSED[name]
    desk = Desk().verified(application(medium=asked)).do(IDENTIFY)
    assert malformed(desk.do, replace(DISCLOSE, medium=medium, medium_reason=reason)) == {
        (pointer, code)
    }


# -- what the person agreed to --------------------------------------------------------------------

ARRIVED = application().arrived_on
AGREED = MediumAgreement(ARRIVED, "電話でご本人に確認しました。")


@every("asked, given", [(PAPER, ELECTRONIC), (ELECTRONIC, PAPER)])
def test_another_medium_goes_out_where_the_person_agreed_to_it(asked: str, given: str) -> None:
    desk = Desk().verified(application(medium=asked)).do(IDENTIFY)
    desk.do(replace(DISCLOSE, medium=given, medium_agreement=AGREED))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.medium, decision.medium_agreement) == (given, AGREED)
    assert decision.medium_reason is None


@every(
    "agreement, pointer, code",
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
    assert (f"/medium_agreement/{pointer}", code) in malformed(
        desk.do, replace(DISCLOSE, medium=ELECTRONIC, medium_agreement=agreement)
    )


@every("asked", [PAPER, None])
def test_no_number_of_records_changes_the_medium(asked: str | None) -> None:
    many = tuple(UUID(int=n) for n in range(10**9, 10**9 + 10_002))
    desk = Desk().verified(application(medium=asked)).do(replace(IDENTIFY, provided=many))
    desk.do(replace(DISCLOSE, provided=many))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.medium, decision.whole_on_paper) == (PAPER, True)
