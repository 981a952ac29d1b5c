"""Parts of bulk transfers that are broken, by what is wrong with each of them."""

import gzip
import json
from base64 import b64encode
from hashlib import sha256
from typing import Final

from api.resources.bulk.parts.decompression import zstd
from tests.canary import MEMBER, SUSPECT
from tests.doors.bulk_sending import CSV, NDJSON, ndjson, people, table

GZIP: Final = {"content-encoding": "gzip"}
ZSTD: Final = {"content-encoding": "zstd"}
GOOD: Final = ndjson(people(3))
LINE: Final = b'{"scheme":"member","id":"%s"}\n' % MEMBER.encode()


def line(**person: object) -> bytes:
    return json.dumps(person).encode() + b"\n"


def stating(content: bytes) -> dict[str, str]:
    return {"unencoded-digest": f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"}


UNREADABLE: Final = "PART_UNREADABLE"
VIOLATION: Final = "SCHEMA_VIOLATION"
ZIPPED: Final = {**NDJSON, **GZIP}
WRONG_LINES: Final = {
    "/lines/1/id": "SCHEMA",
    "/lines/1/scheme": "SCHEMA",
    "/lines/2": "NOT_JSON",
    "/lines/6/id": "SCHEMA",
}
BROKEN: Final[dict[str, tuple[bytes, dict[str, str], str, object]]] = {
    "gzip cut short": (gzip.compress(GOOD)[:-5], ZIPPED, UNREADABLE, "truncated"),
    "zstd and more": (zstd.compress(GOOD) + b"more", {**NDJSON, **ZSTD}, UNREADABLE, "trailing"),
    "a bomb of nothing": (
        gzip.compress(bytes(50 << 20)),
        ZIPPED,
        VIOLATION,
        {"/lines/1": "LINE_TOO_LONG"},
    ),
    "a bomb of lines": (
        zstd.compress(line(scheme="member", id="x", name="a" * 900) * 130_000),
        {**NDJSON, **ZSTD},
        UNREADABLE,
        "expands_too_much",
    ),
    "a bomb of persons": (
        zstd.compress(LINE * 2_000_000),
        {**NDJSON, **ZSTD},
        VIOLATION,
        {"": "MORE_THAN_ANNOUNCED"},
    ),
    "a heading alone": (b"scheme,id\n", CSV, VIOLATION, {"": "SCHEMA"}),
    "NUL in a table": (
        b"scheme,id\nmember,a\0b\n",
        CSV,
        VIOLATION,
        {"/lines/2/id": "CONTROL_CHARACTER"},
    ),
    "no UTF-8": (GOOD + b'{"id":"\xff"}\n', NDJSON, VIOLATION, {"/lines/4": "NOT_UTF8"}),
    "a person as a member": (
        GOOD + line(scheme="member", id="x", **{SUSPECT: 3}),
        NDJSON,
        VIOLATION,
        {"/lines/4": "SCHEMA"},
    ),
    "no JSON": (b"scheme,id\n" + GOOD, NDJSON, VIOLATION, {"/lines/1": "NOT_JSON"}),
    "several faults": (
        b"{}\nx\n" + GOOD + line(scheme="member", id=5),
        NDJSON,
        VIOLATION,
        WRONG_LINES,
    ),
    "no heading": (table(people(2))[16:], CSV, VIOLATION, {"/lines/1": "CSV_HEADING"}),
    "another hash": (GOOD, {**NDJSON, **stating(GOOD + b"x")}, "PART_DIFFERS", None),
    "the hash of what was compressed": (
        gzip.compress(GOOD, mtime=0),
        {**ZIPPED, **stating(gzip.compress(GOOD, mtime=0))},
        "PART_DIFFERS",
        None,
    ),
    "another coding": (GOOD, {**NDJSON, "content-encoding": "br"}, "UNSUPPORTED_CODING", None),
    "another type": (GOOD, {"content-type": "application/json"}, "UNSUPPORTED_MEDIA_TYPE", None),
}
