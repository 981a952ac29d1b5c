"""What is due, what hangs on it, and until when the rest lives."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import KeyRow, LookupRow
from ledger.retention.expiry_queries import (
    CaseHead,
    DueKey,
    LivingPart,
    MonthCount,
    RecordEnd,
    SeriesFacts,
)
from tests.store.retained import AT, DUE, LATER, Retained
from tests.store.samples import bare, one, only


def quarantine(kept: Retained, key: bytes, count: int) -> None:
    with psycopg.connect(kept.database.urls.writer) as writer:
        writer.cursor().executemany(
            "INSERT INTO ledger.quarantine (id, content_key, received_at, key_id, sealed, codes)"
            " VALUES (%s, %s, now(), %s, %s, ARRAY['SCHEMA'])",
            [(random_uuid(), random_uuid().bytes, key, bytes(40)) for _ in range(count)],
        )


def base(dependant: UUID, stream: UUID, key: bytes) -> LookupRow:
    return LookupRow("base", stream.bytes, dependant, key)


def test_what_is_due_is_told_by_day_with_all_that_dies_with_it(kept: Retained) -> None:
    due, tomorrow = kept.key(), kept.key(LATER)
    earlier = kept.key(DUE - timedelta(days=400), "quarantine")
    owner = random_uuid()
    series, open_series = kept.key(DUE, "series", owner), kept.key(None, "series", random_uuid())
    streams = [kept.record(due) for _ in range(3)]
    kept.record(tomorrow)
    kept.record(series, lookups=[LookupRow("series", bytes(16), owner, series)])
    kept.record(open_series)
    quarantine(kept, earlier, 2)
    assert kept.dying.due(DUE) == [
        DueKey(earlier, "quarantine", DUE - timedelta(days=400), None, 2, 0),
        DueKey(due, "record", DUE, None, len(streams), 0),
        DueKey(series, "series", DUE, owner, 1, 1),
    ]
    assert [key.key_id for key in kept.dying.due(LATER)][-1] == tomorrow
    assert kept.dying.due(DUE - timedelta(days=401)) == []


def test_attached_documents_are_no_events(kept: Retained) -> None:
    key = kept.key(DUE, "case", random_uuid())
    event = kept.event(random_uuid(), 1, key, "provision-recorded")
    documents = (bytes(40), bytes(40))
    with_documents = type(event)(
        event.stream, 1, event.type, event.command, event.header, key, 0, event.sealed, documents
    )
    kept.append(with_documents)
    assert [found.events for found in kept.dying.due(DUE)] == [1]


def test_months_count_what_dies_in_them_class_by_class(kept: Retained) -> None:
    first, last = kept.key(date(2029, 11, 1)), kept.key(date(2029, 11, 30))
    december, no_duty = kept.key(date(2029, 12, 1)), kept.key(date(2029, 11, 30), "no-duty")
    undated = kept.key(None, "directive", random_uuid())
    # A key that seals nothing yet is not counted: that it was made is no news for anybody.
    kept.key(date(2029, 11, 30), "exclusion")
    for key, count in ((first, 2), (last, 3), (december, 1), (undated, 4), (no_duty, 1)):
        for _ in range(count):
            kept.record(key)
    november = [
        MonthCount("no-duty", date(2029, 11, 1), 1, 1),
        MonthCount("record", date(2029, 11, 1), 2, 5),
    ]
    assert kept.dying.counts_by_month() == [
        *november,
        MonthCount("record", date(2029, 12, 1), 1, 1),
        MonthCount("directive", None, 1, 4),
    ]
    assert kept.dying.counts_by_month(date(2029, 11, 30)) == november
    assert no_duty in kept.rows


def test_keys_without_a_day_and_rows_by_id(kept: Retained) -> None:
    dated, undated = kept.key(DUE, "link", random_uuid()), kept.key(None, "link", random_uuid())
    record = kept.key()
    assert kept.dying.undated() == [kept.rows[undated]]
    found: list[KeyRow] = kept.dying.rows([record, undated, dated, bytes(32)])
    assert found == [kept.rows[dated], kept.rows[record], kept.rows[undated]]
    assert kept.dying.rows([]) == []


@pytest.mark.parametrize(
    ("day", "topic", "outlives"),
    [
        (LATER, "transfer-corrected", True),
        (LATER, "record-carried-forward", False),
        (DUE - timedelta(days=1), "transfer-corrected", False),
    ],
)
def test_a_stream_outlives_its_key_by_another_event_that_is_no_copy(
    kept: Retained, day: date, topic: str, *, outlives: bool
) -> None:
    due, other = kept.key(), kept.key(day)
    stream = random_uuid()
    kept.record(due)
    kept.append(kept.event(stream, 1, due), kept.event(stream, 2, other, topic))
    assert kept.dying.outliving([due]) == ({stream} if outlives else set())
    # What dies too outlives nothing, and a key nobody asks for is nobody's business.
    assert kept.dying.outliving([due, other]) == set()
    assert kept.dying.outliving([]) == set()


def test_a_stream_with_an_open_end_outlives_every_day(kept: Retained) -> None:
    due = kept.key()
    stream = random_uuid()
    series = kept.key(None, "series", stream)
    kept.append(kept.event(stream, 1, due), kept.event(stream, 2, series, "transfer-corrected"))
    assert kept.dying.outliving([due]) == {stream}


def test_an_event_whose_key_died_keeps_nothing_alive(kept: Retained) -> None:
    due, dead = kept.key(LATER), kept.key(DUE)
    stream = random_uuid()
    kept.append(kept.event(stream, 1, due), kept.event(stream, 2, dead, "transfer-corrected"))
    kept.index()
    kept.expire(dead)
    assert kept.dying.outliving([due]) == set()


def test_who_names_a_dying_transfer_as_its_base_is_told(kept: Retained) -> None:
    due, later = kept.key(), kept.key(LATER)
    named, alone = kept.record(due), kept.record(due)
    dependants = [random_uuid(), random_uuid()]
    for dependant in dependants:
        kept.append(
            kept.event(dependant, 1, later),
            lookups=[base(dependant, named, later), base(dependant, random_uuid(), later)],
        )
    # The same row once more, under the key of a copy: still one pair.
    copy = kept.event(dependants[0], 2, due, "record-carried-forward")
    kept.append(copy, lookups=[base(dependants[0], named, due)])
    pairs = kept.dying.depended_on([due])
    assert sorted(pairs) == sorted((named, dependant) for dependant in dependants)
    assert alone not in {stream for stream, _ in pairs}
    assert kept.dying.depended_on([later]) == []


def test_streams_under_keys_are_found_among_some(kept: Retained) -> None:
    due, later = kept.key(), kept.key(LATER)
    first, second, third = kept.record(due), kept.record(due), kept.record(later)
    under = kept.dying.sealed_under
    assert under([due], [first, second, third]) == {(first, due), (second, due)}
    assert under([due, later], [second, third]) == {(second, due), (third, later)}
    assert under([due], []) == under([], [first]) == set()


def test_the_newest_event_of_each_case_that_lives_is_told(kept: Retained) -> None:
    one, dead, empty, stream = (random_uuid() for _ in range(4))
    key, closed = kept.key(None, "case", one), kept.key(DUE, "case", dead)
    kept.key(None, "case", empty)
    kept.record(kept.key())
    kept.append(
        kept.event(one, 1, key, "case-received"),
        kept.event(dead, 1, closed, "case-received"),
        kept.event(one, 2, key, "case-verified"),
        kept.event(stream, 1, kept.key(None, "held", stream), "record-carried-forward"),
    )
    assert sorted(head.stream for head in kept.dying.cases()) == sorted([one, dead])
    kept.index()
    kept.expire(closed)
    assert kept.dying.cases() == [CaseHead(one, 2, "case-verified")]


def test_a_stream_lives_by_every_event_that_can_be_opened(kept: Retained) -> None:
    due, later = kept.key(), kept.key(LATER)
    stream, dead, owner = random_uuid(), random_uuid(), random_uuid()
    series = kept.key(None, "series", owner)
    kept.append(
        kept.event(stream, 1, due),
        kept.event(dead, 1, due),
        kept.event(stream, 2, later, "transfer-corrected"),
        kept.event(stream, 3, series, "transfer-corrected"),
    )
    only(kept.appender, one(bare(stream, 4, random_uuid())))
    first = LivingPart(1, 1, "provision-recorded", due, "record", DUE, None)
    rest = [
        LivingPart(3, 2, "transfer-corrected", later, "record", LATER, None),
        LivingPart(4, 3, "transfer-corrected", series, "series", None, owner),
    ]
    assert kept.dying.lives([stream]) == {stream: [first, *rest]}
    kept.index()
    kept.expire(due)
    assert kept.dying.lives([stream, dead, random_uuid()]) == {stream: rest}


def test_the_newest_event_tells_when_it_was(kept: Retained) -> None:
    assert kept.dying.newest_event_at() is None
    key, stream = kept.key(), random_uuid()
    late = datetime(2027, 1, 1, 0, 0, 0, 120_000, tzinfo=UTC)
    kept.append(
        kept.event(stream, 1, key),
        kept.event(stream, 2, key, "transfer-corrected", late),
        kept.event(random_uuid(), 1, key),
    )
    assert kept.dying.newest_event_at() == AT
    assert kept.dying.newest_at([stream, random_uuid()]) == {stream: late}


def test_the_headers_under_a_series_key_tell_its_ends(kept: Retained) -> None:
    owner = random_uuid()
    key = kept.key(None, "series", owner)
    assert kept.dying.series_facts(key) == SeriesFacts(frozenset(), None, 0)
    told = date(2026, 11, 24)
    late = datetime(2026, 12, 24, tzinfo=UTC)
    with_end = {"recorded_on": "2026-11-24", "retain_through": "2029-11-24", "duty": "art29"}
    kept.append(
        kept.event(owner, 1, key, "series-opened", facts={"first_day": "2026-11-24"}),
        kept.event(random_uuid(), 1, key, facts=with_end),
        kept.event(random_uuid(), 1, key, at=late, facts=with_end),
        kept.event(random_uuid(), 1, key, facts={"recorded_on": "2026-11-24", "duty": "none"}),
    )
    with_duty = RecordEnd(date(2029, 11, 24), told, "art29")
    ends = frozenset({with_duty, RecordEnd(None, told, "none")})
    assert kept.dying.series_facts(key) == SeriesFacts(ends, late, 4)


def test_a_register_key_tells_what_stands_under_it(kept: Retained) -> None:
    year, next_year = kept.key(DUE, "register"), kept.key(LATER, "register")
    hold, notice = random_uuid(), random_uuid()
    kept.append(
        kept.event(hold, 1, year, "hold-placed"),
        kept.event(notice, 1, year, "notice-published"),
        kept.event(notice, 2, year, "notice-published"),
        kept.event(hold, 2, next_year, "hold-released"),
    )
    found = kept.dying.standing_register([year])
    assert sorted(found) == sorted(
        [(year, "hold-placed", hold), (year, "notice-published", notice)]
    )
