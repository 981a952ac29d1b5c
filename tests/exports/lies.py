"""Bags that lie, each made from a golden one: `python -m tests.exports.lies FOLDER`.

Most are signed by whoever holds the log's key. Each says how the verifier ends: with a refusal, or
with the sentence that names it among what the bag does not prove.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.exports import lies_files, lies_records, lies_unproven
from tests.exports.lying import COUNTS, Lie, write
from tests.exports.world import copied, kinds, signed_anew, unpacked

TOLD: Mapping[str, Lie] = lies_unproven.TOLD
REFUSED: Mapping[str, Lie] = {
    **lies_records.REFUSED,
    **lies_files.REFUSED,
}
LIES: Mapping[str, Lie] = {**REFUSED, **TOLD}


def made(good: Path, name: str) -> Path:
    """A bag beside `good` that lies."""
    lie = LIES[name]
    bag = copied(good, f"{good.name} - {name}")
    lie.make(bag)
    if lie.persons:
        counts = json.loads((bag / COUNTS).read_text("utf-8"))
        write(bag / COUNTS, json.dumps(counts | {"persons": counts["persons"] + lie.persons}))
    if lie.is_signed:
        signed_anew(bag)
    return bag


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as meanwhile:
        bags = {kind: unpacked(kind, Path(meanwhile)) for kind in kinds()}
        for one in LIES:
            bag = made(bags[LIES[one].kind], one)
            bag.rename(Path(sys.argv[1]) / bag.name)
            sys.stdout.write(f"{LIES[one].code} {bag.name}\n")
