"""Bags that hold more, or are deeper, than any that a ledger makes: refused."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ledger.crypto.notes import signed_note
from ledger.exports.verify import EVENT_MAX, HASH, HEADER_MAX, SMALL_MAX, event_hash
from ledger.merkle import root_of
from ledger.merkle.checkpoint import Checkpoint
from tests.exports.defects import RECORDS
from tests.exports.lying import COUNTS, FILTERS, Change, Lie, about, added, filters, write
from tests.exports.world import ORIGIN, SIGNER

LEAVES: Final = "data/proofs/leaves.bin"
HEADERS: Final = "data/proofs/headers.ndjson"
DEEP: Final = "[" * 200_000
SIZE: Final = 8
"""Events of the ledger of the golden bags."""


def _logged(change: Callable[[dict[str, Any]], object]) -> Change:
    """Another first event, in a log that is signed anew as if it had always been so."""

    def make(bag: Path) -> None:
        def changed(event: dict[str, Any]) -> None:
            header = json.loads(event["header"])
            change(header)
            event["header"] = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
            leaf = sha256(b"\0" + event_hash(event["header"])).digest()
            (bag / LEAVES).write_bytes(leaf + (bag / LEAVES).read_bytes()[32:])

        about(changed)(bag)
        whole = (bag / LEAVES).read_bytes()
        root = root_of([whole[at : at + 32] for at in range(0, len(whole), 32)])
        filters(root=root.hex())(bag)
        note = signed_note(Checkpoint(ORIGIN, SIZE, root).text, [SIGNER]).whole
        (bag / "data/proofs/checkpoint").write_text(note, "utf-8")

    return make


def _line_of(name: str, content: str) -> Change:
    return lambda bag: write(bag / name, content)


REFUSED: Mapping[str, Lie] = {
    "an event of more persons than one has": Lie(
        "plain", HASH, "lines", _logged(lambda header: header["lines"].update(count=1_001))
    ),
    "an event of so many persons that nobody counts them": Lie(
        "plain", HASH, "lines", _logged(lambda header: header["lines"].update(count=10**4_000))
    ),
    "an event of no persons": Lie(
        "plain", HASH, "lines", _logged(lambda header: header["lines"].update(count=0))
    ),
    "a deep record": Lie("plain", HASH, RECORDS, _line_of(RECORDS, DEEP)),
    "a deep header of a record": Lie(
        "plain", HASH, f"{RECORDS}: 1", about(lambda event: event.update(header=DEEP))
    ),
    "a deep header": Lie("whole", HASH, HEADERS, _line_of(HEADERS, DEEP[:4_000])),
    "deep counts": Lie("plain", HASH, COUNTS, _line_of(COUNTS, '{"records":' * 100_000)),
    "a header that is longer than any": Lie(
        "whole", HASH, "too large: " + HEADERS, _line_of(HEADERS, " " * HEADER_MAX + "{}\n")
    ),
    "a record that is longer than the log's events": Lie(
        "plain",
        HASH,
        "too large: " + RECORDS,
        _line_of(RECORDS, " " * SIZE * EVENT_MAX + "{}\n"),
    ),
    "more of what was asked for than anybody asks": Lie(
        "plain", HASH, "too large: " + FILTERS, added(FILTERS, b" " * SMALL_MAX)
    ),
    "counts behind much white space": Lie(
        "plain", HASH, "too large: " + COUNTS, added(COUNTS, b" " * SMALL_MAX)
    ),
    "a guide that nobody reads": Lie(
        "plain", HASH, "too large: VERIFY.ja.md", added("VERIFY.ja.md", b"\n" * SMALL_MAX)
    ),
    "a checkpoint with much text": Lie(
        "plain",
        HASH,
        "too large: data/proofs/checkpoint",
        added("data/proofs/checkpoint", b"\n" * SMALL_MAX, before=True),
    ),
    "a size of more events than there can be": Lie(
        "plain", HASH, "checkpoint", filters(size=10**15)
    ),
}
