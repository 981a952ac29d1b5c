"""A server that crashes has lost pieces that nobody waited for: no part and no plan counts on them.

It may be back before anybody asks it anything, so that only a look tells.
"""

import dataclasses
from hashlib import sha256
from uuid import UUID

import pytest
from typing_extensions import override

from api.contract import check
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN
from ledger.errors import StoreUnavailableError
from ledger.store.append import Appender
from ledger.streams.sealer import Sealer
from ledger.transfers.bulk.staging_area import BulkRows, UnderWay
from ledger.transfers.bulk.transfers import BulkTransfers
from tests.bulk.sending import Sender, content_of, people, split
from tests.ledger.inside import Inside

PERSONS = people(2_300)


def lose(house: Inside, bulk: UUID, upload: UUID, number: int) -> None:
    """What a crash does to a piece whose commit was not flushed."""
    with house.house.writer.connection() as connection:
        connection.execute(
            "DELETE FROM ledger.bulk_pieces WHERE bulk = %s AND upload = %s AND number = %s",
            (bulk, upload, number),
        )


@dataclasses.dataclass
class _Lossy:
    """Which piece under the command is lost, once."""

    number: int | None


class Losing(BulkRows):
    """A store that loses a piece of what is to be appended, as soon as it was written."""

    house: Inside
    lossy: _Lossy

    @override
    def put(self, one: UnderWay, upload: UUID, number: int, content: bytes) -> None:
        super().put(one, upload, number, content)
        if upload == one.command and number == self.lossy.number:
            self.lossy.number = None
            lose(self.house, one.bulk, upload, number)


def losing(house: Inside, number: int) -> BulkTransfers:
    inside = house.house
    rows = Losing(inside.writer, inside.keys)
    rows.house, rows.lossy = house, _Lossy(number)
    sealer = Sealer(inside.keys, inside.secret, inside.name, FIXED_BYTES_MIN)
    return BulkTransfers(inside.streams, sealer, Appender(inside.writer).append, rows, check)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_part_of_which_a_piece_is_lost_is_not_taken(
    house: Inside, sending: Sender, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.transfers.bulk.upload._PIECE_BYTES", 1_000)
    parts = split(PERSONS, 2_300)
    one = sending.bulk.begin(sending.announced("b1", parts), house.now)
    upload = sending.bulk.upload(one, 1, house.now)
    lines = [(n, dict(person)) for n, person in enumerate(PERSONS, 1)]
    for begin in range(0, len(lines), 1_000):
        upload.add(lines[begin : begin + 1_000])
    part = upload.close(sha256(content_of(PERSONS)).digest())
    assert part.pieces > 3
    lose(house, one.bulk, part.upload, number)
    with pytest.raises(StoreUnavailableError):
        sending.bulk.accept(one, part, house.now)
    assert sending.bulk.missing(one) == [1]
    sending.put(one, 1, PERSONS)
    assert sending.commit(one.bulk).persons == 2_300


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_plan_of_which_a_piece_is_lost_is_made_anew(
    house: Inside, sending: Sender, number: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    bulk = losing(house, number)
    with pytest.raises(StoreUnavailableError):
        bulk.commit(one.bulk, house.now)
    assert house.head() == 0
    result = bulk.commit(one.bulk, house.now)
    assert (result.outcome.status, result.persons) == ("recorded", 2_300)
