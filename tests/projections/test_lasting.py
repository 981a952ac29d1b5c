"""How long the records of a person last, and in which streams they are."""

from datetime import date
from uuid import UUID

import psycopg

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import LookupRow
from projections.record_lifetimes import last_days, streams_of
from tests.store.retained import DUE, LATER, Retained

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def asked(kept: Retained, *keys: bytes) -> dict[bytes, date | None]:
    with psycopg.connect(kept.database.urls.reader) as reader:
        return last_days(reader, keys)


def link(kept: Retained, *persons: UUID) -> bytes:
    """The key of a link of these persons."""
    stream = random_uuid()
    key = kept.key(None, "link", stream)
    rows = [LookupRow("link", person.bytes, stream, key) for person in persons]
    rows.append(LookupRow("pair", bytes(16), stream, key))
    kept.append(kept.event(stream, 1, key, "identifiers-linked"), lookups=rows)
    return key


def stop(kept: Retained, person: UUID) -> bytes:
    stream = random_uuid()
    key = kept.key(None, "directive", stream)
    row = LookupRow("directive", person.bytes, stream, key)
    kept.append(kept.event(stream, 1, key, "directive-received"), lookups=[row])
    return key


def test_a_link_and_a_stop_last_as_long_as_the_last_record_of_their_persons(
    kept: Retained,
) -> None:
    due, later = kept.key(), kept.key(LATER)
    entries = [(A, kept.append(kept.event(random_uuid(), 1, due))[0])]
    entries.append((B, kept.append(kept.event(random_uuid(), 1, later))[0]))
    both, of_a, of_c = link(kept, A, B), stop(kept, A), stop(kept, C)
    kept.index(entries)
    assert asked(kept, both, of_a, of_c) == {both: LATER, of_a: DUE}
    assert asked(kept) == {}


def test_a_record_without_an_end_leaves_it_open(kept: Retained) -> None:
    due, series = kept.key(), kept.key(None, "series", random_uuid())
    entries = [(A, kept.append(kept.event(random_uuid(), 1, key))[0]) for key in (due, series)]
    of_a = stop(kept, A)
    kept.index(entries)
    assert asked(kept, of_a) == {of_a: None}


def test_a_correction_that_does_not_name_the_person_prolongs_the_record(kept: Retained) -> None:
    due, later, stream = kept.key(), kept.key(LATER), random_uuid()
    first, _ = kept.append(
        kept.event(stream, 1, due), kept.event(stream, 2, later, "transfer-corrected")
    )
    of_a = stop(kept, A)
    kept.index([(A, first)])
    assert asked(kept, of_a) == {of_a: LATER}


def test_a_record_that_died_prolongs_nothing(kept: Retained) -> None:
    due = kept.key()
    position = kept.append(kept.event(random_uuid(), 1, due))[0]
    of_a = stop(kept, A)
    kept.index([(A, position)])
    kept.expire(due)
    assert asked(kept, of_a) == {}


def test_the_streams_of_persons_are_found_by_any_of_their_events(kept: Retained) -> None:
    key = kept.key()
    streams = [random_uuid() for _ in range(3)]
    events = [kept.event(stream, 1, key) for stream in streams]
    events.append(kept.event(streams[0], 2, key, "transfer-corrected"))
    kept.append(*events)
    kept.index([(A, 1), (A, 4), (B, 2), (C, 3)])
    with psycopg.connect(kept.database.urls.reader) as reader:
        found = {A.bytes: [streams[0]], B.bytes: [streams[1]]}
        assert streams_of(reader, [A.bytes, B.bytes, random_uuid().bytes]) == found
        assert streams_of(reader, []) == {}
