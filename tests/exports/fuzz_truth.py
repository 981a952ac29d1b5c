"""What a ledger has, and whether an accepted bag says otherwise: read without the verifier."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.exports.fuzz_changes import Files
from tests.exports.lying import COUNTS, FILTERS, RECORDS, TABLE
from tests.exports.world import OLD

Atom = tuple[Any, ...]
LEAVES: Final = "data/proofs/leaves.bin"
WORLDS: Final = tuple(
    tuple(f"{form}{kind}" for kind in world.split())
    for form in ("", OLD)
    for world in ("plain attested whole named asked person", "kept kept-plain", "bulk bulk-plain")
)
NOTES: Final = ("bag-signature.txt", "data/proofs/checkpoint", "data/proofs/cosigned")
PROOFS: Final = "leaves.bin headers.ndjson checkpoint key.txt cosigned stamped timestamp.tsr"
DATA: Final = """records.ndjson records.csv records.xlsx filters.json counts.json versions.json
    requests.json coverage.json report.pdf"""
KNOWN: Final = {
    *(f"data/proofs/{name}" for name in PROOFS.split()),
    *(f"data/{name}" for name in DATA.split()),
    *("bagit.txt", "bag-info.txt", "bag-signature.txt", "manifest-sha256.txt"),
    *("tagmanifest-sha256.txt", "VERIFY.ja.md", "verify.py"),
}
COMPARED: Final = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18)
"""Columns of the table that the verifier says to be proven."""
ALIVE_ONLY: Final = (14, 15)
"""Those that must be empty where the record is destroyed."""


@dataclass(slots=True)
class Truth:
    """What golden bags say, each of its own ledger at its own position.

    Attributes:
        of_bag: kind of bag → what may be said by one.
    """

    of_bag: dict[str, "Ledger"] = field(default_factory=dict[str, "Ledger"])

    @classmethod
    def of(cls, bags: Mapping[str, Files]) -> "Truth":
        """Bags of one ledger as of one position share what they say."""
        found = cls()
        for kind in bags:
            world = next((one for one in WORLDS if kind in one), (kind,))
            if kind.endswith("kept-plain"):
                # A plain bag does not prove that what a bag of before shows was destroyed since.
                world = (kind.replace("kept-plain", "before"), *world)
            ledger = found.of_bag[kind] = Ledger.of([bags[one] for one in world])
            if kind.endswith("kept"):
                before = Ledger.of([bags[kind.replace("kept", "before")]])
                ledger.gone = {one for one in before.atoms if one[0] in ("line", "commitment")}
        return found


@dataclass(slots=True)
class Ledger:
    """One ledger.

    Attributes:
        atoms: whatever a bag of it may say.
        versions: stream → how many there are.
        gone: what was said of persons of whom the destruction is not proven.
    """

    atoms: set[Atom] = field(default_factory=set[Atom])
    versions: dict[str, int] = field(default_factory=dict[str, int])
    rows: dict[int, Any] = field(default_factory=dict[int, Any])
    gone: set[Atom] = field(default_factory=set[Atom])

    @classmethod
    def of(cls, bags: list[Files]) -> "Ledger":
        """Of bags that tell the truth."""
        found = cls()
        for bag in bags:
            found.atoms |= set(_atoms(bag, is_whole=True))
            for row in _rows(bag):
                found.versions[row["stream"]] = len(row["events"])
                found.rows[row["events"][0]["position"]] = row
        return found


def _rows(files: Files) -> list[Any]:
    return [json.loads(line) for line in files[RECORDS].split(b"\n") if line]


def _atoms(files: Files, *, is_whole: bool) -> list[Atom]:
    """What a bag says that is proven."""
    found: list[Atom] = [("leaves", files[LEAVES])]
    texts = files[TABLE].decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(texts, newline="")))[1:]
    rows = _rows(files)
    for row, cells in zip(rows, table, strict=True):
        for event in row["events"]:
            at = event["position"]
            found.append(("header", row["stream"], at, event["header"]))
            if "text" in event.get("statement", ()):
                found.append(("statement", at, event["statement"]["text"]))
            for line in event.get("lines", ()):
                if "text" in line:
                    found.append(("line", at, line["j"], line["text"]))
                else:
                    found.append(("commitment", at, line["j"], line["commitment"]))
            if event.get("destroyed") and is_whole:
                found.append(("destroyed", at))
        # Without all versions, what stands is another version's.
        told = tuple(cells[column] for column in COMPARED)
        if row["status"] == "destroyed":
            told += tuple(cells[column] for column in ALIVE_ONLY)
        named = any("withheld" in one.get("statement", ()) for one in row["events"])
        found.append(("table", named, len(row["events"]), _shown(row), told))
        if is_whole:
            found.append(("status", row["stream"], row["status"]))
    return found


def _shown(row: Any) -> tuple[Any, ...]:  # noqa: ANN401 -- JSON
    """Which versions are there, and which of them with content."""
    return tuple((one["position"], "destroyed" in one) for one in row["events"])


def untrue(files: Files, ledger: Ledger, told: str) -> str | None:
    """What an accepted bag says that its ledger does not have; None: nothing.

    Args:
        told: what the verifier says, in English.
    """
    filters = json.loads(files[FILTERS])
    if (odd := _odd(files, filters["asked"])) is not None:
        return f"accepted, and {odd}"
    for atom in _atoms(files, is_whole=filters["whole"]):
        if atom not in ledger.atoms and not _is_told(atom, ledger, told):
            return f"accepted, and untrue: {atom!r}"
    rows = _rows(files)
    for row in rows:
        # The persons of a transfer in parts are in its later versions.
        in_parts = "lines" not in json.loads(row["events"][0]["header"])
        if in_parts and len(row["events"]) != ledger.versions[row["stream"]]:
            return f"accepted, and persons are not there: {row['row']}"
    if filters["whole"]:
        for row in rows:
            if len(row["events"]) != ledger.versions[row["stream"]]:
                return f"accepted as whole, and a version is not there: {row['row']}"
        if not filters["asked"] and len(rows) != len(ledger.versions):
            return "accepted as whole, and a record is not there"
    counts = json.loads(files[COUNTS])
    if counts["records"] != len(rows):
        return "accepted, and counted otherwise"
    return None


def _is_told(atom: Atom, ledger: Ledger, told: str) -> bool:
    """Whether the bag is said not to prove this: of a record with fewer versions, its state."""
    if atom in ledger.gone:
        return "a record that a copy keeps" in told
    if atom[0] != "table":
        return False
    _, is_withheld, count, shown, _ = atom
    true = ledger.rows[shown[0][0]]
    has_all = count == len(true["events"]) and shown == _shown(true)
    later = "no record has a later version" in told or "are said to be destroyed" in told
    return (not has_all and later) or (is_withheld and _is_but_items(atom, ledger, told))


def _is_but_items(atom: Atom, ledger: Ledger, told: str) -> bool:
    """Of a withheld statement the items alone are not proven, in the table, too."""
    at = COMPARED.index(13)
    alike = any(
        one[:-1] == atom[:-1]
        and one[-1][:at] + one[-1][at + 1 :] == atom[-1][:at] + atom[-1][at + 1 :]
        for one in ledger.atoms
        if one[0] == "table"
    )
    return alike and "are withheld, and not proven" in told


def _odd(files: Files, asked: dict[str, Any]) -> str | None:
    """What no bag of the product has, and another reader may take in another way."""
    if more := files.keys() - KNOWN:
        return f"a file that no bag has: {sorted(more)}"
    notes = [files[name] for name in NOTES if name in files]
    if any(not note.endswith(b"\n") for note in notes):
        return "text below a signature"
    if files.get(NOTES[0], b"").count("— ".encode()) > 1:
        return "a second signature"
    if len(files["bag-info.txt"].splitlines()) != 4:
        return "a label more"
    text = files[TABLE].decode("utf-8-sig")
    written = io.StringIO(newline="")
    csv.writer(written).writerows(csv.reader(io.StringIO(text, newline="")))
    if written.getvalue() != text:
        return "a table that can be read in two ways"
    for line in files[RECORDS].split(b"\n")[:-1]:
        row = json.loads(line, parse_constant=_no_number, parse_float=_no_number)
        bases = {json.loads(one["header"])["facts"].get("basis") for one in row["events"]}
        if "bases" in asked and bases.isdisjoint(asked["bases"]):
            return "a record that was not asked for"
        lines = [line for event in row["events"] for line in event.get("lines", ())]
        names = [line["pseudonym"] for line in lines if "pseudonym" in line]
        if any(re.fullmatch("[A-Z2-7]{16}", name) is None for name in names):
            return "a pseudonym that says something"
    return None


def _no_number(text: str) -> None:
    raise ValueError(text)
