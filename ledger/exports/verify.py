"""Checks an export of the ledger, offline: `python3 verify.py BAG [--key KEY] [--checkpoint OLD]`.

Python 3.9 or newer, nothing else. BAG is the folder or its zip; KEY is the log's public key as the
business operator handed it out before; OLD is an earlier checkpoint, or an earlier bag.

Ends with 0 all good · 10 a hash differs · 20 something is missing · 30 unknown version · 40 the
signature · 2 asked in a wrong way. What cannot be proven with this bag is said in words.

It is longer than other files of the house so that it is one: whoever must trust it reads it in one
go, and it is copied into every bag.

Source: RFC 8493; RFC 6962; RFC 8032; C2SP signed-note; the ledger's event format, sections 1 to 3.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
import sys
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

GOOD, USAGE, HASH, MISSING, VERSION, SIGNATURE = 0, 2, 10, 20, 30, 40
FORMAT = "ppl-export/1"
BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAGMANIFEST, MANIFEST, INFO = "tagmanifest-sha256.txt", "manifest-sha256.txt", "bag-info.txt"
TAGS = ("VERIFY.ja.md", INFO, "bagit.txt", MANIFEST, "verify.py")
BAG_NOTE = "bag-signature.txt"
OXUM = "Payload-Oxum"
LABELS = ("Bag-Software-Agent", "Bagging-Date", "External-Identifier", OXUM)
FILTERS, COUNTS, VERSIONS = "data/filters.json", "data/counts.json", "data/versions.json"
REQUESTS = "data/requests.json"
RECORDS, TABLE, LEAVES = "data/records.ndjson", "data/records.csv", "data/proofs/leaves.bin"
HEADERS, NOTE, KEY = "data/proofs/headers.ndjson", "data/proofs/checkpoint", "data/proofs/key.txt"
RECORDED = ("provision", "receipt", "referable-provision", "joint-use-transfer", "exempt-transfer")
FIRST_TYPES = frozenset(name + "-recorded" for name in RECORDED)
FACT_TYPES = FIRST_TYPES | {"transfer-corrected", "transfer-reclassified"}


class Refused(Exception):  # noqa: N818 -- it says what happened to the bag
    """Why the bag is not accepted: an exit code, and a sentence in Japanese and in English."""

    def __init__(self, code: int, ja: str, en: str) -> None:
        super().__init__(en)
        self.code, self.ja, self.en = code, ja, en


def differs(where: str) -> NoReturn:
    """Refuse: something is not what a hash says."""
    raise Refused(HASH, f"内容が書き換えられています: {where}", f"a hash differs: {where}")


def missing(what: str) -> NoReturn:
    """Refuse: something is not there."""
    raise Refused(MISSING, f"足りないものがあります: {what}", f"something is missing: {what}")


def unknown(what: str) -> NoReturn:
    """Refuse: made by something newer, or something else."""
    raise Refused(VERSION, f"この検証器の知らない版です: {what}", f"unknown version: {what}")


def unsigned(ja: str, en: str) -> NoReturn:
    """Refuse: it is not signed as it says."""
    raise Refused(SIGNATURE, f"署名を確認できません: {ja}", f"the signature: {en}")


class Bag:
    """The files of a bag, in a folder or in a zip."""

    def __init__(self, place: str) -> None:
        self.path, self.zip, names = Path(place), None, []
        if self.path.is_dir():
            files = (one for one in self.path.rglob("*") if one.is_file())
            names = [one.relative_to(self.path).as_posix() for one in files]
        elif self.path.is_file():
            try:
                self.zip = zipfile.ZipFile(self.path)
            except zipfile.BadZipFile:
                differs(self.path.name)
            names = [one.partition("/")[2] for one in self.zip.namelist() if one[-1] != "/"]
            self.top = (self.zip.namelist() or ["/"])[0].partition("/")[0]
        else:
            missing(self.path.name)
        self.names = set(names)
        if len(names) != len(self.names):
            differs(self.path.name)

    def open(self, name: str) -> Any:  # noqa: ANN401 -- a binary file of either kind
        """The file, to be read as bytes."""
        if name not in self.names:
            missing(name)
        if self.zip is None:
            return (self.path / name).open("rb")
        return self.zip.open(self.top + "/" + name)

    def text(self, name: str) -> str:
        """The whole file as UTF-8."""
        with self.open(name) as file:
            content: bytes = file.read()
        try:
            return content.decode()
        except UnicodeDecodeError:
            differs(name)

    def json(self, name: str) -> Any:  # noqa: ANN401 -- JSON
        """The whole file as JSON."""
        try:
            return json.loads(self.text(name))
        except ValueError:
            differs(name)

    def lines(self, name: str) -> Iterator[tuple[str, Any]]:
        """The lines of the file, each as text and as JSON."""
        with self.open(name) as file:
            for raw in file:
                try:
                    text = raw.decode()
                    yield text.rstrip("\n"), json.loads(text)
                except ValueError:
                    differs(name)

    def digest(self, name: str) -> tuple[str, int]:
        """SHA-256 in hex, and how many bytes there are."""
        found, size = hashlib.sha256(), 0
        with self.open(name) as file:
            while part := file.read(1 << 20):
                found.update(part)
                size += len(part)
        return found.hexdigest(), size


def manifest(bag: Bag, name: str) -> dict[str, str]:
    """File to hash, as a manifest says."""
    found: dict[str, str] = {}
    for line in bag.text(name).split("\n")[:-1]:
        one = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
        if one is None or one[2] in found:
            differs(name)
        found[one[2]] = one[1]
    return found


def gone(text: str, words: Iterable[str]) -> list[str]:
    """Words whose line was taken out. A line that was only changed is no missing one."""
    wanted = list(words)
    return [one for one in wanted if one not in text] if text.count("\n") < len(wanted) else []


def check_files(bag: Bag) -> None:
    """1. Every file is there, and is the one that the manifests name."""
    for name in (*TAGS, TAGMANIFEST):
        if name not in bag.names:
            missing(name)
    payload = sorted(one for one in bag.names if one.startswith("data/"))
    for one in gone(bag.text(TAGMANIFEST), TAGS):
        missing(f"{TAGMANIFEST}: {one}")
    tags = manifest(bag, TAGMANIFEST)
    if set(tags) != set(TAGS):
        differs(TAGMANIFEST)
    lines = {MANIFEST: payload, INFO: LABELS}
    for name in TAGS:
        if bag.digest(name)[0] != tags[name]:
            for one in gone(bag.text(name), lines.get(name, ())):
                missing(f"{name}: {one}")
            differs(name)
    listed = manifest(bag, MANIFEST)
    for name in sorted(listed.keys() - set(payload)):
        missing(name)
    for name in sorted(bag.names - listed.keys() - {*TAGS, TAGMANIFEST, BAG_NOTE}):
        differs(f"{name} (記載なし / not listed)")
    digests = {name: bag.digest(name) for name in payload}
    changed = [name for name in payload if digests[name][0] != listed[name]]
    oxum = re.search(rf"(?m)^{OXUM}: ([0-9]+)\.([0-9]+)$", bag.text(INFO))
    size = sum(one for _, one in digests.values())
    if oxum is None:
        missing(f"{INFO}: {OXUM}")
    if size < int(oxum[1]):
        missing(f"{', '.join(changed)}: {int(oxum[1]) - size} bytes")
    if changed or (size, len(payload)) != (int(oxum[1]), int(oxum[2])):
        differs(", ".join(changed) or INFO)


# -- Ed25519 (RFC 8032), points in extended coordinates ---------------------------------------

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_1 = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """The sum of two points."""
    w, x = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    y, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = x - w, z - y, z + y, x + w
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n: int, point: Point) -> Point:
    """The point added up n times."""
    found: Point = (0, 1, 1, 0)
    while n:
        found = add(found, point) if n & 1 else found
        point, n = add(point, point), n >> 1
    return found


def point_of(raw: bytes) -> Point | None:
    """The point that 32 bytes say; None: they say none, or not as it is written."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * ROOT_OF_MINUS_1 % P if (x * x - square) % P else x
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that key's under the message."""
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:  # noqa: PLR2004 -- two halves
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    left, right = times(s, BASE), add(r, times(k % ORDER, a))
    return not any((left[n] * right[2] - right[n] * left[2]) % P for n in (0, 1))


# -- the log ----------------------------------------------------------------------------------


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """Name, id and public key of `<name>+<id in hex>+<base64(1 ‖ key)>`."""
    try:
        name, key_id, key = text.strip().split("+", 2)
        raw = b64decode(key, validate=True)
    except ValueError:
        unsigned("公開鍵の形が違います", "the text is no key")
    digest = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if (len(raw), raw[:1], digest.hex()) != (33, b"\x01", key_id):
        unsigned("公開鍵の番号が違います", "the key has another id than it says")
    return name, digest, raw[1:]


def signed_text(note: str, key: tuple[str, bytes, bytes]) -> str:
    """What a note says, signed by the key; signatures of other keys are left alone."""
    text, separator, below = note.rpartition("\n\n")
    text, found = text + "\n", False
    for line in below.split("\n")[:-1]:
        one = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/=]+)", line)
        value = b64decode(one[2]) if one else b""
        if one is None or b64encode(value).decode() != one[2]:
            unsigned("署名の行が読めません", "a line under the note is no signature")
        if (one[1], value[:4]) == key[:2]:
            if not is_signed(key[2], text.encode(), value[4:]):
                unsigned("この鍵による署名ではありません", "it is not this key's")
            found = True
    if not separator or not found:
        unsigned("この鍵による署名がありません", "the key did not sign")
    return text


def opened(note: str, key: tuple[str, bytes, bytes]) -> tuple[int, bytes]:
    """Size and root of a checkpoint, signed by the key."""
    name, size, root = [*signed_text(note, key).split("\n"), "", ""][:3]
    if name != key[0] or not size.isdecimal() or len(b64decode(root)) != 32:  # noqa: PLR2004 -- a hash
        unsigned("チェックポイントの形が違います", "the note is no checkpoint of this log")
    return int(size), b64decode(root)


def sha(content: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(content).digest()


def root_of(leaves: bytes, size: int) -> bytes:
    """Root over the first leaf hashes (RFC 6962): full subtrees, joined as they become equal."""
    stack: list[tuple[int, bytes]] = []
    for at in range(0, size * 32, 32):
        height, node = 0, leaves[at : at + 32]
        while stack and stack[-1][0] == height:
            height, node = height + 1, sha(b"\1" + stack.pop()[1] + node)
        stack.append((height, node))
    node = stack.pop()[1] if stack else sha(b"")
    while stack:
        node = sha(b"\1" + stack.pop()[1] + node)
    return node


def partial_root(low: int, size: int, leaves: dict[int, bytes], nodes: list[str]) -> bytes:
    """Root of a tree of which some leaves are known, the rest as largest subtrees."""
    if not any(low <= one < low + size for one in leaves):
        return bytes.fromhex(nodes.pop(0)) if nodes else missing("lines")
    if size == 1:
        return leaves[low]
    half = 1 << (size - 1).bit_length() - 1
    left = partial_root(low, half, leaves, nodes)
    return sha(b"\1" + left + partial_root(low + half, size - half, leaves, nodes))


def event_hash(header: str) -> bytes:
    """What an event is in the log (event format, section 1)."""
    return sha(b"ppl/event/1\0" + header.encode())


# -- records ----------------------------------------------------------------------------------


class Rows:
    """2. What the lines of the records say, held against the log."""

    def __init__(self, bag: Bag, leaves: bytes, filters: dict[str, Any]) -> None:
        self.bag, self.leaves, self.filters = bag, leaves, filters
        self.records = self.events = self.persons = self.unproven = 0
        self.positions: list[int] = []
        self.months: dict[str, int] = {}
        self.streams: dict[bytes, int] = {}
        self.dead: list[tuple[str, str]] = []

    def check(self) -> None:
        """Go through all lines, in order."""
        last = 0
        for _, row in self.bag.lines(RECORDS):
            self.records += 1
            where = f"{RECORDS}: {self.records}"
            try:
                if row["row"] != self.records:
                    missing(where) if row["row"] > self.records else differs(where)
                position = self.checked(row, where)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError):
                differs(where)
            if position <= last:
                differs(where)
            last = position
            self.positions.append(position)

    def checked(self, row: dict[str, Any], where: str) -> int:
        """One record, version by version; the position of the first."""
        headers: list[dict[str, Any]] = []
        parts: list[bytes] = []
        month = "undated"
        for version, event in enumerate(row["events"], 1):
            place, text = f"{where}, position {event['position']}", event["header"]
            header = json.loads(text)
            if header["v"] != 1:
                unknown(f"{place}: v {header['v']}")
            entry, at = event_hash(text), (event["position"] - 1) * 32
            if at < 0 or self.leaves[at : at + 32] != sha(b"\0" + entry):
                differs(place)
            if header["version"] != version:
                missing(f"{where}, version {version}")
            if (header["ledger"], header["stream"]) != (self.filters["ledger"], row["stream"]):
                differs(place)
            self.content(header, event, place)
            if header["type"] in FACT_TYPES:
                facts = header["facts"]
                day = facts.get("transferred_on") or facts.get("transferred_from")
                month = day[:7] if day else "undated"
            if header["type"] in FIRST_TYPES or header["type"] == "principals-appended":
                parts.append(entry)
            if "parts" in header:
                self.whole(header["parts"], parts, place)
            headers.append(header)
        if not headers or headers[0]["type"] not in FIRST_TYPES:
            missing(f"{where}, version 1")
        self.months[month] = self.months.get(month, 0) + 1
        self.events += len(headers)
        self.streams[bytes.fromhex(row["stream"].replace("-", ""))] = len(headers)
        return int(row["events"][0]["position"])

    def whole(self, said: dict[str, Any], parts: list[bytes], place: str) -> None:
        """All parts of a transfer of many persons are there."""
        if len(parts) < said["count"]:
            missing(f"{place}: parts")
        root = root_of(b"".join(sha(b"\0" + one) for one in parts), len(parts))
        if root.hex() != said["root"]:
            differs(f"{place}: parts")

    def content(self, header: dict[str, Any], event: dict[str, Any], place: str) -> None:
        """The statement and the lines are those that the header commits to."""
        name, stream = header["ledger"].encode(), bytes.fromhex(header["stream"].replace("-", ""))
        context = (
            len(name).to_bytes(4, "big") + name + stream + header["version"].to_bytes(8, "big")
        )

        def committed(kind: bytes, j: int, one: dict[str, Any]) -> bytes:
            if "text" not in one:
                return bytes.fromhex(one["commitment"])
            text = one["text"].encode()
            message = context + kind + j.to_bytes(4, "big") + len(text).to_bytes(4, "big") + text
            salt = bytes.fromhex(one["salt"])
            return hmac.new(salt, b"ppl/commitment/1\0" + message, "sha256").digest()

        if event.get("destroyed"):
            self.dead.append((header["sealed"]["key"], place))
            return
        if "statement" in header:
            shown = event.get("statement") or missing(f"{place}: statement")
            if "withheld" in shown:
                self.unproven += 1
            elif committed(b"\0", 0, shown).hex() != header["statement"]:
                differs(f"{place}: statement")
        if "lines" in header:
            count, nodes = header["lines"]["count"], list(event.get("nodes", ()))
            lines = {one["j"]: one for one in event.get("lines", ())}
            if not nodes and len(lines) < count:
                missing(f"{place}: lines, {len(lines)} of {count}")
            if nodes and not self.filters["asked"].get("identifiers"):
                self.dead.append((header["sealed"]["key"], place))
            known = {j: sha(b"\0" + committed(b"\1", j, one)) for j, one in lines.items()}
            root = partial_root(0, count, known, nodes)
            if root.hex() != header["lines"]["root"] or nodes or max(known, default=0) >= count:
                differs(f"{place}: lines")
            self.persons += len(lines)


def check_counts(bag: Bag, rows: Rows) -> None:
    """3. As many records, events and persons as the bag counted, and the same in the table."""
    said = bag.json(COUNTS)
    found = {"records": rows.records, "events": rows.events, "persons": rows.persons}
    for name, count in found.items():
        if count < said[name]:
            missing(f"{name}: {count} / {said[name]}")
        if count > said[name]:
            differs(f"{COUNTS}: {name}")
    if said["by_month"] != rows.months:
        differs(f"{COUNTS}: by_month")
    with bag.open(TABLE) as file:
        table = csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline=""))
        next(table, None)
        positions = [int(row[1]) if len(row) > 1 and row[1].isdecimal() else 0 for row in table]
    if len(positions) < rows.records:
        missing(f"{TABLE}: {len(positions)} / {rows.records}")
    if positions != rows.positions:
        differs(TABLE)


def is_asked(asked: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Whether filters that headers can tell let a version in."""
    if "bases" in asked and facts["basis"] not in asked["bases"]:
        return False
    if "findings" in asked:
        found = set(facts["findings"])
        if not (found if "any" in asked["findings"] else found & set(asked["findings"])):
            return False
    begin = facts.get("transferred_on") or facts.get("transferred_from")
    end = facts.get("transferred_on") or facts.get("transferred_to")
    if begin is None:
        return True
    after, before = asked.get("last", begin) < begin, end and end < asked.get("first", end)
    return not after and not before


def check_headers(bag: Bag, rows: Rows) -> None:
    """4. Every header of the ledger is there, and every record that they say was asked for."""
    asked, count, gone_keys = rows.filters["asked"], 0, set[str]()
    hidden = {"counterparty", "source", "identifiers"} & asked.keys()
    versions: dict[bytes, int] = {}
    for text, header in bag.lines(HEADERS):
        at = count * 32
        count += 1
        if rows.leaves[at : at + 32] != sha(b"\0" + event_hash(text)):
            differs(f"{HEADERS}: position {count}")
        gone_keys.update(header.get("keys", ()))
        stream = bytes.fromhex(header["stream"].replace("-", ""))
        if stream in rows.streams:
            versions[stream] = versions.get(stream, 0) + 1
        elif not hidden and header["type"] in FACT_TYPES and is_asked(asked, header["facts"]):
            missing(f"{RECORDS}: position {count}")
    if count < len(rows.leaves) // 32:
        missing(f"{HEADERS}: position {count + 1}")
    for stream, there in versions.items():
        if rows.streams[stream] < there:
            missing(f"{RECORDS}: stream {stream.hex()}, version {rows.streams[stream] + 1}")
    for key, place in rows.dead:
        if key not in gone_keys:
            missing(f"{place}: not destroyed, and not shown")


def check_old(old: str, key: tuple[str, bytes, bytes] | None, leaves: bytes) -> str:
    """5. The log still begins as an earlier checkpoint, or an earlier bag, says."""
    before = Bag(old) if Path(old).is_dir() or zipfile.is_zipfile(old) else None
    earlier = b""
    if before is not None:
        with before.open(LEAVES) as file:
            earlier = file.read()
        for at in range(0, min(len(earlier), len(leaves)), 32):
            if earlier[at : at + 32] != leaves[at : at + 32]:
                differs(f"position {at // 32 + 1}, {before.path.name}")
    if before is not None and NOTE not in before.names:
        size, root = len(earlier) // 32, root_of(earlier, len(earlier) // 32)
    elif key is None:
        unsigned("鍵がないので比べられません", "without a key nothing can be compared")
    else:
        if before is None and not Path(old).is_file():
            missing(old)
        size, root = opened(before.text(NOTE) if before else Path(old).read_text("utf-8"), key)
    if size > len(leaves) // 32:
        missing(f"position {len(leaves) // 32 + 1} – {size}")
    if root_of(leaves, size) != root:
        differs(f"position 1 – {size} ({old})")
    return f"{size}"


def verified(bag: Bag, given: str | None, old: str | None) -> list[tuple[str, str]]:
    """What was checked, and what cannot be; raises `Refused`."""
    check_files(bag)
    if bag.text("bagit.txt") != BAGIT:
        unknown("bagit.txt")
    filters = bag.json(FILTERS)
    if filters.get("format") != FORMAT:
        unknown(f"{FILTERS}: {filters.get('format')}")
    for name in (COUNTS, VERSIONS, REQUESTS, RECORDS, TABLE, LEAVES):
        if name not in bag.names:
            missing(name)
    key: tuple[str, bytes, bytes] | None = None
    told: list[tuple[str, str]] = []
    size, root = filters["size"], bytes.fromhex(filters["root"])
    if filters["signed"]:
        key = key_of(given or bag.text(KEY))
        if given and key != key_of(bag.text(KEY)):
            unsigned("渡された鍵と袋の鍵が違います", "the bag names another key than the one given")
        if (size, root) != opened(bag.text(NOTE), key):
            differs(NOTE)
        told.append(
            (f"署名: {key[0]}、イベント {size} 件まで", f"signed by {key[0]}, up to {size}")
        )
        if not given:
            told.append(
                (
                    "鍵は袋の中のものです。公表された鍵と同じか比べてください。",
                    f"the key is the bag's own; compare it with the published one: {bag.text(KEY)}",
                )
            )
    elif given or NOTE in bag.names or KEY in bag.names:
        unsigned("チェックポイントがありません", "the bag has no checkpoint")
    else:
        told.append(("署名はありません。後で書き換えられても分かりません。", "nothing is signed"))
    with bag.open(LEAVES) as file:
        leaves: bytes = file.read()
    if len(leaves) < size * 32:
        missing(f"{LEAVES}: position {len(leaves) // 32 + 1}")
    if len(leaves) != size * 32 or root_of(leaves, size) != root:
        differs(LEAVES)
    rows = Rows(bag, leaves, filters)
    rows.check()
    check_counts(bag, rows)
    told.append((f"記録 {rows.records} 件", f"{rows.records} records, {rows.events} events"))
    if filters["whole"]:
        check_headers(bag, rows)
    if key is not None:
        check_bag_note(bag, key)
    told += limits(filters, rows)
    if old is not None:
        size_then = check_old(old, key, leaves)
        told.append(
            (f"以前のイベント {size_then} 件と一致", f"begins with the earlier {size_then}")
        )
    return told


def check_bag_note(bag: Bag, key: tuple[str, bytes, bytes]) -> None:
    """6. Who keeps the log signed this very bag, so nobody else made the manifests anew."""
    export = re.search(r"(?m)^External-Identifier: (\S+)$", bag.text(INFO))
    digest = bag.digest(TAGMANIFEST)[0]
    with bag.open(BAG_NOTE) as file:
        said = signed_text(file.read().decode("utf-8", "replace"), key)
    if export is None or said != f"{FORMAT}\n{key[0]}\n{export[1]}\n{digest}\n":
        unsigned("袋の署名は別の袋のものです", "the bag's signature is another bag's")


def limits(filters: dict[str, Any], rows: Rows) -> list[tuple[str, str]]:
    """What the bag cannot prove, in words."""
    hidden = [one for one in ("counterparty", "source", "identifiers") if one in filters["asked"]]
    found: list[tuple[str, str]] = []
    if not filters["whole"]:
        found.append(
            (
                "載っている記録は真正です。ほかに該当する記録がないことは、この袋では証明できません。",
                "what is in the bag is genuine; that nothing else matches is not proven by it",
            )
        )
    elif hidden:
        found.append(
            (
                f"漏れがないことは、次の条件については証明できません: {', '.join(hidden)}",
                f"that nothing is left out is not proven for: {', '.join(hidden)}",
            )
        )
    if rows.unproven:
        found.append(
            (
                f"個人の相手方を伏せた記載 {rows.unproven} 件は、照合できません。",
                f"{rows.unproven} statements that name an individual are withheld, and not proven",
            )
        )
    if rows.dead and not filters["whole"]:
        found.append(
            (
                f"内容が廃棄されたとする {len(rows.dead)} 件は、この袋では証明できません。",
                f"{len(rows.dead)} events are said to be destroyed; this bag does not prove it",
            )
        )
    return found


def main(arguments: list[str]) -> int:
    """Check what the command line names; the exit code."""
    if (renewed := getattr(sys.stdout, "reconfigure", None)) is not None:
        renewed(errors="replace")  # a console that lacks a character shows "?"
    options: dict[str, str] = {}
    places: list[str] = []
    left = list(arguments)
    while left:
        one = left.pop(0)
        if one in ("--key", "--checkpoint") and left:
            options[one] = left.pop(0)
        else:
            places.append(one)
    if len(places) != 1 or places[0].startswith("-"):
        sys.stderr.write("python3 verify.py BAG [--key KEY] [--checkpoint OLD]\n")
        return USAGE
    try:
        told = verified(Bag(places[0]), options.get("--key"), options.get("--checkpoint"))
    except Refused as refusal:
        sys.stdout.write(f"{refusal.ja}\n{refusal.en}\n")
        return refusal.code
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, AttributeError):
        sys.stdout.write("内容が書き換えられています\na hash differs: it cannot be read\n")
        return HASH
    for ja, en in (*told, ("すべて一致しました。", "all good")):
        sys.stdout.write(f"{ja}\n{en}\n")
    return GOOD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
