"""A small reader of a ledger's tables, for the oracle: positions, headers, sealed content.

It imports nothing of the product. It unwraps the data keys with the epoch master itself and opens
every part by the formulas of `docs/reference/event-format.md`; a part that does not open, or whose
statement or lines are not what the header commits to, ends in an exception. What was carried
forward is told where its original stood, once the original itself is dead.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_EVENTS: LiteralString = """
    SELECT e.notification_id, e.state, s.part
      FROM ledger.events e
      LEFT JOIN ledger.sealed_parts s ON s.position = e.notification_id AND s.n = 0
     ORDER BY e.notification_id
"""
_KEYS: LiteralString = "SELECT key_id, key_class, day, owner, epoch, wrapped FROM ledger.data_keys"


@dataclass(frozen=True, slots=True)
class Seen:
    """One event in plain text. `content` is None when its key is dead and no copy of it lives.

    A copy (`record-carried-forward`) never has content of its own; `copies` is what it copies.
    """

    position: int
    type: str
    stream: str
    version: int
    at: datetime
    command: str
    facts: Mapping[str, Any]
    judged_at: int
    content: Mapping[str, Any] | None
    lines: Mapping[int, Mapping[str, Any]]
    is_dead: bool = False
    copies: int = 0

    @property
    def record(self) -> Mapping[str, Any]:
        return (self.content or {}).get("record", {})

    @property
    def statement(self) -> Mapping[str, Any]:
        return (self.content or {}).get("statement", {})


def read_all(
    connection: psycopg.Connection, ledger: str, masters: Mapping[str, bytes]
) -> list[Seen]:
    """All events in position order, by a full scan."""
    prefix = _lp(ledger.encode())
    keys = {
        bytes(key_id): _unwrapped(
            masters[epoch], wrapped, prefix, bytes(key_id), key_class, day, owner
        )
        for key_id, key_class, day, owner, epoch, wrapped in connection.execute(_KEYS)
    }
    headers: dict[int, dict[str, Any]] = {}
    opened: dict[int, dict[str, Any]] = {}
    for position, state, part in connection.execute(_EVENTS):
        headers[position] = header = json.loads(bytes(state))
        if part is not None and bytes.fromhex(header["sealed"]["key"]) in keys:
            opened[position] = _opened(header, bytes(part), keys, prefix)
    assert list(headers) == list(range(1, len(headers) + 1)), "dense"
    told = _told(headers, opened, prefix)
    return [_seen(position, header, told.get(position)) for position, header in headers.items()]


def _told(
    headers: Mapping[int, dict[str, Any]], opened: Mapping[int, dict[str, Any]], prefix: bytes
) -> dict[int, dict[str, Any]]:
    """The content of each event; its lines as pairs of index and line."""
    told: dict[int, dict[str, Any]] = {}
    for position, content in opened.items():
        if "copies" not in headers[position]:
            lines: list[Any] = content.get("lines", [])
            told[position] = {**content, "lines": list(enumerate(lines))}
    for position, content in opened.items():
        names = headers[position].get("copies")
        if names is None:
            continue
        of, copy = headers[names["position"]], headers[position]
        assert "copies" not in of, "an original, never a copy"
        assert (of["stream"], of["version"]) == (copy["stream"], names["version"])
        assert of["version"] < copy["version"]
        _prove_copy(of, content, prefix)
        if names["position"] in opened:
            continue  # the original lives
        lines = [(j, line) for j, _, line in content.get("lines", [])]
        earlier = told.setdefault(names["position"], {**content, "lines": lines})
        assert earlier.get("record") == content.get("record")
        assert earlier.get("fingerprint") == content.get("fingerprint")
        earlier["lines"] = sorted(dict(earlier["lines"] + lines).items())
    return told


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _hkdf(key: bytes, info: bytes) -> bytes:
    return _hmac(_hmac(bytes(32), key), info + b"\x01")


def _unwrapped(  # noqa: PLR0913, PLR0917 -- a row has as many columns
    master: bytes,
    wrapped: bytes,
    prefix: bytes,
    key_id: bytes,
    key_class: str,
    day: object,
    owner: UUID | None,
) -> bytes:
    day_text = b"" if day is None else str(day).encode()
    aad = b"ppl/wrap/1\0" + prefix + key_id + _lp(key_class.encode()) + _lp(day_text)
    if owner is not None:
        aad = aad.replace(b"ppl/wrap/1", b"ppl/wrap/2", 1) + owner.bytes
    key = AESGCM(master).decrypt(wrapped[:12], wrapped[12:], aad)
    assert _hmac(key, b"ppl/key-id/1\0" + prefix) == key_id, "key id"
    return key


def _seen(position: int, header: dict[str, Any], content: dict[str, Any] | None) -> Seen:
    lines: dict[int, Any] = {}
    if content is not None:
        first = header.get("lines", {}).get("first", 0)
        lines = {line.get("n", first + j): line for j, line in content["lines"]}
    return Seen(
        position,
        header["type"],
        header["stream"],
        header["version"],
        datetime.fromisoformat(header["at"]),
        header["command"],
        header["facts"],
        header.get("judged_at", 0),
        content,
        lines,
        content is None and "sealed" in header and "copies" not in header,
        header.get("copies", {}).get("position", 0),
    )


def _context(header: Mapping[str, Any], prefix: bytes) -> bytes:
    stream = bytes.fromhex(header["stream"].replace("-", ""))
    return prefix + stream + header["version"].to_bytes(8, "big")


def _opened(
    header: dict[str, Any], part: bytes, keys: Mapping[bytes, bytes], prefix: bytes
) -> dict[str, Any]:
    context = _context(header, prefix)
    key_id = bytes.fromhex(header["sealed"]["key"])
    assert sha256(part).hexdigest() == header["sealed"]["sha256"], "sealed.sha256"
    info = b"ppl/seal/1\0" + context
    aad = info + _lp(header["type"].encode()) + key_id
    plain = AESGCM(_hkdf(keys[key_id], info)).decrypt(part[:12], part[12:], aad)
    content = json.loads(plain[4 : 4 + int.from_bytes(plain[:4], "big")])
    _prove(header, content, context)
    return content


def _prove(header: dict[str, Any], content: dict[str, Any], context: bytes) -> None:
    """The statement and the lines are what the header commits to."""
    if "salt_key" not in content:
        return
    salt_key = bytes.fromhex(content["salt_key"])

    def commitment(kind: bytes, j: int, value: object) -> bytes:
        place = context + kind + j.to_bytes(4, "big")
        return _commitment(_hmac(salt_key, b"ppl/salt/1\0" + place), place, value)

    if "statement" in header:
        assert commitment(b"\0", 0, content["statement"]).hex() == header["statement"]
    if "lines" in header:
        leaves = [commitment(b"\1", j, line) for j, line in enumerate(content["lines"])]
        assert _root(leaves).hex() == header["lines"]["root"], "lines.root"


def _commitment(salt: bytes, place: bytes, value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _hmac(salt, b"ppl/commitment/1\0" + place + _lp(text.encode()))


def _prove_copy(original: Mapping[str, Any], content: Mapping[str, Any], prefix: bytes) -> None:
    """What a copy carries is what its original committed to."""
    context = _context(original, prefix)
    assert ("statement" in content) == ("statement" in original)
    if "statement" in content:
        salt, place = bytes.fromhex(content["statement_salt"]), context + bytes(5)
        assert _commitment(salt, place, content["statement"]).hex() == original["statement"]
    leaves: dict[int, bytes] = {}
    for j, salt, line in content.get("lines", []):
        place = context + b"\1" + j.to_bytes(4, "big")
        entry = _commitment(bytes.fromhex(salt), place, line)
        leaves[j] = sha256(b"\0" + entry).digest()
    nodes = [bytes.fromhex(node) for node in content.get("nodes", [])]
    if "lines" in original:
        root = _partial_root(0, original["lines"]["count"], leaves, nodes)
        assert root.hex() == original["lines"]["root"]
    assert not nodes, "no subtree is left over"


def _partial_root(low: int, size: int, leaves: Mapping[int, bytes], nodes: list[bytes]) -> bytes:
    """The root of a tree of which some leaves stand as the largest subtrees without a known one."""
    if not any(low <= j < low + size for j in leaves):
        return nodes.pop(0)
    if size == 1:
        return leaves[low]
    k = 1 << (size - 1).bit_length() - 1
    left = _partial_root(low, k, leaves, nodes)
    return sha256(b"\1" + left + _partial_root(low + k, size - k, leaves, nodes)).digest()


def _root(entries: list[bytes]) -> bytes:
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    k = 1 << (len(entries) - 1).bit_length() - 1
    return sha256(b"\1" + _root(entries[:k]) + _root(entries[k:])).digest()
