"""Who bears the name, and what may make an answer wrong: what a step and a decision need."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import CaseStatus, is_owed, open_steps, stops_of
from ledger.cases.clocks import all_clocks, next_due, running
from ledger.cases.events.case import CaseDecided, CaseRecordsIdentified, LeftOut
from ledger.cases.events.measures import CaseMeasure, CaseMeasuresDecided
from ledger.cases.identification import MINOR_IN_OWN_NAME, is_sought_by_name, warnings
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.namesakes import LeftOutReason, NamesSearched, names_of
from ledger.cases.points import (
    KINDS as POINT_KINDS,
)
from ledger.cases.points import (
    SUBJECTS_KEPT,
    CasePoint,
    PointAnswer,
    are_answered,
    is_contradicted,
)
from ledger.cases.steps import Decide, Deliver, IdentifyRecords, SendBack
from ledger.emitters.coverage import DayPeriod, Share, Statement
from ledger.format.event_parts import other_event_of, other_parts_of
from ledger.law.requests import (
    KINDS,
    WITHOUT_SEARCH,
)
from ledger.values import PrincipalRef
from tests.law.papers import ARRIVED, PUBLISHED_2022
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    CODE,
    DAY,
    DISCLOSE,
    IDENTIFY,
    LETTER,
    MEMBER,
    MY_NUMBER,
    PERSON,
    SUBMIT,
    Desk,
    application,
    dispatched,
)
from tests.ledger.given import malformed
from tests.ledger.test_emitter import day, days_of
from tests.matrix import every

NAME = "見本 花子"
STRANGER = PrincipalRef("member", "M-0009")
LEFT = LeftOut(STRANGER, NAME, "生年月日が異なる")
SAID = LeftOutReason(STRANGER, LEFT.because)
POINT = CasePoint("coverage", ("2026-11-23/2026-11-23",))
ANSWER = PointAnswer(influence=False, because="送信元に確認した")


NOBODY = IdentifyRecords(90, (), "該当なし", tried=(MEMBER, PrincipalRef("email", "a@example.jp")))


@every(
    "searched, expected",
    [
        (NamesSearched((NAME,), is_undecided=True), {("/left_out", "CANDIDATE_NOT_DECIDED")}),
        (NamesSearched((NAME,), more=True), {("/others_left_out", "CANDIDATES_NOT_NARROWED")}),
        (
            NamesSearched((NAME,), reasons=(LeftOutReason(STRANGER, MY_NUMBER),)),
            {("/left_out/0/because", "MY_NUMBER_SHOWN")},
        ),
        (
            NamesSearched((NAME,), reasons=(LeftOutReason(STRANGER, " "),)),
            {("/left_out/0/because", "SCHEMA")},
        ),
    ],
)
def test_whoever_the_names_find_is_decided_on(
    searched: NamesSearched, expected: set[tuple[str, str]]
) -> None:
    assert malformed(Desk().verified().do, replace(IDENTIFY, searched=searched)) == expected


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
    assert malformed(desk.do, Decide()) == {("", "NAMES_NOT_SEARCHED")}
    # One of before, too, that searched by a name without a letter, which finds nobody.
    dots = replace(old, names_searched=("・",))
    assert old != dots
    desk.state = replace(desk.case, search=dots)
    assert not is_sought_by_name(desk.case)
    assert malformed(desk.do, Decide()) == {("", "NAMES_NOT_SEARCHED")}
    found = Desk().verified().do(IDENTIFY, DISCLOSE).case.decision
    assert isinstance(found, CaseDecided), "what was found may be told"
    assert found.points is None
    assert "points" not in other_parts_of(found)[1]


@every("dots", ["・", "-", "．", "　", "ー", "（）", "\u3164", "\u200b・"])
def test_nobody_is_said_not_to_exist_by_a_name_that_finds_nobody(dots: str) -> None:
    assert names_of({"name": dots}, (dots,)) == ()
    searched = NamesSearched(names_of({"name": dots}))
    step = replace(NOBODY, searched=searched)
    assert malformed(Desk().verified().do, step) == {("/former_names", "NAMES_NOT_SEARCHED")}
    # What is found may be told, whatever the form says of the name.
    Desk().verified().do(replace(IDENTIFY, searched=searched), DISCLOSE)
    Desk().verified().do(replace(NOBODY, searched=NamesSearched(names_of({}, (dots, NAME)))))


@every(
    "answers, expected",
    [
        (dict[str, PointAnswer](), {("/points/coverage", "POINT_NOT_ANSWERED")}),
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
    assert malformed(Desk().verified().do(IDENTIFY).do, step) == expected


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


@every("kind", POINT_KINDS)
@every("influence", [False, True])
def test_nothing_is_said_not_to_exist_while_what_may_be_a_record_bears_on_the_answer(
    kind: str, *, influence: bool
) -> None:
    points, answer = (CasePoint(kind, ("1",)),), PointAnswer(influence, "修復を待っている")
    nothing = Decide(points=points, answers={kind: answer})
    desk = Desk().verified().do(SEARCHED)
    is_refused = influence and kind in ("quarantine", "reassessment", "bulk")
    if is_refused:
        pointer = f"/points/{kind}/influence"
        assert malformed(desk.do, nothing) == {(pointer, "POINT_NOT_RESOLVED")}
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
    facts, record = other_parts_of(told)
    assert other_event_of(told.TYPE, facts, record) == told
    before = replace(told, outcome="not_exist")
    assert is_contradicted(before) is is_refused


def test_spellings_of_one_name_are_searched_for_once() -> None:
    form = {"name": "髙橋 花子", "name_kana": "たかはし はなこ", "address": "東京都"}
    former = ("高橋花子", "タカハシ　ハナコ", "・", "佐藤 花子")
    assert names_of(form, former) == ("髙橋 花子", "たかはし はなこ", "佐藤 花子")


@every(
    "born, arrived, is_minor",
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


# -- requests to stop or to erase: who they are about, what is done, what is approved --------------

STOP, CEASE = "provision_stop", "utilization_cease"
STOPPED = CaseMeasure("provision_stopped", ARRIVED)
ERASED = CaseMeasure("erased", ARRIVED)
OTHER = CaseMeasure("other", ARRIVED, "広告の配信の対象から除外しました。")
WHY = "その余の提供は、法令に基づくものであるためです。"
TAKEN = DecideMeasures("taken", (STOPPED,))


def asked(kind: str = STOP, **changes: Any) -> Desk:  # noqa: ANN401 -- members of one dataclass
    """A request for measures of which the person is known."""
    return Desk().verified(application(kind=kind, **changes)).do(PERSON)


def approved(step: DecideMeasures = TAKEN, kind: str = STOP) -> Desk:
    return asked(kind).do(step, SUBMIT).do(APPROVE, by=APPROVER)


GOOD: dict[str, tuple[str, DecideMeasures, int]] = {
    "a stop": (STOP, TAKEN, 1),
    "a stop towards one party": (
        STOP,
        DecideMeasures(
            "taken_in_part", (replace(STOPPED, what="乙社へ", counterparty_party_id="p-7"),), WHY
        ),
        1,
    ),
    "an erasure": (CEASE, DecideMeasures("taken", (ERASED,)), 0),
    "a stop of use": (CEASE, DecideMeasures("taken", (CaseMeasure("use_stopped", ARRIVED),)), 0),
    "an erasure and a stop besides": (CEASE, DecideMeasures("taken", (ERASED, STOPPED)), 1),
    "a stop in place of an erasure": (CEASE, DecideMeasures("other_measure", (STOPPED,), WHY), 1),
    "words in place of a stop": (STOP, DecideMeasures("other_measure", (OTHER,), WHY), 0),
    "nothing": (STOP, DecideMeasures("not_taken", (), WHY), 0),
}


@every("name", GOOD)
def test_a_decision_is_approved_by_a_second_person_and_its_stops_stand_from_there(
    name: str,
) -> None:
    kind, step, stops = GOOD[name]
    desk = asked(kind).do(step, SUBMIT)
    assert (stops_of(desk.case), is_owed(desk.case)) == ((), False)
    desk.do(APPROVE, by=APPROVER)
    assert len(stops_of(desk.case)) == stops
    assert is_owed(desk.case) is bool(stops)
    desk.do(dispatched(desk.today), Deliver(desk.today))
    assert (desk.status, is_owed(desk.case)) == (CaseStatus.CLOSED, False)
    [reply] = desk.case.replies
    assert isinstance(reply.decision, CaseMeasuresDecided)
    assert reply.decision.outcome == step.outcome


def test_an_approval_that_is_taken_back_owes_no_stop() -> None:
    desk = approved().do(SendBack("宛名が違う"))
    assert (stops_of(desk.case), is_owed(desk.case)) == ((), False)


BROKEN: dict[str, tuple[DecideMeasures, set[tuple[str, str]]]] = {
    "no such outcome": (DecideMeasures("perhaps"), {("/outcome", "SCHEMA")}),
    "taken without a measure": (
        DecideMeasures("taken"),
        {("/measures", "OUTCOME_AND_MEASURES")},
    ),
    "taken, but another one": (
        DecideMeasures("taken", (ERASED,)),
        {("/measures", "OUTCOME_AND_MEASURES")},
    ),
    "not taken, but a measure": (
        DecideMeasures("not_taken", (STOPPED,), WHY),
        {("/measures", "OUTCOME_AND_MEASURES")},
    ),
    "another measure that is the one asked for": (
        DecideMeasures("other_measure", (STOPPED,), WHY),
        {("/measures", "OUTCOME_AND_MEASURES")},
    ),
    "in part without a reason": (
        DecideMeasures("taken_in_part", (STOPPED,)),
        {("/reason", "REASON_MISSING")},
    ),
    "not taken for a blank": (
        DecideMeasures("not_taken", (), " "),
        {("/reason", "REASON_MISSING")},
    ),
    "a measure twice": (
        DecideMeasures("taken", (STOPPED, STOPPED)),
        {("/measures/1/measure", "MEASURE_TWICE")},
    ),
    "another measure without a word": (
        DecideMeasures("other_measure", (replace(OTHER, what=" "),), WHY),
        {("/measures/0/what", "WHAT_MISSING")},
    ),
    "one party without its name": (
        DecideMeasures("taken", (replace(STOPPED, counterparty_party_id="p-7"),)),
        {("/measures/0/what", "WHAT_MISSING")},
    ),
    "an erasure towards a party": (
        DecideMeasures("taken", (STOPPED, replace(ERASED, what="x", counterparty_party_id="p-7"))),
        {("/measures/1/counterparty_party_id", "PARTY_NOT_OF_A_STOP")},
    ),
    "tomorrow": (
        DecideMeasures("taken", (replace(STOPPED, from_day=ARRIVED + DAY),)),
        {("/measures/0/from_day", "DATE_IN_FUTURE")},
    ),
    "before it was asked for": (
        DecideMeasures("taken", (replace(STOPPED, from_day=ARRIVED - DAY),)),
        {("/measures/0/from_day", "BEFORE_THE_REQUEST")},
    ),
    "an individual number": (
        DecideMeasures("taken_in_part", (replace(STOPPED, what=MY_NUMBER),), MY_NUMBER),
        {("/reason", "MY_NUMBER_SHOWN"), ("/measures/0/what", "MY_NUMBER_SHOWN")},
    ),
}


@every("name", BROKEN)
def test_a_decision_that_cannot_be_is_named(name: str) -> None:
    step, expected = BROKEN[name]
    assert malformed(asked().do, step) == expected


def test_nobody_who_is_not_found_is_stopped_for() -> None:
    tried = (MEMBER, PrincipalRef("phone", "090-0000-0000"))
    assert malformed(
        Desk().verified(application(kind=STOP)).do, IdentifyPerson((), "該当なし", tried[:1])
    ) == {("/tried", "TOO_FEW_TRIED")}
    desk = Desk().verified(application(kind=STOP)).do(IdentifyPerson((), "該当なし", tried))
    assert malformed(desk.do, TAKEN) == {("/measures/0/measure", "MEASURE_OF_NOBODY")}
    assert desk.do(DecideMeasures("not_taken", (), WHY)).status == CaseStatus.DECIDED


def test_what_is_approved_changes_with_every_part_of_the_measures() -> None:
    before = asked().do(TAKEN, SUBMIT).case
    decision = before.decision
    assert isinstance(decision, CaseMeasuresDecided)
    assert before.person is not None
    later = replace(STOPPED, from_day=ARRIVED + DAY)
    others = (
        replace(before, decision=replace(decision, outcome="taken_in_part")),
        replace(before, decision=replace(decision, reason=WHY)),
        replace(before, decision=replace(decision, measures=(later,))),
        replace(before, decision=replace(decision, measures=(replace(STOPPED, what="x"),))),
        replace(
            before,
            decision=replace(decision, measures=(replace(STOPPED, counterparty_party_id="p-7"),)),
        ),
        replace(before, person=replace(before.person, identifiers=())),
    )
    contents = [case.content_of(one, LETTER, CODE) for one in (before, *others)]
    assert len(set(contents)) == len(contents)


@every("kind", KINDS)
def test_each_kind_of_request_has_its_own_steps(kind: str) -> None:
    desk = Desk().verified(application(kind=kind))
    open_to = {case.step_name(one) for one in open_steps(desk.case, PUBLISHED_2022)}
    own = {
        "provision_records": {"identify_records"},
        "retained_data": {"close"},
        STOP: {"identify_person"},
        CEASE: {"identify_person"},
        **{one: {"decide_measures"} for one in WITHOUT_SEARCH},
    }
    again = {"check_documents", "resubmit"}
    always = {"withdraw", "record_death", "report_entry", "print_as"}
    assert open_to == own[kind] | again | always


def test_an_answer_is_due_without_delay_and_not_after_two_weeks() -> None:
    desk = Desk().receive(application(kind=STOP))
    known = all_clocks(desk.case, PUBLISHED_2022)
    # Ten business days after Tuesday 24 November 2026.
    assert known["without_delay"] == ARRIVED + timedelta(days=14)
    assert {"interim", "hard_stop"}.isdisjoint(known)
    assert set(running(desk.case, PUBLISHED_2022)) == {
        "without_delay",
        "acknowledge",
        "completeness",
    }
    # Art. 39(1) speaks of these requests, too: it is shown, and never falls due.
    assert known["suit_possible_from"] == ARRIVED + timedelta(days=15)
    desk = approved()
    assert set(running(desk.case, PUBLISHED_2022)) == {"without_delay", "dispatch"}
    desk.do(dispatched(desk.today))
    assert next_due(desk.case, PUBLISHED_2022) is None


@every("step, refused", [(TAKEN, False), (GOOD["nothing"][1], True)])
def test_who_is_refused_a_measure_may_sue_from_that_day(
    step: DecideMeasures, *, refused: bool
) -> None:
    desk = approved(step)
    desk.do(dispatched(desk.today))
    day = all_clocks(desk.case, PUBLISHED_2022)["suit_possible_from"]
    assert (day == desk.today) is refused


@every("member", [{"medium": "paper"}, {"first_day": ARRIVED}])
def test_a_request_for_measures_asks_for_no_records(member: dict[str, Any]) -> None:
    assert malformed(Desk().receive, application(kind=CEASE, **member)) == {
        (f"/{next(iter(member))}", "NOT_OF_THIS_KIND")
    }
