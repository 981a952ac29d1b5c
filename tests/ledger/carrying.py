"""Copies of records as a daily run makes them, and the death of what they were made from."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import psycopg

from api.container import Container
from ledger.commands import CorrectTransfer
from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.copies import carried_forward
from ledger.format.encoder import seal
from ledger.format.envelope import (
    Append,
    CopyContent,
    EventDraft,
    Header,
    OpenEvent,
    Original,
    SealedEvent,
)
from ledger.format.events import RecordsExpired
from ledger.format.json import parse
from ledger.store.append import AppendedBatch, Appender
from projections import findings
from projections.expired_rows import DELETE_FINDINGS
from projections.progress import serving
from tests.database import Database
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside

LATER = date(2040, 1, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
EXPIRED = RecordsExpired.TYPE

Concerned = Callable[[str, str], bool]
"""(scheme, id) of a line → whether the line is carried."""


def everybody(_scheme: str, _id: str) -> bool:
    return True


def nobody(_scheme: str, _id: str) -> bool:
    return False


def only(*identifiers: str) -> Concerned:
    """The lines of these members."""
    return lambda _, identifier: identifier in identifiers


def indexes(event: OpenEvent, concerned: Concerned) -> list[int]:
    """Indexes of the event's living lines that are carried."""
    assert event.content is not None
    copy = event.content.copy
    lines = enumerate(event.content.lines)
    numbered = lines if copy is None else ((j, line) for j, _, line in copy.lines)
    kept: list[int] = []
    for j, line in numbered:
        principal = cast("dict[str, Any]", parse(line))["principal"]
        if concerned(principal["scheme"], principal["id"]):
            kept.append(j)
    return kept


def copies_of(
    house: Container, stream: UUID, concerned: Concerned
) -> list[tuple[Original, CopyContent]]:
    """What is carried of each living sealed event of the stream."""
    return [
        (
            Original(event.position, event.header.version),
            carried_forward(event.header, event.content, indexes(event, concerned)),
        )
        for event in house.streams.carried([stream], None)
        if event.content is not None and event.header.copies is None
    ]


def carry(
    house: Container, stream: UUID, key: DataKey, at: datetime, concerned: Concerned = everybody
) -> list[int]:
    """Carry everything of the stream that lives forward under `key`; positions of the copies."""
    return append(house, stream, key, at, copies_of(house, stream, concerned))


def append(
    house: Container,
    stream: UUID,
    key: DataKey,
    at: datetime,
    copies: Collection[tuple[Original, CopyContent]],
) -> list[int]:
    """Append these copies, right or wrong."""
    last = house.reads.stream_versions([stream])[stream]
    events: list[SealedEvent] = []
    command = random_uuid()
    for version, (original, content) in enumerate(copies, last + 1):
        draft = EventDraft(
            type="record-carried-forward",
            stream=stream,
            version=version,
            at=at,
            actor=ACTOR,
            command=command,
            facts={},
            copies=original,
            copy=content,
        )
        events.append(seal(draft, key, house.name))
    [appended] = Appender(house.writer, house.secret.event_mac).append([Append(tuple(events))])
    assert isinstance(appended, AppendedBatch)
    return list(appended.positions)


def let_die(house: Container, database: Database, keys: Collection[bytes]) -> None:
    """Take away what a purge takes away: keys, what is sealed under them, and its index rows."""
    ids = list(keys)
    with psycopg.connect(database.admin) as admin:
        positions = [
            position
            for (position,) in admin.execute(
                "SELECT position FROM ledger.sealed_parts WHERE key_id = ANY(%s) AND n = 0", (ids,)
            )
        ]
        for slot in ("a", "b"):
            for table in ("entries", "namings", "reliances"):
                statement = f"DELETE FROM projections.{table}_{slot} WHERE position = ANY(%s)"  # noqa: S608 -- our own names
                admin.execute(statement.encode(), (positions,))
        admin.execute("DELETE FROM ledger.sealed_parts WHERE key_id = ANY(%s)", (ids,))
        admin.execute("DELETE FROM ledger.lookups WHERE key_id = ANY(%s)", (ids,))
        admin.execute("DELETE FROM ledger.data_keys WHERE key_id = ANY(%s)", (ids,))
        for statement in DELETE_FINDINGS:
            admin.execute(statement, (ids,))
    house.keys.forget(ids)
    look_anew(house, ids)


def look_anew(house: Container, keys: Sequence[bytes]) -> None:
    """Do what a follower does when it comes to the event that lists these keys."""
    listed = Header(ACTOR, NOW, random_uuid(), {}, house.name, random_uuid(), EXPIRED, 1)
    event = OpenEvent(house.reads.head(), listed._replace(keys=tuple(keys)), None)
    follower = house.follower()
    with follower.connect() as projector:
        slot, carried = serving(projector), house.streams.carried
        found = findings.changed(projector, slot, [event], carried, follower.hashes)
        with projector.cursor() as cursor:
            findings.write(cursor, slot, found)


def keys_at(database: Database, positions: Collection[int]) -> set[bytes]:
    """The keys under which the events at these positions are sealed."""
    with psycopg.connect(database.admin) as admin:
        rows = admin.execute(
            "SELECT DISTINCT key_id FROM ledger.sealed_parts WHERE position = ANY(%s)",
            (list(positions),),
        ).fetchall()
    return {row[0] for row in rows}


# -- the same on an `Inside` ----------------------------------------------------------------------


def later_key(house: Inside, day: date = LATER) -> DataKey:
    return house.house.keys.key_for("record", day=day)


def held_key(house: Inside) -> DataKey:
    return house.house.keys.added("held", random_uuid())


def carried(house: Inside, stream: UUID, *people: str, key: DataKey | None = None) -> list[int]:
    """Carry the lines of `people` forward; of everybody when nobody is named."""
    concerned = only(*people) if people else everybody
    return carry(house.house, stream, key or later_key(house), house.now, concerned)


def die(house: Inside, *positions: int) -> None:
    """Let the keys die under which the events at `positions` are sealed."""
    let_die(house.house, house.database, keys_at(house.database, positions))


def correct(house: Inside, stream: UUID, **changes: Any) -> int:  # noqa: ANN401 -- JSON
    command = CorrectTransfer(random_uuid(), ACTOR, stream, changes, "誤記")
    return house.ledger.correct(command, house.now).position


def people(*identifiers: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": one} for one in identifiers]
