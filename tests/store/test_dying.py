"""What is due, what hangs on it, and until when the rest lives."""

from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import LookupRow
from ledger.retention.expiry_queries import (
    CaseHead,
    DueKey,
    LivingPart,
    MonthCount,
)
from tests.store.retained import DUE, LATER, Retained
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
