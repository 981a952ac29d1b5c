"""Checks the proof.json of a reply, offline: `python3 check_proof.py proof.json --key KEY`.

Python 3.9 or newer, nothing else. KEY is the log's public key as the business operator hands it
out, apart from the reply. `--witness` takes the key of a witness that you know (again for each),
`--policy` a file of C2SP tlog-policy, which may name the log's key in place of `--key`.

Ends with 0 all that is printed as proven is proven · 5 consistent, but nobody has signed for it: no
key was given, and no policy that names the log · 10 it proves nothing: something differs · 20 a
record that the reply told is missing, or the file cannot be read · 30 unknown version, or too large
· 40 a signature · 2 asked in a wrong way. What the proof does not prove is said in words.

It is one file, so that whoever must trust it reads it in one go. The functions of the parts on
Ed25519 and witnesses are those of the verifier of exports.

Source: RFC 8032; RFC 9162; C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy; the
ledger's event format, sections 1, 3, 9 and 11; its log format, "Proof of a reply".
"""

from __future__ import annotations

import sys

if (found := sys.version_info) < (3, 9):  # it needs Python 3.9 or newer: 3.9 以降が必要です
    print("Python 3.9 以降が必要です / it needs Python 3.9 or newer:", *found[:2])  # noqa: T201 -- as it must
    sys.exit(2)

if __name__ == "__main__" and __file__.startswith(sys.path[0]):
    del sys.path[0]  # the folder of the file, whose `json.py` may be no part of Python

import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

GOOD, USAGE, CONSISTENT, HASH, MISSING, VERSION, SIGNATURE = 0, 2, 5, 10, 20, 30, 40
FORMS = {2: 1, 3: 2}  # version of a proof that binds an answer, to the form of the answer
# Bytes of the file; depth of its JSON; bytes of a header; the largest number.
FILE_MAX, DEPTH_MAX, HEADER_MAX, NUMBER_MAX = 1 << 27, 32, 4_095, 2**53 - 1
TOO_LARGE = "大きすぎて、このプログラムでは確かめられません"
LINES_MAX, PARTS_MAX = 1_000, 1_000_000  # lines of an event, parts of a transfer
NULLABLE = {"acquisition", "address", "notice_id", "representative", "transferred_to"}
HEX = re.compile("[0-9a-f]{64}")
UUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
NAME = re.compile("[a-z0-9_]+")
LEDGER = re.compile(r'[^\x00-\x20\x7f"+/\\]+')
CHUNK, ANSWER = "principals-appended", "answer-committed"
ALWAYS = "actor at command facts ledger stream type v version "
RECORDED = """provision-recorded receipt-recorded referable-provision-recorded
        joint-use-transfer-recorded exempt-transfer-recorded"""
CHANGES = ("transfer-corrected", "transfer-reclassified")
# What the header of each type must have, and may have besides (event format, section 1).
TYPES = {
    **dict.fromkeys((*RECORDED.split(), *CHANGES), ("sealed judged_at statement", "lines")),
    CHUNK: ("sealed lines", "judged_at"),
    "transfer-completed": ("blind parts", ""),
    ANSWER: ("sealed", ""),
}
STATEMENT = "direction basis method duty counterparty items recorded_on"
STATEMENT_MAY = """transferred_on transferred_from transferred_to date_not_recorded acquisition
        opt_out_published consent"""
Json = dict[str, Any]  # an object of it
Sentence = tuple[str, str]  # in Japanese and in English
Place = tuple[int, ...]  # an event, or an event and a part of it


# What the reader does next after a refusal: by its code, or by what happened.
NEXT: dict[str, Sentence] = {
    "10": (
        "元のファイルで確かめ直してください。同じ結果なら、上の行を事業者に伝えてください。",
        "check the file as you got it; if it stays so, send the line above to the operator",
    ),
    "20": (
        "足りないものを、事業者に求めてください。",
        "ask the business operator for what is missing",
    ),
    "30": (
        "新しい check_proof.py を事業者に求めてください。",
        "ask the business operator for a newer check_proof.py",
    ),
    "40": (
        "公開鍵を、回答とは別の経路で事業者に確かめてください。",
        "ask the business operator whose key it is, another way than the reply came",
    ),
    "path": (
        "ファイルの場所を確かめてください。ファイルを画面に重ねると、場所が入力されます。",
        "name the place of the file: dropped on the window, it is typed for you",
    ),
    "typo": (
        "鍵の文字が欠けたか、違っています。写し直してください(名前+番号+文字列)。",
        "a character of the key is wrong or lacks: copy it once more (name+id+text)",
    ),
}


class ProofRefusal(Exception):  # noqa: N818 -- it says what happened to the proof
    """Why the proof is not accepted: a code, a sentence in each language, what next."""

    def __init__(self, code: int, ja: str, en: str, then: str = "") -> None:
        super().__init__(en)
        self.code, self.ja, self.en, self.then = code, ja, en, then or str(code)


def differs(ja: str, en: str) -> NoReturn:
    """Refuse: it is not what it says."""
    raise ProofRefusal(HASH, f"この証明は成り立ちません: {ja}", f"the file proves nothing: {en}")


def malformed(what: str) -> NoReturn:
    """Refuse: the format allows no such thing."""
    differs("形式どおりではありません", f"it is not what its format allows: {what}")


def unsigned(ja: str, en: str, then: str = "") -> NoReturn:
    """Refuse: it is not signed as it says."""
    raise ProofRefusal(SIGNATURE, f"署名を確認できません: {ja}", f"the signature: {en}", then)


def misused(ja: str, en: str) -> NoReturn:
    """Refuse what the reader gave: it cannot be read."""
    raise ProofRefusal(USAGE, ja, en)


def number_of(text: str) -> int:
    """An integer within its bounds; ValueError: it is none."""
    found = int(text[:17])
    if len(text) > 17 or abs(found) > NUMBER_MAX:  # noqa: PLR2004 -- digits of the largest, and a sign
        raise ValueError("a number is too large")
    return found


def no_number(text: str) -> NoReturn:
    """Refuse fractions, and what is called NaN."""
    raise ValueError(text)


def check_json(value: Any, left: int = DEPTH_MAX) -> None:  # noqa: ANN401 -- JSON
    """Refuse what the format does not know; ValueError."""
    if left < 0:
        raise ValueError("too deep")
    if is_a(dict, value):
        for name, inner in value.items():
            if not NAME.fullmatch(name) or (inner is None and name not in NULLABLE):
                raise ValueError("a name, or a null")
            if inner is not None:
                check_json(inner, left - 1)
    elif is_a(list, value):
        for inner in value:
            check_json(inner, left - 1)
    elif value is None:
        raise ValueError("a null")


def canonical(value: Any) -> str:  # noqa: ANN401 -- JSON
    """The one way to write a value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Any:  # noqa: ANN401 -- JSON
    """The value of a text that is written in the one way; so no name stands twice in it."""
    try:
        found = json.loads(
            text, parse_float=no_number, parse_int=number_of, parse_constant=no_number
        )
        check_json(found)
        return found if canonical(found) == text else malformed("JSON in another encoding")
    except (ValueError, RecursionError):
        malformed("JSON")


def is_a(kind: type, value: object) -> bool:
    """Whether it is of that very type: `true` is no number."""
    return type(value) is kind


def is_number(value: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether it is 0, 1, 2 or more."""
    return type(value) is int and value >= 0


def is_hash(value: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether it is 32 bytes in lower-case hex."""
    return type(value) is str and HEX.fullmatch(value) is not None


def closed(value: Any, needs: str, may: str = "") -> Json:  # noqa: ANN401 -- JSON
    """The object, which has these members and no other: what is not known proves nothing."""
    needed = set(needs.split())
    if not is_a(dict, value) or not needed <= value.keys() <= needed | set(may.split()):
        malformed("an object has too few or too many members")
    return value


def list_in(value: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    """The list."""
    return value if is_a(list, value) else malformed("no list where one belongs")


def number_in(value: Any, low: int = 0, high: int = NUMBER_MAX) -> int:  # noqa: ANN401 -- JSON
    """The number, of these bounds."""
    if not is_number(value) or not low <= value <= high:
        malformed("no number where one belongs")
    return int(value)


def text_in(value: Any) -> str:  # noqa: ANN401 -- JSON
    """The text, which can be written as bytes."""
    return value if is_a(str, value) else malformed("no text where one belongs")


def hash_in(value: Any) -> bytes:  # noqa: ANN401 -- JSON
    """The hash, 32 bytes."""
    return bytes.fromhex(value) if is_hash(value) else malformed("no hash where one belongs")


def stream_in(value: Any) -> bytes:  # noqa: ANN401 -- JSON
    """What a uuid says, 16 bytes."""
    if not UUID.fullmatch(text_in(value)):
        malformed("no stream where one belongs")
    return bytes.fromhex(value.replace("-", ""))


def u32(number: int) -> bytes:
    """4 bytes; a number that has none of them proves nothing."""
    return number_in(number, 0, (1 << 32) - 1).to_bytes(4, "big")


def lp(content: bytes) -> bytes:
    """Its length, and it."""
    return u32(len(content)) + content


def sha(content: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(content).digest()


def event_hash(header: str) -> bytes:
    """What an event is in the log (event format, section 1)."""
    return sha(b"ppl/event/1\0" + header.encode())


# -- Ed25519 (RFC 8032), points in extended coordinates ---------------------------------------

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_1 = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """The sum of two points of Ed25519 (RFC 8032), in extended coordinates."""
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


Key = tuple[str, bytes, bytes]


def from_base64(text: str) -> bytes:
    """The bytes that a text says in base64, in the one way to write them; none: it says none."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        found = b""
    return found if b64encode(found).decode() == text else b""


def key_of(text: str, kind: bytes = b"\1", then: str = "") -> Key:
    """Name, id and key of `<name>+<id in hex>+<base64(kind ‖ key)>`; 1: a log's, 4: a witness's."""
    name, key_id, key = [*text.strip().split("+", 2), "", ""][:3]
    raw = from_base64(key)
    digest = sha(name.encode("utf-8", "replace") + b"\n" + raw)[:4]
    if (len(raw), raw[:1], digest.hex()) != (33, kind, key_id):
        unsigned("公開鍵の形か番号が違います", "it is no key, or its id is another's", then=then)
    return name, digest, raw[1:]


def parted(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """What a note says, and who signed it with which bytes, not yet checked."""
    text, separator, below = note.rpartition("\n\n")
    is_note = re.fullmatch(r"(— \S+ [A-Za-z0-9+/=]+\n){0,64}", below)  # each costs time
    lines = [line.split()[1:] for line in below.splitlines()] if is_note else []
    found = [(name, from_base64(value)) for name, value in lines]
    if not is_note or not all(value for _, value in found):
        unsigned("署名の行が読めません", "a line under the note is no signature, or one too many")
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


# -- witnesses (C2SP tlog-cosignature, tlog-policy) -------------------------------------------


class WitnessPolicy:
    """Whom the reader knows as witnesses, and who must have signed (C2SP tlog-policy)."""

    def __init__(self, keys: Iterable[str] = (), policy: str | None = None) -> None:
        self.keys: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum: str | None = None
        self.logs: list[Key] = []
        for n, text in enumerate(keys, 1):
            self.know(f"--witness {n}", text)
        for n, line in enumerate((policy or "").split("\n"), 1):
            kind, *words = line.split() or ["#"]
            if not kind.startswith("#"):
                try:
                    self.line(kind, words)
                except (ValueError, IndexError, ProofRefusal):
                    misused(f"方針の{n}行目が読めません", f"line {n} of the policy cannot be read")
        if policy is not None and self.quorum is None:
            misused("方針に quorum の行がありません", "the policy has no line quorum")

    def know(self, name: str, text: str) -> None:
        """Take in a witness's key."""
        try:
            key = key_of(text, b"\4")
        except ProofRefusal:
            misused(f"{name}: 証人の公開鍵ではありません", f"{name}: no key of a witness")
        if key[2] in [one[2] for one in self.keys.values()]:  # under whatever name
            misused(f"{name}: 同じ証人が2度あります", f"{name}: a witness stands twice")
        self.keys[name] = key

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
        if name not in self.groups:
            return name in (None, "none", *signed)
        least, inner = self.groups[name]
        return sum(self.is_met(one, signed) for one in inner) >= least

    def who_signed(self, note: str) -> dict[str, int]:
        """Known witness to the POSIX time that it says; a wrong cosignature refuses the note."""
        text, lines = parted(note)
        found: dict[str, int] = {}
        for name, (signer, key_id, public) in self.keys.items():
            for value in [one[1] for one in lines if (one[0], one[1][:4]) == (signer, key_id)]:
                seconds = int.from_bytes(value[4:12], "big")
                message = f"cosignature/v1\ntime {seconds}\n{text}"
                if seconds >> 37 or not is_signed(public, message.encode(), value[12:]):
                    unsigned(f"証人の署名が違います: {signer}", f"not the witness's: {signer}")
                found[name] = seconds
        return found


# -- events, statements and lines -------------------------------------------------------------


class ProofLog:
    """The log as its checkpoint says it: name, size, root; and the note that says so."""

    def __init__(self, note: str, key: Key | None) -> None:
        text, lines = parted(note)
        if key is not None:
            signed_text(note, key)
        body = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]{44})\n", text)
        if body is None or len(root := from_base64(body[3])) != 32:  # noqa: PLR2004 -- a hash
            unsigned("チェックポイントの形が違います", "the note is no checkpoint")
        self.note, self.lines, self.name = note, lines, body[1]
        self.size, self.root = int(body[2]), root
        _, slash, self.ledger = self.name.rpartition("/")
        is_origin = self.name.isprintable() and not re.search(r"[\s+]", self.name)
        is_ledger = LEDGER.fullmatch(self.ledger) and len(self.ledger.encode()) <= 100  # noqa: PLR2004 -- bytes of a name
        is_line = [re.fullmatch(r"[^\s+\x00-\x1f]+", one[0]) and len(one[1]) > 4 for one in lines]  # noqa: PLR2004 -- an id
        if not is_origin or not slash or not is_ledger or not is_line or not all(is_line):
            unsigned("チェックポイントの形が違います", "the note is no checkpoint of a ledger")
        if key is not None and self.name != key[0]:
            unsigned("別のログのチェックポイントです", "the checkpoint is of another log")


def is_there(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that the leaf has this index (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for node in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            leaf = sha(b"\1" + node + leaf)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            leaf = sha(b"\1" + leaf + node)
        at, last = at >> 1, last >> 1
    return last == 0 and leaf == root


def path_in(value: Any) -> list[bytes]:  # noqa: ANN401 -- JSON
    """The hashes of a path."""
    return [hash_in(one) for one in list_in(value)]


def header_in(one: Json, size: int, root: bytes, ledger: str) -> Json:
    """A header that is proven by a tree, of an event of this ledger."""
    text = text_in(one["header"])
    index, path = number_in(one["index"]), path_in(one["path"])
    leaf = sha(b"\0" + event_hash(text))
    if not is_there(leaf, index, size, path, root):
        differs(
            "記録の見出しが、台帳のその位置にありません",
            "an event does not stand where it is said to stand",
        )
    if len(text.encode()) > HEADER_MAX:
        malformed("a header is too long")
    header = read(text)
    check_header(header)
    if header["ledger"] != ledger:
        differs("別の台帳の記録です", "an event is of another ledger")
    return header


def check_header(header: Any) -> None:  # noqa: ANN401 -- JSON
    """Refuse a header that its type does not have."""
    kind = header.get("type") if is_a(dict, header) else None
    if not is_a(str, kind) or kind not in TYPES:
        malformed("an event is shown that nothing is in")
    needs, may = TYPES[kind]
    closed(header, ALWAYS + needs, may)
    if header["v"] != 1 or not is_number(header["v"]):
        raise ProofRefusal(VERSION, "このプログラムの知らない版です", "unknown version of a header")
    for name in ("actor", "at", "ledger"):
        text_in(header[name])
    number_in(header["version"], 1)
    stream_in(header["stream"])
    stream_in(header["command"])
    if not is_a(dict, header["facts"]):
        malformed("facts")
    if "statement" in header:
        hash_in(header["statement"])
    if "lines" in header:
        lines = closed(header["lines"], "count root", "" if kind in CHANGES else "first")
        number_in(lines["count"], 1, LINES_MAX)
        hash_in(lines["root"])
        if kind not in CHANGES:
            number_in(lines.get("first"))
    if "parts" in header:
        parts = closed(header["parts"], "count lines root")
        number_in(parts["count"], 2, PARTS_MAX)
        number_in(parts["lines"], 1)
        hash_in(parts["root"])


def committed(header: Json, one: Json, kind: bytes, j: int) -> bytes:
    """What a header commits to of a text, by its salt (event format, section 3)."""
    place = lp(header["ledger"].encode()) + stream_in(header["stream"])
    place += header["version"].to_bytes(8, "big") + kind + u32(j)
    message = b"ppl/commitment/1\0" + place + lp(one["text"].encode())
    found = hmac.digest(hash_in(one["salt"]), message, "sha256")
    if found != hash_in(one.get("commitment", found.hex())):
        differs("内容が書き換えられています", "a text is not the one that was committed to")
    return found


def check_statement(one: Json, header: Json) -> None:
    """The statement is the one that the header commits to."""
    closed(read(text_in(one["text"])), STATEMENT, STATEMENT_MAY)
    if committed(header, one, b"\0", 0).hex() != header.get("statement"):
        differs(
            "提供の内容が書き換えられています",
            "the statement is not the one that was committed to",
        )


def line_number(one: Json, header: Json) -> int:
    """The number in the transfer of a line that the header commits to."""
    j, lines = number_in(one["index"]), header.get("lines")
    if lines is None or j >= lines["count"]:
        malformed("the event has no such line")
    is_numbered = "first" not in lines
    text = closed(
        read(text_in(one["text"])),
        "principal n" if is_numbered else "principal",
        "verdict items",
    )
    closed(text["principal"], "scheme id", "name")
    if "verdict" in text:
        closed(text["verdict"], "findings", "duty statutory_items retain_through")
    leaf = sha(b"\0" + committed(header, one, b"\1", j))
    if not is_there(leaf, j, lines["count"], path_in(one["path"]), hash_in(lines["root"])):
        differs("ご本人の行が書き換えられています", "the line is not the one that was committed to")
    return number_in(text["n"]) if is_numbered else int(lines["first"]) + j


class RecordCheck:
    """A record as it is proven: positions, texts, and which line of which transfer it is."""

    def __init__(self, shown: Json, log: ProofLog, *, is_single: bool) -> None:
        self.headers: dict[Place, Json] = {}
        self.positions: list[int] = []
        for e, one in enumerate(list_in(shown["events"])):
            self.take_event(e, closed(one, "header index path", "parts"), log)
        commitment = "" if is_single else " commitment"
        members = {"statement": "in salt text", "line": "in salt text index path"}
        texts = {
            name: closed(shown[name], needs + commitment)
            for name, needs in members.items()
            if name in shown
        }
        at = {name: tuple(map(number_in, list_in(one["in"]))) for name, one in texts.items()}
        self.check_indexes(set(at.values()))
        self.stream = self.headers[0,]["stream"]
        if any(one["stream"] != self.stream for one in self.headers.values()):
            differs("別の提供の記録が混ざっています", "the events are not of one stream")
        self.number: int | None = None
        if "statement" in texts:
            check_statement(texts["statement"], self.headers[at["statement"]])
        if "line" in texts:
            self.number = line_number(texts["line"], self.headers[at["line"]])
        self.texts = {name: str(one["text"]) for name, one in texts.items()}
        places = (at.get("statement"), at.get("line"))
        self.shown_at = [None if one is None else self.positions[one[0]] for one in places]

    def take_event(self, e: int, event: Json, log: ProofLog) -> None:
        """An event that the log proves, and the parts that it proves."""
        self.headers[e,] = header = header_in(event, log.size, log.root, log.ledger)
        if header["type"] in (CHUNK, ANSWER):
            malformed("a chunk is shown by its completion only")
        self.positions.append(event["index"] + 1)
        for n, part in enumerate(list_in(event["parts"]) if "parts" in event else []):
            closed(part, "header index path")
            if "parts" not in header or (number_in(part["index"]) > 0) != (n > 0):
                malformed("the first part is not the recorded event")
            root = header["parts"]
            self.headers[e, n] = header_in(part, root["count"], hash_in(root["root"]), log.ledger)

    def check_indexes(self, places: set[Place]) -> None:
        """Something is shown, each of it in an event that is there, and no event for nothing."""
        extra = {one for one in self.headers if one[1:] > (0,)}
        events = [{one[:1] for one in some} for some in (self.headers, places)]
        if not places or not extra <= places <= self.headers.keys() or events[0] != events[1]:
            malformed("an event is shown that nothing is in, or is not there")

    @property
    def bound_line(self) -> tuple[object, ...]:
        """The line, in its version, as an answer binds it."""
        return (self.stream, self.number, *self.shown_at)


# -- the answer (event format, section 11) ----------------------------------------------------


class AnswerBinding:
    """What the reply told, as it was bound in the log when the reply was approved."""

    def __init__(
        self,
        value: Any,  # noqa: ANN401 -- JSON
        log: ProofLog,
        records: Sequence[RecordCheck],
        version: int,
    ) -> None:
        members = closed(value, "asked event lines salt")
        event = closed(members["event"], "header index path")
        header = header_in(event, log.size, log.root, log.ledger)
        if header["type"] != ANSWER:
            differs("回答を裏付ける記録ではありません", "this event binds no answer")
        self.form, self.case, self.position = FORMS[version], header["stream"], event["index"] + 1
        facts = closed(header["facts"], "as_of answer")
        self.as_of = number_in(facts["as_of"])
        if self.as_of >= self.position:
            malformed("an answer as of a position behind itself")
        asked = closed(members["asked"], "identifiers tried")
        hash_in(asked["tried"])
        self.identifiers = [closed(one, "id scheme") for one in list_in(asked["identifiers"])]
        for text in (one[name] for one in self.identifiers for name in ("id", "scheme")):
            text_in(text)
        lines = [self.line(one) for one in list_in(members["lines"])]
        message = lp(log.ledger.encode()) + stream_in(self.case) + self.as_of.to_bytes(8, "big")
        message += lp(canonical(asked).encode()) + u32(len(lines))
        for line, digest in lines:
            message += (b"" if self.form == 1 else bytes([line is None])) + digest
        tag = f"ppl/answer/{self.form}\0".encode()
        found = hmac.digest(hash_in(members["salt"]), tag + message, "sha256")
        if found != hash_in(facts["answer"]):
            differs(
                "台帳に残された回答は、これとは別のものです",
                "the answer that was bound told something else",
            )
        self.bound = [line for line, _ in lines if line is not None]
        self.withheld = len(lines) - len(self.bound)
        self.check_records(records)

    def line(self, value: Any) -> tuple[tuple[object, ...] | None, bytes]:  # noqa: ANN401 -- JSON
        """A line in its version, and its hash; of one that is not shown the hash alone."""
        if is_a(str, value):
            return None, hash_in(value)
        names = "first last version line"
        names += " statement_at line_at" if self.form > 1 else ""
        one = closed(value, names + " stream")
        numbers = [number_in(one[name]) for name in names.split()]
        content = b"".join(n.to_bytes(8, "big") for n in numbers[:3]) + u32(numbers[3])
        content += b"".join(n.to_bytes(8, "big") for n in numbers[4:])
        tag = f"ppl/index-entry/{self.form}\0".encode()
        digest = sha(tag + stream_in(one["stream"]) + content)
        return (one["stream"], numbers[3], *numbers[4:]), digest

    def check_records(self, records: Sequence[RecordCheck]) -> None:
        """The records are those that were told, each once, in that version."""
        shown = [one.bound_line[:2] for one in records]
        bound = [one[:2] for one in self.bound]
        if len(shown) < len(bound) or not set(bound) <= set(shown):
            raise ProofRefusal(
                MISSING,
                "回答にある記録が足りません",
                "the file proves nothing: a record that was told is not shown",
            )
        if len(shown) > len(bound) or set(shown) != set(bound):
            differs("回答にない記録があります", "a record is shown that was not told")
        if self.form > 1 and {one.bound_line for one in records} != set(self.bound):
            differs(
                "回答とは別の版の記録です", "a record is shown in another version than was told"
            )
        if any(max(one.positions) > self.as_of for one in records):
            differs("回答より後の版の記録です", "a record is shown as it was after the answer")


# -- the proof, and what is said of it --------------------------------------------------------


def records_in(members: Json, log: ProofLog) -> list[RecordCheck]:
    """The records of a proof, each once; of a single showing the one."""
    is_single = "events" in members
    shown = [members] if is_single else list_in(members["records"])
    for one in () if is_single else shown:
        closed(one, "events line statement")
    records = [RecordCheck(one, log, is_single=is_single) for one in shown]
    each = {(*one.bound_line, *one.positions, *sorted(one.texts.items())) for one in records}
    if len(each) < len(records):
        differs("同じ記録が2度あります", "a proof shows one record twice")
    return records


def proof_of(content: bytes) -> tuple[Json, int]:
    """The members of a proof or of a showing, and its version."""
    if len(content) > FILE_MAX:
        raise ProofRefusal(VERSION, TOO_LARGE, "the file is too large for this program", "none")
    try:
        members = read(content.decode())
    except UnicodeDecodeError:
        malformed("it is no UTF-8")
    if not is_a(dict, members) or not is_number(version := members.get("v")):
        malformed("it is no proof")
    if version not in (1, *FORMS):
        text = "このプログラムの知らない版です"
        raise ProofRefusal(VERSION, text, f"a proof of another version: {version}")
    if ("answer" in members) != (version in FORMS):
        malformed("a proof of another version")
    if "records" in members:
        return closed(members, "checkpoint records v", "answer"), version
    return closed(members, "checkpoint events v", "line statement"), version


def witness_sentence(log: ProofLog, key: Key, known: WitnessPolicy | None) -> Sentence:
    """Which of the reader's witnesses cosigned the log, and whether that suffices them."""
    others = [one for one in log.lines if (one[0], one[1][:4]) != key[:2]]
    if known is None:
        if not others:
            return (
                "証人の署名はありません。",
                "no witness cosigned the log, as far as the file tells",
            )
        ja = f"証人の署名 {len(others)} 件がありますが、確かめていません。"
        return ja, f"{len(others)} cosignatures are there, and none is checked: give the keys"
    if known.logs and key not in known.logs:
        unsigned("方針が挙げるログの証明ではありません", "your policy is about other logs")
    names, all_names = known.who_signed(log.note), len(known.keys)
    if not known.is_met(known.quorum, names):
        en = f"your policy asks for more witnesses than signed: {len(names)} of {all_names}"
        unsigned(f"方針が求める証人の署名が足りません({len(names)} / {all_names} 人)", en)
    ja = f"証人: 渡された {all_names} 人のうち {len(names)} 人が署名しています。"
    return ja, f"witnesses: {len(names)} of the {all_names} you know signed"


def record_sentences(
    records: Sequence[RecordCheck], log: ProofLog, key: Key | None
) -> list[Sentence]:
    """Each record as it was recorded, and how many there are."""
    sentences: list[Sentence] = []
    for one in records:
        at = ", ".join(map(str, one.positions))
        sentences.append((f"台帳の位置 {at} の記録:", f"recorded at position {at}:"))
        texts = [json.loads(one.texts[name]) for name in ("statement", "line") if name in one.texts]
        shown = json.dumps(texts, ensure_ascii=False, indent=1)
        sentences += [(line, "") for line in shown.split("\n")]
    count = len(records)
    some = "1 record" if count == 1 else f"{count} records"
    verb = "is" if count == 1 else "are"
    if key is None:
        ja = (
            f"記録 {count} 件は、ファイルの中で一致しています(ログ {log.name}、{log.size} 件まで)。"
        )
        en = f"{some} {'agrees' if count == 1 else 'agree'} with the checkpoint that is in the file"
        sentences.append((ja, f"{en}, of {log.name} at {log.size}"))
        ja = "署名は確かめていません。公開鍵がないので、誰でもこのファイルを作れました。"
        en = "NOT checked: the signature. Without a key anybody could have made this file"
        return [*sentences, (ja, en)]
    ja = f"記録 {count} 件を証明しています(ログ {log.name}、{log.size} 件までの署名)。"
    return [*sentences, (ja, f"{some} {verb} proven, in {log.name} as it was signed at {log.size}")]


def answer_sentences(answer: AnswerBinding | None) -> list[Sentence]:
    """What the answer binds, and what the proof does not prove."""
    if answer is None:
        ja = "証明していないこと: 回答にほかの記録がなかったこと(回答と結び付いていない形式です)"
        return [(ja, "not proven: that the reply told no other record (it binds no answer)")]
    whom = ", ".join(f"{one['scheme']} {one['id']}" for one in answer.identifiers)
    sentences = [
        (
            f"請求(台帳内の番号 {answer.case})の回答。本人の識別子: {whom or 'なし'}",
            f"the answer of case {answer.case} about {whom or 'identifiers that are not shown'}",
        )
    ]
    ja = f"回答で示した記録は、台帳の位置 {answer.as_of} までの検索で、上の {len(answer.bound)} 件"
    en = f"the reply told these records and no others, as of position {answer.as_of}"
    if answer.withheld:
        ja += f"と、一部又は全部を開示しないためここに示さない {answer.withheld} 件"
        en += f"; of {answer.withheld} more lines it withholds something, they are not shown"
    ja += f"です(位置 {answer.position} に登録)。"
    sentences.append((ja, f"bound at position {answer.position}: {en}"))
    if answer.form == 1:
        ja = "証明していないこと: 各記録が、回答で示した版であること"
        en = "not proven: that each record is shown in the version that the reply told"
        sentences.append((ja, en))
    ja = "証明していないこと: 知らせることができない記録(施行令第11条)の有無、"
    en = "not proven: whether there is a record that nobody may know of (Order 11), "
    ja += "事業者が台帳に記録しなかった提供の有無"
    return [*sentences, (ja, en + "or a transfer that was never recorded")]


def checked(
    content: bytes, given: str | None, known: WitnessPolicy | None
) -> tuple[int, list[Sentence]]:
    """The exit code, what was checked, and the verdict last; raises `ProofRefusal`."""
    key = key_of(given, then="typo") if given else None
    members, version = proof_of(content)
    note = text_in(members["checkpoint"])
    if key is None and known is not None:
        name = note.partition("\n")[0]
        key = next((one for one in known.logs if one[0] == name), None)
        if key is None:
            misused("ログの公開鍵を --key で渡してください", "give the log's key by --key")
    log = ProofLog(note, key)
    records = records_in(members, log)
    answer = AnswerBinding(members["answer"], log, records, version) if version in FORMS else None
    sentences = record_sentences(records, log, key)
    if key is not None:
        sentences.append(witness_sentence(log, key, known))
    sentences += answer_sentences(answer)
    if key is None:
        ja = "食い違いはありません。ただし、誰の署名によるかは確かめていません(終了コード 5)。"
        return CONSISTENT, [
            *sentences,
            (ja, "consistent, but nobody has signed for it: exit code 5"),
        ]
    if answer is None:
        ja = "示された記録は本物です。回答の全部であることは、この形式では証明できません。"
        return GOOD, [*sentences, (ja, "the records are genuine; not proven that they are all")]
    if answer.form == 1:
        ja = "示された記録は本物で、回答で示したものです。版までは、この形式では証明できません。"
        return GOOD, [
            *sentences,
            (ja, "genuine and those of the reply; not proven in which version"),
        ]
    return GOOD, [*sentences, ("全て一致しました。", "all good")]


def run_check(arguments: Sequence[str]) -> tuple[int, list[Sentence]]:
    """What was checked of the file that a command line names; raises `ProofRefusal`."""
    options: dict[str, list[str]] = {"--key": [], "--policy": [], "--witness": [], "FILE": []}
    left = list(arguments)
    while left:
        one = left.pop(0)
        is_option = one in options and one != "FILE" and len(left) > 0
        options[one if is_option else "FILE"].append(left.pop(0) if is_option else one)
    files, keys, policies = options["FILE"], options["--key"], options["--policy"]
    is_empty = not all(one.strip() for one in arguments)
    is_twice = len(keys) > 1 or len(policies) > 1
    if len(files) != 1 or is_empty or is_twice or files[0].startswith("-"):
        usage = "python3 check_proof.py proof.json --key KEY [--witness KEY]... [--policy FILE]"
        misused("使い方が違います", usage)
    policy = None
    try:
        if policies:
            with Path(policies[0]).open("rb") as file:
                policy = file.read(1 << 16).decode()
    except (OSError, ValueError):
        misused("方針のファイルが読めません", "the policy cannot be read")
    known = WitnessPolicy(options["--witness"], policy) if options["--witness"] or policy else None
    with Path(files[0]).open("rb") as file:
        content = file.read(FILE_MAX + 1)
    return checked(content, keys[0] if keys else None, known)


def main(arguments: Sequence[str]) -> int:
    """Check what the command line names; the exit code. The last words are the verdict."""
    for stream in (sys.stdout, sys.stderr):
        if (renewed := getattr(stream, "reconfigure", None)) is not None:
            renewed(errors="replace")  # a console that lacks a character shows "?"
    try:
        code, sentences = run_check(arguments)
    except Exception as error:  # noqa: BLE001 -- whatever a proof does, its reader gets a code and words
        if isinstance(error, OSError):
            ja, en, reason = "ファイルが読めません", "the file cannot be read", error.strerror
            error = ProofRefusal(MISSING, f"{ja}: {reason}", f"{en}: {reason}", "path")
        elif not isinstance(error, ProofRefusal):
            ja = "この証明は成り立ちません: 読み取れません"
            error = ProofRefusal(HASH, ja, "the file proves nothing: unreadable")
        code, sentences = error.code, [(error.ja, error.en)]
        sentences += [NEXT[error.then]] if error.then in NEXT else []
        end = f"合格ではありません(終了コード {code})。", f"not good: exit code {code}"
        sentences.append(end)
    for line in chain(*sentences):  # what a proof says must not move the cursor of who reads it
        safe = "".join(one if one.isprintable() or one == "\u3000" else "?" for one in line)
        if safe:
            (sys.stderr if code == USAGE else sys.stdout).write(f"{safe}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
