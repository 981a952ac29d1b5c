"""Parts of a bulk transfer on their way in: checked line by line, kept sealed, never held whole."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from typing import Final, cast
from uuid import UUID

from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import Defect, MalformedError, TooLargeError
from ledger.format.json import encoded
from ledger.transfers.bulk.background import BackgroundTask
from ledger.transfers.bulk.errors import (
    BulkClosedError,
    ContentDiffersError,
    LinesDifferError,
    PartDiffersError,
    PartsMissingError,
)
from ledger.transfers.bulk.staging_area import BulkMembers, BulkRows, StoredPart, UnderWay
from ledger.values import CheckedTransfer, Json

Check = Callable[[object, date], CheckedTransfer]
Line = tuple[int, Json]
"""The number of a line in its part, from 1, and what stands there."""

LINES_MAX: Final = 5_000_000
"""A commit holds a key of 16 bytes of each person: this many take some 600 MB."""
PARTS_MAX: Final = 10_000
LINES_AT_ONCE: Final = 1_000
_PIECE_BYTES: Final = 256 * 1024
_LINES_OF_A_PIECE: Final = 25
"""Between two looks at its size; a line has at most 64 KB."""
_MEMBERS_BYTES_MAX: Final = 2 * 1024 * 1024
_DEFECTS_MAX: Final = 100
STAND_IN: Final[dict[str, Json]] = {"scheme": "member", "id": "1"}
"""In the place of the persons, where the rest of a transfer is checked without them."""


@dataclass(frozen=True, slots=True)
class BulkAnnouncement:
    """What is to come.

    Attributes:
        command: its data without `principals`; its id is not used.
        lines: persons in all parts, also those who are in them twice.
        parts: how many, numbered from 1.
        sha256: over the SHA-256 of each part (32 bytes each), in the order of their numbers.
    """

    command: RecordTransfer
    lines: int
    parts: int
    sha256: bytes

    @property
    def members(self) -> BulkMembers:
        """As it is kept."""
        command = self.command
        return {
            "source": command.source,
            "id": command.id,
            "data": dict(command.data),
            "order_11": command.order_11,
            "within": command.within,
            "sha256": self.sha256.hex(),
        }


def announced_defects(
    data: Mapping[str, Json], lines: int, parts: int, digest: bytes
) -> list[Defect]:
    """What cannot be recorded in parts; see `BulkAnnouncement`."""
    found: list[Defect] = []
    if not 0 < lines <= LINES_MAX:
        found.append(Defect("/lines", "SCHEMA", f"give 1 to {LINES_MAX:,}"))
    if not 0 < parts <= PARTS_MAX:
        found.append(Defect("/parts", "SCHEMA", f"give 1 to {PARTS_MAX:,}"))
    elif 0 < lines < parts:
        found.append(Defect("/parts", "SCHEMA", "each part has one line at least"))
    if len(digest) != sha256().digest_size:
        found.append(Defect("/sha256", "SCHEMA", "give 64 hex digits"))
    if "principals" in data:
        found.append(Defect("/data/principals", "SCHEMA", "send the persons in the parts"))
    if "series_id" in data:
        detail = "a message of a series is sent as a transfer of at most 1,000 persons"
        found.append(Defect("/data/series_id", "NOT_IN_BULK", detail))
    return found


def check_announced(announcement: BulkAnnouncement) -> None:
    """Refuse what cannot be recorded in parts.

    Raises:
        MalformedError: names every defect.
        TooLargeError: the transfer without its persons does not fit into one event.
    """
    data = announcement.command.data
    if found := announced_defects(
        data, announcement.lines, announcement.parts, announcement.sha256
    ):
        raise MalformedError(tuple(found))
    if len(encoded(announcement.members)) > _MEMBERS_BYTES_MAX:
        raise TooLargeError


def command_of(one: UnderWay) -> RecordTransfer:
    """What was announced, under the command of its commit."""
    members = one.members
    return RecordTransfer(
        command=one.command,
        actor=one.actor,
        source=cast("str", members["source"]),
        id=cast("str", members["id"]),
        data=CheckedTransfer(cast("Mapping[str, Json]", members["data"])),
        order_11=cast("int", members["order_11"]),
        within=cast("str | None", members["within"]),
    )


def closed(rows: BulkRows, one: UnderWay, at: datetime) -> UnderWay:
    """The bulk transfer with its commit begun; as it is when that was done before.

    Raises:
        PartsMissingError, LinesDifferError, ContentDiffersError: the parts are not what was
            announced; nothing is changed.
        BulkClosedError: it was aborted.
    """
    if one.state == "uploading":
        rows.close(one, at, lambda parts: check_complete(one, parts))
        one = rows.find(one.bulk, at)
    if one.state == "aborted":
        raise BulkClosedError(one.state)
    return one


def check_complete(one: UnderWay, parts: Sequence[StoredPart]) -> None:
    """Refuse parts that are not what was announced.

    Raises:
        PartsMissingError, LinesDifferError, ContentDiffersError: they are not.
    """
    there = {part.number for part in parts}
    missing = [number for number in range(1, one.parts + 1) if number not in there]
    if missing:
        raise PartsMissingError(missing)
    lines = sum(part.lines for part in parts)
    if lines != one.lines:
        raise LinesDifferError(one.lines, lines)
    whole = sha256(b"".join(part.sha256 for part in parts))
    if whole.hexdigest() != one.members["sha256"]:
        raise ContentDiffersError


class PartUpload:
    """One part that comes in. Belongs to one thread at a time.

    Args:
        others: lines of the other parts that are there.
        on: the day of receipt, in Japan.
    """

    def __init__(
        self, rows: BulkRows, one: UnderWay, number: int, others: int, check: Check, on: date
    ) -> None:
        self._rows, self._one, self._number = rows, one, number
        self._lines_max = one.lines - others
        self._check, self._on = check, on
        self._upload: UUID = random_uuid()
        self._persons: list[bytes] = []
        self._bytes = self._size = self._lines = self._pieces = 0
        self._background = BackgroundTask()

    def add(self, lines: Sequence[Line]) -> None:
        """Take in the next lines, at most `LINES_AT_ONCE`.

        Raises:
            MalformedError: one of them is no person whom a transfer may name (the pointers begin
                with `/lines/` and its number), or they are more than was announced.
            StoreUnavailableError: the database cannot be reached.
        """
        if self._lines + len(lines) > self._lines_max:
            raise more_than_announced(self._one)
        self._checked(lines)
        texts = _each_encoded([person for _, person in lines])
        for begin in range(0, len(texts), _LINES_OF_A_PIECE):
            some = texts[begin : begin + _LINES_OF_A_PIECE]
            size = sum(map(len, some))
            self._persons += some
            self._bytes += size
            self._size += size
            if self._bytes >= _PIECE_BYTES:
                self._put()
        self._lines += len(lines)

    def close(self, content: bytes, stated: bytes | None = None) -> StoredPart:
        """The part is there whole, in the place of any that had its number.

        Args:
            content: SHA-256 of it, as it was before compression.
            stated: what the sender says it is; None: nothing.

        Raises:
            PartDiffersError: they differ.
            MalformedError: it has no lines.
        """
        if stated is not None and stated != content:
            raise PartDiffersError
        if not self._lines:
            raise MalformedError((Defect("", "SCHEMA", "a part has one line at least"),))
        self._put()
        self._background.end()
        return StoredPart(
            self._number, self._upload, self._lines, content, self._size, self._pieces
        )

    def discard(self) -> None:
        """Let go of what came in."""
        self._background.end(is_needed=False)
        self._rows.forget_upload(self._one, self._upload)

    def _put(self) -> None:
        if self._persons:
            content = b"\n".join(self._persons)
            # Whoever sends goes on meanwhile.
            self._background.do(
                partial(self._rows.put, self._one, self._upload, self._pieces, content)
            )
            self._pieces += 1
            self._persons, self._bytes = [], 0

    def _checked(self, lines: Sequence[Line]) -> None:
        """Check the persons with the rest of the transfer, as an ordinary one would be.

        Raises:
            MalformedError: see `add`.
        """
        data = cast("dict[str, Json]", self._one.members["data"])
        with suppress(MalformedError):
            self._check({**data, "principals": [person for _, person in lines]}, self._on)
            return
        first: dict[bytes, Line] = {}  # who is in it twice is no defect here
        for line in lines:
            first.setdefault(encoded(line[1]), line)
        unique = list(first.values())
        try:
            self._check({**data, "principals": [person for _, person in unique]}, self._on)
        except MalformedError as error:
            raise MalformedError(_named(error.defects, unique)) from None


def more_than_announced(one: UnderWay) -> MalformedError:
    """The part is not taken: all together would have too many lines."""
    detail = f"the parts have more lines than the {one.lines:,} that were announced"
    return MalformedError((Defect("", "MORE_THAN_ANNOUNCED", detail),))


def _each_encoded(persons: list[Json]) -> list[bytes]:
    """The JSON of persons whom the contract has accepted, each for itself.

    All are encoded at once: an identifier comes first in each, and what parts two of them stands in
    no text, where quotes are escaped.
    """
    texts = encoded(persons)[1:-1].replace(b'},{"id":"', b'}\n{"id":"').split(b"\n")
    assert len(texts) == len(persons), "the contract asks for an identifier, and for nothing before"
    return texts


def _named(defects: tuple[Defect, ...], lines: Sequence[Line]) -> tuple[Defect, ...]:
    """The defects with the numbers of the lines in their pointers, in the order of the lines."""
    found: list[tuple[int, Defect]] = []
    for defect in defects:
        _, _, tail = defect.pointer.partition("/principals/")
        index, _, member = tail.partition("/")
        if not index.isdigit():
            found.append((0, defect))
            continue
        number = lines[int(index)][0]
        pointer = f"/lines/{number}" + (f"/{member}" if member else "")
        found.append((number, Defect(pointer, defect.code, defect.detail)))
    found.sort(key=lambda one: one[0])
    return tuple(defect for _, defect in found[:_DEFECTS_MAX])
