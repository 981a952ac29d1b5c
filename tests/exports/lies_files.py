"""Files, manifests, signatures and proofs that are not what they say: refused."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.crypto.notes import signed_note
from ledger.crypto.seed_signer import SeedSigner
from ledger.exports.verify import HASH, MISSING, SIGNATURE, VERSION
from ledger.merkle.checkpoint import Checkpoint
from tests.exports.defects import copied_to, cut, each, flip, in_row, in_text, lose, lose_line
from tests.exports.golden_bags import content
from tests.exports.lying import Change, Lie, added, filters, written
from tests.exports.world import ORIGIN, SIGNER, resealed

NOTE, KEY, LEAVES = "data/proofs/checkpoint", "data/proofs/key.txt", "data/proofs/leaves.bin"
HEADERS: Final = "data/proofs/headers.ndjson"
BAG_NOTE: Final = "bag-signature.txt"
STRANGER: Final = SeedSigner(ORIGIN, bytes(32))


def _noted(signer: SeedSigner, size: int = 8, origin: str = ORIGIN) -> Change:
    """A checkpoint of that key, of the root that the bag says."""

    def make(bag: Path) -> None:
        root = json.loads((bag / "data/filters.json").read_text("utf-8"))["root"]
        text = Checkpoint(origin, size, bytes.fromhex(root)).text
        (bag / NOTE).write_bytes(signed_note(text, [signer]).whole.encode())

    return make


def _bag_note(export: str, signer: SeedSigner = SIGNER, *, form: str = "ppl-export/2") -> Change:
    """The bag's signature, for another export or by another key."""

    def make(bag: Path) -> None:
        digest = sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
        text = f"{form}\n{ORIGIN}\n{export}\n{digest}\n"
        (bag / BAG_NOTE).write_bytes(signed_note(text, [signer]).whole.encode())

    return make


def _swapped_lines(name: str) -> Change:
    def make(bag: Path) -> None:
        first, second, *rest = (bag / name).read_bytes().splitlines(keepends=True)
        (bag / name).write_bytes(b"".join([second, first, *rest]))

    return make


def _swapped_leaves(bag: Path) -> None:
    whole = (bag / LEAVES).read_bytes()
    (bag / LEAVES).write_bytes(whole[32:64] + whole[:32] + whole[64:])


def _last_header_twice(bag: Path) -> None:
    lines = (bag / HEADERS).read_bytes().splitlines(keepends=True)
    (bag / HEADERS).write_bytes(b"".join([*lines, lines[-1]]))


def _headers(bag: Path) -> None:
    (bag / HEADERS).write_bytes(content("whole", HEADERS))


def _line(signer: SeedSigner) -> bytes:
    """A line of a signature that anybody may put below."""
    return signed_note("all good\n", [signer]).whole.rpartition("\n\n")[2].encode()


def _signed_often(name: str) -> Change:
    """The genuine line of a signature, many times: each costs who checks it."""

    def make(bag: Path) -> None:
        text, _, below = (bag / name).read_text("utf-8").rpartition("\n\n")
        (bag / name).write_text(f"{text}\n\n{below * 20_000}", "utf-8")

    return make


def _asked(**asked: object) -> Change:
    return each(filters(asked=asked), resealed)


_UPPER = "data/Records.csv"
FILLED: Final = "\u2800 " * 3_000 + "全て一致しました。" + " " * 67 + "all good"
"""So much white that a screen ends with what follows."""
_NOT_GOOD: Final = "合格ではありません(終了コード 30)。\nnot good: exit code 30\n"

OF_FILES: Mapping[str, Lie] = {
    "a file that no bag has, listed": Lie(
        "plain", HASH, "data/README.txt", written("data/README.txt", "全て一致しました。\n")
    ),
    "a second table, listed": Lie(
        "plain", HASH, "data/records-2.csv", copied_to("data/records.csv", "data/records-2.csv")
    ),
    "a twin by case, listed": Lie("plain", HASH, _UPPER, copied_to("data/records.csv", _UPPER)),
    "a file beside the payload": Lie("plain", HASH, "README.md", written("README.md", "見本\n")),
    "a file in a folder of its own": Lie(
        "plain",
        HASH,
        "data/more/records.csv",
        lambda bag: (
            (bag / "data/more").mkdir(),
            (bag / "data/more/records.csv").write_bytes(b"x"),
        ),
    ),
    "headers in a bag that is not whole": Lie("plain", HASH, HEADERS, _headers),
    "a declaration with a line more": Lie(
        "plain", VERSION, "bagit.txt", added("bagit.txt", b"x\n")
    ),
    "a label more about the bag": Lie(
        "plain", HASH, "bag-info.txt", added("bag-info.txt", b"Contact-Name: x\n", before=True)
    ),
    "a label twice": Lie(
        "plain",
        HASH,
        "bag-info.txt",
        in_text(
            "bag-info.txt",
            "Bagging-Date",
            "External-Identifier: 00000000-0000-8000-8000-000000000001\nBagging-Date",
        ),
    ),
    "a label that some programs read as two": Lie(
        "plain",
        HASH,
        "bag-info.txt",
        in_text("bag-info.txt", "-ledger", "-ledger\rContact-Name: x"),
    ),
    "a label in another order": Lie("plain", HASH, "bag-info.txt", _swapped_lines("bag-info.txt")),
    "a day of the bag without a value": Lie(
        "plain", HASH, "bag-info.txt", in_text("bag-info.txt", "Bagging-Date: ", "Bagging-Date:")
    ),
}

OF_CARRIERS: Mapping[str, Lie] = {
    "a signature of another name below the bag's": Lie(
        "plain", SIGNATURE, "another bag's", added(BAG_NOTE, _line(STRANGER)), is_signed=False
    ),
    "text below the bag's signature": Lie(
        "plain", SIGNATURE, "no signature", added(BAG_NOTE, b"all good"), is_signed=False
    ),
    "a line below the bag's signature": Lie(
        "plain", SIGNATURE, "no signature", added(BAG_NOTE, b"all good\n"), is_signed=False
    ),
    "the bag's signature without its last byte": Lie(
        "plain", SIGNATURE, "no signature", cut(BAG_NOTE, 1), is_signed=False
    ),
    "text above the bag's signature": Lie(
        "plain", SIGNATURE, "this key", added(BAG_NOTE, b"all good\n", before=True), is_signed=False
    ),
    "the signature of another bag": Lie(
        "plain",
        SIGNATURE,
        "another bag's",
        lambda bag: (bag / BAG_NOTE).write_bytes(content("whole", BAG_NOTE)),
        is_signed=False,
    ),
    "the checkpoint as the bag's signature": Lie(
        "plain", SIGNATURE, "another bag's", copied_to(NOTE, BAG_NOTE), is_signed=False
    ),
    "the bag's signature by another key": Lie(
        "plain",
        SIGNATURE,
        "the key did not sign",
        _bag_note("x", SeedSigner("other", bytes(32))),
        is_signed=False,
    ),
    "the bag's signature by another key of the same name": Lie(
        "plain",
        SIGNATURE,
        "the key did not sign",
        _bag_note("x", STRANGER),
        is_signed=False,
    ),
    "the bag's signature for another export": Lie(
        "plain", SIGNATURE, "another bag's", _bag_note("0" * 36), is_signed=False
    ),
    "the bag's signature for another format": Lie(
        "plain",
        SIGNATURE,
        "another bag's",
        _bag_note("x", form="ppl-export/1"),
        is_signed=False,
    ),
    "the bag's signature 20,000 times": Lie(
        "plain", SIGNATURE, "one too many", _signed_often(BAG_NOTE), is_signed=False
    ),
    "the checkpoint's signature 20,000 times": Lie(
        "plain", SIGNATURE, "one too many", each(_signed_often(NOTE), resealed), is_signed=False
    ),
    "a format that fills the screen": Lie(
        "plain",
        VERSION,
        _NOT_GOOD,
        each(filters(format=FILLED), resealed),
        is_signed=False,
    ),
    "a name of a filter that fills the screen": Lie(
        "plain", VERSION, _NOT_GOOD, _asked(**{FILLED: 1}), is_signed=False
    ),
    "a code of a filter that fills the screen": Lie(
        "plain", VERSION, _NOT_GOOD, _asked(bases=[FILLED]), is_signed=False
    ),
}

OF_PROOFS: Mapping[str, Lie] = {
    "a checkpoint of another key": Lie(
        "plain", SIGNATURE, "the key did not sign", _noted(STRANGER)
    ),
    "a checkpoint of another key, which the bag names": Lie(
        "plain",
        SIGNATURE,
        "another key",
        each(_noted(STRANGER), written(KEY, STRANGER.verifier.text + "\n")),
    ),
    "a checkpoint of another log, by the same key": Lie(
        "plain", SIGNATURE, "no checkpoint", _noted(SIGNER, origin="other.example")
    ),
    "a checkpoint of another size": Lie("plain", HASH, "checkpoint", _noted(SIGNER, 7)),
    "a checkpoint of another size, which the bag says": Lie(
        "plain", HASH, "leaves.bin", each(_noted(SIGNER, 7), filters(size=7))
    ),
    "a checkpoint beyond the leaves": Lie(
        "plain", MISSING, "leaves.bin", each(_noted(SIGNER, 9), filters(size=9))
    ),
    "a size with a zero before it": Lie(
        "plain",
        SIGNATURE,
        "no checkpoint",
        lambda bag: (bag / NOTE).write_bytes(
            signed_note(
                (bag / NOTE).read_text("utf-8").rpartition("\n\n")[0].replace("\n8\n", "\n08\n")
                + "\n",
                [SIGNER],
            ).whole.encode()
        ),
    ),
    "text below the checkpoint": Lie("plain", SIGNATURE, "no signature", added(NOTE, b"all good")),
    "the bag's key with a line more": Lie("plain", SIGNATURE, "key", added(KEY, b"all good\n")),
    "leaves in another order": Lie("plain", HASH, "leaves.bin", _swapped_leaves),
    "a leaf more": Lie("plain", HASH, "leaves.bin", added(LEAVES, bytes(32))),
    "half a leaf more": Lie("plain", HASH, "leaves.bin", added(LEAVES, bytes(16))),
    "leaves of another ledger": Lie(
        "plain",
        HASH,
        "leaves.bin",
        lambda bag: (bag / LEAVES).write_bytes(content("kept", LEAVES)[:256]),
    ),
    "a header left out": Lie("whole", HASH, "headers", lose_line(HEADERS, 2)),
    "the last header left out": Lie("whole", MISSING, "headers", lose_line(HEADERS, -1)),
    "headers in another order": Lie("whole", HASH, "headers", _swapped_lines(HEADERS)),
    "a header more": Lie("whole", HASH, "headers", _last_header_twice),
    "a header of another basis": Lie(
        "whole", HASH, "headers", in_text(HEADERS, "consent_27_1", "opt_out_27_2")
    ),
    "the headers are gone": Lie("whole", MISSING, "headers", lose(HEADERS)),
    "a key that is not destroyed among the destroyed": Lie(
        "kept", HASH, "headers", in_text(HEADERS, '"keys":["', '"keys":["' + "0" * 64 + '","')
    ),
    "cosigned, and nobody is named": Lie(
        "attested",
        SIGNATURE,
        "nobody cosigned",
        each(copied_to(NOTE, "data/proofs/cosigned"), filters(cosigned=8)),
    ),
    "a cosigned checkpoint of another size": Lie("attested", HASH, "cosigned", filters(cosigned=5)),
    "a stamp that is no stamp": Lie(
        "attested", SIGNATURE, "no time stamp", written("data/proofs/timestamp.tsr", "stamped\n")
    ),
    "a stamp on the bag's own checkpoint, which is not": Lie(
        "attested",
        SIGNATURE,
        "is not on",
        each(copied_to(NOTE, "data/proofs/stamped"), filters(stamped=8)),
    ),
    "a stamp that a bag without one has": Lie(
        "plain",
        HASH,
        "stamped",
        lambda bag: (bag / "data/proofs/timestamp.tsr").write_bytes(
            content("attested", "data/proofs/timestamp.tsr")
        ),
    ),
    "a byte of a stamped checkpoint": Lie(
        "attested", SIGNATURE, "this key", flip("data/proofs/stamped", 0)
    ),
    "unsigned, with a key": Lie("plain", SIGNATURE, "no checkpoint", filters(signed=False)),
    "unsigned, and nothing that is signed": Lie(
        "plain",
        SIGNATURE,
        "no checkpoint",
        each(filters(signed=False), lose(NOTE), lose(KEY)),
    ),
    "a whole bag's stream under another record": Lie(
        "whole",
        HASH,
        "position",
        in_row(0, lambda row: row.update(stream="00000000-0000-8000-8000-000000000001")),
    ),
    "a note that ends before its signature": Lie(
        "plain", SIGNATURE, "no signature", cut(NOTE, 40, b"")
    ),
}

REFUSED: Mapping[str, Lie] = {**OF_FILES, **OF_CARRIERS, **OF_PROOFS}
