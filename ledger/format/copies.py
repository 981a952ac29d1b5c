"""Records carried forward: a copy opens what the original committed to, of some persons only.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection, Mapping
from typing import cast

from ledger.crypto.commitments import (
    line_commitment,
    line_salt,
    statement_commitment,
    statement_salt,
)
from ledger.crypto.encoding import context
from ledger.errors import CorruptRecordError
from ledger.format.envelope import CopyContent, Header, SealedContent
from ledger.format.json import encoded
from ledger.format.types import TYPES
from ledger.merkle.hashes import leaf_hash
from ledger.merkle.partial import narrowed, root_of_partial
from ledger.values import Json


def carried_forward(original: Header, content: SealedContent, keep: Collection[int]) -> CopyContent:
    """The content of a copy of `original` that carries the lines `keep` only.

    Args:
        original: header of the original, never of a copy.
        content: of the original, or of a copy of it that still lives.
        keep: indexes of the lines in the original event, of the persons concerned.

    Raises:
        CorruptRecordError: a line to be kept is not in `content`.
    """
    place = context(original.ledger, original.stream, original.version)
    whole = content.copy or opened_salts(original, content)
    lines = {j: (salt, line) for j, salt, line in whole.lines}
    leaves = {
        j: leaf_hash(line_commitment(salt, place, j, line)) for j, (salt, line) in lines.items()
    }
    nodes: tuple[bytes, ...] = ()
    if original.lines_root is not None:
        nodes = tuple(narrowed(original.lines_count, leaves, whole.nodes, keep))
    return CopyContent(
        whole.record,
        whole.fingerprint,
        whole.statement,
        whole.statement_salt,
        tuple((j, *lines[j]) for j in sorted(set(keep))),
        nodes,
    )


def opened_salts(header: Header, content: SealedContent) -> CopyContent:
    """Everything that `header` commits to, each with its own salt in place of the salt key."""
    salt_key = content.salt_key
    salt: bytes | None = None
    lines: tuple[tuple[int, bytes, bytes], ...] = ()
    if salt_key is not None:
        place = context(header.ledger, header.stream, header.version)
        salt = statement_salt(salt_key, place) if content.statement is not None else None
        lines = tuple(
            (j, line_salt(salt_key, place, j), line) for j, line in enumerate(content.lines)
        )
    return CopyContent(content.record, content.fingerprint, content.statement, salt, lines)


def verify_copy(copy: CopyContent, header: Header, original: Header) -> None:
    """Check that the copy opens what the original committed to.

    Raises:
        CorruptRecordError: it does not, or `original` is not what `header` names.
    """
    names = header.copies
    if (
        names is None
        or original.copies is not None
        or original.sealed_key is None
        or names.version != original.version
        or original.version >= header.version
        or (header.stream, header.ledger) != (original.stream, original.ledger)
    ):
        raise CorruptRecordError("the copy is not of that original")
    if (copy.fingerprint is not None) != TYPES[original.type].is_recorded:
        raise CorruptRecordError("a copy has a fingerprint where its original has one")
    if copy.record is None and original.type != "principals-appended":
        raise CorruptRecordError("a copy has a record where its original has one")
    place = context(original.ledger, original.stream, original.version)
    if (copy.statement is None) != (original.statement is None):
        raise CorruptRecordError("a copy has a statement where its original has one")
    if copy.statement is not None and copy.statement_salt is not None:
        commitment = statement_commitment(copy.statement_salt, place, copy.statement)
        if commitment != original.statement:
            raise CorruptRecordError("the copied statement is not the original's")
    if original.lines_root is None:
        if copy.lines or copy.nodes:
            raise CorruptRecordError("the copy has lines where its original has none")
        return
    leaves = {j: leaf_hash(line_commitment(salt, place, j, line)) for j, salt, line in copy.lines}
    if root_of_partial(original.lines_count, leaves, copy.nodes) != original.lines_root:
        raise CorruptRecordError("the copied lines are not the original's")


def copy_of(members: Mapping[str, Json]) -> SealedContent:
    """The content of a copy from its JSON, whose shape was checked."""
    text = members.get
    statement = text("statement")
    lines = cast("list[tuple[int, str, Json]]", text("lines") or [])
    copy = CopyContent(
        record=cast("dict[str, Json] | None", text("record")),
        fingerprint=_bytes(text("fingerprint")),
        statement=None if statement is None else encoded(statement),
        statement_salt=_bytes(text("statement_salt")),
        lines=tuple((j, bytes.fromhex(salt), encoded(line)) for j, salt, line in lines),
        nodes=tuple(bytes.fromhex(node) for node in cast("list[str]", text("nodes") or [])),
    )
    carried = tuple(line for _, _, line in copy.lines)
    return SealedContent(copy.record, copy.statement, carried, None, copy.fingerprint, copy)


def _bytes(value: Json) -> bytes | None:
    return None if value is None else bytes.fromhex(cast("str", value))
