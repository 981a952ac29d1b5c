"""Exclusions on a ledger: at once for everybody, repeated each day, and never in anybody's way."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from api.container import Container
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import IdentifyRecords
from ledger.crypto.epoch import FixedMasters, demo_masters
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyActiveError, DoesNotStandError, MalformedError
from ledger.exclusions.current import ExclusionsLostError
from ledger.exclusions.exclusion import ActiveExclusions, Exclude, ExclusionsFullError
from ledger.exclusions.reviews import is_review
from ledger.exclusions.service import DailyExclusions, Exclusions
from ledger.format.events import ExclusionsSealed, ReviewSealed
from ledger.format.header import read_header
from ledger.lifetimes import exclusion_day
from ledger.store.keys import KeyRows
from tests.ledger.case_given import MEMBER
from tests.ledger.excluding import (
    CHIEF,
    SECOND,
    Case,
    ask_to_lift,
    exclude,
    lift,
    rows,
    second_house,
)
from tests.ledger.given import data
from tests.ledger.inside import Inside

JOB = "d" * 32
DAY = timedelta(days=1)


def standing(house: Inside) -> list[int]:
    found = house.house.streams.exclusions.active()
    return [p for one in found.excluded for p in range(one.first, one.last + 1)]


def repeat(house: Inside) -> DailyExclusions:
    return house.house.exclusions().repeat(house.now, JOB)


def daily(house: Container) -> list[ExclusionsSealed]:
    facts = house.streams.facts_of_topics(["exclusions-sealed"], 0)
    return [one.event for one in facts if isinstance(one.event, ExclusionsSealed)]


def sizes(house: Inside, topic: str) -> list[int | None]:
    stored = house.house.reads.facts_of_topics([topic], 0)
    return [read_header(one.header).sealed_size for one in stored]


def shown(house: Inside, *who: str, as_of: int | None = None) -> list[int]:
    return [one.position for one in house.page(*who, as_of=as_of).entries]


def test_what_is_excluded_is_gone_at_once_in_every_process_and_lifted_it_is_back(
    house: Inside,
) -> None:
    for n in range(4):
        house.record(f"t{n}", data("P1"))
    head = house.follow()
    with closing(second_house(house)) as other:

        def seen() -> list[int]:
            page = other.histories.page([replace(MEMBER, id="P1")], head, None, 10)
            return [one.position for one in page.entries]

        assert seen() == [1, 2, 3, 4]
        exclude(house, 2, 4)
        assert house.head() == head, "no event and no position tells of it"
        assert seen() == shown(house, "P1", as_of=head) == [1, 3]
        # At every position, also one before anybody thought of it.
        assert shown(house, "P1", as_of=2) == [1]
        other.exclusions().change(Exclude(random_uuid(), CHIEF, ((3, 3),), "ii", "捜査"), house.now)
        assert shown(house, "P1") == [1]
        lift(house, 2, 3, 4)
        assert seen() == [1, 2, 3, 4]


def test_one_event_a_day_repeats_all_of_it_in_one_stream_and_one_size(house: Inside) -> None:
    house.record("t1")
    house.record("t2")
    assert repeat(house).position == 3
    assert repeat(house).position is None
    exclude(house, 1)
    house.now += DAY
    assert repeat(house).position == 4
    lift(house, 1)
    exclude(house, 2, ground="iii")
    house.now += DAY
    repeat(house)
    house.now += DAY
    repeat(house)
    told = daily(house.house)
    assert [[one.first for one in event.excluded] for event in told] == [[], [1], [2], [2]]
    # What was lifted is told once, with who did it.
    assert [[one.first for one in event.lifted] for event in told] == [[], [], [1], []]
    assert told[2].lifted[0].act is not None
    assert told[2].lifted[0].act.actor == SECOND
    assert sizes(house, "exclusions-sealed") == [8_192 + 28] * 4
    stored = house.house.reads.facts_of_topics(["exclusions-sealed"], 0)
    assert len({one.stream for one in stored}) == 1
    assert [one.version for one in stored] == [1, 2, 3, 4]
    assert all(read_header(one.header).facts == {} for one in stored)


def test_a_day_begins_at_midnight_in_japan_with_another_draft_of_the_same_size(
    house: Inside,
) -> None:
    house.record("t1")
    house.now = house.now.replace(hour=14, minute=59)  # 23:59
    assert repeat(house).position == 2
    read = "SELECT token, octet_length(sealed), stream FROM ledger.exclusions"
    drafts = rows(house, read)
    house.now += timedelta(minutes=1)
    assert repeat(house).position == 3
    drafts += rows(house, read)
    exclude(house, 1)
    drafts += rows(house, read)
    assert len({token for token, _, _ in drafts}) == 3
    assert {size for _, size, _ in drafts} == {8_192 + 28}
    assert len({stream for _, _, stream in drafts}) == 1


def test_the_draft_outlives_drafts_rotations_and_processes(house: Inside) -> None:
    house.record("t1")
    exclude(house, 1)
    # The class of drafts dies after 30 days; nobody has repeated it for a year.
    house.now += 400 * DAY
    keys = KeyRows(house.house.purger, house.house.secret.row_mac)
    [(key_id,)] = rows(house, "SELECT key_id FROM ledger.exclusions")
    assert isinstance(key_id, bytes)
    [row] = keys.get([key_id])
    assert (row.key_class, row.day) == ("exclusion", exclusion_day(house.now - 400 * DAY))
    masters = FixedMasters({**demo_masters().masters, "2027-W01": bytes(range(32, 64))})
    with closing(second_house(house, masters=masters)) as other:
        assert keys.replace(row, other.keys.rewrapped(row, day=row.day))
        assert keys.get([key_id])[0].epoch == "2027-W01"
        assert other.streams.exclusions.active().covers(1)
        other.exclusions().repeat(house.now, JOB)
        assert [one.first for event in daily(other) for one in event.excluded] == [1]


def test_without_its_draft_the_newest_daily_event_stands(house: Inside) -> None:
    house.record("t1")
    exclude(house, 1)
    repeat(house)
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.exclusions")
    assert standing(house) == [1]
    house.now += DAY
    repeat(house)
    assert standing(house) == [1]
    stored = house.house.reads.facts_of_topics(["exclusions-sealed"], 0)
    assert [one.version for one in stored] == [1, 2]


def test_when_nobody_can_tell_what_is_excluded_nobody_is_shown_anything(house: Inside) -> None:
    house.record("t1")
    exclude(house, 1)
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'exclusion'")
    with closing(second_house(house)) as other, pytest.raises(ExclusionsLostError):
        other.histories.page([MEMBER], 1, None, 10)


def test_what_does_not_fit_is_refused_and_nothing_is_lost(house: Inside) -> None:
    for n in range(40):
        house.record(f"t{n}", data("P1"))
    reason = "危" * 98

    def fill() -> None:
        for position in range(1, 41):
            exclude(house, position, reason=f"{reason}{position}")

    with pytest.raises(ExclusionsFullError) as full:
        fill()
    done = len(standing(house))
    assert full.value.bytes_max == 8_192
    assert 10 < done < 40
    assert standing(house) == list(range(1, done + 1))
    assert repeat(house).is_half_full
    # Another process whose size was raised, and then it is raised for all of them.
    with closing(second_house(house, 16_384)) as other:
        command = Exclude(random_uuid(), CHIEF, ((done + 1, done + 1),), "i", reason)
        other.exclusions().change(command, house.now)
    house.now += DAY
    repeat(house)
    assert standing(house) == list(range(1, done + 2))
    assert sizes(house, "exclusions-sealed") == [8_192 + 28, 16_384 + 28]
    Case.begun(house).searched().decided()
    assert sizes(house, "review-sealed") == [16_384 + 28]


@pytest.mark.parametrize(("of_reason", "fit"), [(24, 34), (100, 16)])
def test_what_is_excluded_is_lifted_where_no_exclusion_fits_any_more(
    house: Inside, of_reason: int, fit: int
) -> None:
    """As many as `docs/how-to/exclude-records.md` says, for one person each."""
    for n in range(50):
        house.record(f"t{n}", data("P1"))

    def fill() -> None:
        for position in range(1, 51):
            exclude(house, position, of="P1", reason=f"{position:危>{of_reason}}")

    with pytest.raises(ExclusionsFullError):
        fill()
    assert len(standing(house)) == fit
    for who in (CHIEF, SECOND):
        ask_to_lift(house, 1, of="P1", reason="済" * 100, by=who)
    assert standing(house) == list(range(2, fit + 1))


def test_a_command_that_comes_again_changes_nothing_twice(house: Inside) -> None:
    house.record("t1")
    command = Exclude(random_uuid(), CHIEF, ((1, 1),), "i", "危害")
    chief = house.house.exclusions()
    assert chief.change(command, house.now) == chief.change(command, house.now)
    with pytest.raises(AlreadyActiveError):
        exclude(house, 1)
    lift(house, 1)
    with pytest.raises(DoesNotStandError):
        lift(house, 1)


def test_only_records_are_excluded_and_only_those_that_are_there(house: Inside) -> None:
    house.record("t1")
    repeat(house)  # at position 2: no record
    for span in ((2, 2), (1, 2), (1, 3), (7, 9)):
        command = Exclude(random_uuid(), CHIEF, (span,), "i", "危害")
        with pytest.raises(MalformedError) as refused:
            house.house.exclusions().change(command, house.now)
        assert [one.code for one in refused.value.defects] == ["NOT_A_RECORD"]
    with pytest.raises(MalformedError) as refused:
        house.house.exclusions().named([random_uuid()])
    assert [one.code for one in refused.value.defects] == ["TRANSFER_UNKNOWN"]


def test_chiefs_and_daily_jobs_at_the_same_time_take_nothing_from_each_other(
    house: Inside,
) -> None:
    for n in range(4):
        house.record(f"t{n}")

    def excluded(position: int) -> None:
        exclude(house, position, reason=f"危害 {position}")

    def repeated(job: Exclusions) -> DailyExclusions:
        return job.repeat(house.now, JOB)

    with closing(second_house(house)) as other, ThreadPoolExecutor(4) as pool:
        list(pool.map(excluded, range(1, 5)))
        jobs = [house.house.exclusions(), other.exclusions()] * 2
        found = list(pool.map(repeated, jobs))
    assert standing(house) == [1, 2, 3, 4]
    assert sorted(one.position or 0 for one in found) == [0, 0, 0, 5]
    assert house.head() == 5


# -- each decision on a case has one review: what was excluded of the person's records, ------------


def review_sizes(house: Inside) -> list[int | None]:
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
    assert review_sizes(house) == [8_192 + 28] * 2


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
    told = house.ledger.case_with_facts(case.stream)
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


def test_a_clock_that_was_ahead_once_stops_no_later_day(house: Inside) -> None:
    house.record("t1")
    house.now += 400 * DAY
    repeat(house)
    house.now -= 399 * DAY
    assert repeat(house).position == 3
