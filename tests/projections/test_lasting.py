"""How long the records of a person last, and in which streams they are."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import LookupRow
from projections.record_lifetimes import last_days, streams_of
from tests.database import Database
from tests.store.retained import DUE, LATER, Retained, retained

A, B, C, D, E = (UUID(int=n) for n in range(1, 6))


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


@pytest.fixture
def kept(database: Database) -> Iterator[Retained]:
    with retained(database) as made:
        yield made


def test_a_link_and_a_stop_last_as_long_as_the_last_record_of_their_persons(
    kept: Retained,
) -> None:
    due, later, series = kept.key(), kept.key(LATER), kept.key(None, "series", random_uuid())
    corrected = random_uuid()
    positions = kept.append(
        kept.event(random_uuid(), 1, due),
        kept.event(random_uuid(), 1, later),
        kept.event(random_uuid(), 1, series),
        kept.event(corrected, 1, due),
        # A correction that does not name the person prolongs the record all the same.
        kept.event(corrected, 2, later, "transfer-corrected"),
    )
    both, of_a, of_c = link(kept, A, B), stop(kept, A), stop(kept, C)
    of_d, of_e = stop(kept, D), stop(kept, E)
    kept.index(list(zip((A, B, D, E), positions, strict=False)))
    # A record without an end leaves it open.
    last = {both: LATER, of_a: DUE, of_d: None, of_e: LATER}
    assert asked(kept, both, of_a, of_c, of_d, of_e) == last
    assert asked(kept) == {}
    kept.expire(due)
    assert asked(kept, both, of_a) == {both: LATER}, "what died prolongs nothing"


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
