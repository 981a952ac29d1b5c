"""The case in which the request of a mistaken one goes on: somebody has to answer there."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import State
from ledger.cases.events.intake import Application
from ledger.cases.events.mistakes import CaseMistakeReported
from ledger.cases.mistake_steps import CAUSES, ConfirmMistake, ReportEnd
from ledger.cases.refusals import ReplacementError
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    RecordDeath,
    Reopen,
    Return,
    Verify,
    Withdraw,
)
from ledger.errors import MalformedError
from ledger.values import Json, PrincipalRef
from tests.law.papers import ARRIVED
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    CASE,
    DAY,
    DISCLOSE,
    ENTRY,
    FORM,
    GOOD,
    IDENTIFY,
    MEMBER,
    SUBMIT,
    Desk,
    application,
    defects,
    dispatched,
    refused,
)
from tests.matrix import every

SINGLE = tuple(one for one in CAUSES if one != "double")
WITHDRAW = Withdraw(ARRIVED, "書面")
STRANGER = PrincipalRef("member", "M-0002")
RETAINED = application(kind="retained_data")


def report(cause: str) -> CaseMistakeReported:
    return CaseMistakeReported("entry", "理由", cause, CASE)


def sent_refusal() -> Desk:
    desk = refused().do(SUBMIT).do(APPROVE, by=APPROVER)
    return desk.do(dispatched(desk.today))


def returned_refusal() -> Desk:
    desk = sent_refusal()
    return desk.do(Return(desk.today, "refused"))


def back_and_sent_again() -> Desk:
    desk = Desk().sent().do(Return(ARRIVED, "refused"), CheckDocuments(GOOD), Verify())
    desk.do(IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)
    return desk.do(dispatched(ARRIVED))


ANSWERS: Mapping[str, Callable[[], Desk]] = {
    "open": lambda: Desk().receive(),
    "waiting for the post": lambda: Desk().approved(),
    "in the post": lambda: Desk().sent(),
    "returned": lambda: Desk().sent().do(Return(ARRIVED, "refused")),
    "closed with a reply": lambda: Desk().sent().do(Close()),
    "refused and closed": lambda: sent_refusal().do(Close()),
    "in the post once more": back_and_sent_again,
    "closed with a reply that arrived after one that came back": lambda: back_and_sent_again().do(
        Deliver(ARRIVED)
    ),
    "reopened": lambda: Desk().sent().do(Reopen("訂正")),
    "resumed": lambda: (
        Desk().receive().do(WITHDRAW, ReportEnd("別件")).do(ConfirmMistake(), by=APPROVER)
    ),
}
NOBODY_ANSWERS: Mapping[str, Callable[[], Desk]] = {
    "withdrawn": lambda: Desk().receive().do(WITHDRAW),
    "an end that is only said to be one": lambda: Desk().receive().do(WITHDRAW, ReportEnd("別件")),
    "ended by death": lambda: Desk().receive().do(RecordDeath(ARRIVED, "電話")),
    "withdrawn after a reply": lambda: Desk().sent().do(Reopen("訂正"), WITHDRAW),
    "dead after a reply": lambda: Desk().sent().do(RecordDeath(ARRIVED, "電話")),
    "closed with a reply that came back": lambda: (
        Desk().sent().do(Return(ARRIVED, "refused"), Close())
    ),
    "closed with a refusal that came back": lambda: returned_refusal().do(Close()),
    "closed without a reply": lambda: Desk().verified(RETAINED).do(Close("別の窓口で回答")),
}


def unfit(event: CaseMistakeReported, mistaken: State, other: State | None) -> list[Json]:
    """What is wrong with it at the confirmation; at the report it is refused as well."""
    with pytest.raises(MalformedError) as refusal:
        case.check_replacement(event, mistaken, other)
    with pytest.raises(ReplacementError) as late:
        case.check_replaced(event, mistaken, other)
    codes = {"unknown": "CASE_UNKNOWN", "in_error": "REPLACEMENT_IN_ERROR"}
    reasons = [str(one) for one in late.value.reasons]
    assert defects(refusal) == {
        ("/replaced_by", codes.get(one, "REPLACEMENT_UNFIT")) for one in reasons
    }
    assert len({one.detail for one in refusal.value.defects}) == len(reasons)
    return late.value.reasons


@every("cause", CAUSES)
@every("other", ANSWERS)
def test_a_request_goes_on_where_somebody_answers_or_has_answered(other: str, cause: str) -> None:
    mistaken, found = Desk().receive().case, ANSWERS[other]().case
    case.check_replacement(report(cause), mistaken, found)
    case.check_replaced(report(cause), mistaken, found)
    assert case.agreement(mistaken, found).answered


@every("cause", CAUSES)
@every("other", NOBODY_ANSWERS)
def test_a_request_does_not_go_on_where_nobody_answers(other: str, cause: str) -> None:
    ended = NOBODY_ANSWERS[other]().case
    mistaken = Desk().receive(ended.application).case
    assert unfit(report(cause), mistaken, ended) == ["ended"]
    assert not case.agreement(mistaken, ended).answered


@every("cause", CAUSES)
def test_a_request_does_not_go_on_in_a_mistake_or_in_nothing(cause: str) -> None:
    mistaken = Desk().receive().case
    said = Desk().receive().do(ENTRY)
    assert unfit(report(cause), mistaken, said.case) == ["in_error"]
    said.do(ConfirmMistake(), by=APPROVER)
    assert unfit(report(cause), mistaken, said.case) == ["in_error"]
    assert unfit(report(cause), mistaken, None) == ["unknown"]


OTHERS: Mapping[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another kind": ({}, {"kind": "provision_stop"}, "kind"),
    "another person": (
        {},
        {"form": {**FORM, "name": "見本 太郎"}, "identifiers": (STRANGER,)},
        "person",
    ),
    "nothing in common": ({"form": {}}, {"identifiers": ()}, "person"),
    "no name and no identifier": (
        {"form": {}, "identifiers": ()},
        {"form": {}, "identifiers": ()},
        "person",
    ),
    "another birth date": (
        {"birth_date": ARRIVED - 9000 * DAY},
        {"birth_date": ARRIVED - 9001 * DAY},
        "birth_date",
    ),
}


@every("what", OTHERS)
def test_a_double_is_one_request_of_one_person_and_a_corrected_taking_in_may_be_another(
    what: str,
) -> None:
    ours, theirs, reason = OTHERS[what]
    mistaken = Desk().receive(application(**ours)).case
    other = Desk().receive(application(**theirs)).case
    assert unfit(report("double"), mistaken, other) == [reason]
    for cause in SINGLE:
        case.check_replacement(report(cause), mistaken, other)
        case.check_replaced(report(cause), mistaken, other)


SAME: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same name, spelled otherwise": (
        {"identifiers": ()},
        {"form": {**FORM, "name": "見本　花子"}, "identifiers": (STRANGER,)},
    ),
    "the same name, with a character written out": (
        {"form": {**FORM, "name": "佐々木 花子"}, "identifiers": ()},
        {"form": {**FORM, "name": "佐佐木\u200b花子"}, "identifiers": (STRANGER,)},
    ),
    "the same identifier": ({}, {"form": {**FORM, "name": "旧姓 花子"}}),
    "the same identifier among others": ({}, {"form": {}, "identifiers": (STRANGER, MEMBER)}),
    "a birth date that the other form lacks": ({}, {"birth_date": ARRIVED - 9000 * DAY}),
}


@every("what", SAME)
def test_two_forms_of_one_person_agree_by_the_name_or_an_identifier(what: str) -> None:
    mistaken, other = (Desk().receive(application(**one)).case for one in SAME[what])
    case.check_replacement(report("double"), mistaken, other)
    case.check_replaced(report("double"), mistaken, other)
    back = case.agreement(other, mistaken)
    assert (back.name or back.identifiers, back.birth_date) == (True, True)


def test_a_name_without_a_letter_is_no_name() -> None:
    blank = application(form={**FORM, "name": "\u200b・"}, identifiers=())
    one, other = Desk().receive(blank).case, Desk().receive(blank).case
    assert unfit(report("double"), one, other) == ["person"]


def test_two_spellings_of_one_identifier_are_one() -> None:
    ours = PrincipalRef("email", "Hanako@example.jp"), PrincipalRef("member", "M-0003")
    theirs = (PrincipalRef("email", "hanako@example.jp "),)
    mistaken = Desk().receive(application(form={}, identifiers=ours)).case
    other = Desk().receive(application(form={}, identifiers=theirs)).case
    found = case.agreement(mistaken, other)
    assert (found.name, found.identifiers, found.every_identifier) == (False, True, False)
    assert case.agreement(other, mistaken).every_identifier


# -- a double asks for no more than the case that goes on; what else differs is seen ---------------

FIRST, LAST = ARRIVED - 400 * DAY, ARRIVED - 30 * DAY
YEAR = {"first_day": FIRST, "last_day": LAST}


_ENDS = st.none() | st.integers(1, 5)


@st.composite
def asked(draw: st.DrawFn) -> Application:
    provided = draw(st.booleans())
    first, last = draw(_ENDS), draw(_ENDS)
    if first is not None and last is not None:
        first, last = min(first, last), max(first, last)
    return application(
        provided=provided,
        received=not provided or draw(st.booleans()),
        first_day=first and date(2026, 1, first),
        last_day=last and date(2026, 1, last),
    )


def days_asked(one: Application) -> set[tuple[str, int]]:
    """Side and day, one by one; 0 and 6 stand for all that is earlier and later."""
    first = one.first_day.day if one.first_day else 0
    last = one.last_day.day if one.last_day else 6
    sides = [("provided", one.provided), ("received", one.received)]
    return {(side, day) for side, wanted in sides if wanted for day in range(first, last + 1)}


@given(asked(), asked())
def test_a_double_is_closed_exactly_where_no_day_of_any_side_is_lost(
    ours: Application, theirs: Application
) -> None:
    mistaken, other = Desk().receive(ours).case, Desk().receive(theirs).case
    if days_asked(ours) <= days_asked(theirs):
        case.check_replaced(report("double"), mistaken, other)
    else:
        assert set(unfit(report("double"), mistaken, other)) <= {"sides", "period"}


PHONE, EMAIL = PrincipalRef("phone", "090-0000-0001"), PrincipalRef("email", "hanako@example.jp")
IDENTIFIERS = (MEMBER, PHONE, EMAIL)


@given(st.sets(st.sampled_from(IDENTIFIERS)), st.sets(st.sampled_from(IDENTIFIERS)))
def test_a_double_goes_on_exactly_where_every_identifier_of_it_is_named(
    ours: set[PrincipalRef], theirs: set[PrincipalRef]
) -> None:
    mistaken = Desk().receive(application(identifiers=tuple(ours))).case
    other = Desk().receive(application(identifiers=tuple(theirs))).case
    assert case.agreement(mistaken, other).every_identifier == all(one in theirs for one in ours)
    if ours <= theirs:
        case.check_replacement(report("double"), mistaken, other)
        case.check_replaced(report("double"), mistaken, other)
    else:
        assert unfit(report("double"), mistaken, other) == ["identifiers"]
    for cause in SINGLE:
        case.check_replacement(report(cause), mistaken, other)


GUARDIAN = {"requester": "legal_representative", "representation": "guardian_of_adult"}
BESIDE: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "medium": ({"medium": "paper"}, {"medium": "electronic"}),
    "requester": ({}, GUARDIAN),
    "reply_address": ({}, {"reply_address": "billing"}),
    "arrived_on": ({}, {"arrived_on": ARRIVED - DAY}),
}


@every("what", BESIDE)
def test_what_may_differ_between_two_doubles_is_seen_by_whoever_confirms(what: str) -> None:
    ours, theirs = BESIDE[what]
    mistaken = Desk().receive(application(**ours)).case
    other = Desk().receive(application(**theirs)).case
    case.check_replacement(report("double"), mistaken, other)
    for one, two in ((mistaken, other), (other, mistaken)):
        assert [name for name, same in asdict(case.agreement(one, two)).items() if not same] == [
            what
        ]
    assert all(asdict(case.agreement(mistaken, mistaken)).values())


def test_a_request_for_measures_asks_for_no_records() -> None:
    records = Desk().receive(application(received=False, **YEAR)).case
    measures = Desk().receive(application(kind="provision_stop")).case
    there, back = case.agreement(measures, records), case.agreement(records, measures)
    assert (there.sides, there.period, back.sides) == (True, True, False)
