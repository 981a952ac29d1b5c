"""Drafts become bytes: the sealed part, its commitments, the header.

Source: `docs/reference/event-format.md`, sections 1 to 3, 5 to 7.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from ledger.crypto.commitments import line_leaves, statement_commitment, statement_salt
from ledger.crypto.encoding import context, lp, tag
from ledger.crypto.random import drawn
from ledger.crypto.sealed_parts import (
    FIXED_BYTES_MIN,
    NONCE_BYTES,
    padded,
    padded_to,
    seal_attached,
    seal_part,
)
from ledger.errors import CorruptRecordError
from ledger.fast_init import fast_init
from ledger.format.envelope import CopyContent, DataKey, EventDraft, SealedEvent, TransferParts
from ledger.format.header import BLIND_BYTES, Prove, event_hash, instant_text, is_actor
from ledger.format.json import canonical, encoded
from ledger.format.types import (
    ATTACHED_MAX,
    HEADER_BYTES_MAX,
    KEYS_MAX,
    LINES_MAX,
    EventType,
    type_named,
)
from ledger.merkle.hashes import mth, root_of
from ledger.values import Json

Random = Callable[[int], bytes]

SALT_KEY_BYTES = 32
_FINGERPRINT = tag("ppl/fingerprint/1")
_ORDER_11 = frozenset({"0", "1", "2", "3", "4"})
_Members = dict[str, Any]


def fingerprint(source: str, id: str, data: Mapping[str, Json]) -> bytes:  # noqa: A002 -- the word of the contract
    """32 bytes over what was received: tells a repeat from a conflict; only ever stored sealed."""
    text = _FINGERPRINT + lp(source.encode()) + lp(id.encode()) + lp(encoded(data))
    return sha256(text).digest()


def parts_of(headers: Sequence[bytes], lines: int) -> TransferParts:
    """What a `transfer-completed` binds: the recorded event's header and the chunks', in order."""
    return TransferParts(len(headers), lines, mth(event_hash(header) for header in headers))


def seal(
    draft: EventDraft,
    key: DataKey | None,
    ledger: str,
    *,
    random: Random = drawn,
    fixed_bytes: int = FIXED_BYTES_MIN,
    prove: Prove | None = None,
) -> SealedEvent:
    """The event as bytes.

    Args:
        key: of a class that the type allows; None for a type without a sealed part.
        random: gives nonces, the salt key and `blind`.
        fixed_bytes: F of section 6, the same for all exclusions.
        prove: gives `blind` where it is a proof (`LedgerSecret.expiry_proof`).

    Raises:
        TooLargeError: the content does not fit into one event.
        CorruptRecordError: the draft holds what the format does not allow.
    """
    spec = type_named(draft.type)
    spec.check_facts(draft.facts)
    place = context(ledger, draft.stream, draft.version)
    header = _clear_members(draft, ledger)
    if key is None or not spec.classes:
        if key is not None or spec.classes:
            raise CorruptRecordError("a type has a sealed part always or never")
        blind = random(BLIND_BYTES) if prove is None else prove(encoded(header))
        header["blind"] = blind.hex()
        return _sealed_event(draft, header, spec, _NOTHING)
    if key.key_class not in spec.classes:
        raise CorruptRecordError("the key's class does not go with the type")
    content = _copied(draft.copy) if draft.copy is not None else None
    if content is None:
        content = _content(draft, spec)
        if draft.statement is not None or draft.lines:
            _commit(draft, spec, place, header, content, random(SALT_KEY_BYTES))
    plain = encoded(content)
    plain = padded_to(plain, fixed_bytes) if spec.is_fixed else padded(plain)
    sealed = seal_part(key, place, draft.type, plain, random(NONCE_BYTES))
    header["sealed"] = {
        "key": key.id.hex(),
        "sha256": sha256(sealed).hexdigest(),
        "size": len(sealed),
    }
    documents = _documents(draft, key, place, header, random) if draft.attached else ()
    return _sealed_event(draft, header, spec, _Sealed(key.id, key.partition, sealed, documents))


@fast_init
@dataclass(frozen=True, slots=True)
class _Sealed:
    key_id: bytes | None
    partition: int | None
    part: bytes | None
    documents: tuple[bytes, ...]


_NOTHING = _Sealed(None, None, None, ())


def _sealed_event(
    draft: EventDraft, header: _Members, spec: EventType, sealed: _Sealed
) -> SealedEvent:
    if not spec.required <= header.keys() <= spec.allowed:
        raise CorruptRecordError("the draft has too few or too many members for its type")
    text = encoded(header)
    if len(text) > HEADER_BYTES_MAX:
        raise CorruptRecordError("a header has at most 4,095 bytes")
    return SealedEvent(
        draft.stream,
        draft.version,
        draft.type,
        draft.command,
        text,
        sealed.key_id,
        sealed.partition,
        sealed.part,
        sealed.documents,
    )


def _clear_members(draft: EventDraft, ledger: str) -> _Members:
    if not is_actor(draft.actor):
        raise CorruptRecordError("the actor is no opaque id")
    header: _Members = {
        "actor": draft.actor,
        "at": instant_text(draft.at),
        "command": str(draft.command),
        "facts": draft.facts,
        "ledger": ledger,
        "stream": str(draft.stream),
        "type": draft.type,
        "v": 1,
        "version": draft.version,
    }
    if draft.judged_at is not None:
        header["judged_at"] = draft.judged_at
    if draft.copies is not None:
        header["copies"] = {"position": draft.copies.position, "version": draft.copies.version}
    if draft.parts is not None:
        parts = draft.parts
        header["parts"] = {"count": parts.count, "lines": parts.lines, "root": parts.root.hex()}
    if draft.keys:
        if len(draft.keys) > KEYS_MAX:
            raise CorruptRecordError("a run of an expiry lists at most 32 keys an event")
        header["keys"] = [key.hex() for key in sorted(set(draft.keys))]
    return header


def _content(draft: EventDraft, spec: EventType) -> _Members:
    record = draft.record
    content: _Members = {}
    if record is not None:
        if spec.is_recorded and record.get("order_11") not in _ORDER_11:
            raise CorruptRecordError("a recorded transfer says its Order 11 mark, 0 to 4")
        content["record"] = orjson.Fragment(canonical(record))
    elif draft.type != "principals-appended":
        raise CorruptRecordError("a sealed event has a record")
    if (draft.fingerprint is not None) != spec.is_recorded:
        raise CorruptRecordError("a fingerprint belongs to a recorded transfer")
    if draft.fingerprint is not None:
        content["fingerprint"] = draft.fingerprint.hex()
    return content


def _commit(
    draft: EventDraft,
    spec: EventType,
    place: bytes,
    header: _Members,
    content: _Members,
    salt_key: bytes,
) -> None:
    """Put statement and lines into the content, and their commitments into the header."""
    content["salt_key"] = salt_key.hex()
    statement, lines = draft.statement, draft.lines
    if statement is not None:
        content["statement"] = orjson.Fragment(statement)
        salt = statement_salt(salt_key, place)
        header["statement"] = statement_commitment(salt, place, statement).hex()
    if lines:
        if len(lines) > LINES_MAX or (draft.first is None) != spec.is_numbered:
            raise CorruptRecordError("an event has at most 1,000 lines, numbered by its type")
        content["lines"] = [orjson.Fragment(line) for line in lines]
        root = root_of(line_leaves(salt_key, place, lines)).hex()
        header["lines"] = {"count": len(lines), "root": root}
        if draft.first is not None:
            header["lines"]["first"] = draft.first


def _copied(copy: CopyContent) -> _Members:
    content: _Members = {}
    if copy.record is not None:
        content["record"] = orjson.Fragment(canonical(copy.record))
    if copy.fingerprint is not None:
        content["fingerprint"] = copy.fingerprint.hex()
    if copy.statement is not None and copy.statement_salt is not None:
        content["statement"] = orjson.Fragment(copy.statement)
        content["statement_salt"] = copy.statement_salt.hex()
    if copy.lines:
        content["lines"] = [[j, salt.hex(), orjson.Fragment(line)] for j, salt, line in copy.lines]
    if copy.nodes:
        content["nodes"] = [node.hex() for node in copy.nodes]
    return content


def _documents(
    draft: EventDraft, key: DataKey, place: bytes, header: _Members, random: Random
) -> tuple[bytes, ...]:
    if len(draft.attached) > ATTACHED_MAX:
        raise CorruptRecordError("an event has at most 8 attached documents")
    sealed = tuple(
        seal_attached(key, place, draft.type, n, document, random(NONCE_BYTES))
        for n, document in enumerate(draft.attached)
    )
    header["attached"] = [
        {"sha256": sha256(document).hexdigest(), "size": len(document)} for document in sealed
    ]
    return sealed
