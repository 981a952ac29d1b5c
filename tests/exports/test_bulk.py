"""A transfer of many persons in parts: all are in its line, and proven by its completion."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.format.encoder import parts_of, seal
from ledger.format.envelope import Append, SealedEvent
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import (
    Event,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    TransferCompleted,
)
from ledger.store.append import AppendedBatch, Appender
from tests.bulk.sending import Sender, people, sender, split
from tests.bulk.test_interrupted import killed
from tests.database import Database
from tests.exports.world import WHY, World, checked, rows, world
from tests.ledger.carrying import later_key
from tests.ledger.given import ACTOR, AT, data, person, recorded
from tests.ledger.inside import Inside

PEOPLE = [f"B{n}" for n in range(7)]


def put_bulk(house: Inside) -> None:
    """Recorded, 3 + 4 persons appended, completed: as the event format says (section 7)."""
    entry = dataclasses.replace(recorded(data(*PEOPLE)).entry, lines={})
    lines = {n: PersonLine(person(one)) for n, one in enumerate(PEOPLE)}
    events: list[Event] = [
        ProvisionRecorded(entry),
        PrincipalsAppended({n: lines[n] for n in range(3)}),
        PrincipalsAppended({n: lines[n] for n in range(3, 7)}),
        TransferCompleted(),
    ]
    key, stream, command = later_key(house), random_stream(), random_uuid()
    sealed: list[SealedEvent] = []
    for n, event in enumerate(events, 1):
        judged_at = 0 if isinstance(event, ProvisionRecorded) else None
        draft = draft_of(event, EventMetadata(stream, n, AT, ACTOR, command, judged_at))
        if isinstance(event, TransferCompleted):
            parts = parts_of([one.header for one in sealed], len(PEOPLE))
            draft = dataclasses.replace(draft, parts=parts)
        last = isinstance(event, TransferCompleted)
        sealed.append(seal(draft, None if last else key, house.house.name))
    [done] = Appender(house.house.writer).append([Append(tuple(sealed))])
    assert isinstance(done, AppendedBatch)


@pytest.fixture
def bulky(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        put_bulk(made.house)
        made.house.record("t1", data("B1"))
        yield made


def test_every_person_is_in_the_line_and_proven(bulky: World) -> None:
    for name, whole in (("plain", False), ("whole", True)):
        bag = bulky.bag(name, whole=whole, reason=WHY)
        code, said = checked(bag)
        assert code == 0, said
        first, second = rows(bag)
        shown = [line["pseudonym"] for event in first["events"] for line in event.get("lines", ())]
        assert len(set(shown)) == len(PEOPLE)
        assert second["events"][0]["lines"][0]["pseudonym"] == shown[1]


def test_what_the_table_counts_as_corrections_are_the_versions_behind_the_first(
    bulky: World,
) -> None:
    bag = bulky.bag("counted")
    text = (bag / "data/records.csv").read_bytes().decode("utf-8-sig")
    head, *table = csv.reader(io.StringIO(text, newline=""))
    column = head.index("訂正等の回数")
    assert [row[column] for row in table] == ["3", "0"]
    assert [len(row["events"]) for row in rows(bag)] == [4, 1]


PERSONS = people(2_300)


@pytest.fixture
def made(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        yield made


def bags(world: World, name: str) -> list[list[str]]:
    """The identifiers of each record, plain and with everything; each bag is proven."""
    found: list[list[str]] = []
    for whole in (False, True):
        bag = world.bag(f"{name} {whole}", whole=whole, reason=WHY)
        code, said = checked(bag)
        assert code == 0, said
        is_begun = "1 records lack persons: their recording has not ended" in said
        assert is_begun is (whole and name == "before"), said
        found.append([str(len(row["events"])) for row in rows(bag)])
    return found


@pytest.mark.parametrize("left", [18, 24])
def test_no_bag_but_that_of_every_event_shows_what_is_being_recorded(
    made: World, left: int
) -> None:
    sending: Sender = sender(made.house)
    made.house.record("t1", data("P1"))
    one = sending.staged("b1", split(PERSONS, 700))
    killed(made.house, one.bulk, left)
    there = made.house.head() - 1
    assert there > 0
    assert bags(made, "before") == [["1"], ["1", str(there)]]
    sending.commit(one.bulk)
    assert bags(made, "after") == [["1", "5"], ["1", "5"]]
