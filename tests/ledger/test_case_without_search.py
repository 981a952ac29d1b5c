"""Requests that need no search: 利用目的の通知, 訂正等, information on measures abroad."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus
from ledger.cases.clocks import all_clocks, running
from ledger.cases.events.measures import CaseMeasure, CaseMeasuresDecided, ItemAnswered
from ledger.cases.letters.assembly import LetterIdentity, reply_letter
from ledger.cases.letters.contents import Procedural
from ledger.cases.measure_steps import DecideMeasures
from ledger.cases.refusals import CaseStatusError
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    Refuse,
    RequestCorrection,
    Verify,
)
from ledger.errors import SeparationOfDutiesError
from ledger.format.event_parts import other_event_of, other_parts_of
from ledger.law.answers import GROUNDS, items_of
from ledger.law.requests import OUTCOMES, WITHOUT_SEARCH, outcomes_of, request_kind
from ledger.values import Json
from tests.law.papers import ARRIVED, PUBLISHED_2022
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    CODE,
    DISCLOSE,
    GOOD,
    IDENTIFY,
    LETTER,
    MY_NUMBER,
    OFFICER,
    PERSON,
    SHORT,
    SUBMIT,
    Desk,
    application,
    dispatched,
)
from tests.ledger.given import malformed
from tests.matrix import every

PURPOSE, CORRECTION, ABROAD = "purpose_of_use", "data_correction", "measures_abroad"
WHY = "調査の結果、次のとおりであるためです。"
PURPOSES = (ItemAnswered("purposes", "ご契約内容に基づく役務の提供のため"),)
CORRECTED = CaseMeasure("corrected", ARRIVED, "生年月日を1990年4月1日に訂正しました。")
SEVEN = tuple(
    ItemAnswered(code, f"{item.label}の説明") for code, item in items_of(ABROAD, ARRIVED).items()
)
SIX = (replace(SEVEN[0], text=None), *SEVEN[1:])


def answered(outcome: str, **more: Any) -> DecideMeasures:  # noqa: ANN401 -- members of one dataclass
    return DecideMeasures(outcome, reason=None if outcome == "taken" else WHY, **more)


ANSWERS: dict[str, tuple[str, DecideMeasures]] = {
    "the purposes": (PURPOSE, answered("taken", information=PURPOSES)),
    "some purposes": (
        PURPOSE,
        answered("taken_in_part", information=PURPOSES, grounds=("harm_to_operator",)),
    ),
    "no purpose": (PURPOSE, answered("not_taken", grounds=("purpose_evident", "public_duty"))),
    "nothing is retained": (PURPOSE, answered("not_taken", grounds=("not_held",))),
    "a correction": (CORRECTION, answered("taken", measures=(CORRECTED,))),
    "two of three": (
        CORRECTION,
        answered(
            "taken_in_part",
            measures=(
                replace(CORRECTED, measure="added", what="電話番号を追加しました。"),
                replace(CORRECTED, measure="deleted", what="旧住所を削除しました。"),
            ),
            grounds=("beyond_purpose",),
        ),
    ),
    "no correction": (CORRECTION, answered("not_taken", grounds=("not_shown_untrue",))),
    "seven items": (ABROAD, answered("taken", information=SEVEN)),
    "six items": (ABROAD, answered("taken_in_part", information=SIX, grounds=("hindrance",))),
    "before 28(3) applied": (ABROAD, answered("not_taken", grounds=("provided_before_2022",))),
    "no item": (ABROAD, answered("not_taken", grounds=("hindrance",))),
    "harm to the person": (PURPOSE, answered("not_taken", grounds=("harm_to_person",))),
}


@every("name", ANSWERS)
def test_it_is_decided_without_a_search_approved_by_a_second_person_and_sent(name: str) -> None:
    kind, step = ANSWERS[name]
    desk = Desk().verified(application(kind=kind))
    assert desk.status == CaseStatus.REVIEW
    desk.do(step, SUBMIT)
    with pytest.raises(SeparationOfDutiesError):
        desk.do(APPROVE, by=OFFICER)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today), Deliver(desk.today))
    assert desk.status == CaseStatus.CLOSED
    [reply] = desk.case.replies
    decision = reply.decision
    assert isinstance(decision, CaseMeasuresDecided)
    assert (decision.outcome, decision.measures) == (step.outcome, step.measures)
    assert (decision.grounds or ()) == step.grounds
    assert (decision.information or ()) == step.information


WRONG: dict[str, tuple[str, DecideMeasures, set[tuple[str, str]]]] = {
    "another measure in its place": (
        CORRECTION,
        answered("other_measure", measures=(CORRECTED,), grounds=("beyond_purpose",)),
        {("/outcome", "SCHEMA")},
    ),
    "a measure of Art. 35": (
        CORRECTION,
        answered("taken", measures=(CORRECTED, CaseMeasure("erased", ARRIVED))),
        {("/measures/1/measure", "MEASURE_UNKNOWN")},
    ),
    "a correction that is not told": (
        CORRECTION,
        answered("taken", measures=(replace(CORRECTED, what=None),)),
        {("/measures/0/what", "WHAT_MISSING")},
    ),
    "a correction with information": (
        CORRECTION,
        answered("taken", measures=(CORRECTED,), information=PURPOSES),
        {("/information", "NOT_OF_THIS_KIND")},
    ),
    "purposes with a correction": (
        PURPOSE,
        answered("taken", measures=(CORRECTED,), information=PURPOSES),
        {("/measures", "NOT_OF_THIS_KIND")},
    ),
    "told without a purpose": (
        PURPOSE,
        answered("taken"),
        {("/information", "OUTCOME_AND_INFORMATION")},
    ),
    "not told, but a purpose": (
        PURPOSE,
        answered("not_taken", information=PURPOSES, grounds=("purpose_evident",)),
        {("/information", "OUTCOME_AND_INFORMATION")},
    ),
    "an item of another kind": (
        PURPOSE,
        answered("taken", information=(*PURPOSES, SEVEN[3])),
        {("/information/1/item", "ITEM_UNKNOWN"), ("/information", "OUTCOME_AND_INFORMATION")},
    ),
    "six items in full": (
        ABROAD,
        answered("taken", information=SIX),
        {("/information", "OUTCOME_AND_INFORMATION")},
    ),
    "six items without a word of the seventh": (
        ABROAD,
        answered("taken_in_part", information=SEVEN[1:], grounds=("hindrance",)),
        {("/information", "OUTCOME_AND_INFORMATION")},
    ),
    "every item withheld, in part": (
        ABROAD,
        answered(
            "taken_in_part",
            information=tuple(replace(one, text=None) for one in SEVEN),
            grounds=("hindrance",),
        ),
        {("/information", "OUTCOME_AND_INFORMATION")},
    ),
    "an item twice": (
        ABROAD,
        answered("taken", information=(*SEVEN, SEVEN[0])),
        {("/information/7/item", "ITEM_TWICE")},
    ),
    "withheld without a ground": (
        ABROAD,
        answered("not_taken"),
        {("/grounds", "OUTCOME_AND_GROUNDS")},
    ),
    "told in full on a ground": (
        ABROAD,
        answered("taken", information=SEVEN, grounds=("hindrance",)),
        {("/grounds", "OUTCOME_AND_GROUNDS")},
    ),
    "a ground of another kind": (
        ABROAD,
        answered("not_taken", grounds=("not_held",)),
        {("/grounds/0", "GROUND_UNKNOWN")},
    ),
    "a ground twice": (
        ABROAD,
        answered("not_taken", grounds=("hindrance", "hindrance")),
        {("/grounds/1", "GROUND_TWICE")},
    ),
    "part of what is not held": (
        PURPOSE,
        answered("taken_in_part", information=PURPOSES, grounds=("not_held",)),
        {("/grounds", "OUTCOME_AND_GROUNDS")},
    ),
    "what is not held, and harm": (
        PURPOSE,
        answered("not_taken", grounds=("not_held", "harm_to_person")),
        {("/grounds", "OUTCOME_AND_GROUNDS")},
    ),
    "an individual number": (
        PURPOSE,
        answered("taken", information=(ItemAnswered("purposes", MY_NUMBER),)),
        {("/information/0/text", "MY_NUMBER_SHOWN")},
    ),
    "a request to stop with a ground": (
        "provision_stop",
        DecideMeasures("not_taken", (), WHY, ("hindrance",), PURPOSES),
        {("/grounds", "NOT_OF_THIS_KIND"), ("/information", "NOT_OF_THIS_KIND")},
    ),
    "a request to stop with a correction": (
        "provision_stop",
        DecideMeasures("taken", (CaseMeasure("provision_stopped", ARRIVED), CORRECTED)),
        {("/measures/1/measure", "MEASURE_UNKNOWN")},
    ),
}


@every("name", WRONG)
def test_what_the_law_does_not_know_is_named(name: str) -> None:
    kind, step, expected = WRONG[name]
    desk = Desk().verified(application(kind=kind))
    if desk.case.is_searched:
        desk.do(PERSON)
    assert malformed(desk.do, step) == expected


@every("kind", sorted(WITHOUT_SEARCH))
def test_nobody_is_looked_for_and_nothing_is_decided_before_who_asks_is_verified(kind: str) -> None:
    desk = Desk().receive(application(kind=kind))
    step = next(step for of, step in ANSWERS.values() if of == kind)
    with pytest.raises(CaseStatusError):
        desk.do(step)
    desk.do(CheckDocuments(GOOD), Verify())
    for other in (IDENTIFY, DISCLOSE, PERSON, Close()):
        with pytest.raises(CaseStatusError):
            desk.do(other)


@every("kind", sorted(WITHOUT_SEARCH))
def test_it_is_due_without_delay_and_a_suit_is_told_of_what_art_39_names(kind: str) -> None:
    desk = Desk().receive(application(kind=kind))
    known = all_clocks(desk.case, PUBLISHED_2022)
    # Ten business days after Tuesday 24 November 2026.
    assert known["without_delay"] == ARRIVED + timedelta(days=14)
    assert ("suit_possible_from" in known, "two_weeks_end" in known) == (
        (True, True) if kind == CORRECTION else (False, False)
    )
    due = {"without_delay", "acknowledge", "completeness"}
    assert set(running(desk.case, PUBLISHED_2022)) == due


def test_a_fee_is_allowed_for_the_purposes_and_for_no_other_of_the_three() -> None:
    allowed = {kind for kind in WITHOUT_SEARCH if request_kind(kind, ARRIVED).fee}
    assert allowed == {PURPOSE}


@every(
    "kind, article",
    [
        (PURPOSE, "法37条1項・政令12条3号"),
        (CORRECTION, "法37条1項・政令12条3号"),
        # Art. 37(1) does not name 28(3).
        (ABROAD, "法28条3項"),
    ],
)
def test_a_refusal_for_its_papers_cites_what_lets_the_operator_ask_for_them(
    kind: str, article: str
) -> None:
    desk = Desk().receive(application(kind=kind)).do(CheckDocuments(SHORT), RequestCorrection())
    desk.later(31).do(Refuse())
    letter = reply_letter(desk.case, PUBLISHED_2022, LetterIdentity(desk.now, CODE))
    assert isinstance(letter.content, Procedural)
    assert letter.content.article == article


def test_who_is_refused_a_correction_may_sue_from_that_day() -> None:
    desk = Desk().verified(application(kind=CORRECTION)).do(ANSWERS["no correction"][1], SUBMIT)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert all_clocks(desk.case, PUBLISHED_2022)["suit_possible_from"] == desk.today


def test_what_is_approved_changes_with_every_part_of_the_answer() -> None:
    kind, step = ANSWERS["six items"]
    before = Desk().verified(application(kind=kind)).do(step, SUBMIT).case
    decision = before.decision
    assert isinstance(decision, CaseMeasuresDecided)
    others = (
        replace(decision, outcome="not_taken"),
        replace(decision, reason="x"),
        replace(decision, grounds=("no_such_provision",)),
        replace(decision, information=SEVEN),
        replace(decision, information=None),
    )
    states = (before, *(replace(before, decision=one) for one in others))
    contents = [case.content_of(one, LETTER, CODE) for one in states]
    assert len(set(contents)) == len(contents)


def test_what_is_sealed_is_read_again_and_a_decision_of_before_has_no_member_more() -> None:
    for _, step in ANSWERS.values():
        event = CaseMeasuresDecided(
            step.outcome,
            step.measures,
            step.reason,
            step.grounds or None,
            step.information or None,
        )
        assert other_event_of(event.TYPE, *other_parts_of(event)) == event
    stop = CaseMeasure("provision_stopped", ARRIVED)
    before: dict[str, Json] = {
        "outcome": "taken",
        "measures": [{"measure": "provision_stopped", "from_day": ARRIVED.isoformat()}],
    }
    assert other_parts_of(CaseMeasuresDecided("taken", (stop,))) == ({}, before)


@every("member", [{"medium": "paper"}, {"first_day": ARRIVED}])
@every("kind", sorted(WITHOUT_SEARCH))
def test_it_asks_for_no_records(kind: str, member: dict[str, Any]) -> None:
    assert malformed(Desk().receive, application(kind=kind, **member)) == {
        (f"/{next(iter(member))}", "NOT_OF_THIS_KIND")
    }


def test_every_ground_cites_the_law_and_rule_18_has_its_seven_items() -> None:
    assert [one.article for one in items_of(ABROAD, ARRIVED).values()] == [
        f"規則第18条第3項第{number}号" for number in range(1, 8)
    ]
    assert all(one.article and one.kind in WITHOUT_SEARCH for one in GROUNDS)
    assert set(OUTCOMES) >= {code for kind in WITHOUT_SEARCH for code in outcomes_of(kind)}
