"""A double asks for no more than the case that goes on; what else differs is seen."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.events.intake import Application
from ledger.law.requests import FOR_MEASURES
from ledger.values import Json, PrincipalRef
from tests.law.papers import ARRIVED
from tests.ledger.case_given import DAY, MEMBER, Desk, application
from tests.ledger.test_case_replaced import SINGLE, report, unfit

FIRST, LAST = ARRIVED - 400 * DAY, ARRIVED - 30 * DAY
YEAR = {"first_day": FIRST, "last_day": LAST}
LESS: Mapping[str, tuple[dict[str, Any], dict[str, Any], list[Json]]] = {
    "one side of two": ({}, {"received": False}, ["sides"]),
    "the other side": ({"provided": False}, {"received": False}, ["sides"]),
    "no day before the first": ({}, {"first_day": FIRST}, ["period"]),
    "no day after the last": ({}, {"last_day": LAST}, ["period"]),
    "it begins later": (YEAR, {**YEAR, "first_day": FIRST + DAY}, ["period"]),
    "it ends earlier": (YEAR, {**YEAR, "last_day": LAST - DAY}, ["period"]),
    "both": (YEAR, {"provided": False, "first_day": LAST}, ["sides", "period"]),
}
MORE: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "both sides": ({"received": False}, {}),
    "the same side": ({"provided": False}, {"provided": False}),
    "all days": (YEAR, {}),
    "the same days": (YEAR, YEAR),
    "more days": (YEAR, {"first_day": FIRST - DAY, "last_day": LAST + DAY}),
    "all days from the first": (YEAR, {"first_day": FIRST}),
    "all days up to the last": ({"last_day": LAST}, {"last_day": LAST}),
}


@pytest.mark.parametrize("kind", ["provision_records", "retained_data"])
@pytest.mark.parametrize("what", LESS)
def test_nobody_gets_less_than_they_asked_for_because_a_request_is_said_to_be_a_double(
    what: str, kind: str
) -> None:
    ours, theirs, reasons = LESS[what]
    mistaken = Desk().receive(application(kind=kind, **ours)).case
    other = Desk().receive(application(kind=kind, **theirs)).case
    assert unfit(report("double"), mistaken, other) == reasons
    found = case.agreement(mistaken, other)
    assert (found.sides, found.period) == ("sides" not in reasons, "period" not in reasons)
    # What was taken in wrongly is mended by a case that may ask for something else.
    for cause in SINGLE:
        case.check_replacement(report(cause), mistaken, other)
        case.check_replaced(report(cause), mistaken, other)


@pytest.mark.parametrize("what", MORE)
def test_a_double_goes_on_where_as_much_or_more_is_asked_for(what: str) -> None:
    ours, theirs = MORE[what]
    mistaken = Desk().receive(application(**ours)).case
    other = Desk().receive(application(**theirs)).case
    case.check_replacement(report("double"), mistaken, other)
    case.check_replaced(report("double"), mistaken, other)


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


@pytest.mark.parametrize("kind", [*sorted(FOR_MEASURES), "retained_data"])
def test_a_double_of_any_kind_names_no_identifier_that_the_case_that_goes_on_lacks(
    kind: str,
) -> None:
    mistaken = Desk().receive(application(kind=kind, identifiers=(MEMBER, PHONE))).case
    other = Desk().receive(application(kind=kind)).case
    assert unfit(report("double"), mistaken, other) == ["identifiers"]
    case.check_replacement(report("double"), other, mistaken)


GUARDIAN = {"requester": "legal_representative", "representation": "guardian_of_adult"}
BESIDE: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "medium": ({"medium": "paper"}, {"medium": "electronic"}),
    "requester": ({}, GUARDIAN),
    "reply_address": ({}, {"reply_address": "billing"}),
    "arrived_on": ({}, {"arrived_on": ARRIVED - DAY}),
}


@pytest.mark.parametrize("what", BESIDE)
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


def test_another_representative_is_another_requester() -> None:
    parent = {**GUARDIAN, "representation": "parent_of_minor"}
    one, two = (Desk().receive(application(**who)).case for who in (GUARDIAN, parent))
    assert not case.agreement(one, two).requester
