"""Each decision on a case has one review: what was excluded of the person's records, or nothing."""

from datetime import timedelta

import psycopg
import pytest

from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import IdentifyRecords
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.reviews import is_review
from ledger.format.events import ReviewSealed
from ledger.format.header import read_header
from tests.ledger.case_given import MEMBER
from tests.ledger.excluding import Case, exclude, lift
from tests.ledger.given import data
from tests.ledger.inside import Inside

DAY = timedelta(days=1)


def sizes(house: Inside) -> list[int | None]:
    stored = house.house.reads.facts_of_topics(["review-sealed"], 0)
    return [read_header(one.header).sealed_size for one in stored]


def test_a_decision_has_exactly_one_review_whatever_was_excluded(house: Inside) -> None:
    for n in range(3):
        house.record(f"t{n}", data("M-0001"))
    house.record("t9", data("P9"))
    plain = Case.begun(house).searched().decided()
    exclude(house, 2)
    exclude(house, 4)  # of somebody else
    other = Case.begun(house).searched().decided()
    for case in (plain, other):
        assert case.topics()[-2:] == ["case-decided", "review-sealed"]
        state = house.ledger.case(case.stream)
        assert state is not None
        assert state.version == len(case.topics()) == 6
    assert house.ledger.review(plain.stream) == ActiveExclusions()
    reviewed = house.ledger.review(other.stream)
    assert reviewed is not None
    assert [(one.first, one.last, one.ground) for one in reviewed.excluded] == [(2, 2, "i")]
    assert sizes(house) == [8_192 + 28] * 2


def test_a_case_shows_the_same_from_outside_with_and_without_an_exclusion(house: Inside) -> None:
    told: list[list[tuple[object, ...]]] = []
    # One record each time: the first one is the only one, the second one is what is left.
    for name in ("t1", "t2"):
        recorded = house.record(name, data("M-0001"))
        case = Case.begun(house).searched().decided()
        stored = house.house.reads.facts_of_streams([case.stream], None)
        headers = [read_header(one.header) for one in stored]
        told.append([(h.type, h.version, sorted(h.facts), h.sealed_size) for h in headers])
        exclude(house, recorded.position)
    assert told[0] == told[1]


def test_a_record_excluded_between_search_and_decision_is_not_decided_on(house: Inside) -> None:
    house.record("t1", data("M-0001"))
    house.record("t2", data("M-0001"))
    case = Case.begun(house).searched()
    found = case.found()
    exclude(house, 1)
    with pytest.raises(StaleApprovalError):
        case.decided(found)
    assert "review-sealed" not in case.topics()


def test_a_case_is_known_after_its_review_has_died(house: Inside) -> None:
    house.record("t1", data("M-0001"))
    case = Case.begun(house).searched().decided()
    before = house.ledger.case(case.stream)
    assert before is not None
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'exclusion'")
    house.now += timedelta(minutes=6)  # what the key ring remembers is older then
    assert house.ledger.case(case.stream) == before
    assert house.ledger.review(case.stream) is None
    told = house.ledger.case_told(case.stream)
    assert told is not None
    assert [is_review(one.event) for one in told[1]] == [False] * (before.version - 1)


def test_a_review_says_what_stood_then_and_a_newer_decision_has_its_own(house: Inside) -> None:
    for n in range(2):
        house.record(f"t{n}", data("M-0001"))
    exclude(house, 1)
    case = Case.begun(house).searched().decided()
    first = house.head()
    lift(house, 1)
    found = tuple(case.found())
    case.do(IdentifyRecords(house.head(), (MEMBER,), "会員番号", found)).decided()
    for upto, expected in ((first - 2, None), (first - 1, (1,)), (first, (1,)), (None, ())):
        reviewed = house.ledger.review(case.stream, upto)
        there = None if reviewed is None else tuple(one.first for one in reviewed.excluded)
        assert there == expected
    facts = house.house.streams.facts_of_topics(["review-sealed"], 0)
    assert all(isinstance(one.event, ReviewSealed) for one in facts)
