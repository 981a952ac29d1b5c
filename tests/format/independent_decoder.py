# ruff: noqa: ANN401, PT018 -- a reader of JSON; each assert is one sentence of the page
"""A second reader of the event format, written from `docs/reference/event-format.md` alone.

It imports nothing of the product; `golden/types.json` is a part of the page (section 8). Whatever
the page does not allow ends in one of `REFUSALS`.
"""

import hmac
import json
import re
from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = json.loads((Path(__file__).parent / "golden/types.json").read_text("utf-8"))
TYPES, SHAPES = FORMAT["types"], FORMAT["shapes"]
IS = {"flag": bool, "list": list, "object": dict}
NULLABLE = {"acquisition", "address", "notice_id", "representative", "transferred_to"}
REFUSALS = (AssertionError, LookupError, TypeError, ValueError, InvalidSignature, InvalidTag)


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, value in pairs:
        assert re.fullmatch("[a-z0-9_]+", key) and (value is not None or key in NULLABLE), "member"
        assert type(value) is not list or None not in value, "null"
        assert type(value) is not int or abs(value) < 2**53, "integer"
    return dict(pairs)


def encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def decode(text: str, shape: Any) -> dict[str, Any]:
    value = json.loads(text, object_pairs_hook=members, parse_float=json.loads)
    assert encode(value).encode() == text.encode() and fits(value, shape), "JSON or shape"
    return value


def fits(value: Any, shape: Any) -> bool:
    if "text" in shape:
        good = type(value) is str and re.fullmatch(shape["text"], value) is not None
        return good and ("date" not in shape or bool(datetime.fromisoformat(value)))
    if "low" in shape:
        return type(value) is int and shape["low"] <= value <= shape["high"]
    if "each" in shape:
        good = type(value) is list and shape["least"] <= len(value) <= shape["most"]
        good = good and ("different" not in shape or len(value) == len(set(value)))
        good = good and ("sorted" not in shape or value == sorted(value))
        return good and all(fits(one, shape["each"]) for one in value)
    if "needs" in shape:
        known = shape["needs"] | shape["may"]
        good = type(value) is dict and shape["needs"].keys() <= value.keys() <= known.keys()
        return good and all(fits(one, known[key]) for key, one in value.items())
    return type(value) is IS[shape["is"]]


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def unbase(text: str) -> bytes:
    assert b64encode(b64decode(text)).decode() == text, "base64"
    return b64decode(text)


def leaf_of(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def root(low: int, size: int, leaves: dict[int, bytes], nodes: list[bytes]) -> bytes:
    """Root over [low, low + size): known leaves, and maximal subtrees without one (taken off)."""
    if not any(low <= index < low + size for index in leaves):
        return nodes.pop(0)
    if size == 1:
        return leaves[low]
    k = 1 << (size - 1).bit_length() - 1
    left = root(low, k, leaves, nodes)
    return sha256(b"\1" + left + root(low + k, size - k, leaves, nodes)).digest()


def climb(leaf: bytes, index: int, size: int, path: list[str]) -> bytes:
    """The root that `path`, lowest first, leads to."""
    if size == 1:
        assert (index, path) == (0, []), "index or path"
        return leaf
    k, *below, top = 1 << (size - 1).bit_length() - 1, *path
    if index < k:
        return sha256(b"\1" + climb(leaf, index, k, below) + bytes.fromhex(top)).digest()
    return sha256(b"\1" + bytes.fromhex(top) + climb(leaf, index - k, size - k, below)).digest()


def context(header: dict[str, Any]) -> bytes:
    stream = bytes.fromhex(header["stream"].replace("-", ""))
    return lp(header["ledger"].encode()) + stream + header["version"].to_bytes(8, "big")


def committed(header: dict[str, Any], place: bytes, salt: str, text: str) -> bytes:
    message = b"ppl/commitment/1\0" + context(header) + place + lp(text.encode())
    return mac(bytes.fromhex(salt), message)


def unsealed(header: dict[str, Any], key: bytes, sealed: bytes, scope: bytes, block: int) -> bytes:
    key_id, fixed = bytes.fromhex(header["sealed"]["key"]), TYPES[header["type"]]["fixed"]
    assert mac(key, b"ppl/key-id/1\0" + lp(header["ledger"].encode())) == key_id, "key id"
    cipher = AESGCM(mac(mac(bytes(32), key), scope + b"\1"))
    plain = cipher.decrypt(sealed[:12], sealed[12:], scope + lp(header["type"].encode()) + key_id)
    end = 4 + int.from_bytes(plain[:4], "big")
    assert end <= len(plain) and not any(plain[end:]) and len(plain) % block == 0, "padding"
    assert len(plain) >= fixed and (fixed or len(plain) - end < block), "size"
    return plain[4:end]


def content_of(
    header: dict[str, Any], key: bytes, sealed: bytes, original: dict[str, Any] | None
) -> dict[str, Any]:
    """The JSON of a sealed part in the form of a copy; the lines by number under `numbered`."""
    text = unsealed(header, key, sealed, b"ppl/seal/1\0" + context(header), 256).decode()
    of = original or header
    content = decode(text, TYPES[of["type"]]["copy" if original else "content"])
    if original is None:
        salt_place = b"ppl/salt/1\0" + context(header)
        secret = bytes.fromhex(content.pop("salt_key", ""))
        assert bool(secret) == ("statement" in of or "lines" in of), "salt key"
        if "statement" in content:
            content["statement_salt"] = mac(secret, salt_place + bytes(5)).hex()
        places = [b"\1" + j.to_bytes(4, "big") for j in range(of.get("lines", {}).get("count", 0))]
        salts = [mac(secret, salt_place + place).hex() for place in places]
        lines = zip(range(len(salts)), salts, content.pop("lines", []), strict=True)
        content |= {"lines": [list(entry) for entry in lines]} if "lines" in of else {}
    assert ("statement" in content) == ("statement" in of) == ("statement_salt" in content), "has"
    if "statement" in of:
        found = committed(of, bytes(5), content["statement_salt"], encode(content["statement"]))
        assert found.hex() == of["statement"], "statement"
    entries, nodes = content.get("lines", []), [bytes.fromhex(n) for n in content.get("nodes", [])]
    content["numbered"] = {e[2].get("n", of["lines"].get("first", 0) + e[0]): e[2] for e in entries}
    if "lines" in of:
        leaves = {
            j: leaf_of(committed(of, b"\1" + j.to_bytes(4, "big"), salt, encode(line)))
            for j, salt, line in entries
        }
        assert sorted(leaves) == [e[0] for e in entries] and len(entries) == len(
            content["numbered"]
        )
        assert max(leaves, default=0) < of["lines"]["count"], "j"
        assert root(0, of["lines"]["count"], leaves, nodes).hex() == of["lines"]["root"], "lines"
    assert not nodes and ("lines" in of or not entries), "nodes"
    return content
