"""At its completion the follower reads no chunk again of which it has seen that nobody differs."""

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ledger.format.envelope import OpenEvent
from projections.follower import Follower
from tests.bulk.sending import Sender, people
from tests.bulk.test_readers import MIDDLE, stopped, verified
from tests.ledger.given import SOURCE
from tests.ledger.inside import Inside

PERSONS = people(2_300)


class Watched:
    """A follower that tells which streams it reads again with their chunks."""

    def __init__(self, house: Inside, batch_max: int = 2) -> None:
        self.again: list[UUID] = []
        self._plain = house.house.follower()
        self.follower: Follower = dataclasses.replace(
            self._plain, carried=self._carried, batch_max=batch_max
        )

    def _carried(self, streams: Sequence[UUID], upto: int | None) -> list[OpenEvent]:
        self.again += streams
        return self._plain.carried(streams, upto)


def listed(house: Inside) -> list[tuple[object, ...]]:
    """The rows of the work list."""
    rows = house.connection.execute(
        "SELECT position, code, standing, is_unlawful, mark, sources FROM projections.findings"
        " ORDER BY position, code"
    )
    return rows.fetchall()


NOT_OBTAINED = {"obtained": False}


@pytest.mark.parametrize("changes", [{}, {"consent": NOT_OBTAINED}])
def test_of_a_transfer_in_which_nobody_differs_no_chunk_is_read_again(
    house: Inside, sending: Sender, changes: dict[str, Any]
) -> None:
    sending.sent("b1", PERSONS, **changes)
    watched = Watched(house)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        watched.follower.catch_up(connection, house.head())
    assert watched.again == []
    assert bool(listed(house)) == bool(changes)
    assert verified(house) == []


def test_of_a_transfer_in_which_somebody_differs_every_chunk_is_read(
    house: Inside, sending: Sender
) -> None:
    stopped(house, MIDDLE)
    sending.sent("b1", PERSONS)
    watched = Watched(house)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        watched.follower.catch_up(connection, house.head())
    assert watched.again == [house.house.secret.transfer_stream(SOURCE, "b1")]
    assert [row[1] for row in listed(house)] == ["", "CONSENT_WITHDRAWN"]
    assert verified(house) == []


@pytest.mark.parametrize("first", [1, 2, 3, 4])
def test_whoever_began_midway_reads_every_chunk(house: Inside, sending: Sender, first: int) -> None:
    sending.sent("b1", PERSONS, consent=NOT_OBTAINED)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        begun = Watched(house, batch_max=first)
        assert begun.follower.step(connection) == first
        watched = Watched(house)
        watched.follower.catch_up(connection, house.head())
    stream = house.house.secret.transfer_stream(SOURCE, "b1")
    assert watched.again == ([] if first == 1 else [stream])
    assert listed(house)
    assert verified(house) == []
