# ruff: noqa: ANN401, B018, PT018 -- a reader of JSON; each assert is one sentence of the page
"""A second reader of the event format, written from `docs/reference/event-format.md` alone.

It imports nothing of the product; `golden/types.json` is a part of the page (section 8). Whatever
the page does not allow ends in an exception, one of `REFUSALS`.
"""

import hmac
import json
import re
from base64 import b64decode, b64encode
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = json.loads((Path(__file__).parent / "golden/types.json").read_text("utf-8"))
NULLABLE = {"acquisition", "address", "notice_id", "representative", "transferred_to"}
REFUSALS = (AssertionError, LookupError, TypeError, ValueError, InvalidSignature, InvalidTag)
Object = dict[str, Any]
mac = partial(hmac.digest, digest="sha256")
encode = partial(json.dumps, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Reader:
    """Reads one ledger whose log is signed by the key `vkey`."""

    def __init__(self, ledger: str, vkey: str) -> None:
        self.ledger, (self.name, self.key_id, key) = ledger, vkey.split("+", 2)
        self.public = Ed25519PublicKey.from_public_bytes(self.unbase(key)[1:])

    def unbase(self, text: str) -> bytes:
        assert b64encode(b64decode(text)).decode() == text, "base64"
        return b64decode(text)

    def members(self, pairs: list[tuple[str, Any]]) -> Object:
        for key, value in pairs:
            assert re.fullmatch("[a-z0-9_]+", key) and (value is not None or key in NULLABLE)
            assert type(value) is not list or None not in value, "null"
            assert type(value) is not int or abs(value) < 2**53, "integer"
        return dict(pairs)

    def decode(self, text: str, shape: Any) -> Object:
        value = json.loads(text, object_pairs_hook=self.members, parse_float=json.loads)
        assert encode(value).encode() == text.encode(), "re-encoding"
        self.check(value, shape)
        return value

    def check(self, value: Any, shape: Any) -> None:
        """A shape is a pattern of the value's JSON, or an object's members with their shapes."""
        if type(shape) is str:
            assert re.fullmatch(shape, encode(value), re.DOTALL), shape
            return
        known = shape["needs"] | shape["may"]
        assert shape["needs"].keys() <= value.keys() <= known.keys(), "members"
        [self.check(one, known[key]) for key, one in value.items()]

    def header_of(self, text: str) -> Object:
        header = self.decode(text, FORMAT["types"][json.loads(text)["type"]]["header"])
        assert header["ledger"] == self.ledger and len(text.encode()) <= 4095, "ledger or size"
        for name, codes in [*header["facts"].items(), ("keys", header.get("keys"))]:
            assert type(codes) is not list or len(set(codes)) == len(codes), "different"
            assert name not in ("findings", "keys") or sorted(codes or []) == (codes or []), (
                "sorted"
            )
        return header

    def lp(self, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + content

    def leaf(self, header: str) -> bytes:
        return sha256(b"\0" + sha256(b"ppl/event/1\0" + header.encode()).digest()).digest()

    def root(self, low: int, size: int, leaves: dict[int, bytes], nodes: list[bytes]) -> bytes:
        """Root over [low, low + size): known leaves, and maximal subtrees without one (taken)."""
        if not any(low <= index < low + size for index in leaves):
            return nodes.pop(0)
        if size == 1:
            return leaves[low]
        k = 1 << (size - 1).bit_length() - 1
        left = self.root(low, k, leaves, nodes)
        return sha256(b"\1" + left + self.root(low + k, size - k, leaves, nodes)).digest()

    def climb(self, leaf: bytes, index: int, size: int, path: list[str]) -> bytes:
        """The root that `path`, lowest first, leads to."""
        if size == 1:
            assert (index, path) == (0, []), "index or path"
            return leaf
        k, *below, top = 1 << (size - 1).bit_length() - 1, *path
        right = index >= k
        inner = self.climb(leaf, index - k * right, size - k if right else k, below)
        pair = bytes.fromhex(top) + inner if right else inner + bytes.fromhex(top)
        return sha256(b"\1" + pair).digest()

    def context(self, header: Object) -> bytes:
        stream = bytes.fromhex(header["stream"].replace("-", ""))
        return self.lp(self.ledger.encode()) + stream + header["version"].to_bytes(8, "big")

    def committed(self, header: Object, kind: int, j: int, salt: str, text: str) -> bytes:
        place = self.context(header) + bytes([kind]) + j.to_bytes(4, "big")
        return mac(bytes.fromhex(salt), b"ppl/commitment/1\0" + place + self.lp(text.encode()))

    def unsealed(self, header: Object, key: bytes, sealed: bytes, tag: bytes, n: bytes) -> bytes:
        key_id, scope = bytes.fromhex(header["sealed"]["key"]), tag + self.context(header) + n
        assert mac(key, b"ppl/key-id/1\0" + self.lp(self.ledger.encode())) == key_id, "key id"
        cipher = AESGCM(mac(mac(bytes(32), key), scope + b"\1"))
        aad = scope + self.lp(header["type"].encode()) + key_id
        plain = cipher.decrypt(sealed[:12], sealed[12:], aad)
        end, block = 4 + int.from_bytes(plain[:4], "big"), 65536 if n else 256
        fixed = FORMAT["types"][header["type"]]["fixed_size"]
        assert end <= len(plain) and not any(plain[end:]) and len(plain) % block == 0, "padding"
        assert len(plain) >= fixed and (fixed or len(plain) - end < block), "size"
        return plain[4:end]

    def content_of(self, header: Object, key: bytes, sealed: bytes, of: Object) -> Object:
        """The JSON of a sealed part, lines by number; `of` is the header that commits to it."""
        text = self.unsealed(header, key, sealed, b"ppl/seal/1\0", b"").decode()
        shape = FORMAT["types"][of["type"]]["content" if of is header else "copy"]
        content = self.decode(text, shape)
        if of is header and "salt_key" in content:
            salt = partial(mac, bytes.fromhex(content["salt_key"]))
            place = b"ppl/salt/1\0" + self.context(header)
            content["statement_salt"] = salt(place + bytes(5)).hex()
            content["lines"] = [
                [j, salt(place + b"\1" + j.to_bytes(4, "big")).hex(), line]
                for j, line in enumerate(content.get("lines", []))
            ]
        if "statement" in of:
            statement, salt = encode(content["statement"]), content["statement_salt"]
            assert self.committed(of, 0, 0, salt, statement).hex() == of["statement"], "statement"
        entries = content.get("lines", [])
        nodes = [bytes.fromhex(node) for node in content.get("nodes", [])]
        assert "lines" in of or not (entries or nodes), "lines of no header"
        if "lines" in of:
            count, first = of["lines"]["count"], of["lines"].get("first", 0)
            leaves = {
                j: sha256(b"\0" + self.committed(of, 1, j, salt, encode(line))).digest()
                for j, salt, line in entries
            }
            assert sorted(leaves) == [entry[0] for entry in entries], "j"
            assert self.root(0, count, leaves, nodes).hex() == of["lines"]["root"], "lines"
            content["lines"] = {line.get("n", first + j): line for j, _, line in entries}
            assert len(content["lines"]) == len(entries) and not nodes, "number or nodes"
            assert max(leaves, default=0) < count, "j"
        return content

    def size_and_root(self, note: str) -> tuple[int, str]:
        text, signatures = note.split("\n\n")
        origin, size, root = text.split("\n")
        assert origin == self.name and origin.endswith("/" + self.ledger), "origin"
        assert re.fullmatch("(— [^ \n]+ [^ \n]+\n)+", signatures), "signature lines"
        lines = [line.split(" ")[1:] for line in signatures[:-1].split("\n")]
        known = [self.unbase(signature) for name, signature in lines if name == self.name]
        known = [signature[4:] for signature in known if signature[:4].hex() == self.key_id]
        [self.public.verify(signature, f"{text}\n".encode()) for signature in known]
        assert known and str(int(size)) == size and len(self.unbase(root)) == 32, "note"
        return int(size), self.unbase(root).hex()

    def read_ledger(self, store: Object) -> dict[int, Object]:
        """Check the whole ledger; return the content of what opens, by position."""
        texts = [event["header"] for event in store["events"]]
        headers, leaves = [self.header_of(text) for text in texts], list(map(self.leaf, texts))
        top = self.root(0, len(texts), dict(enumerate(leaves)), []).hex()
        assert self.size_and_root(store["checkpoint"]) == (len(texts), top), "log root"
        dead = {key: n for n, header in enumerate(headers) for key in header.get("keys", [])}
        assert not dead.keys() & store["keys"].keys(), "a dead key is still there"
        opened: dict[int, Object] = {}
        for n, header in enumerate(headers):
            own = [i for i in range(n) if headers[i]["stream"] == header["stream"]]
            assert header["version"] == len(own) + 1, "version"
            if "parts" in header:
                first, *chunks = [headers[i].get("lines") for i in own]
                counts = [chunk["count"] for chunk in chunks]
                top = self.root(0, len(own), {j: leaves[i] for j, i in enumerate(own)}, []).hex()
                bound = {"count": len(own), "lines": sum(counts), "root": top}
                starts = [sum(counts[:j]) for j in range(len(counts))]
                assert header["parts"] == bound and first is None, "parts"
                assert starts == [chunk["first"] for chunk in chunks], "chunks"
            wanted = [header.get("sealed", {}), *header.get("attached", [])]
            parts, key_id = store["events"][n].get("parts", []), wanted[0].get("key")
            if key_id is None or key_id in dead:
                assert not parts and n < dead.get(key_id, n + 1), "sealed under a dead key"
                continue
            sealed = [bytes.fromhex(part) for part in parts]
            found = [(sha256(part).hexdigest(), len(part)) for part in sealed]
            assert found == [(one["sha256"], one["size"]) for one in wanted], "part"
            if key_id in store["keys"]:
                key, copy = bytes.fromhex(store["keys"][key_id]), header.get("copies")
                of = headers[copy["position"] - 1] if copy else header
                where = (copy["position"] - 1 in own, copy["version"]) if copy else (True, 0)
                assert where == (True, of["version"] if copy else 0), "original"
                opened[n + 1] = self.content_of(header, key, sealed[0], of)
                for i, part in enumerate(sealed[1:]):
                    self.unsealed(header, key, part, b"ppl/attached/1\0", i.to_bytes(4, "big"))
        return opened

    def read_showing(self, text: str) -> Object:
        """Check a showing; return it."""
        showing = self.decode(text, FORMAT["showing"])
        size, top = self.size_and_root(showing["checkpoint"])
        headers: dict[tuple[int, ...], Object] = {}
        for e, event in enumerate(showing["events"]):
            headers[e,] = header = self.header_of(event["header"])
            assert header["type"] != "principals-appended", "a chunk alone"
            leaf = self.leaf(event["header"])
            assert self.climb(leaf, event["index"], size, event["path"]).hex() == top, "log path"
            for n, part in enumerate(event.get("parts", [])):
                headers[e, n], bound = self.header_of(part["header"]), header["parts"]
                leaf = self.leaf(part["header"])
                found = self.climb(leaf, part["index"], bound["count"], part["path"]).hex()
                assert (found, part["index"] > 0) == (bound["root"], n > 0), "part path"
        shown = {tuple(showing[name]["in"]) for name in ("statement", "line") if name in showing}
        assert {place[:1] for place in shown} == {place[:1] for place in headers}, "more events"
        assert {place for place in headers if place[1:] > (0,)} <= shown <= headers.keys(), "parts"
        assert len({header["stream"] for header in headers.values()}) == 1, "one stream"
        if "statement" in showing:
            header, one = headers[tuple(showing["statement"]["in"])], showing["statement"]
            self.decode(one["text"], FORMAT["statement"])
            found = self.committed(header, 0, 0, one["salt"], one["text"]).hex()
            assert found == header["statement"], "statement"
        if "line" in showing:
            header, one = headers[tuple(showing["line"]["in"])], showing["line"]
            line, lines, j = self.decode(one["text"], FORMAT["line"]), header["lines"], one["index"]
            leaf = sha256(b"\0" + self.committed(header, 1, j, one["salt"], one["text"])).digest()
            found = self.climb(leaf, j, lines["count"], one["path"]).hex()
            assert (found, "n" in line) == (lines["root"], "first" not in lines), "line"
        return showing
