"""Who bears the name, and what may make an answer wrong: what a step and a decision need."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases.events.case import CaseDecided, CaseRecordsIdentified, LeftOut
from ledger.cases.identification import MINOR_IN_OWN_NAME, warnings
from ledger.cases.letters.coverage import letter_sentences
from ledger.cases.namesakes import LeftOutSaid, NamesSearched, names_of
from ledger.cases.points import (
    KINDS,
    SUBJECTS_KEPT,
    CasePoint,
    PointAnswer,
    are_answered,
    is_contradicted,
)
from ledger.cases.steps import Decide, IdentifyRecords, Step
from ledger.emitters.coverage import DayPeriod, Share, Statement
from ledger.errors import MalformedError
from ledger.format.event_parts import other_event_of, other_parts_of
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    DISCLOSE,
    IDENTIFY,
    MEMBER,
    MY_NUMBER,
    Desk,
    application,
)
from tests.ledger.test_emitter import day, days_of

NAME = "見本 花子"
STRANGER = PrincipalRef("member", "M-0009")
LEFT = LeftOut(STRANGER, NAME, "生年月日が異なる")
SAID = LeftOutSaid(STRANGER, LEFT.because)
POINT = CasePoint("coverage", ("2026-11-23/2026-11-23",))
ANSWER = PointAnswer(influence=False, because="送信元に確認した")


def defects(desk: Desk, step: Step) -> set[tuple[str, str]]:
    """(pointer, code) of what a step is refused for."""
    with pytest.raises(MalformedError) as refused:
        desk.do(step)
    return {(one.pointer, one.code) for one in refused.value.defects}


NOBODY = IdentifyRecords(90, (), "該当なし", tried=(MEMBER, PrincipalRef("email", "a@example.jp")))


@pytest.mark.parametrize(
    ("searched", "expected"),
    [
        (NamesSearched((NAME,), is_undecided=True), {("/left_out", "CANDIDATE_NOT_DECIDED")}),
        (NamesSearched((NAME,), more=True), {("/others_left_out", "CANDIDATES_NOT_NARROWED")}),
        (
            NamesSearched((NAME,), said=(LeftOutSaid(STRANGER, MY_NUMBER),)),
            {("/left_out/0/because", "MY_NUMBER_SHOWN")},
        ),
        (
            NamesSearched((NAME,), said=(LeftOutSaid(STRANGER, " "),)),
            {("/left_out/0/because", "SCHEMA")},
        ),
    ],
)
def test_whoever_the_names_find_is_decided_on(
    searched: NamesSearched, expected: set[tuple[str, str]]
) -> None:
    assert defects(Desk().verified(), replace(IDENTIFY, searched=searched)) == expected


def test_what_the_names_found_is_kept_with_the_search_and_comes_back_from_its_bytes() -> None:
    searched = NamesSearched((NAME, "ミホン"), (SAID,), (LEFT,), more=True, others="住所で確認")
    event = Desk().verified().do(replace(NOBODY, searched=searched)).case.search
    assert event is not None
    assert (event.names_searched, event.left_out) == ((NAME, "ミホン"), (LEFT,))
    assert event.others_left_out == "住所で確認"
    facts, record = other_parts_of(event)
    assert list(facts) == ["as_of"]
    assert other_event_of(event.TYPE, facts, record) == event


def test_a_search_of_before_is_read_and_nothing_is_said_not_to_exist_on_it() -> None:
    desk = Desk().verified().do(NOBODY)
    old = desk.case.search
    assert old is not None
    _, record = other_parts_of(old)
    assert not {"names_searched", "left_out", "others_left_out"} & record.keys()
    facts = {"as_of": old.as_of}
    assert other_event_of(CaseRecordsIdentified.TYPE, facts, record) == old
    assert defects(desk, Decide()) == {("", "NAMES_NOT_SEARCHED")}
    found = Desk().verified().do(IDENTIFY, DISCLOSE).case.decision
    assert isinstance(found, CaseDecided), "what was found may be told"
    assert found.points is None
    assert "points" not in other_parts_of(found)[1]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {("/points/coverage", "POINT_NOT_ANSWERED")}),
        (
            {"coverage": replace(ANSWER, digest=bytes(32))},
            {("/points/coverage/digest", "POINT_CHANGED")},
        ),
        (
            {"coverage": replace(ANSWER, because=MY_NUMBER)},
            {("/points/coverage/because", "MY_NUMBER_SHOWN")},
        ),
        (
            {"coverage": replace(ANSWER, because="　")},
            {("/points/coverage/because", "SCHEMA")},
        ),
    ],
)
def test_each_point_is_answered_with_the_decision(
    answers: dict[str, PointAnswer], expected: set[tuple[str, str]]
) -> None:
    step = replace(DISCLOSE, points=(POINT,), answers=answers)
    assert defects(Desk().verified().do(IDENTIFY), step) == expected


def test_an_answer_is_kept_with_what_it_covers() -> None:
    many = CasePoint("findings", tuple(f"{n:04}" for n in range(SUBJECTS_KEPT + 1)))
    said = {"findings": ANSWER, "quarantine": ANSWER}
    step = replace(DISCLOSE, points=(many,), answers=said)
    event = Desk().verified().do(IDENTIFY, step).case.decision
    assert isinstance(event, CaseDecided)
    assert event.points is not None
    [kept] = event.points
    assert (kept.point, kept.count, len(kept.subjects)) == ("findings", 101, 100)
    facts, record = other_parts_of(event)
    assert other_event_of(event.TYPE, facts, record) == event
    assert are_answered([many], event.points)
    assert not are_answered([replace(many, subjects=many.subjects[1:])], event.points)
    assert not are_answered([many], None)


SEARCHED = replace(NOBODY, searched=NamesSearched((NAME,)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("influence", [False, True])
def test_nothing_is_said_not_to_exist_while_a_rejected_item_bears_on_the_answer(
    kind: str, *, influence: bool
) -> None:
    points, answer = (CasePoint(kind, ("1",)),), PointAnswer(influence, "修復を待っている")
    nothing = Decide(points=points, answers={kind: answer})
    desk = Desk().verified().do(SEARCHED)
    if kind == "quarantine" and influence:
        pointer = "/points/quarantine/influence"
        assert defects(desk, nothing) == {(pointer, "POINT_NOT_RESOLVED")}
        # What does not wait any more bears on nothing.
        desk.do(replace(nothing, points=()))
    else:
        desk.do(nothing)
    found = desk.case.decision
    assert isinstance(found, CaseDecided)
    assert (found.outcome, is_contradicted(found)) == ("not_exist", False)
    # A reply that tells records goes out, and what is repaired later is told in a supplement.
    step = replace(DISCLOSE, points=points, answers={kind: answer})
    told = Desk().verified().do(IDENTIFY, step).case.decision
    assert isinstance(told, CaseDecided)
    assert not is_contradicted(told)
    before = replace(told, outcome="not_exist")
    assert is_contradicted(before) is (kind == "quarantine" and influence)


def test_spellings_of_one_name_are_searched_for_once() -> None:
    form = {"name": "髙橋 花子", "name_kana": "たかはし はなこ", "address": "東京都"}
    former = ("高橋花子", "タカハシ　ハナコ", "・", "佐藤 花子")
    assert names_of(form, former) == ("髙橋 花子", "たかはし はなこ", "佐藤 花子")


@pytest.mark.parametrize(
    ("born", "arrived", "is_minor"),
    [
        (date(2008, 11, 25), date(2026, 11, 24), True),
        (date(2008, 11, 24), date(2026, 11, 24), False),
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (date(2008, 2, 29), date(2026, 3, 1), False),
    ],
)
def test_who_asks_in_their_own_name_is_a_minor_until_the_birthday(
    born: date, arrived: date, *, is_minor: bool
) -> None:
    asked = application(birth_date=born)
    case = Desk().verified(asked).do(IDENTIFY).case
    told = replace(case, application=replace(asked, arrived_on=arrived))
    assert (MINOR_IN_OWN_NAME in warnings(told)) is is_minor
    by_other = replace(asked, arrived_on=arrived, requester="legal_representative")
    assert MINOR_IN_OWN_NAME not in warnings(replace(case, application=by_other))


_DAYS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)


@given(st.lists(st.tuples(_DAYS, st.lists(_DAYS, max_size=3)), max_size=3))
def test_the_last_day_that_every_emitter_declared_is_the_last_without_a_gap(
    drawn: list[tuple[list[int], list[list[int]]]],
) -> None:
    shares: list[Share] = []
    for n, (own, cut) in enumerate(drawn):
        period = DayPeriod(day(own[0]), day(own[1]))
        gaps = [
            DayPeriod(max(day(a), period.first), min(day(b), period.last))
            for a, b in cut
            if day(a) <= period.last and day(b) >= period.first
        ]
        shares.append(Share(f"e{n}", f"基盤{n}", period, tuple(gaps)))
    statement = Statement(None, day(9), tuple(shares))
    owed = {one for share in shares for one in days_of(share.period)}
    missing = {one for share in shares for gap in share.gaps for one in days_of(gap)}
    assert statement.declared_through == max(owed - missing, default=None)


def test_the_letter_tells_up_to_which_day_all_have_declared() -> None:
    period = DayPeriod(day(0), day(30))
    late = Share("a", "甲", period, (DayPeriod(day(28), day(30)),))
    never = Share("b", "乙", period, (period,))
    [_, _, through, gaps] = letter_sentences(Statement(None, day(30), (late,)))
    assert through == (
        "2026年1月28日までの記録については、すべてのシステムから送信完了の申告を受けています。"
    )
    assert "2026年1月29日から2026年1月31日まで" in gaps
    [_, _, through, _] = letter_sentences(Statement(None, day(30), (late, never)))
    assert through == "すべてのシステムから送信完了の申告を受けた日はありません。"
