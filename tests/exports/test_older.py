"""A bag against an earlier checkpoint or an earlier bag: a log that was rewritten is refused."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.crypto.notes import signed_note
from ledger.crypto.seed_signer import SeedSigner
from ledger.errors import CorruptRecordError
from ledger.exports.export_request import SignedCheckpoint, UnlikeCheckpointError
from ledger.merkle.checkpoint import Checkpoint
from tests.database import Database
from tests.exports.world import ORIGIN, SIGNER, World, checked, world
from tests.ledger.given import data

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
    """What a superuser does, with the triggers off."""
    with psycopg.connect(growing.house.database.admin) as connection:
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
    assert checked(bag)[0] == 0
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
    old.write_text(signed_note(checkpoint.text, [former]).whole, "utf-8")
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


def test_a_key_of_a_former_epoch_without_its_checkpoint_is_asked_in_a_wrong_way(
    growing: World,
) -> None:
    assert checked(growing.bag(), "--checkpoint-key", KEY)[0] == 2


def test_another_key_is_refused(growing: World) -> None:
    bag, other = growing.bag(), SeedSigner(ORIGIN, bytes(32))
    code, said = checked(bag, "--key", other.verifier.text)
    assert (code, "another key" in said) == (40, True), said
    assert checked(bag, "--key", "no key")[0] == 40
    forged = growing.folder / "forged"
    forged.write_text(signed_note(growing.signed().checkpoint.text, [other]).whole, "utf-8")
    assert checked(bag, "--checkpoint", forged)[0] == 40


def test_a_bag_without_a_checkpoint_is_refused_by_who_has_the_key(growing: World) -> None:
    code, said = checked(growing.bag(log=False), "--key", KEY)
    assert (code, "no checkpoint" in said) == (40, True), said
