"""Edits of a small ledger that leave everything else right: hashes, seals and signature."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from ledger.crypto.encoding import context
from ledger.crypto.keys import DataKey
from ledger.crypto.sealed_parts import open_part, padded, padded_to, seal_part
from ledger.format.copies import carried_forward
from ledger.format.decoder import open_event
from ledger.format.encoder import parts_of
from ledger.format.envelope import Original, SealedEvent, StoredFact
from ledger.format.header import event_hash, read_header
from ledger.format.json import canonical, encoded
from ledger.merkle import leaf_hash, root_of
from tests.format.golden.building import (
    CORRECTED_FACTS,
    FACTS,
    LEDGER,
    RECORD_KEY,
    STATEMENT,
    Book,
    Counter,
    data_key,
    person,
    signed,
    store_of,
)

Events = list[SealedEvent]
Edit = Callable[[Events], None]
Members = dict[str, Any]

HELD_KEY = data_key("held", "broken held", None)
EXCLUSION_KEY = data_key("exclusion", "broken exclusion", date(2029, 11, 30))
KEYS = {key.id: key for key in (RECORD_KEY, HELD_KEY, EXCLUSION_KEY)}


def small_book() -> Book:
    """1 recorded, 2 corrected, 3 copy of 1 with line 1 of 3, 4 review, 5 expiry."""
    book = Book(Counter("broken"))
    judged: Members = {"judged_at": 0, "facts": FACTS, "statement": canonical(STATEMENT)}
    record: Members = {"source": "https://a.example", "id": "t-1", "order_11": "0"}
    lines = (person(1), person(2), person(3))
    first: Members = {"lines": lines, "first": 0, "fingerprint": bytes(32), "record": record}
    book.put("provision-recorded", "t1", RECORD_KEY, **judged, **first)
    numbered = (person(1, number=0), person(4, number=4))
    change: Members = {"record": {"reason": "wrong"}, "lines": numbered}
    book.put(
        "transfer-corrected", "t1", RECORD_KEY, **(judged | {"facts": CORRECTED_FACTS}), **change
    )
    event = book.events[0]
    fact = StoredFact(1, event.stream, 1, event.type, event.header, event.sealed)
    content = open_event(fact, book.keys, LEDGER).content
    assert content is not None, "the key lives"
    copy = carried_forward(read_header(event.header), content, {1})
    members: Members = {"copies": Original(1, 1), "copy": copy}
    book.put("record-carried-forward", "t1", HELD_KEY, **members)
    book.put("review-sealed", "review", EXCLUSION_KEY, record={"excluded": []})
    book.put("records-expired", "retention", None, keys=(RECORD_KEY.id,))
    return book


def bulk_book() -> Book:
    """1 recorded, 2 and 3 chunks, 4 completed."""
    book = Book(Counter("broken bulk"))
    record: Members = {"source": "https://a.example", "id": "t-2", "order_11": "0"}
    first: Members = {"fingerprint": bytes(32), "record": record, "judged_at": 0, "facts": FACTS}
    book.put("provision-recorded", "t2", RECORD_KEY, statement=canonical(STATEMENT), **first)
    for n in (0, 2):
        lines: Members = {"lines": (person(n), person(n + 1)), "first": n}
        book.put("principals-appended", "t2", RECORD_KEY, **lines)
    book.put("transfer-completed", "t2", None, parts=parts_of([e.header for e in book.events], 4))
    return book


BOOK = small_book()
BULK = bulk_book()


def stored(events: Events, dead: tuple[bytes, ...] = ()) -> Members:
    root = root_of([leaf_hash(event_hash(event.header)) for event in events])
    return store_of(events, KEYS, dead, signed(len(events), root))


def head(n: int, edit: Callable[[Members], None]) -> Edit:
    """Edit members of the header at position `n`."""

    def apply(events: Events) -> None:
        header = json.loads(events[n - 1].header)
        edit(header)
        events[n - 1] = replace(events[n - 1], header=encoded(header))

    return apply


def put(n: int, **members: Any) -> Edit:  # noqa: ANN401 -- any JSON
    """Set members of the header at position `n`."""
    return head(n, lambda header: header.update(members))


def fact(**members: Any) -> Edit:  # noqa: ANN401 -- any JSON
    """Set facts of the recorded event."""
    return head(1, lambda header: header["facts"].update(members))


def raw(n: int, old: bytes, new: bytes) -> Edit:
    """Replace bytes of the header at position `n`."""

    def apply(events: Events) -> None:
        assert events[n - 1].header.count(old) == 1, old
        events[n - 1] = replace(events[n - 1], header=events[n - 1].header.replace(old, new))

    return apply


def plain(n: int, edit: Callable[[bytes], bytes], **sealing: Any) -> Edit:  # noqa: ANN401 -- options
    """Edit the padded plain text at position `n`; seal it with another `type`, `place` or `key`."""

    def apply(events: Events) -> None:
        event = events[n - 1]
        key = KEYS[event.key_id or b""]
        place = context(LEDGER, event.stream, event.version)
        text = edit(open_part(key, place, event.type, event.sealed or b""))
        other: DataKey = sealing.get("key", key)
        where = sealing.get("place", place)
        sealed = seal_part(other, where, sealing.get("type", event.type), text, bytes(12))
        events[n - 1] = replace(event, sealed=sealed)
        commitment = {"sha256": sha256(sealed).hexdigest(), "size": len(sealed)}
        head(n, lambda header: header["sealed"].update(commitment))(events)

    return apply


def inside(n: int, edit: Callable[[Members], None]) -> Edit:
    """Edit the sealed JSON at position `n`."""

    def change(text: bytes) -> bytes:
        members = json.loads(text[4 : 4 + int.from_bytes(text[:4], "big")])
        edit(members)
        content = encoded(members)
        return padded_to(content, len(text)) if n == 4 else padded(content)

    return plain(n, change)


def swapped(events: Events) -> None:
    events[0], events[1] = (
        replace(events[0], sealed=events[1].sealed),
        replace(events[1], sealed=events[0].sealed),
    )


def flipped(events: Events) -> None:
    part = bytearray(events[0].sealed or b"")
    part[40] ^= 1
    events[0] = replace(events[0], sealed=bytes(part))


def cut(events: Events) -> None:
    events[0] = replace(events[0], sealed=(events[0].sealed or b"")[:-1])


def spliced(text: bytes, old: bytes, new: bytes) -> bytes:
    content = text[4 : 4 + int.from_bytes(text[:4], "big")]
    assert content.count(old) == 1, old
    return padded(content.replace(old, new))


def gap(events: Events) -> None:
    """The second chunk starts one later; its completion is made for it."""
    head(3, lambda header: header["lines"].update(first=3))(events)
    parts = parts_of([event.header for event in events[:3]], 4)
    put(4, parts={"count": 3, "lines": 4, "root": parts.root.hex()})(events)
