"""Writes `vectors/broken-proofs.json`: `python -m tests.merkle.make_broken_proofs`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.merkle import reference

FILE = Path(__file__).parent / "vectors" / "broken-proofs.json"
SHAPES = ((0, 1), (0, 2), (1, 2), (2, 3), (3, 7), (6, 7), (0, 8), (5, 8), (8, 9), (10, 13))
Proof = dict[str, Any]
Edit = Callable[[Proof], None]


def bent(hashes: list[str], place: int) -> None:
    hashes[place] = f"{int(hashes[place][:2], 16) ^ 1:02x}{hashes[place][2:]}"


EDITS: dict[str, Edit] = {
    "index plus one": lambda p: p.update(index=p["index"] + 1),
    "index minus one": lambda p: p.update(index=p["index"] - 1),
    "index beyond the tree": lambda p: p.update(index=p["size"]),
    "index below zero": lambda p: p.update(index=-1),
    "size doubled": lambda p: p.update(size=2 * p["size"]),
    "size zero": lambda p: p.update(size=0),
    "one bit of the leaf flipped": lambda p: p.update(leaf=f"{int(p['leaf'], 16) ^ 1:064x}"),
    "one bit of the root flipped": lambda p: p.update(root=f"{int(p['root'], 16) ^ 1:064x}"),
    "one bit of the first hash flipped": lambda p: bent(p["path"], 0),
    "one bit of the last hash flipped": lambda p: bent(p["path"], -1),
    "first hash missing": lambda p: p["path"].pop(0),
    "last hash missing": lambda p: p["path"].pop(),
    "two hashes swapped": lambda p: p["path"].insert(0, p["path"].pop()),
    "a hash in front": lambda p: p["path"].insert(0, "00" * 32),
    "a hash at the end": lambda p: p["path"].append("00" * 32),
    "the root at the end": lambda p: p["path"].append(p["root"]),
}


def broken() -> list[Proof]:
    found: list[Proof] = []
    for index, size in SHAPES:
        entries = [bytes([n]) for n in range(size)]
        for desc, edit in EDITS.items():
            path = [one.hex() for one in reference.path(index, entries)]
            good: Proof = {
                "index": index,
                "size": size,
                "leaf": reference.mth(entries[index : index + 1]).hex(),
                "path": path,
                "root": reference.mth(entries).hex(),
            }
            proof: Proof = {**good, "path": list(path)}
            needed = 2 if "swapped" in desc else 1 if "hash" in desc else 0
            if len(path) < needed and not desc.startswith("a hash"):
                continue
            edit(proof)
            found.append({"desc": f"{desc}, {index} of {size}", **proof})
    return found


def text() -> str:
    return "[\n" + ",\n".join(json.dumps(proof) for proof in broken()) + "\n]\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
