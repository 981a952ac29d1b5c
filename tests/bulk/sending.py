"""Bulk transfers as tests send them: announced, in parts of any size, committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg

from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.json import encoded
from ledger.transfers.bulk.outcome import BulkOutcome
from ledger.transfers.bulk.staging_area import UnderWay
from ledger.transfers.bulk.transfers import BulkTransfers
from ledger.transfers.bulk.upload import STAND_IN, BulkAnnouncement
from ledger.values import CheckedTransfer
from tests.ledger.given import ACTOR, SOURCE, data
from tests.ledger.inside import Inside

Person = Mapping[str, Any]


def people(count: int, prefix: str = "B") -> list[Person]:
    return [{"scheme": "member", "id": f"{prefix}{n}"} for n in range(count)]


def content_of(persons: Sequence[Person]) -> bytes:
    """A part as NDJSON."""
    return b"".join(encoded(dict(one)) + b"\n" for one in persons)


def whole_hash(parts: Sequence[Sequence[Person]]) -> bytes:
    return sha256(b"".join(sha256(content_of(part)).digest() for part in parts)).digest()


def split(persons: Sequence[Person], size: int) -> list[Sequence[Person]]:
    return [persons[begin : begin + size] for begin in range(0, len(persons), size)]


@dataclass
class Sender:
    """Sends to the application itself."""

    house: Inside
    bulk: BulkTransfers

    def announced(
        self,
        key: str,
        parts: Sequence[Sequence[Person]],
        mark: int = 0,
        **changes: Any,  # noqa: ANN401 -- members of a transfer
    ) -> BulkAnnouncement:
        content = data(**changes)
        content["principals"] = [STAND_IN]
        checked = dict(check(content, day_in_japan(self.house.now)))
        del checked["principals"]
        command = RecordTransfer(
            random_uuid(), ACTOR, SOURCE, key, CheckedTransfer(checked), mark, SOURCE
        )
        lines = sum(map(len, parts))
        return BulkAnnouncement(command, lines, len(parts), whole_hash(parts))

    def put(self, one: UnderWay, number: int, persons: Sequence[Person]) -> None:
        upload = self.bulk.upload(one, number, self.house.now)
        for first in range(0, len(persons), 1_000):
            batch = persons[first : first + 1_000]
            upload.add([(n, dict(person)) for n, person in enumerate(batch, first + 1)])
        part = upload.close(sha256(content_of(persons)).digest())
        self.bulk.accept(one, part, self.house.now)

    def staged(
        self,
        key: str,
        parts: Sequence[Sequence[Person]],
        mark: int = 0,
        **changes: Any,  # noqa: ANN401 -- members of a transfer
    ) -> UnderWay:
        one = self.bulk.begin(self.announced(key, parts, mark, **changes), self.house.now)
        for number, part in enumerate(parts, 1):
            self.put(one, number, part)
        return one

    def commit(self, bulk: UUID) -> BulkOutcome:
        return self.bulk.commit(bulk, self.house.now)

    def sent(
        self,
        key: str,
        persons: Sequence[Person],
        size: int = 700,
        mark: int = 0,
        **changes: Any,  # noqa: ANN401 -- members of a transfer
    ) -> BulkOutcome:
        return self.commit(self.staged(key, split(persons, size), mark, **changes).bulk)

    def later(self, **passed: int) -> None:
        self.house.now += timedelta(**passed)


def sender(house: Inside) -> Sender:
    return Sender(house, house.house.bulk())


def in_database(url: str, bulk: UUID | str) -> tuple[int, int]:
    """Parts and pieces of the bulk transfer that are in the database."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT (SELECT count(*) FROM ledger.bulk_parts WHERE bulk = %(bulk)s),"
            " (SELECT count(*) FROM ledger.bulk_pieces WHERE bulk = %(bulk)s)",
            {"bulk": bulk},
        ).fetchone()
    assert found is not None
    return found
