"""Parts of bulk transfers that are broken, by what is wrong with each of them."""

import gzip
import json
from base64 import b64encode
from hashlib import sha256
from typing import Final

from api.resources.bulk.parts.decompression import zstd
from tests.canary import MEMBER, SUSPECT
from tests.doors.bulk_sending import (
    CSV,
    NDJSON,
    ndjson,
    people,
    table,
)

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
BROKEN: Final[dict[str, tuple[bytes, dict[str, str], str, object]]] = {
    "no gzip": (GOOD, {**NDJSON, **GZIP}, UNREADABLE, "not_compressed"),
    "gzip cut short": (gzip.compress(GOOD)[:-5], {**NDJSON, **GZIP}, UNREADABLE, "truncated"),
    "nothing as gzip": (b"", {**NDJSON, **GZIP}, UNREADABLE, "truncated"),
    "gzip and more": (gzip.compress(GOOD) + b"more", {**NDJSON, **GZIP}, UNREADABLE, "trailing"),
    "gzip damaged": (
        gzip.compress(GOOD)[:-8] + bytes(8),
        {**NDJSON, **GZIP},
        UNREADABLE,
        "damaged",
    ),
    "zstd cut short": (zstd.compress(GOOD)[:-1], {**NDJSON, **ZSTD}, UNREADABLE, "truncated"),
    "zstd and more": (zstd.compress(GOOD) + b"more", {**NDJSON, **ZSTD}, UNREADABLE, "trailing"),
    "a bomb of nothing": (
        gzip.compress(bytes(50 << 20)),
        {**NDJSON, **GZIP},
        VIOLATION,
        {"/lines/1": "LINE_TOO_LONG"},
    ),
    "a bomb of lines": (
        zstd.compress(line(scheme="member", id="x", name="a" * 60_000) * 2_000),
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
    "more lines than announced": (LINE * 6_000, NDJSON, VIOLATION, {"": "MORE_THAN_ANNOUNCED"}),
    "no line at all": (b"", NDJSON, VIOLATION, {"": "SCHEMA"}),
    "a heading alone": (b"scheme,id\n", CSV, VIOLATION, {"": "SCHEMA"}),
    "a long line": (
        GOOD + b'{"scheme":"member","id":"' + b"x" * 70_000 + b'"}\n',
        NDJSON,
        VIOLATION,
        {"/lines/4": "LINE_TOO_LONG"},
    ),
    "NUL": (GOOD + line(scheme="member", id="a\0b"), NDJSON, VIOLATION, None),
    "a bare NUL": (GOOD + b"\0\n", NDJSON, VIOLATION, {"/lines/4": "NOT_JSON"}),
    "NUL in a table": (
        b"scheme,id\nmember,a\0b\n",
        CSV,
        VIOLATION,
        {"/lines/2/id": "CONTROL_CHARACTER"},
    ),
    "a bidirectional control": (
        GOOD + line(scheme="member", id="x", name="\u202e" + SUSPECT),
        NDJSON,
        VIOLATION,
        {"/lines/4/name": "CONTROL_CHARACTER"},
    ),
    "half a surrogate pair": (
        GOOD + b'{"scheme":"member","id":"\\ud800"}\n',
        NDJSON,
        VIOLATION,
        {"/lines/4": "NOT_JSON"},
    ),
    "no UTF-8": (
        GOOD + b'{"scheme":"member","id":"\xff"}\n',
        NDJSON,
        VIOLATION,
        {"/lines/4": "NOT_UTF8"},
    ),
    "CP932": (
        "scheme,id,name\nmember,1,神楽坂\n".encode("cp932"),
        CSV,
        VIOLATION,
        {"/lines/2": "NOT_UTF8"},
    ),
    "a scheme that is none": (
        GOOD + line(scheme=SUSPECT, id="x"),
        NDJSON,
        VIOLATION,
        {"/lines/4/scheme": "SCHEMA"},
    ),
    "a member too many": (
        GOOD + line(scheme="member", id="x", age=3),
        NDJSON,
        VIOLATION,
        {"/lines/4/age": "SCHEMA"},
    ),
    "a person as a member": (
        GOOD + line(scheme="member", id="x", **{SUSPECT: 3}),
        NDJSON,
        VIOLATION,
        {"/lines/4": "SCHEMA"},
    ),
    "no id": (b"scheme,id,name\nmember,,x\n", CSV, VIOLATION, {"/lines/2/id": "SCHEMA"}),
    "a blank name": (
        line(scheme="member", id="x", name="\u200b"),
        NDJSON,
        VIOLATION,
        {"/lines/1/name": "BLANK"},
    ),
    "no JSON": (b"scheme,id\n" + GOOD, NDJSON, VIOLATION, {"/lines/1": "NOT_JSON"}),
    "no object": (b'"x"\n[]\n', NDJSON, VIOLATION, {"/lines/1": "SCHEMA", "/lines/2": "SCHEMA"}),
    "an empty line": (b"\n" + GOOD, NDJSON, VIOLATION, {"/lines/1": "NOT_JSON"}),
    "a member twice": (
        b'{"scheme":"member","id":"1","id":"2"}\n',
        NDJSON,
        VIOLATION,
        {"/lines/1": "DUPLICATE_MEMBER"},
    ),
    "several faults": (
        b"{}\nx\n" + GOOD + line(scheme="member", id=5),
        NDJSON,
        VIOLATION,
        {
            "/lines/1/id": "SCHEMA",
            "/lines/1/scheme": "SCHEMA",
            "/lines/2": "NOT_JSON",
            "/lines/6/id": "SCHEMA",
        },
    ),
    "a column too many": (
        b"scheme,id,age\nmember,1,3\n",
        CSV,
        VIOLATION,
        {"/lines/1": "CSV_HEADING"},
    ),
    "no heading": (table(people(2))[16:], CSV, VIOLATION, {"/lines/1": "CSV_HEADING"}),
    "another hash": (GOOD, {**NDJSON, **stating(GOOD + b"x")}, "PART_DIFFERS", None),
    "the hash of what was compressed": (
        gzip.compress(GOOD, mtime=0),
        {**NDJSON, **GZIP, **stating(gzip.compress(GOOD, mtime=0))},
        "PART_DIFFERS",
        None,
    ),
    "a hash that is none": (
        GOOD,
        {**NDJSON, "unencoded-digest": "sha-256=:AAAA:"},
        VIOLATION,
        {"/header/unencoded-digest": "SCHEMA"},
    ),
    "another coding": (GOOD, {**NDJSON, "content-encoding": "br"}, "UNSUPPORTED_CODING", None),
    "another type": (
        GOOD,
        {"content-type": "application/json"},
        "UNSUPPORTED_MEDIA_TYPE",
        None,
    ),
    "another charset": (
        GOOD,
        {"content-type": "text/csv; charset=shift_jis"},
        "UNSUPPORTED_MEDIA_TYPE",
        None,
    ),
}
