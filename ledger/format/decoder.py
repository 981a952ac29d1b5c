"""Stored bytes become opened events: checked against their header, and opened under their key.

Source: `docs/reference/event-format.md`, sections 2, 3 and 5.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final, cast

from ledger.crypto.commitments import line_leaves, statement_commitment, statement_salt
from ledger.crypto.encoding import context
from ledger.crypto.keys import key_id_of
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN, open_attached, open_part, unpadded
from ledger.errors import CorruptRecordError
from ledger.format.content import check_content
from ledger.format.copies import copy_of, verify_copy
from ledger.format.envelope import DataKey, Header, OpenEvent, SealedContent, StoredFact
from ledger.format.header import read_header
from ledger.format.json import encoded, parse, strict
from ledger.format.types import TYPES
from ledger.merkle.hashes import root_of
from ledger.values import Json


def open_event(
    fact: StoredFact,
    keys: Mapping[bytes, DataKey],
    ledger: str,
    *,
    verify: bool = True,
    header: Header | None = None,
    original: Header | None = None,
) -> OpenEvent:
    """The event, opened if its part is there and its key lives.

    Args:
        keys: key id → key; a key that is missing is dead.
        verify: also check the part's hash, its JSON, the key's id and all commitments. Without,
            AES-GCM still proves that the part is the one sealed under this key for this event.
        header: what `read_header` gave for this fact, to read it once only.
        original: header of the event that a copy copies; with it the copy is checked against it.

    Raises:
        CorruptRecordError: anything that the format does not allow or that does not match.
    """
    try:
        header = read_header(fact.header) if header is None else header
        if (header.stream, header.version, header.type, header.ledger) != (
            fact.stream,
            fact.version,
            fact.type,
            ledger,
        ):
            raise CorruptRecordError("the row is not the header's")  # noqa: TRY301 -- position added below
        content = _content(fact, header, keys, verify=verify)
        if content is not None and content.copy is not None and original is not None:
            verify_copy(content.copy, header, original)
    except CorruptRecordError as error:
        if error.position is None:
            raise CorruptRecordError(str(error), fact.position) from None
        raise
    return OpenEvent(fact.position, header, content)


def _content(
    fact: StoredFact, header: Header, keys: Mapping[bytes, DataKey], *, verify: bool
) -> SealedContent | None:
    sealed = fact.sealed
    if sealed is None:
        return None
    if header.sealed_key is None:
        raise CorruptRecordError("a sealed part belongs to no header")
    if len(sealed) != header.sealed_size:
        raise CorruptRecordError("the sealed part has another size")
    if verify and sha256(sealed).digest() != header.sealed_sha256:
        raise CorruptRecordError("the sealed part has another hash")
    key = keys.get(header.sealed_key)
    if key is None:
        return None
    if verify and key_id_of(key.secret, header.ledger) != header.sealed_key:
        raise CorruptRecordError("the key is not the one its id commits to")
    place = context(header.ledger, header.stream, header.version)
    size_min = FIXED_BYTES_MIN if TYPES[header.type].is_fixed else 0
    text = unpadded(open_part(key, place, header.type, sealed), size_min=size_min)
    members = strict(text) if verify else parse(text)
    if type(members) is not dict:
        raise CorruptRecordError("the sealed part holds no object")
    check_content(header, members, in_full=verify)
    if header.copies is not None:
        return copy_of(members)
    content = _read(members, text)
    if verify:
        _check_commitments(header, place, content)
    return content


def _read(members: Mapping[str, Json], text: bytes) -> SealedContent:
    statement = members.get("statement")
    salt_key = members.get("salt_key")
    print_ = members.get("fingerprint")
    return SealedContent(
        record=cast("dict[str, Json] | None", members.get("record")),
        statement=None if statement is None else encoded(statement),
        lines=_lines(cast("list[Json]", members.get("lines") or []), text),
        salt_key=None if salt_key is None else bytes.fromhex(cast("str", salt_key)),
        fingerprint=None if print_ is None else bytes.fromhex(cast("str", print_)),
    )


def _lines(lines: list[Json], text: bytes) -> tuple[bytes, ...]:
    """The bytes of each line.

    Of a chunk they are cut out of its text, which is their encoding. There a line begins with its
    principal: in a text quotes are escaped, so what parts two lines stands nowhere else.
    """
    if len(lines) > 1 and text.startswith(_LINES):
        end = text.rfind(_LINES_END)
        cut = text[len(_LINES) : end].replace(_NEXT, _NEXT_CUT).split(b"\n")
        if end > 0 and len(cut) == len(lines):
            return tuple(cut)
    return tuple([_compact(line) for line in lines])


_LINES: Final = b'{"lines":['
_LINES_END: Final = b'],"salt_key":"'
_NEXT: Final = b'},{"principal":{'
_NEXT_CUT: Final = b'}\n{"principal":{'


def _compact(line: Json) -> bytes:
    """The line's bytes in no more room than they need: what the encoder gives keeps its buffer."""
    return bytes(memoryview(encoded(line)))


def _check_commitments(header: Header, place: bytes, content: SealedContent) -> None:
    salt_key = content.salt_key
    if salt_key is None:
        return
    if content.statement is not None:
        salt = statement_salt(salt_key, place)
        if statement_commitment(salt, place, content.statement) != header.statement:
            raise CorruptRecordError("the statement is not the one committed to")
    if content.lines and root_of(line_leaves(salt_key, place, content.lines)) != header.lines_root:
        raise CorruptRecordError("the lines are not the ones committed to")


def open_document(header: Header, key: DataKey, n: int, sealed: bytes) -> bytes:
    """The n-th attached document of an event.

    Raises:
        CorruptRecordError: there is none, or it is not the one that the header names.
    """
    if not 0 <= n < len(header.attached):
        raise CorruptRecordError("the event has no such document")
    if key.id != header.sealed_key or header.attached[n] != (sha256(sealed).digest(), len(sealed)):
        raise CorruptRecordError("the document is not the one that the header names")
    place = context(header.ledger, header.stream, header.version)
    return open_attached(key, place, header.type, n, sealed)
