"""The keys of a bulk transfer's persons: made while its parts come in, or when they are asked for.

Who commits has nothing to do while others send. What is made then is never other than what would
be made later: a piece of an upload does not change once its part is there.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import BrokenWorldError, CorruptRecordError
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from ledger.worker import MANY, Worker, keys_of

AHEAD_MAX: Final = 2_000_000
"""Persons whose keys are made beforehand: 100 bytes each."""


class PersonKeys:
    """Makes them. Belongs to one thread.

    Args:
        worker: makes those that nobody made beforehand.
        many: persons from which on a bulk transfer is worth it.
    """

    def __init__(
        self, rows: BulkRows, secret: LedgerSecret, worker: Worker, many: int = MANY
    ) -> None:
        self.worker = worker
        self._rows = rows
        self._secret = secret
        self._many = many
        self._made: dict[UUID, dict[UUID, list[bytes]]] = {}

    def ahead(self, at: datetime) -> bool:
        """Make the keys of one more part that is there; whether there was one.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            return self._one_more(at)
        except CorruptRecordError:
            return False  # what was announced, or a part, cannot be read: the commit tells

    def _one_more(self, at: datetime) -> bool:
        under_way = [one for one in self._rows.under_way(at) if one.lines >= self._many]
        self._made = {one.bulk: self._made.get(one.bulk, {}) for one in under_way}
        if sum(len(keys) for made in self._made.values() for keys in made.values()) >= AHEAD_MAX:
            return False
        for one in under_way:
            made = self._made[one.bulk]
            # Asked only where there may be one: of thousands of parts that takes its time, and
            # somebody looks ten times a second.
            part = self._rows.other_part(one, made) if one.parts_there > len(made) else None
            if part is not None:
                made[part.upload] = self._of(one, part)
                return True
        return False

    def _of(self, one: UnderWay, part: StoredPart) -> list[bytes]:
        """None where it was replaced meanwhile, or cannot be read: the commit tells."""
        try:
            pieces = self._rows.pieces(one, part.upload, part.pieces)
            return [key for piece in pieces for key in keys_of(piece, self._secret)]
        except CorruptRecordError:
            return []

    def each(
        self, rows: BulkRows, one: UnderWay, parts: Sequence[StoredPart]
    ) -> Iterator[tuple[bytes, list[bytes]]]:
        """The persons as they came in, each as JSON, parted by LF, some at a time; and their keys.

        Args:
            rows: by which whoever commits reads them.

        Raises:
            CorruptRecordError: a piece is missing, or does not open.
        """
        made = self._made.pop(one.bulk, {})
        for is_made, some in groupby(parts, lambda part: len(made.get(part.upload, ())) > 0):
            if not is_made:
                yield from self.worker.keys(received(rows, one, list(some)), one.lines)
                continue
            for part in some:
                keys, begin = made.pop(part.upload), 0
                for piece in rows.pieces(one, part.upload, part.pieces):
                    end = begin + piece.count(b"\n") + 1
                    yield piece, keys[begin:end]
                    begin = end
                if begin != len(keys):
                    raise BrokenWorldError("keys were made of other persons than are there")


def received(rows: BulkRows, one: UnderWay, parts: Sequence[StoredPart]) -> Iterator[bytes]:
    """The persons as they came in, each as JSON, parted by LF, some at a time."""
    for part in parts:
        yield from rows.pieces(one, part.upload, part.pieces)
