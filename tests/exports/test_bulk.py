"""A transfer of many persons in parts: all are in its line, and proven by its completion."""

import csv
import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.exports import verify
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
from tests.database import Database
from tests.exports.defects import RECORDS
from tests.exports.verifying import checked
from tests.exports.world import WHY, World, resealed, rows, world
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


def test_parts_that_are_not_those_of_the_completion_are_refused(bulky: World) -> None:
    bag = bulky.bag("parts")
    events = rows(bag)[0]["events"]
    said = json.loads(events[-1]["header"])["parts"]
    parts = [verify.event_hash(event["header"]) for event in events[:-1]]
    held = verify.Rows(verify.Bag(str(bag)), b"", {})
    held.whole(said, parts, "here")
    for broken, code in ((parts[:-1], verify.MISSING), (parts[::-1], verify.HASH)):
        with pytest.raises(verify.Refused) as refused:
            held.whole(said, broken, "here")
        assert refused.value.code == code


def test_a_part_that_is_gone_is_missing(bulky: World) -> None:
    bag = bulky.bag("part gone")
    lines = (bag / RECORDS).read_text("utf-8").splitlines()
    row = json.loads(lines[0])
    del row["events"][1]
    (bag / RECORDS).write_text("\n".join([json.dumps(row), *lines[1:]]) + "\n", "utf-8")
    resealed(bag)
    code, said = checked(bag)
    assert (code, "version 2" in said) == (20, True), said
