"""What was destroyed: a whole bag proves that it had to be; what was carried forward is there."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import CorrectTransfer, RetractTransfer, SettleFindings
from ledger.crypto.pseudonyms import random_uuid
from ledger.exports.export_request import UnsignedDestructionError
from tests.database import Database
from tests.exports.defects import RECORDS
from tests.exports.world import WHY, World, checked, rows
from tests.ledger.carrying import die
from tests.ledger.given import ACTOR
from tests.retaining.keeper import Keeper, keeper

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
    assert code == 0, said
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
    assert code == 0, said
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
                assert code == 0, (name, n, said)
                if name == "whole":
                    assert [row["status"] for row in rows(path)] == [status, "standing"]
            if holds:
                made.release(holds.pop(0))
                made.on(made.today + timedelta(days=20))
                made.purge()


def test_what_is_destroyed_after_the_checkpoint_is_not_exported_whole(
    kept: Keeper, tmp_path: Path
) -> None:
    die(kept.inside, *range(1, kept.inside.head() + 1))
    with pytest.raises(UnsignedDestructionError):
        bag(kept, tmp_path, "whole", whole=True, reason=WHY)
