# ruff: noqa: ANN401, PT018 -- a reader of JSON; each assert is one sentence of the page
"""A second reader of the event format, from `docs/reference/event-format.md` and its `types.json`.

It imports nothing of the product. What the page does not allow ends in an exception.
"""

import hmac
import json
import re
from base64 import b64decode, b64encode
from functools import partial
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NULLABLE = {"acquisition", "address", "notice_id", "representative", "transferred_to"}
STRICT = {"sort_keys": True, "allow_nan": False}
mac = partial(hmac.digest, digest="sha256")
u32 = partial(int.to_bytes, length=4, byteorder="big")
encode = partial(json.dumps, ensure_ascii=False, separators=(",", ":"), **STRICT)


class Reader:
    def __init__(self, types: Any, ledger: str, vkey: str) -> None:
        self.shapes, self.types, self.ledger = types["shapes"], types["types"], ledger
        self.prefix, (self.name, self.key_id, key) = self.lp(ledger.encode()), vkey.split("+", 2)
        self.public = Ed25519PublicKey.from_public_bytes(b64decode(key)[1:])

    def lp(self, content: bytes) -> bytes:
        return u32(len(content)) + content

    def members(self, pairs: list[tuple[str, Any]]) -> Any:
        for key, value in pairs:
            assert re.fullmatch("[a-z0-9_]+", key) and (value is not None or key in NULLABLE)
            assert type(value) is not int or abs(value) < 2**53, "integer"
            assert type(value) is not list or None not in value, "null"
        return dict(pairs)

    def decode(self, text: str, shape: Any) -> Any:
        value = json.loads(text, object_pairs_hook=self.members, parse_float=bytes.fromhex)
        assert encode(value).encode() == text.encode(), "re-encoding"
        self.check(value, shape)
        return value

    def check(self, value: Any, shape: Any) -> None:
        shape = self.shapes.get(shape, shape) if type(shape) is str else shape
        if type(shape) is str:
            assert re.fullmatch(shape, encode(value), re.DOTALL), shape
        else:
            known = shape["needs"] | shape["may"]
            assert shape["needs"].keys() <= value.keys() <= known.keys(), "members"
            [self.check(one, known[key]) for key, one in value.items()]

    def header_of(self, text: str) -> Any:
        header = self.decode(text, self.types[json.loads(text)["type"]]["header"])
        assert header["ledger"] == self.ledger and len(text.encode()) <= 4095, "ledger or size"
        codes = header["facts"].get("findings", []) or header.get("keys", [])
        assert codes == sorted(set(codes)), "sorted"
        stream, version = bytes.fromhex(header["stream"].replace("-", "")), header["version"]
        header["context"] = self.prefix + stream + version.to_bytes(8, "big")
        event = sha256(b"ppl/event/1\0" + text.encode()).digest()
        return header | {"leaf": sha256(b"\0" + event).digest()}

    def root(self, low: int, size: int, leaves: dict[int, bytes], nodes: list[str]) -> bytes:
        if not any(low <= index < low + size for index in leaves):
            return bytes.fromhex(nodes.pop(0))
        if size == 1:
            return leaves[low]
        k = 1 << (size - 1).bit_length() - 1
        left = self.root(low, k, leaves, nodes)
        return sha256(b"\1" + left + self.root(low + k, size - k, leaves, nodes)).digest()

    def climb(self, leaf: bytes, index: int, size: int, path: list[str]) -> bytes:
        if (index, size, path) == (0, 1, []):
            return leaf
        k, *below, top = 1 << (size - 1).bit_length() - 1, *path
        at, inside, order = (index - k, size - k, -1) if index >= k else (index, k, 1)
        pair = [self.climb(leaf, at, inside, below), bytes.fromhex(top)][::order]
        return sha256(b"\1" + b"".join(pair)).digest()

    def committed(self, header: Any, place: bytes, salt: str, text: str) -> bytes:
        message = b"ppl/commitment/1\0" + header["context"] + place + self.lp(text.encode())
        return mac(bytes.fromhex(salt), message)

    def line_leaf(self, header: Any, j: int, salt: str, text: str) -> bytes:
        return sha256(b"\0" + self.committed(header, b"\1" + u32(j), salt, text)).digest()

    def unsealed(self, header: Any, key: bytes, sealed: bytes, tag: bytes, n: bytes) -> bytes:
        key_id, scope = bytes.fromhex(header["sealed"]["key"]), tag + header["context"] + n
        assert mac(key, b"ppl/key-id/1\0" + self.prefix) == key_id, "key id"
        cipher = AESGCM(mac(mac(bytes(32), key), scope + b"\1"))
        aad = scope + self.lp(header["type"].encode()) + key_id
        plain = cipher.decrypt(sealed[:12], sealed[12:], aad)
        end, block = 4 + int.from_bytes(plain[:4], "big"), 65536 if n else 256
        fixed = 8192 if "fixed_size" in self.types[header["type"]] else 0
        assert end <= len(plain) and not any(plain[end:]) and len(plain) % block == 0, "padding"
        assert len(plain) >= fixed and (fixed or len(plain) - end < block), "size"
        return plain[4:end]

    def content_of(self, header: Any, key: bytes, sealed: bytes, of: Any) -> Any:
        """The JSON of a sealed part, lines by number; `of` is the header that commits to it."""
        text = self.unsealed(header, key, sealed, b"ppl/seal/1\0", b"").decode()
        content = self.decode(text, self.types[of["type"]]["content" if of is header else "copy"])
        if of is header and "salt_key" in content:
            salt = partial(mac, bytes.fromhex(content["salt_key"]))
            place, lines = b"ppl/salt/1\0" + of["context"], enumerate(content.get("lines", []))
            content["statement_salt"] = salt(place + bytes(5)).hex()
            content["lines"] = [[j, salt(place + b"\1" + u32(j)).hex(), x] for j, x in lines]
        if "statement" in of:
            text, salt = encode(content["statement"]), content["statement_salt"]
            assert self.committed(of, bytes(5), salt, text).hex() == of["statement"], "statement"
        entries, nodes = content.get("lines", []), content.get("nodes", [])
        assert "lines" in of or not entries + nodes, "lines of no header"
        if "lines" in of:
            root, count, first = (of["lines"].get(name, 0) for name in ("root", "count", "first"))
            leaves = {j: self.line_leaf(of, j, salt, encode(line)) for j, salt, line in entries}
            assert self.root(0, count, leaves, nodes).hex() == root and not nodes, "lines"
            assert sorted(leaves) == [j for j, _, _ in entries if j < count], "j"
            content["lines"] = {line.get("n", first + j): line for j, _, line in entries}
            assert len(content["lines"]) == len(leaves), "n"
        return content

    def size_and_root(self, note: str) -> tuple[int, str]:
        parts = re.fullmatch("((.+)\n([0-9]+)\n(.+)\n)\n((?:— [^ \n]+ [^ \n]+\n)+)", note)
        signed, origin, size, root, signatures = parts.groups() if parts else [""] * 5
        assert origin == self.name and origin.endswith("/" + self.ledger), "origin"
        found = re.findall(f"— {re.escape(self.name)} (.+)\n", signatures)
        assert all(b64encode(b64decode(text)).decode() == text for text in (root, *found)), "base64"
        known = [one for one in map(b64decode, found) if one[:4].hex() == self.key_id]
        [self.public.verify(signature[4:], signed.encode()) for signature in known]
        assert known and str(int(size)) == size, "signature or size"
        return int(size), b64decode(root).hex()

    def read_ledger(self, store: Any) -> dict[int, Any]:
        headers = [self.header_of(event["header"]) for event in store["events"]]
        leaves, opened = dict(enumerate(header["leaf"] for header in headers)), dict[int, Any]()
        top = self.root(0, len(leaves), leaves, []).hex()
        assert self.size_and_root(store["checkpoint"]) == (len(headers), top), "log root"
        dead = {key: n for n, header in enumerate(headers) for key in header.get("keys", [])}
        assert not dead.keys() & store["keys"].keys(), "a dead key is still there"
        for n, header in enumerate(headers):
            own = [i for i in range(n) if headers[i]["stream"] == header["stream"]]
            assert header["version"] == len(own) + 1, "version"
            if "parts" in header:
                chunks = [headers[i]["lines"] for i in own[1:]]
                counts = [chunk["count"] for chunk in chunks]
                top = self.root(0, len(own), {j: leaves[i] for j, i in enumerate(own)}, []).hex()
                bound = {"count": len(own), "lines": sum(counts), "root": top}
                assert header["parts"] == bound and "lines" not in headers[own[0]], "parts"
                assert [sum(counts[:j]) for j in range(len(counts))] == [c["first"] for c in chunks]
            wanted = [header.get("sealed", {}), *header.get("attached", [])]
            parts, key_id = store["events"][n].get("parts", []), wanted[0].get("key")
            if key_id is None or key_id in dead:
                assert not parts and n < dead.get(key_id, n + 1), "sealed under a dead key"
                continue
            sealed = [bytes.fromhex(part) for part in parts]
            found = [(sha256(part).hexdigest(), len(part)) for part in sealed]
            assert found == [(one["sha256"], one["size"]) for one in wanted], "part"
            if key_id in store["keys"]:
                copies = header.get("copies", {"position": n + 1, "version": header["version"]})
                of, key = headers[copies["position"] - 1], bytes.fromhex(store["keys"][key_id])
                assert copies["position"] - 1 in [*own, n] and copies["version"] == of["version"]
                opened[n + 1] = self.content_of(header, key, sealed[0], of)
                for i, part in enumerate(sealed[1:]):
                    self.unsealed(header, key, part, b"ppl/attached/1\0", u32(i))
        return opened

    def proven(self, one: Any, count: int, root: str) -> Any:
        header = self.header_of(one["header"])
        assert self.climb(header["leaf"], one["index"], count, one["path"]).hex() == root, "path"
        return header

    def read_showing(self, text: str) -> Any:
        showing = self.decode(text, "showing")
        size, top = self.size_and_root(showing["checkpoint"])
        headers: dict[tuple[int, ...], Any] = {}
        for e, event in enumerate(showing["events"]):
            headers[e,] = self.proven(event, size, top)
            assert headers[e,]["type"] != "principals-appended", "a chunk alone"
            for n, part in enumerate(event.get("parts", [])):
                headers[e, n] = self.proven(part, *map(headers[e,]["parts"].get, ("count", "root")))
                assert (part["index"] > 0) == (n > 0), "part 0 is the recorded event"
        shown = {tuple(showing[name]["in"]) for name in ("statement", "line") if name in showing}
        assert {place[:1] for place in shown} == {place[:1] for place in headers}, "more events"
        assert {place for place in headers if place[1:] > (0,)} <= shown <= headers.keys(), "parts"
        assert len({header["stream"] for header in headers.values()}) == 1, "one stream"
        if one := showing.get("statement"):
            self.decode(one["text"], "statement")
            header = headers[tuple(one["in"])]
            found = self.committed(header, bytes(5), one["salt"], one["text"]).hex()
            assert found == header["statement"], "statement"
        if one := showing.get("line"):
            header, j = headers[tuple(one["in"])], one["index"]
            line, lines = self.decode(one["text"], "line"), header["lines"]
            leaf = self.line_leaf(header, j, one["salt"], one["text"])
            found = self.climb(leaf, j, lines["count"], one["path"]).hex()
            assert (found, "n" in line) == (lines["root"], "first" not in lines), "line"
        return showing
