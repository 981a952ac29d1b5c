"""Bags with one defect each, made from a good one; `python -m tests.exports.broken GOOD`.

Each says which code refuses it, so that an auditor can see the verifier refuse before trusting it.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.exports.verify import COSIGNED, HASH, MISSING, SIGNATURE, STAMP, VERSION
from tests.exports.broken_others import BY_OTHERS
from tests.exports.defects import (
    RECORDS,
    Defect,
    cut,
    flip,
    in_json,
    in_row,
    in_text,
    lose,
    lose_line,
)
from tests.exports.world import copied, resealed


def _add(bag: Path) -> None:
    (bag / "data/more.txt").write_text("more")


def _twice(bag: Path) -> None:
    lines = (bag / RECORDS).read_text("utf-8").splitlines()
    lines.append(json.dumps(json.loads(lines[-1]) | {"row": len(lines) + 1}))
    (bag / RECORDS).write_text("\n".join(lines) + "\n", "utf-8")


def _fewer(bag: Path) -> None:
    """The last record is gone, and everything that counts it says so."""
    lose_line(RECORDS, -1)(bag)
    lose_line("data/records.csv", -1)(bag)
    gone = {"records": 1, "events": 1, "persons": 5}
    counts = json.loads((bag / "data/counts.json").read_text())
    counts |= {name: counts[name] - less for name, less in gone.items()}
    counts["by_month"]["2026-04"] -= 1
    (bag / "data/counts.json").write_text(json.dumps(counts))


def _lied(event: dict[str, Any]) -> None:
    event["statement"]["text"] = event["statement"]["text"].replace("青空商事", "白雲商事")


DEFECTS: Mapping[str, Defect] = {
    "a byte of a record differs": Defect(HASH, RECORDS, flip(RECORDS)),
    "a byte of a table differs": Defect(HASH, "records.csv", flip("data/records.csv")),
    "a byte of the verifier differs": Defect(HASH, "verify.py", flip("verify.py")),
    "a file is added": Defect(HASH, "data/more.txt", _add),
    "a record is gone": Defect(MISSING, RECORDS, lose_line(RECORDS, 1)),
    "the table is gone": Defect(MISSING, "records.csv", lose("data/records.csv")),
    "the checkpoint is gone": Defect(MISSING, "checkpoint", lose("data/proofs/checkpoint")),
    "the manifest is gone": Defect(MISSING, "manifest", lose("manifest-sha256.txt")),
    "a line of the manifest is gone": Defect(
        MISSING, "data/counts.json", lose_line("manifest-sha256.txt", 0)
    ),
    "the bag's signature is gone": Defect(MISSING, "bag-signature", lose("bag-signature.txt")),
    "a statement is rewritten": Defect(
        HASH, "statement", in_row(0, lambda row: _lied(row["events"][0])), is_resealed=True
    ),
    "a header is rewritten": Defect(
        HASH,
        "position",
        in_row(
            0,
            lambda row: row["events"][0].update(
                header=row["events"][0]["header"].replace("consent_27_1", "opt_out_27_2")
            ),
        ),
        is_resealed=True,
    ),
    "two persons are swapped": Defect(
        HASH,
        "lines",
        in_row(
            0,
            lambda row: [line.update(j=1 - line["j"]) for line in row["events"][0]["lines"]],
        ),
        is_resealed=True,
    ),
    "a record is gone, and the manifests are anew": Defect(
        MISSING, f"{RECORDS}: 2", lose_line(RECORDS, 1), is_resealed=True
    ),
    "the last record is gone, and the manifests are anew": Defect(
        MISSING, "records: 4 / 5", lose_line(RECORDS, -1), is_resealed=True
    ),
    "a row of the table is gone, and the manifests are anew": Defect(
        MISSING, "records.csv", lose_line("data/records.csv", -1), is_resealed=True
    ),
    "a person is gone, and the manifests are anew": Defect(
        MISSING, "1 of 2", in_row(0, lambda row: row["events"][0]["lines"].pop()), is_resealed=True
    ),
    "a statement is gone, and the manifests are anew": Defect(
        MISSING,
        "statement",
        in_row(0, lambda row: row["events"][0].pop("statement")),
        is_resealed=True,
    ),
    "a first version is gone, and the manifests are anew": Defect(
        MISSING, "version 1", in_row(0, lambda row: row["events"].pop(0)), is_resealed=True
    ),
    "a version between is gone, and the manifests are anew": Defect(
        MISSING, "version 2", in_row(0, lambda row: row["events"].pop(1)), is_resealed=True
    ),
    "a record stands twice": Defect(HASH, f"{RECORDS}: 6", _twice, is_resealed=True),
    "a record bears another's stream": Defect(
        HASH,
        "position",
        in_row(1, lambda row: row.update(stream=str(UUID(int=1)))),
        is_resealed=True,
    ),
    "months are counted otherwise": Defect(
        HASH,
        "by_month",
        in_json("data/counts.json", lambda told: told["by_month"].update({"2026-04": 9})),
        is_resealed=True,
    ),
    "a row of the table names another position": Defect(
        HASH, "records.csv", in_text("data/records.csv", "\r\n2,2,", "\r\n2,3,"), is_resealed=True
    ),
    "the tree is said to be another one": Defect(
        HASH,
        "checkpoint",
        in_json("data/filters.json", lambda told: told.update(root="00" * 32)),
        is_resealed=True,
    ),
    "a correction is gone, and the manifests are anew": Defect(
        MISSING, "events: 7 / 8", in_row(0, lambda row: row["events"].pop()), is_resealed=True
    ),
    "a hash of the log is gone": Defect(
        MISSING, "leaves.bin", cut("data/proofs/leaves.bin", 32), is_resealed=True
    ),
    "a hash of the log differs": Defect(
        HASH, "leaves.bin", flip("data/proofs/leaves.bin", 3), is_resealed=True
    ),
    "whatever told of the last record is gone": Defect(
        SIGNATURE, "another bag's", _fewer, is_resealed=True
    ),
    "a cell of the table is rewritten": Defect(
        HASH, "records.csv: 1", in_text("data/records.csv", "青空", "白雲"), is_resealed=True
    ),
    "a cell of the table that no record proves is rewritten": Defect(
        SIGNATURE,
        "another bag's",
        in_text("data/records.csv", ",本人の同意,", ",オプトアウト,"),
        is_resealed=True,
    ),
    "the bag's signature is no base64": Defect(
        SIGNATURE, "no signature", cut("bag-signature.txt", 2, b"\n")
    ),
    "the guide is rewritten": Defect(
        SIGNATURE, "another bag's", in_text("VERIFY.ja.md", "10", "0"), is_resealed=True
    ),
    "the checkpoint is of another size": Defect(
        SIGNATURE, "this key", in_text("data/proofs/checkpoint", "\n8\n", "\n9\n"), is_resealed=True
    ),
    "the checkpoint's signature is another one's": Defect(
        SIGNATURE,
        "the key did not sign",
        in_text("data/proofs/checkpoint", "— ledger", "— other"),
        is_resealed=True,
    ),
    "the checkpoint's signature is no base64": Defect(
        SIGNATURE,
        "no signature",
        cut("data/proofs/checkpoint", 2, b"\n"),
        is_resealed=True,
    ),
    "the bag's signature differs": Defect(
        SIGNATURE, "this key", in_text("bag-signature.txt", "ppl-export/2", "ppl-export/1")
    ),
    "the checkpoint is taken away, and it says unsigned": Defect(
        SIGNATURE,
        "no checkpoint",
        in_json("data/filters.json", lambda told: told.update(signed=False)),
        is_resealed=True,
    ),
    "BagIt is of another version": Defect(
        VERSION, "bagit.txt", in_text("bagit.txt", "1.0", "2.0"), is_resealed=True
    ),
    "the export is of another version": Defect(
        VERSION,
        "ppl-export/3",
        in_json("data/filters.json", lambda told: told.update(format="ppl-export/3")),
        is_resealed=True,
    ),
    **BY_OTHERS,
}


def make(good: Path, name: str) -> Path:
    """A bag beside `good` with that defect."""
    defect = DEFECTS[name]
    bag = copied(good, f"{good.name} - {name}")
    defect.make(bag)
    if defect.is_resealed:
        resealed(bag)
    return bag


if __name__ == "__main__":
    bag = Path(sys.argv[1])
    has_others = all((bag / one).exists() for one in (COSIGNED, STAMP))
    for one in DEFECTS:
        if has_others or one not in BY_OTHERS:
            sys.stdout.write(f"{DEFECTS[one].code} {make(bag, one)}\n")
