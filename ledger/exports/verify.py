"""Checks an export of the ledger, offline: `python3 verify.py BAG [--key KEY] [--checkpoint OLD]`.

Python 3.9 or newer, nothing else. BAG is the folder or its zip; KEY is the log's public key as the
business operator handed it out before; OLD is an earlier checkpoint, or an earlier bag. When OLD is
of a former epoch of the log, `--checkpoint-key` takes the key that the log had then. `--witness`
takes the key of a witness that you know (again for each), `--policy` a file of C2SP tlog-policy.

Ends with 0 all good · 10 a hash differs · 20 something is missing · 30 unknown version · 40 a
signature or a time stamp · 2 asked in a wrong way. What cannot be proven with this bag is said in
words; so is the command that checks the signature of a time stamp's authority, which is not
checked here: it needs RSA and certificates, which the standard library has not.

It is longer than other files of the house so that it is one: whoever must trust it reads it in one
go, and it is copied into every bag.

Source: RFC 8493; RFC 6962; RFC 8032; RFC 3161; C2SP signed-note, tlog-cosignature, tlog-policy; the
ledger's event format, sections 1 to 3.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
import shlex
import stat
import struct
import sys
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NoReturn

GOOD, USAGE, HASH, MISSING, VERSION, SIGNATURE = 0, 2, 10, 20, 30, 40
FORMATS = ("ppl-export/1", "ppl-export/2")  # the first knows no witnesses and no time stamps
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
COSIGNED, STAMPED, STAMP = (
    "data/proofs/" + name for name in ("cosigned", "stamped", "timestamp.tsr")
)
RECORDED = ("provision", "receipt", "referable-provision", "joint-use-transfer", "exempt-transfer")
FIRST_TYPES = frozenset(name + "-recorded" for name in RECORDED)
FACT_TYPES = FIRST_TYPES | {"transfer-corrected", "transfer-reclassified"}
RETRACTED, SETTLED = "transfer-retracted", "transfer-findings-settled"
TOLD = {
    SETTLED: "action codes reason",
    "transfer-corrected": "removed reason",
    "transfer-reclassified": "removed reason",
    RETRACTED: "reason",
}
STATUSES = {"standing": "有効", "retracted": "取消", "destroyed": "廃棄"}
ASKED = {
    "first": "初日",
    "last": "末日",
    "counterparty": "相手方",
    "bases": "根拠",
    "findings": "指摘",
    "source": "発信元",
    "identifiers": "本人の識別子の数",
    "case": "事案",
}
BASES = """consent_27_1 consent_28_1 opt_out_27_2 personally_referable_31_1 non_operator_source
        joint_use_27_5_iii entrustment_27_5_i succession_27_5_ii exempt_27_1_i exempt_27_1_ii
        exempt_27_1_iii exempt_27_1_iv exempt_27_1_v exempt_27_1_vi exempt_27_1_vii
        on_behalf_of_principal not_applicable none"""
FINDINGS = """any NO_VALID_BASIS CONSENT_NOT_OBTAINED CONSENT_AFTER_TRANSFER CONSENT_WITHDRAWN
        ART28_CONSENT_MISSING JU_NO_NOTICE JU_BEFORE_START JU_RECIPIENT_OUT_OF_SCOPE
        JU_ITEM_OUT_OF_SCOPE JU_PURPOSE_OUT_OF_SCOPE JU_PURPOSE_NOT_YET_ANNOUNCED
        ENTRUSTMENT_SCOPE_EXCEEDED OPT_OUT_NOT_FILED OPT_OUT_BEFORE_START OPT_OUT_ITEM_NOT_FILED
        OPT_OUT_SPECIAL_CARE OPT_OUT_CHAIN OPT_OUT_UNLAWFUL_SOURCE OPT_OUT_STOPPED
        PROVISION_STOPPED ART28_INFORMATION_MISSING ART31_CONSENT_MISSING
        ART31_FOREIGN_INFORMATION_MISSING CONFIRMATION_INCOMPLETE PSEUDONYMOUS_NO_VALID_ROUTE
        ANONYMOUS_NOT_PUBLISHED ANONYMOUS_NOT_STATED OPT_OUT_COLLECTIVE_NOT_ALLOWED
        OPT_OUT_CONTRACT_NOT_ALLOWED CONTRACT_ITEMS_INCOMPLETE CONTRACT_CONDITIONS_NOT_MET
        OMISSION_BASE_NOT_RETAINED OMISSION_BASE_DIFFERENT COUNTERPARTY_INCOMPLETE DATE_MISSING
        JU_RESPONSIBLE_STALE"""
CODES = {"bases": BASES.split(), "findings": FINDINGS.split()}
UNPROVEN = (
    "source, told, shown, pseudonym, verdict, n; records.csv (direction, basis, number of persons, "
    "findings, corrections, source, whatever is withheld); filters.json, counts.json (other than "
    "numbers), versions.json, requests.json, coverage.json, records.xlsx, report.pdf, VERIFY.ja.md"
)
HEADINGS = """番号 位置 提供・受領の別 根拠 義務 記録の方法 年月日(初日) 年月日(末日) 記録日
        第三者の氏名又は名称 第三者の住所 第三者の代表者の氏名 第三者の識別子 個人データの項目
        本人の数 指摘 保存期間の末日 訂正等の回数 状態 発信元"""
COLUMNS = len(HEADINGS.split())
# Of the table: what a header, the status and the row say; then what an open statement says.
CLEAR, OPENED, ALWAYS = (4, 5, 6, 7, 8, 16), (9, 10, 11, 12, 13), (0, 18, 19)
SHOWN = [itemgetter(*ALWAYS, *more) for more in ((), CLEAR, CLEAR + OPENED)]
HEX = re.compile("[0-9a-f]{64}")
NAME = re.compile("[A-Za-z0-9._-][A-Za-z0-9._/-]*")  # of a file in a bag
# In a row of the table, with a NUL before each cell: one that may be no text for a spreadsheet.
GUARDED = re.compile("\0(?:[\\t\\r\\n]|\\s*[=+\\-@＝＋－＠])")
CSV_LIMIT = 2**31 - 1  # of a cell; more does not fit everywhere


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


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names differ: of two of one name, another reader would take the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=once)  # made once: each record needs it three times


def read(text: str) -> Any:  # noqa: ANN401 -- JSON
    """The value of a text that is JSON from its first character to its last."""
    found, end = DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("more than one value")
    return found


@lru_cache(maxsize=256)
def members(needs: str, may: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that must stand, and all that may."""
    needed = frozenset(needs.split())
    return needed, needed | frozenset(may.split())


def closed(found: Any, where: str, needs: str, may: str = "") -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """The object, which has these members and no other: what is not known proves nothing."""
    needed, allowed = members(needs, may)
    if not is_a(dict, found) or not needed <= found.keys() <= allowed:
        differs(where)
    return found


def is_a(kind: type, value: object) -> bool:
    """Whether it is of that very type: `true` is no number."""
    return type(value) is kind


def is_number(value: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether it is 0, 1, 2 or more."""
    return type(value) is int and value >= 0


def is_hash(value: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether it is 32 bytes in lower-case hex."""
    return type(value) is str and HEX.fullmatch(value) is not None


class UsageError(Exception):
    """What the reader gave cannot be read: a sentence in Japanese and in English."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja, self.en = ja, en


def check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a zip with bytes that are of no file: a comment, a gap, another zip before or behind.

    Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.9, 4.3.12, 4.3.14 to 4.3.16.
    """
    end = named = 0
    with path.open("rb") as file:
        for one in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
            file.seek(one.header_offset)
            head = file.read(30).ljust(30, b"\0")
            if one.header_offset != end or one.comment or stat.S_ISLNK(one.external_attr >> 16):
                differs(path.name)
            end += 30 + sum(struct.unpack("<HH", head[26:])) + one.compress_size
            if one.flag_bits & 8:  # a descriptor behind the data, with or without its signature
                file.seek(end)
                found = file.read(24)
                end += 4 if found[:4] == b"PK\7\x08" else 0
                told = (one.CRC, one.compress_size, one.file_size)
                said = found[4 if found[:4] == b"PK\7\x08" else 0 :]
                wide = said[:20] == struct.pack("<LQQ", *told)
                end += 20 if wide else 12
            named += 46 + len(one.orig_filename.encode()) + len(one.extra)
        file.seek(-min(98, path.stat().st_size), 2)
        tail = file.read()
    is_wide = tail[56:60] == b"PK\6\7" and tail[:4] == b"PK\6\6"
    last = path.stat().st_size - (98 if is_wide else 22)
    if archive.comment or (end, end + named) != (archive.start_dir, last):
        differs(path.name)


class Bag:
    """The files of a bag, in a folder or in a zip."""

    def __init__(self, place: str) -> None:
        self.path, self.zip, names = Path(place), None, []
        if self.path.is_dir():
            found = (one for one in self.path.rglob("*") if one.is_symlink() or not one.is_dir())
            names = [one.relative_to(self.path).as_posix() for one in found]
        elif self.path.is_file():
            try:
                self.zip = zipfile.ZipFile(self.path)
            except zipfile.BadZipFile:
                differs(self.path.name)
            check_archive(self.path, self.zip)
            all_names = self.zip.namelist() or [""]
            self.top = "" if "bagit.txt" in all_names else all_names[0].partition("/")[0] + "/"
            names = [one.removeprefix(self.top) for one in all_names if one[-1:] != "/"]
        else:
            missing(self.path.name)
        self.names = set(names)
        if len(names) != len(self.names):
            differs(self.path.name)

    def open(self, name: str) -> Any:  # noqa: ANN401 -- a binary file of either kind
        """The file, to be read as bytes."""
        if name not in self.names or not (self.zip or (self.path / name).is_file()):
            missing(name)
        if self.zip is None:
            if (self.path / name).is_symlink():
                differs(name)
            return (self.path / name).open("rb", 1 << 20)
        return self.zip.open(self.top + name)

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
            return read(self.text(name).strip())
        except (ValueError, RecursionError):
            differs(name)

    def lines(self, name: str) -> Iterator[tuple[str, Any]]:
        """The lines of the file, each as text and as JSON."""
        with self.open(name) as file:
            for raw in file:
                try:
                    text = raw.rstrip(b"\n").decode()
                    found = read(text)
                except (ValueError, RecursionError):
                    differs(name)
                yield text, found

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
        if one is None or one[2] in found or not NAME.fullmatch(one[2]) or ".." in one[2]:
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
    if len({name.lower() for name in listed}) != len(listed):
        differs(MANIFEST)
    for name in sorted(listed.keys() - set(payload)):
        missing(name)
    for name in sorted(bag.names - listed.keys() - {*TAGS, TAGMANIFEST, BAG_NOTE}):
        shown = json.dumps(name)[1:-1]  # a character may turn what is read around
        raise Refused(HASH, f"目録にないものがあります: {shown}", f"it is not listed: {shown}")
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


Key = tuple[str, bytes, bytes]


def key_of(text: str, kind: bytes = b"\1") -> Key:
    """Name, id and key of `<name>+<id in hex>+<base64(kind ‖ key)>`; 1: a log's, 4: a witness's."""
    try:
        name, key_id, key = text.strip().split("+", 2)
        raw = b64decode(key, validate=True)
        digest = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    except ValueError:
        unsigned("公開鍵の形が違います", "the text is no key")
    if (len(raw), raw[:1], digest.hex()) != (33, kind, key_id):
        unsigned("公開鍵の番号が違います", "the key has another id than it says")
    return name, digest, raw[1:]


def parted(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """What a note says, and who signed it with which bytes, not yet checked."""
    text, separator, below = note.rpartition("\n\n")
    found: list[tuple[str, bytes]] = []
    for line in below.split("\n")[:-1]:
        one = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/=]+)", line)
        try:
            value = b64decode(one[2], validate=True) if one else b""
        except ValueError:
            unsigned("署名の行が読めません", "a line under the note is no signature")
        if one is None or b64encode(value).decode() != one[2]:
            unsigned("署名の行が読めません", "a line under the note is no signature")
        found.append((one[1], value))
    return text + "\n" if separator else "", found


def signed_text(note: str, key: Key) -> str:
    """What a note says, signed by the key; signatures of other keys are left alone."""
    text, lines = parted(note)
    own = [value[4:] for name, value in lines if (name, value[:4]) == key[:2]]
    if any(not is_signed(key[2], text.encode(), one) for one in own):
        unsigned("この鍵による署名ではありません", "it is not this key's")
    if not own:
        unsigned("この鍵による署名がありません", "the key did not sign")
    return text


def opened(note: str, key: Key) -> tuple[int, bytes]:
    """Size and root of a checkpoint, signed by the key."""
    name, size, root = [*signed_text(note, key).split("\n"), "", ""][:3]
    try:
        count, digest = int(size), b64decode(root, validate=True)
    except ValueError:
        count, digest = -1, b""
    if name != key[0] or str(count) != size or count < 0 or len(digest) != 32:  # noqa: PLR2004 -- a hash
        unsigned("チェックポイントの形が違います", "the note is no checkpoint of this log")
    return count, digest


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
    if size == 1 and low in leaves:
        return leaves[low]
    if not any(low <= one < low + size for one in leaves):
        return bytes.fromhex(nodes.pop(0)) if nodes else missing("lines")
    half = 1 << (size - 1).bit_length() - 1
    left = partial_root(low, half, leaves, nodes)
    return sha(b"\1" + left + partial_root(low + half, size - half, leaves, nodes))


def event_hash(header: str) -> bytes:
    """What an event is in the log (event format, section 1)."""
    return sha(b"ppl/event/1\0" + header.encode())


# -- witnesses (C2SP tlog-cosignature, tlog-policy) -------------------------------------------


class Witnesses:
    """Whom the reader knows as witnesses, and which of them must have signed."""

    def __init__(self, keys: Iterable[str] = (), policy: str | None = None) -> None:
        self.keys: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum: str | None = None
        self.logs: list[Key] = []
        for n, text in enumerate(keys, 1):
            self.know(f"--witness {n}", text)
        if policy is not None:
            self.read(policy)

    def know(self, name: str, text: str) -> None:
        """Take in a witness's key."""
        try:
            key = key_of(text, b"\4")
        except Refused as refusal:
            said = f"{name}: 証人の公開鍵ではありません", f"{name}: no key of a witness"
            raise UsageError(*said) from refusal
        if key in self.keys.values():
            raise UsageError(f"{name}: 同じ証人が2度あります", f"{name}: a witness stands twice")
        self.keys[name] = key

    def read(self, policy: str) -> None:
        """Take in a policy, line by line; a name can be used below the line that gives it."""
        for n, line in enumerate(policy.split("\n"), 1):
            kind, *words = line.split() or ["#"]
            if not kind.startswith("#"):
                try:
                    self.line(kind, words)
                except (ValueError, IndexError, Refused):
                    said = f"方針の{n}行目が読めません", f"line {n} of the policy cannot be read"
                    raise UsageError(*said) from None
        if self.quorum is None:
            raise UsageError("方針に quorum の行がありません", "the policy has no line quorum")

    def line(self, kind: str, words: list[str]) -> None:
        """One line of a policy; ValueError: it is none."""
        taken, name = {"none", *self.keys, *self.groups}, words[0]
        if kind == "log" and len(words) in (1, 2):
            self.logs.append(key_of(name))
        elif kind == "witness" and len(words) in (2, 3) and name not in taken:
            self.know(name, words[1])
        elif kind == "group" and len(words) > 2 and name not in taken:  # noqa: PLR2004 -- name, least, members
            least, inner = words[1], words[2:]
            count = {"any": 1, "all": len(inner)}.get(least) or int(least)
            free = taken - {"none"} - {one for _, used in self.groups.values() for one in used}
            if not 1 <= count <= len(set(inner)) == len(inner) or not free.issuperset(inner):
                raise ValueError(name)
            self.groups[name] = count, inner
        elif kind == "quorum" and len(words) == 1 and self.quorum is None and name in taken:
            self.quorum = name
        else:
            raise ValueError(kind)

    def is_met(self, name: str | None, signed: Iterable[str]) -> bool:
        """Whether these witnesses suffice for the quorum, a group or a witness."""
        if name in (None, "none"):
            return True
        if name not in self.groups:
            return name in signed
        least, inner = self.groups[name]
        return sum(self.is_met(one, signed) for one in inner) >= least

    def who_signed(self, note: str) -> dict[str, int]:
        """Known witness to the POSIX time that it says; a wrong cosignature refuses the note."""
        text, lines = parted(note)
        found: dict[str, int] = {}
        for name, (signer, key_id, public) in self.keys.items():
            for one, value in lines:
                if (one, value[:4]) != (signer, key_id):
                    continue
                seconds = int.from_bytes(value[4:12], "big")
                message = f"cosignature/v1\ntime {seconds}\n{text}"
                if not is_signed(public, message.encode(), value[12:]):
                    unsigned(
                        f"証人の署名が違います: {signer}", f"it is not the witness's: {signer}"
                    )
                found[name] = seconds
        return found


UTC = timezone(timedelta(0))
JAPAN = timezone(timedelta(hours=9))


def said_at(seconds: int) -> str:
    """A POSIX time for people."""
    at = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return (at + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return str(seconds)


def seen_before(bag: Bag, name: str, said: int | None, key: Key, leaves: bytes) -> str:
    """The note of a checkpoint that others saw: of this log, at a position of this bag."""
    with bag.open(name) as file:
        note: str = file.read().decode("utf-8", "replace")
    size, root = opened(note, key)
    if size != said or size > len(leaves) // 32 or root_of(leaves, size) != root:
        differs(f"{name}: position 1 – {size}")
    return note


def is_said(bag: Bag, filters: dict[str, Any], name: str, *files: str) -> bool:
    """Whether the bag says that others saw the log; then the files are there, else none is."""
    said = filters.get(name) is not None
    for one in files:
        if said and one not in bag.names:
            missing(one)
        if not said and one in bag.names:
            differs(f"{FILTERS}: {name}, {one}")
    return said


def check_witnesses(
    bag: Bag, filters: dict[str, Any], key: Key, leaves: bytes, known: Witnesses
) -> tuple[str, str]:
    """3a. Which of the reader's witnesses cosigned the log, and whether that suffices them."""
    if known.logs and key not in known.logs:
        unsigned("方針が挙げるログの袋ではありません", "your policy is about other logs")
    size = filters.get("cosigned")
    signed: dict[str, int] = {}
    lines: list[tuple[str, bytes]] = []
    if is_said(bag, filters, "cosigned", COSIGNED):
        note = seen_before(bag, COSIGNED, size, key, leaves)
        signed = known.who_signed(note)
        lines = [one for one in parted(note)[1] if (one[0], one[1][:4]) != key[:2]]
        if not lines:
            unsigned("証人の署名がありません", f"nobody cosigned {COSIGNED}")
    if not known.is_met(known.quorum, signed):
        unsigned(
            f"方針が求める証人の署名が足りません({len(signed)} / {len(known.keys)} 人)",
            f"your policy asks for more witnesses than signed: {len(signed)} of {len(known.keys)}",
        )
    if size is None:
        return "証人の署名はありません。", "no witness cosigned the log, as far as the bag tells"
    upto = f"イベント {size} 件まで", f"up to {size}"
    if not known.keys:
        ja = f"証人の署名 {len(lines)} 件があります({upto[0]})が、確かめていません。"
        en = f"{len(lines)} cosignatures are there, {upto[1]}, and none is checked"
        return (
            f"{ja}--witness 又は --policy で証人の鍵を渡してください。",
            f"{en}: give the witnesses' keys by --witness or --policy",
        )
    latest = f" {said_at(max(signed.values()))}" if signed else ""
    return (
        f"証人: 渡された {len(known.keys)} 人のうち {len(signed)} 人が署名({upto[0]}){latest}",
        f"witnesses: {len(signed)} of the {len(known.keys)} you know signed, {upto[1]}{latest}",
    )


# -- time stamps (RFC 3161); values of DER are read strictly ----------------------------------

SEQUENCE, SET, INTEGER, OCTETS, OID, TIME, INNER = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18, 0xA0
SHA256 = bytes.fromhex("608648016503040201")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
GENERALIZED = re.compile(rb"([0-9]{14})(\.[0-9]*[1-9])?Z")


def values(content: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of the values that stand one after another; ValueError: it is no DER."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(content):
        head = content[at : at + 2]
        if len(head) < 2 or head[0] & 31 == 31:  # noqa: PLR2004 -- tag and length; no long tags
            raise ValueError("no value")
        at, length = at + 2, head[1]
        if length > 127:  # noqa: PLR2004 -- the length of the length
            size = content[at : at + (length & 127)]
            at, length = at + (length & 127), int.from_bytes(size, "big")
            if size[:1] in (b"", b"\0") or length < 128 or at > len(content):  # noqa: PLR2004 -- shortest
                raise ValueError("a length is written otherwise")
        if at + length > len(content):
            raise ValueError("it ends too early")
        found.append((head[0], content[at : at + length]))
        at += length
    return found


def part(content: bytes, n: int, tag: int) -> bytes:
    """The content of the nth value in it, which is of that tag; ValueError: it is not."""
    found = values(content)
    if n >= len(found) or found[n][0] != tag:
        raise ValueError("another value")
    return found[n][1]


def only(content: bytes, tag: int) -> bytes:
    """The content of the one value in it."""
    if len(values(content)) != 1:
        raise ValueError("more than one value")
    return part(content, 0, tag)


def stated(reply: bytes) -> tuple[bytes, bytes, datetime]:
    """Kind of hash, hash and time of a time stamp that was granted; ValueError: it is none."""
    answer = only(reply, SEQUENCE)
    token = part(answer, 1, SEQUENCE)
    signed = only(part(token, 1, INNER), SEQUENCE)
    inner = part(signed, 2, SEQUENCE)
    info = only(only(part(inner, 1, INNER), OCTETS), SEQUENCE)
    imprint, time = part(info, 2, SEQUENCE), GENERALIZED.fullmatch(part(info, 4, TIME))
    if (
        part(part(answer, 0, SEQUENCE), 0, INTEGER) != b"\0"
        or (part(token, 0, OID), part(inner, 0, OID)) != (SIGNED_DATA, TST_INFO)
        or part(info, 0, INTEGER) != b"\1"
        or not part(signed, len(values(signed)) - 1, SET)
        or time is None
    ):
        raise ValueError("no time stamp that was granted and signed")
    at = datetime.strptime(time[1].decode() + "+0000", "%Y%m%d%H%M%S%z")
    return part(part(imprint, 0, SEQUENCE), 0, OID), part(imprint, 1, OCTETS), at


def stamped_at(reply: bytes, content: bytes) -> str:
    """The time that a time stamp on `content` states; whose stamp it is, is not checked."""
    try:
        kind, digest, at = stated(reply)
    except ValueError:
        unsigned(f"タイムスタンプが読めません: {STAMP}", f"{STAMP} is no time stamp")
    if (kind, digest) != (SHA256, sha(content)):
        unsigned(f"タイムスタンプは別のもののものです: {STAMP}", f"{STAMP} is not on {STAMPED}")
    return f"{at:%Y-%m-%dT%H:%M:%SZ} ({at.astimezone(JAPAN):%Y-%m-%d %H:%M:%S} JST)"


def check_stamp(
    bag: Bag, filters: dict[str, Any], key: Key, leaves: bytes
) -> list[tuple[str, str]]:
    """3b. The time stamp is on a checkpoint of this log; its authority is not checked."""
    size = filters.get("stamped")
    if not is_said(bag, filters, "stamped", STAMPED, STAMP):
        return [("タイムスタンプはありません。", "there is no time stamp")]
    note = seen_before(bag, STAMPED, size, key, leaves)
    with bag.open(STAMP) as file:
        reply: bytes = file.read()
    at = stamped_at(reply, note.encode())
    top = bag.path if bag.zip is None else Path(bag.top)
    places = [shlex.quote((top / name).as_posix()) for name in (STAMPED, STAMP)]
    command = f"openssl ts -verify -data {places[0]} -in {places[1]} -CAfile CA.pem"
    ja = (
        "時刻認証局の署名は、ここでは確かめていません。認証局の証明書(CA.pem)を別の経路で受け取り、"
    )
    en = "its authority's signature is NOT checked here; with its certificates from elsewhere, "
    return [
        (
            f"タイムスタンプの記載: {at} に、イベント {size} 件までのログがありました。",
            f"the time stamp states that the log up to {size} was there at {at}",
        ),
        (f"{ja}次のように確かめてください: {command}", f"{en}check it so: {command}"),
    ]


# -- records ----------------------------------------------------------------------------------


class Rows:
    """2. What the lines of the records say, held against the log."""

    def __init__(self, bag: Bag, leaves: bytes, filters: dict[str, Any]) -> None:
        self.bag, self.leaves, self.filters = bag, leaves, filters
        self.records = self.events = self.persons = self.unproven = 0
        self.months: dict[str, int] = {}
        self.streams: dict[bytes, int] = {}
        self.dead: list[tuple[str, str]] = []
        # Told last, the records before the table: what is missing may be why one does not agree.
        self.untrue = self.unlike = ""
        self.table, self.tabled, self.is_misplaced = table_rows(bag), 0, False
        if not isinstance(head := next(self.table), Exception) and head != HEADINGS.split():
            self.unlike = f"{TABLE}: 見出し / its head"

    def check(self) -> None:
        """Go through all lines, in order."""
        last = 0
        for _, row in self.bag.lines(RECORDS):
            self.records += 1
            where = f"{RECORDS}: {self.records}"
            try:
                if not is_number(closed(row, where, "row stream status events", "source")["row"]):
                    differs(where)
                if row["row"] != self.records:
                    missing(where) if row["row"] > self.records else differs(where)
                position = self.checked(row, where)
            except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
                differs(where)
            if position <= last:
                differs(where)
            last = position
            self.held(next(self.table), position)

    def held(self, row: Any, position: int) -> None:  # noqa: ANN401 -- of the table
        """Whether its row of the table says what a record does, as far as that is proven."""
        if is_a(list, row):
            shown, cells = self.cells
            self.tabled += 1
            self.is_misplaced |= row[1:2] != [f"{position}"]
            if not self.unlike and (len(row) != COLUMNS or shown(row) != cells):
                self.unlike = f"{TABLE}: {self.tabled}"

    def checked(self, row: dict[str, Any], where: str) -> int:
        """One record, version by version; the position of the first."""
        headers: list[dict[str, Any]] = []
        parts: list[bytes] = []
        month = "undated"
        for version, event in enumerate(row["events"], 1):
            place, text = f"{where}, position {event['position']}", event["header"]
            header = read(text)
            if header["v"] != 1:
                unknown(f"{place}: v {header['v']}")
            entry, at = event_hash(text), (event["position"] - 1) * 32
            if (
                type(event["position"]) is not int
                or at < 0
                or self.leaves[at : at + 32] != sha(b"\0" + entry)
            ):
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
        self.state(row, headers, where)
        self.months[month] = self.months.get(month, 0) + 1
        self.events += len(headers)
        if self.filters["whole"]:
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
        """The statement and the lines are those that the header commits to, and nothing else is."""
        if "destroyed" in event:
            closed(event, place, "header position destroyed")
            if event["destroyed"] is not True or "sealed" not in header or "copies" in header:
                differs(f"{place}: destroyed")
            self.dead.append((header["sealed"]["key"], place))
            return
        may = "statement" if "statement" in header else ""
        may += " lines nodes" if "lines" in header else ""
        closed(event, place, "header position", may + " told")
        if "told" in event:
            words = TOLD.get(header["type"], "").split()
            if "identifiers" in self.filters["asked"]:
                words = [one for one in words if one == "action"]
            elif not self.filters["identified"]:
                words = [one for one in words if one != "reason"]
            closed(event["told"], f"{place}: told", "", " ".join(words))
        if "statement" in header:
            self.statement(header, event, place)
        if "lines" in header:
            self.lines(header, event, place)

    def statement(self, header: dict[str, Any], event: dict[str, Any], place: str) -> None:
        """Opened, or withheld where an individual is the counterparty and nobody is named."""
        where = f"{place}: statement"
        shown = event.get("statement") or missing(where)
        if "withheld" not in shown:
            closed(shown, where, "salt text")
            if committed(header, b"\0", 0, shown).hex() != header["statement"]:
                differs(where)
            return
        facts, words = header["facts"], closed(shown, where, "withheld shown")["shown"]
        if self.filters["identified"] or "party_key" in facts or shown["withheld"] != "individual":
            differs(where)
        if not is_a(dict, words) or words.get("counterparty") != {"kind": "individual"}:
            differs(where)
        if any(words[name] != facts[name] for name in words.keys() & facts.keys()):
            differs(where)
        self.unproven += 1

    def lines(self, header: dict[str, Any], event: dict[str, Any], place: str) -> None:
        """One a person, in order: opened, or the commitment where nobody is named."""
        count, nodes, where = header["lines"]["count"], event.get("nodes", []), f"{place}: lines"
        shown = event["lines"] if "lines" in event else missing(where)
        if not is_a(list, shown) or not is_a(list, nodes) or not all(map(is_hash, nodes)):
            differs(where)
        if not nodes and len(shown) < count:
            missing(f"{where}, {len(shown)} of {count}")
        if nodes and "identifiers" not in self.filters["asked"]:
            self.dead.append((header["sealed"]["key"], place))
        known: dict[int, bytes] = {}
        last = -1
        named = self.filters["identified"]
        members = ("j salt text", "") if named else ("j commitment pseudonym", "verdict n")
        for one in shown:
            closed(one, where, *members)
            # A second line of one person, or one beside all persons, would stand there unproven.
            if not is_number(one["j"]) or not last < one["j"] < count:
                differs(where)
            last = one["j"]
            if not named and not (is_hash(one["commitment"]) and is_a(str, one["pseudonym"])):
                differs(where)
            entry = (
                committed(header, b"\1", last, one) if named else bytes.fromhex(one["commitment"])
            )
            known[last] = sha(b"\0" + entry)
        left = list(nodes)
        if partial_root(0, count, known, left).hex() != header["lines"]["root"] or left:
            differs(where)
        self.persons += len(known)

    def state(self, row: dict[str, Any], headers: list[dict[str, Any]], where: str) -> None:
        """The status is what the versions make of it; what the table must say follows from them."""
        newest: dict[str, Any] = {}
        opened: str | None = None
        alive, retracted = False, False
        for header, event in zip(headers, row["events"]):  # noqa: B905 -- Python 3.9
            if header["type"] in FACT_TYPES and "destroyed" not in event:
                newest, opened = header["facts"], event["statement"].get("text")
                alive = True
            elif "destroyed" in event:
                alive = alive and header["type"] == SETTLED
            elif header["type"] == RETRACTED:
                retracted = True
        status = "destroyed" if not alive else "retracted" if retracted else "standing"
        if not is_a(str, row.get("source", "")):
            differs(f"{where}: source")
        if row["status"] != status:
            self.untrue = self.untrue or f"{where}: status"
        cells = [str(self.records), STATUSES[status], row.get("source", "")]
        kind = 0 if not alive else 1 if opened is None else 2
        if alive:
            day = newest.get("transferred_on")
            days = (day or newest.get("transferred_from"), day or newest.get("transferred_to"))
            names = ("recorded_on", "retain_through")
            cells += [newest["duty"], newest["effective_method"], *(one or "" for one in days)]
            cells += [newest.get(name, "") for name in names]
        if opened is not None and alive:
            said = read(opened)
            party = said["counterparty"]
            names = ("name", "address", "representative", "party_id")
            cells += [*(party.get(name) or "" for name in names), "、".join(said["items"])]
        self.cells = SHOWN[kind], as_tabled(cells)


def table_rows(bag: Bag) -> Iterator[Any]:
    """The rows of the table, its head first; then None for ever, or why it cannot be read."""
    end: Exception | None = None
    csv.field_size_limit(CSV_LIMIT)
    try:
        with bag.open(TABLE) as file:
            table = csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline=""))
            yield from table
    except Exception as error:  # noqa: BLE001 -- raised when all records are read
        end = error
    while True:
        yield end


def committed(header: dict[str, Any], kind: bytes, j: int, one: dict[str, Any]) -> bytes:
    """What a header commits to of a text, by its salt (event format, section 3)."""
    name, stream = header["ledger"].encode(), bytes.fromhex(header["stream"].replace("-", ""))
    context = len(name).to_bytes(4, "big") + name + stream + header["version"].to_bytes(8, "big")
    text = one["text"].encode()
    message = context + kind + j.to_bytes(4, "big") + len(text).to_bytes(4, "big") + text
    salt = bytes.fromhex(one["salt"])
    return hmac.digest(salt, b"ppl/commitment/1\0" + message, "sha256")


def as_tabled(cells: list[str]) -> tuple[str, ...]:
    """Cells of a record as the table has them; none holds the NUL that is put between them."""
    text = "\0".join(cells)
    if text.count("\0") >= len(cells):
        raise ValueError("a cell holds a NUL")
    return tuple(map(guarded, cells) if GUARDED.search("\0" + text) else cells)


def guarded(cell: str) -> str:
    """A cell of the table: with `'` before it when a spreadsheet would not take it for a text."""
    formula = cell.lstrip()[:1] in tuple("=+-@＝＋－＠") or cell[:1] in tuple("\t\r\n")
    return f"'{cell}" if formula else cell


def check_counts(bag: Bag, rows: Rows) -> None:
    """3. As many records, events and persons as the bag counted, and the same in the table."""
    said = closed(bag.json(COUNTS), COUNTS, "records events persons by_month")
    found = {"records": rows.records, "events": rows.events, "persons": rows.persons}
    for name, count in found.items():
        if not is_number(said[name]):
            differs(f"{COUNTS}: {name}")
        if count < said[name]:
            missing(f"{name}: {count} / {said[name]}")
        if count > said[name]:
            differs(f"{COUNTS}: {name}")
    if said["by_month"] != rows.months:
        differs(f"{COUNTS}: by_month")
    if isinstance(left := next(rows.table), Exception):
        raise left
    if rows.tabled < rows.records:
        missing(f"{TABLE}: {rows.tabled} / {rows.records}")
    if left is not None or rows.is_misplaced:
        differs(TABLE)


def check_filters(filters: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """What was asked for is something that can be asked for, so that it tells what may be left out.

    An empty list would let nothing in, and a bag of nothing would be complete.
    """
    names = "format ledger size root signed whole identified asked withheld csv_guard"
    others = () if filters["format"] == FORMATS[0] else ("cosigned", "stamped")
    closed(filters, FILTERS, " ".join((names, *others)))
    flags = [filters[name] for name in ("signed", "whole", "identified")]
    if (
        not is_number(filters["size"])
        or not is_hash(filters["root"])
        or {*map(type, flags)} != {bool}
    ):
        differs(FILTERS)
    for name in others:
        size = filters[name]
        if size is not None and not is_number(size):
            differs(f"{FILTERS}: {name}")
    asked, where = filters["asked"], f"{FILTERS}: asked"
    if not is_a(dict, asked):
        differs(where)
    for name, value in asked.items():
        if name not in ASKED:
            unknown(f"{where}: {name}")
        if name == "identifiers":
            is_good = is_number(value) and value > 0
        elif name in CODES:
            is_good = is_a(list, value) and len(value) > 0
            for code in value if is_good else ():
                if code not in CODES[name]:
                    unknown(f"{where}: {name}: {code}")
        else:
            is_good = is_a(str, value) and value.strip() != ""
        if not is_good:
            differs(f"{where}: {name}")
    days = [asked[name] for name in ("first", "last") if name in asked]
    if any(date.fromisoformat(one).isoformat() != one for one in days) or sorted(days) != days:
        differs(where)
    return filters


def question(filters: dict[str, Any]) -> tuple[str, str]:
    """What the bag was asked for: whoever reads "all good" must see of what."""
    ja: list[str] = []
    en: list[str] = []
    for name, value in filters["asked"].items():
        text = ", ".join(value) if is_a(list, value) else str(value)
        ja.append(f"{ASKED[name]} {text}")
        en.append(f"{name} {text}")
    kind = "全てを載せた袋" if filters["whole"] else "知られてはならない記録を除いた袋"
    return (
        f"抽出の条件: {'、'.join(ja) or 'なし(全ての記録)'}({kind})",
        f"asked for: {'; '.join(en) or 'all records'} ({'whole' if filters['whole'] else 'plain'})",
    )


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


def check_old(old: str, key: Key | None, leaves: bytes) -> str:
    """5. The log still begins as an earlier checkpoint, or an earlier bag, says.

    `key` is the one that the log had then.
    """
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
        note = before.text(NOTE) if before else Path(old).read_bytes().decode("utf-8", "replace")
        size, root = opened(note, key)
    if size > len(leaves) // 32:
        missing(f"position {len(leaves) // 32 + 1} – {size}")
    if root_of(leaves, size) != root:
        differs(f"position 1 – {size} ({old})")
    return f"{size}"


def check_key(
    bag: Bag, filters: dict[str, Any], given: str | None
) -> tuple[Key | None, list[tuple[str, str]]]:
    """3. The checkpoint is signed by the log's key, and says what the bag says; None: unsigned."""
    if not filters["signed"]:
        said = {filters.get("cosigned"), filters.get("stamped")}
        if given or {NOTE, KEY, STAMP, BAG_NOTE, COSIGNED, STAMPED} & bag.names or said != {None}:
            unsigned("チェックポイントがありません", "the bag has no checkpoint")
        return None, [("署名はありません。後で書き換えられても分かりません。", "nothing is signed")]
    own = bag.text(KEY)
    key = key_of(given or own)
    if given and key != key_of(own):
        unsigned("渡された鍵と袋の鍵が違います", "the bag names another key than the one given")
    size = filters["size"]
    if (size, bytes.fromhex(filters["root"])) != opened(bag.text(NOTE), key):
        differs(NOTE)
    told = [(f"署名: {key[0]}、イベント {size} 件まで", f"signed by {key[0]}, up to {size}")]
    if not given:
        told.append(
            (
                "鍵は袋の中のものです。公表された鍵と同じか比べてください。",
                f"the key is the bag's own; compare it with the published one: {own.strip()}",
            )
        )
    return key, told


def verified(
    bag: Bag,
    given: str | None,
    old: str | None,
    old_key: str | None = None,
    known: Witnesses | None = None,
) -> list[tuple[str, str]]:
    """What was checked, and what cannot be; raises `Refused`.

    Args:
        old_key: of the epoch of `old`, when that is a former one.
        known: the witnesses of the reader; None: they know none.
    """
    check_files(bag)
    if bag.text("bagit.txt") != BAGIT:
        unknown("bagit.txt")
    filters = bag.json(FILTERS)
    if not is_a(dict, filters) or filters.get("format") not in FORMATS:
        unknown(FILTERS if not is_a(dict, filters) else f"{FILTERS}: {filters.get('format')}")
    check_filters(filters)
    for name in (COUNTS, VERSIONS, REQUESTS, RECORDS, TABLE, LEAVES):
        if name not in bag.names:
            missing(name)
    size, root = filters["size"], bytes.fromhex(filters["root"])
    key, signed = check_key(bag, filters, given)
    told: list[tuple[str, str]] = [question(filters), *signed]
    with bag.open(LEAVES) as file:
        leaves: bytes = file.read()
    if len(leaves) < size * 32:
        missing(f"{LEAVES}: position {len(leaves) // 32 + 1}")
    if len(leaves) != size * 32 or root_of(leaves, size) != root:
        differs(LEAVES)
    if key is not None:
        told.append(check_witnesses(bag, filters, key, leaves, known or Witnesses()))
        told += check_stamp(bag, filters, key, leaves)
    elif known is not None:
        unsigned("署名のない袋に、証人の署名はありません", "nobody cosigned what is not signed")
    rows = Rows(bag, leaves, filters)
    rows.check()
    check_counts(bag, rows)
    told.append((f"記録 {rows.records} 件", f"{rows.records} records, {rows.events} events"))
    if filters["whole"]:
        check_headers(bag, rows)
    if untrue := rows.untrue or rows.unlike:
        differs(untrue)
    if key is not None:
        check_bag_note(bag, key, filters["format"])
    told += limits(filters, rows)
    if old is not None:
        size_then = check_old(old, key_of(old_key) if old_key else key, leaves)
        told.append(
            (f"以前のイベント {size_then} 件と一致", f"begins with the earlier {size_then}")
        )
    return told


def check_bag_note(bag: Bag, key: Key, form: str) -> None:
    """6. Who keeps the log signed this very bag, so nobody else made the manifests anew."""
    export = re.search(r"(?m)^External-Identifier: (\S+)$", bag.text(INFO))
    digest = bag.digest(TAGMANIFEST)[0]
    with bag.open(BAG_NOTE) as file:
        said = signed_text(file.read().decode("utf-8", "replace"), key)
    if export is None or said != f"{form}\n{key[0]}\n{export[1]}\n{digest}\n":
        unsigned("袋の署名は別の袋のものです", "the bag's signature is another bag's")


def limits(filters: dict[str, Any], rows: Rows) -> list[tuple[str, str]]:
    """What the bag cannot prove, in words."""
    # Headers tell findings of a transfer; those of one person in it stand in that person's line.
    sealed = ("counterparty", "source", "identifiers", "findings")
    hidden = [one for one in sealed if one in filters["asked"]]
    hidden = ["findings of a person" if one == "findings" else one for one in hidden]
    found: list[tuple[str, str]] = [
        (
            f"台帳からは証明できず、裏付けが袋の署名だけ(署名がなければ、なし)のもの: {UNPROVEN}",
            f"not proven by the log, bound by the bag's signature alone, if any: {UNPROVEN}",
        )
    ]
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


def say(*lines: str, to: Any = None) -> None:  # noqa: ANN401 -- a text file
    """Print; a bag's words must not move the cursor of who reads them."""
    for line in lines:
        safe = "".join(one if one.isprintable() or one == "\u3000" else "?" for one in line)
        (to or sys.stdout).write(f"{safe}\n")


def witnesses_of(keys: list[str], policy: str | None) -> Witnesses | None:
    """Those that the reader names, by keys and by a policy; None: none is named."""
    if policy is None:
        return Witnesses(keys) if keys else None
    try:
        text = Path(policy).read_bytes().decode()
    except (OSError, ValueError):
        raise UsageError("方針のファイルが読めません", "the policy cannot be read") from None
    return Witnesses(keys, text)


def main(arguments: list[str]) -> int:
    """Check what the command line names; the exit code."""
    if (renewed := getattr(sys.stdout, "reconfigure", None)) is not None:
        renewed(errors="replace")  # a console that lacks a character shows "?"
    options: dict[str, str] = {}
    places: list[str] = []
    witnesses: list[str] = []
    left = list(arguments)
    while left:
        one = left.pop(0)
        if one == "--witness" and left:
            witnesses.append(left.pop(0))
        elif one in ("--key", "--checkpoint", "--checkpoint-key", "--policy") and left:
            options[one[2:]] = left.pop(0)
        else:
            places.append(one)
    old, old_key = options.get("checkpoint"), options.get("checkpoint-key")
    if len(places) != 1 or places[0].startswith("-") or (old_key and not old):
        usage = "python3 verify.py BAG [--key KEY] [--checkpoint OLD [--checkpoint-key KEY]]"
        say(usage + " [--witness KEY]... [--policy FILE]", to=sys.stderr)
        return USAGE
    try:
        known = witnesses_of(witnesses, options.get("policy"))
        told = verified(Bag(places[0]), options.get("key"), old, old_key, known)
    except UsageError as error:
        say(error.ja, error.en, to=sys.stderr)
        return USAGE
    except Refused as refusal:
        say(refusal.ja, refusal.en)
        return refusal.code
    except OSError as error:
        reason = error.strerror or "OSError"
        say(f"読み取れないものがあります: {reason}", f"something cannot be read: {reason}")
        return MISSING
    except Exception:  # noqa: BLE001 -- whatever a bag does, its reader gets a code and a sentence
        say("内容が書き換えられています: 読み取れません", "a hash differs: it cannot be read")
        return HASH
    for ja, en in (*told, ("全て一致しました。", "all good")):
        say(ja, en)
    return GOOD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
