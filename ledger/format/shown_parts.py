"""Showings: what proves one record, and one line of it, to who knows the log's public key only.

Source: `docs/reference/event-format.md`, section 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.crypto.commitments import line_commitment
from ledger.crypto.encoding import context
from ledger.errors import CorruptRecordError
from ledger.format.copies import opened_salts
from ledger.format.envelope import CopyContent, SealedContent
from ledger.format.header import event_hash, read_header
from ledger.merkle.hashes import leaf_hash
from ledger.merkle.partial import path_in_partial
from ledger.merkle.proofs import inclusion_path


@dataclass(frozen=True, slots=True)
class ProofPart:
    """A recorded event or a chunk, proven by the `parts.root` of its `transfer-completed`.

    Attributes:
        index: 0 for the recorded event, else the number of the chunk.
        path: audit path in the tree of the parts.
    """

    header: bytes
    index: int
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class ProofEvent:
    """An event, proven by the log.

    Attributes:
        index: leaf index, position − 1.
        path: audit path in the log at the size of the checkpoint.
    """

    header: bytes
    index: int
    path: Sequence[bytes]
    parts: Sequence[ProofPart] = ()


@dataclass(frozen=True, slots=True)
class ProofText:
    """A statement or a line, opened.

    Attributes:
        place: (event,) or (event, part): indexes into the showing.
        index: of the line in its event; None for the statement.
        path: audit path of the line in `lines.root`; empty for the statement.
    """

    place: tuple[int, ...]
    salt: bytes
    text: bytes
    index: int | None = None
    path: Sequence[bytes] = ()


def prove_statement(header: bytes, content: SealedContent, place: tuple[int, ...]) -> ProofText:
    """The statement that `header` commits to.

    Args:
        content: of that event, or of a copy of it.

    Raises:
        CorruptRecordError: there is none.
    """
    whole = _opened(header, content)
    if whole.statement is None or whole.statement_salt is None:
        raise CorruptRecordError("the event has no statement")
    return ProofText(place, whole.statement_salt, whole.statement)


def prove_line(header: bytes, content: SealedContent, j: int, place: tuple[int, ...]) -> ProofText:
    """Line `j` of the event whose `lines.root` is in `header`.

    Args:
        content: of that event, or of a copy of it that carries the line.

    Raises:
        CorruptRecordError: there is no such line.
    """
    read = read_header(header)
    where = context(read.ledger, read.stream, read.version)
    whole = _opened(header, content)
    lines = {number: (salt, line) for number, salt, line in whole.lines}
    if j not in lines:
        raise CorruptRecordError("the event has no such line")
    leaves = {
        number: leaf_hash(line_commitment(salt, where, number, line))
        for number, (salt, line) in lines.items()
    }
    path = path_in_partial(read.lines_count, leaves, whole.nodes, j)
    return ProofText(place, *lines[j], j, path)


def part_path(headers: Sequence[bytes], index: int) -> list[bytes]:
    """Audit path of a part: `headers` of the recorded event and the chunks, in order."""
    return inclusion_path([leaf_hash(event_hash(header)) for header in headers], index)


def event_members(event: ProofEvent) -> dict[str, Any]:
    """An event as a showing has it."""
    members = _proven(event)
    if event.parts:
        members["parts"] = [_proven(part) for part in event.parts]
    return members


def _proven(one: ProofEvent | ProofPart) -> dict[str, Any]:
    return {"header": one.header.decode(), "index": one.index, "path": hexes(one.path)}


def text_members(shown: ProofText) -> dict[str, Any]:
    """A statement or a line as a showing has it; a line has its index and path besides."""
    return {"in": list(shown.place), "salt": shown.salt.hex(), "text": shown.text.decode()}


def hexes(hashes: Sequence[bytes]) -> list[str]:
    """Hashes as JSON has them."""
    return [one.hex() for one in hashes]


def _opened(header: bytes, content: SealedContent) -> CopyContent:
    return content.copy or opened_salts(read_header(header), content)
