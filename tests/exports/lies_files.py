"""Files, manifests, signatures and proofs that are not what they say: refused."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ledger.crypto.notes import signed_note
from ledger.crypto.seed_signer import SeedSigner
from ledger.exports.exporter import FORMAT
from ledger.exports.verify import (
    EVENT_MAX,
    HEADER_MAX,
    MISSING,
    SIGNATURE,
    SMALL_MAX,
    VERSION,
    event_hash,
)
from ledger.merkle import root_of
from ledger.merkle.checkpoint import Checkpoint
from tests.exports.lying import (
    COUNTS,
    RECORDS,
    TABLE,
    Change,
    Lie,
    about,
    added,
    attested,
    attested_ends,
    carried,
    copied_to,
    each,
    filters,
    flip,
    in_text,
    kept,
    lose,
    lose_line,
    plain,
    plain_ends,
    plain_less,
    whole,
    whole_less,
    write,
    written,
)
from tests.exports.world import ORIGIN, SIGNER, content, resealed

NOTE, KEY, LEAVES = "data/proofs/checkpoint", "data/proofs/key.txt", "data/proofs/leaves.bin"
HEADERS: Final = "data/proofs/headers.ndjson"
BAG_NOTE: Final = "bag-signature.txt"
STRANGER: Final = SeedSigner(ORIGIN, bytes(32))


def _noted(signer: SeedSigner, size: int = 8, origin: str = ORIGIN) -> Change:
    """A checkpoint of that key, of the root that the bag says."""

    def make(bag: Path) -> None:
        root = json.loads((bag / "data/filters.json").read_text("utf-8"))["root"]
        text = Checkpoint(origin, size, bytes.fromhex(root)).text
        (bag / NOTE).write_bytes(signed_note(text, [signer]).full_text.encode())

    return make


def _bag_note(export: str, signer: SeedSigner = SIGNER, *, form: str = FORMAT) -> Change:
    """The bag's signature, for another export or by another key."""

    def make(bag: Path) -> None:
        digest = sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
        text = f"{form}\n{ORIGIN}\n{export}\n{digest}\n"
        (bag / BAG_NOTE).write_bytes(signed_note(text, [signer]).full_text.encode())

    return make


def _swapped_leaves(bag: Path) -> None:
    whole = (bag / LEAVES).read_bytes()
    (bag / LEAVES).write_bytes(whole[32:64] + whole[:32] + whole[64:])


def _headers(bag: Path) -> None:
    (bag / HEADERS).write_bytes(content("whole", HEADERS))


def _signed_often(name: str) -> Change:
    """The genuine line of a signature, many times: each costs who checks it."""

    def make(bag: Path) -> None:
        text, _, below = (bag / name).read_text("utf-8").rpartition("\n\n")
        (bag / name).write_text(f"{text}\n\n{below * 20_000}", "utf-8")

    return make


def _asked(**asked: object) -> Change:
    return each(filters(asked=asked), resealed)


FILLED: Final = "\u2800 " * 3_000 + "全て一致しました。" + " " * 67 + "all good"
"""So much white that a screen ends with what follows."""
_NOT_GOOD: Final = "合格ではありません(終了コード 30)。\nnot good: exit code 30\n"

OF_FILES: Mapping[str, Lie] = {
    "a file beside the payload": plain("README.md", written("README.md", "見本\n")),
    "headers in a bag that is not whole": plain(HEADERS, _headers),
    "a declaration with a line more": plain_ends(VERSION, "bagit.txt", added("bagit.txt", b"x\n")),
    "a label that some programs read as two": plain(
        "bag-info.txt", in_text("bag-info.txt", "-ledger", "-ledger\rContact-Name: x")
    ),
}

OF_CARRIERS: Mapping[str, Lie] = {
    "text above the bag's signature": carried(
        SIGNATURE, "this key", added(BAG_NOTE, b"all good\n", before=True)
    ),
    "the bag's signature by another key": carried(
        SIGNATURE, "the key did not sign", _bag_note("x", SeedSigner("other", bytes(32)))
    ),
    "the bag's signature for another export": carried(
        SIGNATURE, "another bag's", _bag_note("0" * 36)
    ),
    "the bag's signature 20,000 times": carried(SIGNATURE, "one too many", _signed_often(BAG_NOTE)),
    "the checkpoint's signature 20,000 times": carried(
        SIGNATURE, "one too many", each(_signed_often(NOTE), resealed)
    ),
    "a format that fills the screen": carried(
        VERSION, _NOT_GOOD, each(filters(format=FILLED), resealed)
    ),
    "a code of a filter that fills the screen": carried(VERSION, _NOT_GOOD, _asked(bases=[FILLED])),
}

OF_PROOFS: Mapping[str, Lie] = {
    "a checkpoint of another key": plain_ends(SIGNATURE, "the key did not sign", _noted(STRANGER)),
    "a checkpoint of another key, which the bag names": plain_ends(
        SIGNATURE,
        "another key",
        each(_noted(STRANGER), written(KEY, STRANGER.verifier.text + "\n")),
    ),
    "a checkpoint of another log, by the same key": plain_ends(
        SIGNATURE, "no checkpoint", _noted(SIGNER, origin="other.example")
    ),
    "a checkpoint of another size, which the bag says": plain(
        "leaves.bin", each(_noted(SIGNER, 7), filters(size=7))
    ),
    "a checkpoint beyond the leaves": plain_less(
        "leaves.bin", each(_noted(SIGNER, 9), filters(size=9))
    ),
    "the bag's key with a line more": plain_ends(SIGNATURE, "key", added(KEY, b"all good\n")),
    "leaves in another order": plain("leaves.bin", _swapped_leaves),
    "a header left out": whole("headers", lose_line(HEADERS, 2)),
    "the last header left out": whole_less("headers", lose_line(HEADERS, -1)),
    "a key that is not destroyed among the destroyed": kept(
        "headers", in_text(HEADERS, '"keys":["', '"keys":["' + "0" * 64 + '","')
    ),
    "cosigned, and nobody is named": attested_ends(
        SIGNATURE,
        "nobody cosigned",
        each(copied_to(NOTE, "data/proofs/cosigned"), filters(cosigned=8)),
    ),
    "a cosigned checkpoint of another size": attested("cosigned", filters(cosigned=5)),
    "a stamp that is no stamp": attested_ends(
        SIGNATURE, "no time stamp", written("data/proofs/timestamp.tsr", "stamped\n")
    ),
    "a stamp on the bag's own checkpoint, which is not": attested_ends(
        SIGNATURE, "is not on", each(copied_to(NOTE, "data/proofs/stamped"), filters(stamped=8))
    ),
    "a stamp that a bag without one has": plain(
        "stamped",
        lambda bag: (bag / "data/proofs/timestamp.tsr").write_bytes(
            content("attested", "data/proofs/timestamp.tsr")
        ),
    ),
    "a byte of a stamped checkpoint": attested_ends(
        SIGNATURE, "this key", flip("data/proofs/stamped", 0)
    ),
    "unsigned, with a key": plain_ends(SIGNATURE, "no checkpoint", filters(signed=False)),
}

COSIGNED, STAMPED = "data/proofs/cosigned", "data/proofs/stamped"
OF_LOSSES: Mapping[str, Lie] = {
    "what emitters declared is gone": plain_less("data/coverage.json", lose("data/coverage.json")),
    "the workbook is gone": plain_less("data/records.xlsx", lose("data/records.xlsx")),
    "a record is gone": plain_less(f"{RECORDS}: 2", lose_line(RECORDS, 1)),
    "a row of the table is gone": plain_less("records.csv", lose_line(TABLE, -1)),
    "a person is gone": plain_less("1 of 2", about(lambda event: event["lines"].pop())),
    "a checkpoint of another size than it was signed with": plain_ends(
        SIGNATURE, "this key", in_text(NOTE, "\n8\n", "\n9\n")
    ),
    "the guide by a carrier": carried(
        SIGNATURE, "another bag's", each(in_text("VERIFY.ja.md", "10", "0"), resealed)
    ),
    "the witnesses' checkpoint is gone": attested_ends(MISSING, "cosigned", lose(COSIGNED)),
    "the witnesses' checkpoint is there, and said not to be": attested(
        "cosigned", filters(cosigned=None)
    ),
    "the witnesses' checkpoint is of a size that is none": attested(
        "cosigned", filters(cosigned="7")
    ),
    "the witnesses' checkpoint is not the log's": attested_ends(
        SIGNATURE, "this key", in_text(COSIGNED, "\n7\n", "\n8\n")
    ),
    "the stamped checkpoint is gone": attested_ends(MISSING, "stamped", lose(STAMPED)),
}


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
        note = signed_note(Checkpoint(ORIGIN, SIZE, root).text, [SIGNER]).full_text
        (bag / "data/proofs/checkpoint").write_text(note, "utf-8")

    return make


def _line_of(name: str, content: str) -> Change:
    return lambda bag: write(bag / name, content)


OF_LARGE: Mapping[str, Lie] = {
    "an event of so many persons that nobody counts them": plain(
        "lines", _logged(lambda header: header["lines"].update(count=10**4_000))
    ),
    "a deep record": plain(RECORDS, _line_of(RECORDS, DEEP)),
    "a deep header": whole(HEADERS, _line_of(HEADERS, DEEP[:4_000])),
    "deep counts": plain(COUNTS, _line_of(COUNTS, '{"records":' * 100_000)),
    "a header that is longer than any": whole(
        "too large: " + HEADERS, _line_of(HEADERS, " " * HEADER_MAX + "{}\n")
    ),
    "a record that is longer than the log's events": plain(
        "too large: " + RECORDS, _line_of(RECORDS, " " * SIZE * EVENT_MAX + "{}\n")
    ),
    "a checkpoint with much text": plain(
        "too large: data/proofs/checkpoint",
        added("data/proofs/checkpoint", b"\n" * SMALL_MAX, before=True),
    ),
}

REFUSED: Mapping[str, Lie] = {**OF_LOSSES, **OF_FILES, **OF_CARRIERS, **OF_PROOFS, **OF_LARGE}
