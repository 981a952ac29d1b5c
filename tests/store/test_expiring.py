"""The expiry: what is due, all of it or nothing, exactly what was named, undisturbed."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import ExpiryDisturbedError, ProjectionBehindError
from ledger.format.envelope import LookupRow, SealedEvent
from ledger.format.header import read_header
from ledger.retention.expiry_queries import (
    CaseHead,
    DueKey,
    LivePart,
    MonthCount,
)
from ledger.retention.expiry_write import DestroyedKeys, ExpiryBatch, ExpiryWriter
from ledger.store.advisory_lock import LeaseLostError
from projections.expired_rows import forget
from tests.database import Database
from tests.store.retained import DUE, LATER, WHEN, Retained
from tests.store.samples import MACS, bare, end_lock, one, only


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
    first = LivePart(1, 1, "provision-recorded", due, "record", DUE, None)
    rest = [
        LivePart(3, 2, "transfer-corrected", later, "record", LATER, None),
        LivePart(4, 3, "transfer-corrected", series, "series", None, owner),
    ]
    assert kept.dying.lives([stream]) == {stream: [first, *rest]}
    kept.index()
    kept.expire(due)
    assert kept.dying.lives([stream, dead, random_uuid()]) == {stream: rest}


PERSON: Final = UUID(int=7)


def test_what_the_keys_seal_is_gone_and_everything_else_stays(kept: Retained) -> None:
    due, second, later = kept.key(), kept.key(DUE - timedelta(days=1)), kept.key(LATER)
    rejected = kept.key(DUE, "quarantine")
    dead = [kept.record(due), kept.record(second)]
    alive = kept.record(later)
    kept.append(
        kept.event(alive, 2, due, "transfer-corrected"),
        lookups=[base(alive, dead[0], due), base(alive, dead[0], later)],
    )
    quarantine(kept, rejected, 2)
    kept.index([(PERSON, position) for position in (1, 2, 3, 4)])
    expired = kept.expire(due, second, rejected)
    assert expired == DestroyedKeys(5, 5, 1, 3, tuple(sorted((due, second, rejected))))
    left = kept.left(due, second, rejected)
    assert left == dict.fromkeys(left, 0) | {"entries": 1, "expiries": 1}
    assert kept.left(later) | {"entries": 0, "expiries": 0} == {
        "keys": 1,
        "parts": 1,
        "lookups": 1,
        "quarantine": 0,
        "entries": 0,
        "expiries": 0,
    }
    facts = kept.reads.facts_after(0, 10)
    assert [fact.position for fact in facts if fact.sealed is not None] == [3]
    assert [fact.position for fact in facts] == [1, 2, 3, 4, 5]


def test_the_event_says_what_was_deleted(kept: Retained) -> None:
    due = kept.key()
    kept.record(due, lookups=[LookupRow("link", bytes([n] * 16), PERSON, due) for n in (1, 2, 3)])
    kept.index()
    expired = kept.expire(due)
    [fact] = kept.reads.facts_of_topics(["records-expired"], 0)
    header = read_header(fact.header)
    assert (fact.position, fact.stream, fact.version) == (expired.position, kept.plan, 1)
    assert header.keys == (due,)
    assert header.facts["counts"] == {"cases": 0, "events": 1, "holds": 0, "keys": 1, "lookups": 3}


@pytest.mark.parametrize("day", [LATER, None])
def test_a_key_whose_day_has_not_come_does_not_die(kept: Retained, day: date | None) -> None:
    due, other = kept.key(), kept.key(day, "series", random_uuid())
    kept.record(other)
    kept.index()
    with pytest.raises(ExpiryDisturbedError):
        kept.expire(due, other)
    assert kept.left(due, other)["keys"] == 2
    assert kept.left(due, other)["parts"] == 1


def test_a_plan_that_moved_on_disturbs(kept: Retained) -> None:
    due, second = kept.key(), kept.key(DUE - timedelta(days=1))
    kept.record(due)
    kept.index()
    kept.expire(second)
    with pytest.raises(ExpiryDisturbedError):
        kept.expiring.expire([ExpiryBatch([due], kept.sealer(due, version=1))], 2)
    assert kept.left(due)["parts"] == 1


def test_the_index_must_have_seen_what_dies(kept: Retained) -> None:
    due = kept.key()
    kept.record(due)
    with pytest.raises(ProjectionBehindError):
        kept.expire(due)
    assert kept.left(due)["parts"] == 1


# -- what happens meanwhile -----------------------------------------------------------------------


def corrected(kept: Retained, stream: UUID, _due: bytes, later: bytes) -> None:
    kept.append(kept.event(stream, 2, later, "transfer-corrected"))


def joined(kept: Retained, _stream: UUID, due: bytes, _later: bytes) -> None:
    kept.record(due)


def named_as_base(kept: Retained, stream: UUID, _due: bytes, later: bytes) -> None:
    dependant = random_uuid()
    kept.append(kept.event(dependant, 1, later), lookups=[base(dependant, stream, later)])


def held(kept: Retained, _stream: UUID, _due: bytes, _later: bytes) -> None:
    register = kept.key(LATER, "register")
    kept.append(kept.event(random_uuid(), 1, register, "hold-placed"))


def linked(kept: Retained, _stream: UUID, _due: bytes, _later: bytes) -> None:
    stream = random_uuid()
    link = kept.key(None, "link", stream)
    kept.append(kept.event(stream, 1, link, "identifiers-linked"))


def asked_for(kept: Retained, _stream: UUID, _due: bytes, _later: bytes) -> None:
    only(kept.appender, one(bare(random_uuid(), 1, random_uuid(), "case-opened")))


Happening = Callable[[Retained, UUID, bytes, bytes], None]
REASONS: Final = [corrected, joined, named_as_base, held, linked, asked_for]


@pytest.mark.parametrize("happening", REASONS)
def test_what_may_be_a_reason_to_keep_disturbs(kept: Retained, happening: Happening) -> None:
    due, later = kept.key(), kept.key(LATER)
    stream = kept.record(due)
    checked = kept.reads.head()
    happening(kept, stream, due, later)
    kept.index([(PERSON, 1)])
    before = kept.left(due)
    with pytest.raises(ExpiryDisturbedError):
        kept.expire(due, checked=checked)
    assert kept.left(due) == before
    # Whoever has seen it and finds that it is no reason goes on.
    assert kept.expire(due).events == before["parts"]


@pytest.mark.parametrize("happening", REASONS)
def test_a_reason_that_comes_while_rows_are_deleted_disturbs_too(
    kept: Retained, happening: Happening
) -> None:
    due, later = kept.key(), kept.key(LATER)
    stream = kept.record(due)
    kept.index([(PERSON, 1)])

    def sealed(counts: Mapping[str, int]) -> SealedEvent:
        happening(kept, stream, due, later)
        return kept.sealer(due)(counts)

    with pytest.raises(ExpiryDisturbedError):
        kept.expiring.expire([ExpiryBatch([due], sealed)], 1)
    assert kept.left(due)["keys"] == 1
    assert kept.left(due)["entries"] == 1


def test_a_dependant_that_changes_disturbs_though_it_named_its_base_before(
    kept: Retained,
) -> None:
    due, later = kept.key(), kept.key(LATER)
    stream, dependant = kept.record(due), random_uuid()
    kept.append(kept.event(dependant, 1, later), lookups=[base(dependant, stream, later)])
    checked = kept.reads.head()
    kept.append(kept.event(dependant, 2, later, "transfer-corrected"))
    kept.index()
    with pytest.raises(ExpiryDisturbedError):
        kept.expire(due, checked=checked)


def test_what_concerns_others_does_not_disturb(kept: Retained) -> None:
    due, later = kept.key(), kept.key(LATER)
    register = kept.key(LATER, "register")
    dying = kept.record(due)
    other = kept.record(later)
    checked = kept.reads.head()
    kept.append(
        kept.event(other, 2, later, "transfer-corrected"),
        kept.event(dying, 2, later, "record-carried-forward"),
        kept.event(random_uuid(), 1, register, "hold-released"),
        kept.event(random_uuid(), 1, register, "notice-published"),
    )
    named_as_base(kept, other, due, later)
    kept.index()
    assert kept.expire(due, checked=checked).position == kept.reads.head()


# -- days of keys ---------------------------------------------------------------------------------


def test_the_day_of_an_objects_key_moves_from_what_stands(kept: Retained) -> None:
    old = kept.rows[kept.key(None, "series", random_uuid())]
    dated = type(old)(old.key_id, old.key_class, DUE, old.owner, "2026-49", bytes(60))
    later = type(old)(old.key_id, old.key_class, LATER, old.owner, "2026-49", bytes([1] * 60))
    assert kept.expiring.move_day(old, dated)
    assert not kept.expiring.move_day(old, later)
    assert kept.dying.rows([old.key_id]) == [dated]
    # The answer may be lost, and the same is asked again: it stands.
    assert kept.expiring.move_day(old, dated)
    assert kept.expiring.move_day(dated, later)
    assert kept.dying.rows([old.key_id]) == [later]
    assert WHEN.date() < LATER


def test_a_run_that_was_overtaken_destroys_nothing(kept: Retained, database: Database) -> None:
    due = kept.key()
    kept.record(due)
    kept.index()
    other = ExpiryWriter(kept.purger, forget, MACS.mac)
    with kept.expiring.exclusive_run() as is_alone:
        assert is_alone
        end_lock(database)
        with other.exclusive_run() as is_other:
            assert is_other
            with pytest.raises(LeaseLostError):
                kept.expire(due)
        with pytest.raises(LeaseLostError):
            kept.expire(due)
    assert kept.left(due)["keys"] == 1
    with kept.expiring.exclusive_run():
        kept.expire(due)
    assert kept.left(due)["keys"] == 0
