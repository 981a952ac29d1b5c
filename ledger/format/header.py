"""Headers: read strictly, and hashed. What stands in clear, for ever.

Source: `docs/reference/event-format.md`, section 1.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from uuid import UUID

from ledger.crypto.encoding import ledger_prefix, tag
from ledger.crypto.sealed_parts import ATTACHED_BYTES_MAX, OVERHEAD_BYTES, SEALED_BYTES_MAX
from ledger.errors import CorruptRecordError
from ledger.format.envelope import Header, Original, TransferParts
from ledger.format.json import encoded, parse
from ledger.format.types import (
    ATTACHED_MAX,
    HEADER_BYTES_MAX,
    KEYS_MAX,
    LINES_MAX,
    PARTS_MAX,
    EventType,
    type_named,
)
from ledger.values import Json

ACTOR_LENGTH_MAX = 64
VERSION_MAX = 2**53 - 1
BLIND_BYTES = 16
_NO_INSTANT = "an instant is in UTC and cut to milliseconds"

Prove = Callable[[bytes], bytes]
"""`prove(bare)` gives the 16 bytes of a `blind` that proves the header without it."""

_UUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_EVENT = tag("ppl/event/1")
_ACTOR = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:-]{{0,{ACTOR_LENGTH_MAX - 1}}}")


def event_hash(header: bytes) -> bytes:
    """What the log commits to: 32 bytes; leaf hash of the log = `leaf_hash(event_hash(header))`."""
    return sha256(_EVENT + header).digest()


def is_proven(content: bytes, prove: Prove) -> bool:
    """Whether `blind` of a header is its proof: False for whatever is no such header, too."""
    try:
        members = parse(content)
        if type(members) is not dict or encoded(members) != content:
            return False
        blind = bytes.fromhex(_text(members.pop("blind")))
        return hmac.compare_digest(blind, prove(encoded(members)))
    except (CorruptRecordError, KeyError, TypeError, ValueError):
        return False


@lru_cache(maxsize=1_024)
def is_actor(text: str) -> bool:
    """True for an opaque id that may stand in a header: ASCII, at most 64 characters."""
    return _ACTOR.fullmatch(text) is not None


def instant_text(at: datetime) -> str:
    """UTC with exactly three decimals: `2026-11-24T00:03:02.120Z`.

    Raises:
        CorruptRecordError: the instant is not in UTC, or finer than a millisecond.
    """
    if at.tzinfo is not UTC:
        raise CorruptRecordError(_NO_INSTANT)
    return _utc_text(at)


@lru_cache(maxsize=64)
def _utc_text(at: datetime) -> str:
    """Remembered, because all that is appended together has one instant."""
    text = at.isoformat(timespec="microseconds")
    if text[23:26] != "000":
        raise CorruptRecordError(_NO_INSTANT)
    return text[:23] + "Z"


def read_header(content: bytes) -> Header:
    """The header of an event.

    Raises:
        CorruptRecordError: anything that the format does not allow, unknown members included.
    """
    if len(content) > HEADER_BYTES_MAX:
        raise CorruptRecordError("a header has at most 4,095 bytes")
    members = parse(content)
    if type(members) is not dict or encoded(members) != content:
        raise CorruptRecordError("the header is no JSON object, or not its own re-encoding")
    name = members.get("type")
    if type(name) is not str:
        raise CorruptRecordError("the header names no type")
    spec = type_named(name)
    if not spec.required <= members.keys() <= spec.allowed:
        raise CorruptRecordError("the header has too few or too many members for its type")
    try:
        return _header(name, spec, members)
    except (ValueError, TypeError, KeyError):
        raise CorruptRecordError("a member of the header is not what the format allows") from None


def _header(name: str, spec: EventType, members: Mapping[str, Json]) -> Header:
    """Read the members. Raises ValueError, TypeError or KeyError for what is not allowed."""
    actor, facts = _text(members["actor"]), members["facts"]
    if type(facts) is not dict or not is_actor(actor) or _number(members["v"], 1, 1) != 1:
        raise ValueError("actor, facts or v")
    spec.check_facts(facts)
    ledger = _text(members["ledger"])
    ledger_prefix(ledger)
    key, digest, size = _sealed(members.get("sealed"))
    root, count, first = _lines(spec, members.get("lines"))
    return Header(
        actor,
        _instant(_text(members["at"])),
        _uuid(members["command"]),
        facts,
        ledger,
        _uuid(members["stream"]),
        name,
        _number(members["version"], 1, VERSION_MAX),
        _number(members["judged_at"], 0, VERSION_MAX) if "judged_at" in members else None,
        None if spec.classes else _hex(members["blind"], BLIND_BYTES),
        key,
        digest,
        size,
        _hash(members["statement"]) if "statement" in members else None,
        root,
        count,
        first,
        _attached(members["attached"]) if "attached" in members else (),
        _copies(members["copies"]) if "copies" in members else None,
        _parts(members["parts"]) if "parts" in members else None,
        _keys(members["keys"]) if "keys" in members else (),
    )


def _closed(value: Json, *names: str) -> dict[str, Json]:
    if type(value) is not dict or value.keys() != set(names):
        raise ValueError("members of an object")
    return value


def _text(value: Json) -> str:
    if type(value) is not str:
        raise TypeError("no text")
    return value


def _number(value: Json, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError("no number within its bounds")
    return value


def _hex(value: Json, size: int) -> bytes:
    content = bytes.fromhex(_text(value))
    if len(content) != size or content.hex() != value:
        raise ValueError("no lower-case hex of that size")
    return content


def _hash(value: Json) -> bytes:
    return _hex(value, 32)


def _uuid(value: Json) -> UUID:
    # Not `UUID(text)`: that takes several forms, and looks for each of them.
    text = _text(value)
    if _UUID.fullmatch(text) is None:
        raise ValueError("no lower-case uuid with hyphens")
    return UUID(int=int(text.replace("-", ""), 16))


@lru_cache(maxsize=64)
def _instant(text: str) -> datetime:
    # Remembered as in `_utc_text`: what was appended together is read together.
    at = datetime.fromisoformat(text)
    if at.tzinfo is not UTC or instant_text(at) != text:
        raise ValueError("no instant of the format")
    return at


def _sealed(value: Json) -> tuple[bytes | None, bytes | None, int | None]:
    if value is None:
        return None, None, None
    sealed = _closed(value, "key", "sha256", "size")
    size = _number(sealed["size"], OVERHEAD_BYTES, SEALED_BYTES_MAX + OVERHEAD_BYTES)
    return _hash(sealed["key"]), _hash(sealed["sha256"]), size


def _lines(spec: EventType, value: Json) -> tuple[bytes | None, int, int | None]:
    if value is None:
        return None, 0, None
    names = ("count", "root") if spec.is_numbered else ("count", "first", "root")
    lines = _closed(value, *names)
    first = None if spec.is_numbered else _number(lines["first"], 0, VERSION_MAX)
    return _hash(lines["root"]), _number(lines["count"], 1, LINES_MAX), first


def _attached(value: Json) -> tuple[tuple[bytes, int], ...]:
    if type(value) is not list or not 0 < len(value) <= ATTACHED_MAX:
        raise ValueError("attached")
    read: list[tuple[bytes, int]] = []
    for one in value:
        document = _closed(one, "sha256", "size")
        size = _number(document["size"], OVERHEAD_BYTES, ATTACHED_BYTES_MAX + OVERHEAD_BYTES)
        read.append((_hash(document["sha256"]), size))
    return tuple(read)


def _copies(value: Json) -> Original:
    copies = _closed(value, "position", "version")
    return Original(
        _number(copies["position"], 1, VERSION_MAX), _number(copies["version"], 1, VERSION_MAX)
    )


def _parts(value: Json) -> TransferParts:
    parts = _closed(value, "count", "lines", "root")
    return TransferParts(
        _number(parts["count"], 2, PARTS_MAX),
        _number(parts["lines"], 1, VERSION_MAX),
        _hash(parts["root"]),
    )


def _keys(value: Json) -> tuple[bytes, ...]:
    if type(value) is not list or not 0 < len(value) <= KEYS_MAX:
        raise ValueError("keys")
    keys = [_hash(one) for one in value]
    # Sorted and different: one set of keys has one header.
    if any(low >= high for low, high in pairwise(keys)):
        raise ValueError("keys out of order")
    return tuple(keys)
