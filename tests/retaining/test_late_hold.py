"""A hold that is placed while its record is destroyed."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from ledger.commands import PlaceHold
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import ExpiredError
from ledger.format.events import HoldPlaced
from ledger.streams.streams import Streams
from tests.database import Database
from tests.ledger.given import ACTOR
from tests.retaining.keeper import Keeper, keeper


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with keeper(database) as made:
        yield made


def test_a_hold_that_comes_behind_the_destruction_of_its_record_is_refused(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.on("2024-04-01")
    transfer = kept.sent("old", "P1")
    kept.on("2027-04-02")
    kept.plan()
    command = PlaceHold(random_uuid(), ACTOR, HoldPlaced("訴訟", transfer, ()))
    look = Streams.transfer_state

    def destroyed_meanwhile(streams: Streams, held: UUID) -> object:
        seen = look(streams, held)
        monkeypatch.undo()
        kept.expire()
        return seen

    monkeypatch.setattr(Streams, "transfer_state", destroyed_meanwhile)
    for _ in range(2):  # the same request again has the same answer
        with pytest.raises(ExpiredError):
            kept.inside.ledger.hold(command, kept.inside.now)
    assert not kept.lives("old")
    assert not any(one.type.startswith("hold") for one in kept.inside.events())
