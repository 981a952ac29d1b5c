"""One part that comes in: unpacked, hashed, read as lines, handed on in batches."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from api.resources.bulk.parts.decompression import Decompression
from api.resources.bulk.parts.lines import LineOrDefect, Lines
from ledger.errors import Defect, MalformedError
from ledger.transfers.bulk.staging_area import StoredPart
from ledger.transfers.bulk.upload import LINES_AT_ONCE, Line, PartUpload

_BATCH_BYTES: Final = 1024 * 1024
_STEP_LINES: Final = 10_000
"""With `_BATCH_BYTES` of content what one step takes, and a block: a tenth of a second or two."""
_DEFECTS_MAX: Final = 100


class PartReader:
    """Takes one part in. Belongs to one thread at a time, and holds one batch of lines.

    Args:
        upload: where the lines go; whoever made it discards it when something is raised here.
        stated: the hash that the sender states; None: none.
    """

    def __init__(
        self, upload: PartUpload, unpacking: Decompression, lines: Lines, stated: bytes | None
    ) -> None:
        self._upload = upload
        self._unpacking = unpacking
        self._lines = lines
        self._stated = stated
        self._hash = sha256()
        self._batch: list[Line] = []
        self._defects: list[Defect] = []
        self._bytes = self._step_bytes = self._step_lines = 0

    def take(self, piece: bytes) -> Iterator[None]:
        """Take the next bytes, as they came, in steps: a few bytes may unpack to very much.

        Raises:
            PartUnreadableError: they do not unpack.
            MalformedError: a line is no person whom the transfer may name.
            StoreUnavailableError: the database cannot be reached.
        """
        for block in self._unpacking.blocks(piece):
            self._hash.update(block)
            self._add(self._lines.lines(block))
            self._bytes += len(block)
            if self._bytes >= _BATCH_BYTES:
                self._hand_on()
            self._step_bytes += len(block)
            if self._step_bytes >= _BATCH_BYTES or self._step_lines >= _STEP_LINES:
                self._step_bytes = self._step_lines = 0
                yield

    def end(self) -> StoredPart:
        """There are no more bytes: the part is whole.

        Raises:
            PartDiffersError: it is not the part whose hash was stated; or see `take`.
        """
        self._unpacking.end()
        self._add(self._lines.flush())
        self._hand_on()
        return self._upload.close(self._hash.digest(), self._stated)

    def _add(self, found: Iterable[LineOrDefect]) -> None:
        for one in found:
            if isinstance(one, Defect):
                self._defects.append(one)
            else:
                self._batch.append(one)
            if len(self._batch) + len(self._defects) >= LINES_AT_ONCE:
                self._hand_on()

    def _hand_on(self) -> None:
        """Hand the batch on; with a line in it that cannot be read, every other fault is told too.

        Raises:
            MalformedError: names the lines, some 100 at most.
        """
        batch, defects = self._batch, self._defects
        self._step_lines += len(batch)
        self._batch, self._defects, self._bytes = [], [], 0
        try:
            if batch:
                self._upload.add(batch)
        except MalformedError as error:
            if not defects:
                raise
            defects = [*defects, *error.defects]
        if defects:
            defects.sort(key=_line_of)
            raise MalformedError(tuple(defects[:_DEFECTS_MAX]))


def _line_of(found: Defect) -> int:
    number = found.pointer.removeprefix("/lines/").partition("/")[0]
    return int(number) if number.isdigit() else 0
