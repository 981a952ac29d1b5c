"""Ledgers and showings with one fault each; everything else in them is right and signed."""

from dataclasses import replace

from ledger.crypto.encoding import context
from tests.format.golden.bending import (
    BOOK,
    BULK,
    HELD_KEY,
    Edit,
    Members,
    cut,
    fact,
    flipped,
    gap,
    head,
    inside,
    plain,
    put,
    raw,
    spliced,
    stored,
    swapped,
)
from tests.format.golden.breaking_showings import broken_showings
from tests.format.golden.building import LEDGER, RECORD_KEY, data_key

HEX = "ab" * 32
# Faults that the reader of one event sees; positions as in `small_book`.
EVENT_FAULTS: dict[str, Edit] = {
    "header: unknown member": put(1, extra=1),
    "header: unknown version": put(1, v=2),
    "header: version as a boolean": put(1, v=True),
    "header: unknown type": put(1, type="provision-noted"),
    "header: member missing": head(1, lambda header: header.pop("actor")),
    "header: judged_at missing": head(1, lambda header: header.pop("judged_at")),
    "header: judged_at below 0": put(1, judged_at=-1),
    "header: blind beside sealed": put(1, blind="00" * 16),
    "header: statement where the type has none": put(4, statement=HEX),
    "header: duplicate key": raw(1, b'{"actor":', b'{"actor":"x","actor":'),
    "header: keys not sorted": raw(1, b'"v":1,"version":1', b'"version":1,"v":1'),
    "header: white space": raw(1, b'"v":1', b'"v": 1'),
    "header: needless escape": raw(1, b'"actor":"e', b'"actor":"\\u0065'),
    "header: byte order mark": raw(1, b'{"actor"', b'\xef\xbb\xbf{"actor"'),
    "header: number as a float": raw(1, b'"persons":3', b'"persons":3.0'),
    "header: number out of bounds": raw(1, b'"persons":3', b'"persons":9007199254740992'),
    "header: upper-case hex": head(
        1, lambda header: header.update(statement=header["statement"].upper())
    ),
    "header: upper-case uuid": head(
        1, lambda header: header.update(command=header["command"].upper())
    ),
    "header: short hash": put(1, statement="ab" * 31),
    "header: instant without milliseconds": put(1, at="2026-11-24T00:03:02Z"),
    "header: instant that is none": put(1, at="2026-02-29T00:03:02.120Z"),
    "header: instant with another offset": put(1, at="2026-11-24T09:03:02.120+09:00"),
    "header: actor with a space": put(1, actor="Hanako M"),
    "header: another ledger": put(1, ledger="other"),
    "header: no lines counted": head(1, lambda header: header["lines"].update(count=0)),
    "header: 1,001 lines": head(1, lambda header: header["lines"].update(count=1001)),
    "header: first missing": head(1, lambda header: header["lines"].pop("first")),
    "header: first in a correction": head(2, lambda header: header["lines"].update(first=0)),
    "facts: unknown member": fact(note="x"),
    "facts: null": fact(law=None),
    "facts: free text": fact(basis="by word of mouth"),
    "facts: code too long": fact(basis="a" * 41),
    "facts: day that is none": fact(recorded_on="2026-02-30"),
    "facts: findings not sorted": fact(findings=["OPT_OUT_STOPPED", "DATE_MISSING"]),
    "facts: finding twice": fact(findings=["DATE_MISSING", "DATE_MISSING"]),
    "facts: 33 findings": fact(findings=[f"F{n:02}" for n in range(33)]),
    "facts: flag as a number": fact(series=0),
    "facts: hash of another length": fact(party_key="ab" * 15),
    "facts: content in a review": put(4, facts={"day": "2026-11-24"}),
    "part: one bit flipped": flipped,
    "part: one byte short": cut,
    "part: two parts swapped": swapped,
    "part: sealed as another type": plain(1, bytes, type="receipt-recorded"),
    "part: sealed at another place": plain(
        1, bytes, place=context(LEDGER, BOOK.events[0].stream, 2)
    ),
    "padding: a byte that is not 0": plain(1, lambda text: text[:-1] + b"\1"),
    "padding: one block more": plain(1, lambda text: text + bytes(256)),
    "padding: no multiple of the block": plain(1, lambda text: text + bytes(8)),
    "padding: length beyond the end": plain(1, lambda text: b"\0\1" + text[2:]),
    "padding: a review smaller than F": plain(4, lambda text: text[:-256]),
    "content: unknown member": inside(1, lambda members: members.update(extra=1)),
    "content: record missing": inside(1, lambda members: members.pop("record")),
    "content: fingerprint missing": inside(1, lambda members: members.pop("fingerprint")),
    "content: fingerprint in a correction": inside(2, lambda m: m.update(fingerprint=HEX)),
    "content: Order 11 mark missing": inside(1, lambda m: m["record"].pop("order_11")),
    "content: Order 11 mark unknown": inside(1, lambda m: m["record"].update(order_11="5")),
    "content: statement missing": inside(1, lambda members: members.pop("statement")),
    "content: statement changed": inside(1, lambda m: m["statement"].update(items=["氏名"])),
    "content: null without a meaning": inside(1, lambda m: m["record"].update(note=None)),
    "content: a float": plain(1, lambda text: spliced(text, b'"id":"t-1"', b'"id":1.5')),
    "content: not a number": plain(1, lambda text: spliced(text, b'"id":"t-1"', b'"id":NaN')),
    "content: duplicate key": plain(
        1, lambda text: spliced(text, b'"id":"t-1"', b'"id":"t","id":"t-1"')
    ),
    "content: a key with a capital": plain(
        1, lambda text: spliced(text, b'"id":"t-1"', b'"Id":"t-1"')
    ),
    "content: salt key missing": inside(1, lambda members: members.pop("salt_key")),
    "content: salt key changed": inside(1, lambda members: members.update(salt_key=HEX)),
    "content: salt key where nothing is committed": inside(4, lambda m: m.update(salt_key=HEX)),
    "content: lines missing": inside(1, lambda members: members.pop("lines")),
    "content: a line changed": inside(1, lambda m: m["lines"][2]["principal"].update(id="M-0009")),
    "content: two lines swapped": inside(1, lambda m: m["lines"].reverse()),
    "content: a line too few": inside(1, lambda members: members["lines"].pop()),
    "copy: a line changed": inside(3, lambda m: m["lines"][0][2]["principal"].update(id="M-0009")),
    "copy: a line at another index": inside(3, lambda m: m["lines"][0].__setitem__(0, 2)),
    "copy: a salt changed": inside(3, lambda m: m["lines"][0].__setitem__(1, HEX)),
    "copy: an index twice": inside(3, lambda members: members["lines"].append(members["lines"][0])),
    "copy: a node missing": inside(3, lambda members: members["nodes"].pop()),
    "copy: a node too many": inside(3, lambda members: members["nodes"].append(HEX)),
    "copy: no nodes": inside(3, lambda members: members.pop("nodes")),
    "copy: the statement changed": inside(3, lambda m: m["statement"].update(items=["氏名"])),
    "copy: the statement missing": inside(3, lambda members: members.pop("statement")),
    "copy: the salt of the statement missing": inside(3, lambda m: m.pop("statement_salt")),
    "copy: the salt key": inside(3, lambda members: members.update(salt_key=HEX)),
    "copy: the fingerprint missing": inside(3, lambda members: members.pop("fingerprint")),
    "copy: of another version": put(3, copies={"position": 1, "version": 2}),
    "copy: of another event": put(3, copies={"position": 2, "version": 2}),
    "copy: of itself": put(3, copies={"position": 3, "version": 3}),
    "copy: of another stream": put(3, copies={"position": 4, "version": 1}),
}


EXPIRY_FAULTS: dict[str, Edit] = {
    "header: a type without content names a key": put(
        5, keys=["aa" * 32], sealed={"key": HEX, "sha256": HEX, "size": 284}
    ),
    "header: keys not sorted in an expiry": put(5, keys=["bb" * 32, "aa" * 32]),
    "header: one key listed twice": put(5, keys=["aa" * 32, "aa" * 32]),
    "header: 33 keys": put(5, keys=[f"{n:02x}" * 32 for n in range(33)]),
    "header: no keys": put(5, keys=[]),
}
BULK_FAULTS: dict[str, Edit] = {
    "bulk: a part too many": head(4, lambda header: header["parts"].update(count=4)),
    "bulk: a person too many": head(4, lambda header: header["parts"].update(lines=5)),
    "bulk: another root": head(4, lambda header: header["parts"].update(root=HEX)),
    "bulk: a gap between two chunks": gap,
}


def broken_stores() -> list[Members]:
    """Each with `codec`: whether the reader of one event refuses it, without the rest."""
    found: list[Members] = []

    def add(desc: str, store: Members, *, codec: bool = False) -> None:
        found.append({"desc": desc, "codec": codec, **store})

    for desc, edit in EVENT_FAULTS.items():
        events = BOOK.events[:4]
        edit(events)
        add(desc, stored(events), codec=True)
    for desc, edit in EXPIRY_FAULTS.items():
        events = BOOK.events[:5]
        edit(events)
        add(desc, stored(events), codec=True)
    for desc, edit in BULK_FAULTS.items():
        events = BULK.events[:4]
        edit(events)
        add(desc, stored(events))
    living, all_events = BOOK.events[:4], list(BOOK.events)
    other = replace(RECORD_KEY, secret=data_key("record", "second", None).secret)
    second = list(living)
    plain(1, bytes, key=other)(second)
    store = stored(second)
    store["keys"][RECORD_KEY.id.hex()] = other.secret.hex()
    add("key: a second key of one id", store, codec=True)
    add("store: a dead part and its key are still there", stored(all_events))
    store = stored(all_events, (RECORD_KEY.id,))
    store["events"][0]["parts"] = stored(all_events)["events"][0]["parts"]
    add("store: a part is there after its key's death", store)
    store = stored(all_events, (RECORD_KEY.id,))
    store["keys"][RECORD_KEY.id.hex()] = RECORD_KEY.secret.hex()
    add("store: a key is there after its death", store)
    add("store: a hole with a living key", stored(all_events, (RECORD_KEY.id, HELD_KEY.id)))
    late = [*living[:1], living[3], all_events[4], *living[1:2]]
    add("store: sealed under a key that is listed before", stored(late, (RECORD_KEY.id,)))
    add("order: a version is missing", stored([living[0], *living[2:]]))
    add("order: two events of a stream swapped", stored([living[1], living[0], *living[2:]]))
    store = stored(living)
    store["events"].pop()
    add("log: an event is missing", store)
    store = stored(living)
    store["events"][1], store["events"][3] = store["events"][3], store["events"][1]
    add("log: two events swapped", store)
    store = stored(living)
    store["checkpoint"] = store["checkpoint"].replace("\n4\n", "\n5\n")
    add("log: the checkpoint says another size", store)
    return found


def pooled(stores: list[Members]) -> Members:
    """The stores with their events by number: most events are the same in all of them."""
    pool: list[Members] = []
    for store in stores:
        for n, event in enumerate(store["events"]):
            if event not in pool:
                pool.append(event)
            store["events"][n] = pool.index(event)
    return {"events": pool, "stores": stores}


def broken(showings: dict[str, str], chunk_alone: str) -> Members:
    found = broken_showings(showings)
    found.append({"desc": "a bulk line: a chunk as an event of its own", "showing": chunk_alone})
    return {**pooled(broken_stores()), "showings": found}
