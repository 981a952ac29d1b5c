"""Requests to stop or to erase: who they are about, what is done, what is approved."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ledger.cases import case
from ledger.cases.case import CaseStatus, is_owed, open_steps, stops_of
from ledger.cases.clocks import all_clocks, next_due, running
from ledger.cases.events.measures import CaseMeasuresDecided, MeasureTaken
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.steps import Deliver, SendBack
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
from tests.matrix import every

STOP, CEASE = "provision_stop", "utilization_cease"
STOPPED = MeasureTaken("provision_stopped", ARRIVED)
ERASED = MeasureTaken("erased", ARRIVED)
OTHER = MeasureTaken("other", ARRIVED, "広告の配信の対象から除外しました。")
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
    "a stop of use": (CEASE, DecideMeasures("taken", (MeasureTaken("use_stopped", ARRIVED),)), 0),
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
    "a measure that is none": (
        DecideMeasures("taken", (STOPPED, MeasureTaken("prayer", ARRIVED))),
        {("/measures/1/measure", "MEASURE_UNKNOWN")},
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
