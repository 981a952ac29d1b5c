"""What was destroyed: a whole bag proves that it had to be; what was carried forward is there."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.commands import CorrectTransfer, RetractTransfer, SettleFindings
from ledger.crypto.notes import signed_note
from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.crypto.seed_signer import SeedSigner
from ledger.errors import CorruptRecordError
from ledger.exports.export_request import (
    SignedCheckpoint,
    UnlikeCheckpointError,
    UnsignedDestructionError,
)
from ledger.exports.verify import CONSISTENT
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
from ledger.merkle.checkpoint import Checkpoint
from ledger.store.append import AppendedBatch, Appender
from tests.before_macs import without_macs
from tests.bulk.sending import Sender, people, sender, split
from tests.bulk.test_interrupted import killed
from tests.database import Database
from tests.exports.lying import RECORDS
from tests.exports.world import ORIGIN, SIGNER, WHY, World, checked, rows, world
from tests.ledger.carrying import die, later_key
from tests.ledger.given import ACTOR, AT, data, person, recorded
from tests.ledger.inside import Inside
from tests.retaining.keeper import Keeper, keeper
from tests.retaining.test_kept_by_each_other import BASED, SHUT, retract

DAY = "2024-04-01"
AFTER = date(2027, 4, 1) + timedelta(days=1)


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with keeper(database) as made:
        made.on(DAY)
        made.sent("gone", "P1", recorded_on=DAY)
        made.sent("held for one", "P2", "P3", "P4", recorded_on=DAY)
        made.hold("訴訟", "P3")
        made.on("2026-04-01")
        made.sent("later", "P5")
        made.on(AFTER)
        made.purge()
        yield made


def bag(kept: Keeper, folder: Path, name: str = "bag", **filters: Any) -> Path:  # noqa: ANN401 -- handed on
    return World(kept.inside, folder).bag(name, **filters)


def test_a_whole_bag_proves_what_was_destroyed(kept: Keeper, tmp_path: Path) -> None:
    made = bag(kept, tmp_path, whole=True, reason=WHY)
    code, said = checked(made)
    assert code == CONSISTENT, said
    gone, held, later = rows(made)
    assert (gone["status"], held["status"], later["status"]) == ("destroyed", *["standing"] * 2)
    assert gone["events"][0]["destroyed"] is True
    assert [line["j"] for line in held["events"][0]["lines"]] == [1]
    assert held["events"][0]["nodes"]


def test_a_bag_shows_what_was_carried_forward_and_not_what_is_gone(
    kept: Keeper, tmp_path: Path
) -> None:
    made = bag(kept, tmp_path, identified=True, reason=WHY)
    code, said = checked(made)
    assert code == CONSISTENT, said
    assert len(rows(made)) == 2
    text = (made / RECORDS).read_text("utf-8")
    assert '\\"P3\\"' in text
    assert not any(f'\\"{one}\\"' in text for one in ("P1", "P2", "P4"))


def test_what_dies_after_it_was_read_ahead_is_read_again(database: Database) -> None:
    with keeper(database) as made:
        made.on(DAY)
        made.sent("gone", "P1", recorded_on=DAY)
        made.sent("held for one", "P2", "P3", recorded_on=DAY)
        made.hold("訴訟", "P3")
        streams = made.inside.house.streams
        size = streams.reads.head()
        stored = streams.reads.facts_after(0, size)
        transfers = [one.stream for one in stored if one.type == "provision-recorded"]
        ahead = streams.reads.facts_of_streams(transfers, size)
        assert streams.carried_as_read(transfers, size, ahead)[1] is ahead
        made.on(AFTER)
        made.purge()
        events, read = streams.carried_as_read(transfers, size, ahead)
        assert len(read) > len(ahead), "with the copy of what is held"
        assert events == streams.carried(transfers, size)
        assert [one.content is None for one in events] == [True, False]


def test_copies_that_died_and_copies_that_live_are_told_apart(
    database: Database, tmp_path: Path
) -> None:
    """Corrected, retracted and settled, held by two, let go by one, then by both."""
    with keeper(database) as made:
        made.on(DAY)
        old = made.sent("old", "P1", "P2", recorded_on=DAY, basis="none", consent=None)
        house = made.inside
        settle = SettleFindings(random_uuid(), ACTOR, old, ("NO_VALID_BASIS",), "stopped", "止めた")
        house.ledger.settle(settle, house.now)
        change = CorrectTransfer(random_uuid(), ACTOR, old, {"items": ["氏名"]}, "誤記")
        house.ledger.correct(change, house.now)
        house.ledger.retract(
            RetractTransfer(random_uuid(), ACTOR, old, "duplicate", "二重"), house.now
        )
        made.on("2026-04-01")
        made.sent("young", "P3")
        holds = [made.hold("訴訟", transfer=old), made.hold("調査", "P2")]
        made.on(AFTER)
        made.purge()
        for n, status in enumerate(("retracted", "retracted", "destroyed")):
            for name, filters in (("whole", {"whole": True, "reason": WHY}), ("plain", {})):
                path = bag(made, tmp_path, f"{name} {n}", **filters)
                code, said = checked(path)
                assert code == CONSISTENT, (name, n, said)
                if name == "whole":
                    assert [row["status"] for row in rows(path)] == [status, "standing"]
            if holds:
                made.release(holds.pop(0))
                made.on(made.today + timedelta(days=20))
                made.purge()


def test_what_lives_as_the_base_of_a_period_without_an_end_is_in_the_bag_until_that_ends(
    database: Database, tmp_path: Path
) -> None:
    with keeper(database) as made:
        made.on(DAY)
        made.sent("base", "P1", recorded_on=DAY)
        ended = data("P2", **BASED, base_record="base", recorded_on=DAY, **SHUT)
        made.record("open", {**ended, "transferred_to": None})
        made.on(AFTER)
        made.purge()
        for n, statuses in enumerate((["standing"] * 2, ["destroyed", "retracted"])):
            for name, filters in (("whole", {"whole": True, "reason": WHY}), ("plain", {})):
                path = bag(made, tmp_path, f"{name} {n}", **filters)
                code, said = checked(path)
                assert code == CONSISTENT, (name, n, said)
                if name == "whole":
                    assert [row["status"] for row in rows(path)] == statuses
            if n == 0:
                retract(made, "open")
                made.on(made.today + timedelta(days=1))
                made.purge()


def test_what_is_destroyed_after_the_checkpoint_is_not_exported_whole(
    kept: Keeper, tmp_path: Path
) -> None:
    die(kept.inside, *range(1, kept.inside.head() + 1))
    with pytest.raises(UnsignedDestructionError):
        bag(kept, tmp_path, "whole", whole=True, reason=WHY)


KEY = SIGNER.verifier.text


@pytest.fixture
def growing(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.fill()
        yield made


def noted(growing: World, name: str = "checkpoint") -> Path:
    place = growing.folder / name
    place.write_text(growing.signed().note, "utf-8")
    return place


def rewrite(growing: World, position: int) -> None:
    """What a superuser does, with the triggers off, and the MACs taken away."""
    with psycopg.connect(growing.house.database.admin) as connection:
        without_macs(connection)
        connection.execute("ALTER TABLE ledger.events DROP CONSTRAINT events_mac")
        connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER ALL")
        done = connection.execute(
            "UPDATE ledger.events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
            " '\"persons\":1', '\"persons\":2'), 'UTF8') WHERE notification_id = %s",
            (position,),
        )
        assert done.rowcount == 1


def test_a_log_that_grew_begins_as_before(growing: World) -> None:
    old, before = noted(growing), growing.bag("before")
    for size in range(1, 9):
        (growing.folder / f"{size}").write_text(growing.signed(size).note, "utf-8")
    growing.house.record("t6", data("P1"))
    bag = growing.bag("after")
    for one in (old, before, *(growing.folder / f"{size}" for size in range(1, 9))):
        code, said = checked(bag, "--key", KEY, "--checkpoint", one)
        assert (code, "begins with the earlier" in said) == (0, True), said


def test_an_event_that_a_superuser_changed_is_refused_and_named(growing: World) -> None:
    old, before = noted(growing), growing.bag("before")
    rewrite(growing, 2)
    growing.house.record("t6", data("P1"))
    bag = growing.bag("after")  # signed anew by whoever has the key
    assert checked(bag)[0] == CONSISTENT
    code, said = checked(bag, "--checkpoint", old)
    assert (code, "position 1 – 8" in said) == (10, True), said
    code, said = checked(bag, "--checkpoint", before)
    assert (code, "position 2," in said) == (10, True), said


def test_a_log_that_is_shorter_than_before_is_missing_something(growing: World) -> None:
    bag = growing.bag("bag")
    growing.house.record("t6", data("P1"))
    code, said = checked(bag, "--checkpoint", noted(growing))
    assert (code, "position 9 – 9" in said) == (20, True), said


def test_events_that_are_not_those_that_were_signed_are_not_exported(
    growing: World,
) -> None:
    signed = growing.signed()
    rewrite(growing, 2)
    with pytest.raises((UnlikeCheckpointError, CorruptRecordError)):
        growing.bag(signed=signed)


def test_a_checkpoint_of_a_former_epoch_is_compared_under_the_key_of_then(growing: World) -> None:
    former = SeedSigner("ledger.example.jp/former", bytes(32))
    size, root = growing.house.head(), growing.signed().checkpoint.root
    checkpoint = Checkpoint(former.verifier.name, size, root)
    old = growing.folder / "former"
    old.write_text(signed_note(checkpoint.text, [former]).full_text, "utf-8")
    before = growing.bag(
        "former bag", signed=SignedCheckpoint(checkpoint, old.read_text("utf-8"), former)
    )
    growing.house.record("t6", data("P1"))
    bag = growing.bag("after")
    for one in (old, before):
        assert checked(bag, "--checkpoint", one)[0] == 40
        asked = ("--key", KEY, "--checkpoint", one, "--checkpoint-key")
        code, said = checked(bag, *asked, former.verifier.text)
        assert (code, "begins with the earlier 8" in said) == (0, True), said
        assert checked(bag, *asked, KEY)[0] == 40
    rewrite(growing, 2)
    lied = growing.bag("rewritten")
    code, said = checked(lied, "--checkpoint", old, "--checkpoint-key", former.verifier.text)
    assert (code, "position 1 – 8" in said) == (10, True), said


def test_another_key_is_refused(growing: World) -> None:
    bag, other = growing.bag(), SeedSigner(ORIGIN, bytes(32))
    code, said = checked(bag, "--key", other.verifier.text)
    assert (code, "another key" in said) == (40, True), said
    assert checked(bag, "--key", "no key")[0] == 40
    forged = growing.folder / "forged"
    forged.write_text(signed_note(growing.signed().checkpoint.text, [other]).full_text, "utf-8")
    assert checked(bag, "--checkpoint", forged)[0] == 40


PEOPLE = [f"B{n}" for n in range(7)]


def put_bulk(house: Inside, *, is_ended: bool = True) -> None:
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
    for n, event in enumerate(events if is_ended else events[:-1], 1):
        judged_at = 0 if isinstance(event, ProvisionRecorded) else None
        draft = draft_of(event, EventMetadata(stream, n, AT, ACTOR, command, judged_at))
        if isinstance(event, TransferCompleted):
            parts = parts_of([one.header for one in sealed], len(PEOPLE))
            draft = dataclasses.replace(draft, parts=parts)
        last = isinstance(event, TransferCompleted)
        sealed.append(seal(draft, None if last else key, house.house.name))
    [done] = Appender(house.house.writer, house.house.secret.event_mac).append(
        [Append(tuple(sealed))]
    )
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
        assert code == CONSISTENT, said
        first, second = rows(bag)
        shown = [line["pseudonym"] for event in first["events"] for line in event.get("lines", ())]
        assert len(set(shown)) == len(PEOPLE)
        assert second["events"][0]["lines"][0]["pseudonym"] == shown[1]


def test_what_the_table_counts_as_corrections_are_no_parts(bulky: World) -> None:
    bag = bulky.bag("counted")
    text = (bag / "data/records.csv").read_bytes().decode("utf-8-sig")
    head, *table = csv.reader(io.StringIO(text, newline=""))
    column = head.index("訂正等の回数")
    assert [row[column] for row in table] == ["0", "0"]
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
        assert code == CONSISTENT, said
        is_begun = "1 records lack persons: their recording has not ended" in said
        assert is_begun is (whole and name == "before"), said
        status = "begun" if is_begun else "standing"
        assert [row["status"] for row in rows(bag)][-1] == status
        assert ("記録中" in (bag / "data/records.csv").read_text("utf-8")) is is_begun
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
