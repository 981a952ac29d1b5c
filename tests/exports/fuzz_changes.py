"""Changes of a bag at random: of bytes, and of what its files mean."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from hashlib import sha256
from random import Random
from typing import Any, Final

from ledger.cases.letters.files import BOM
from ledger.crypto.notes import signed_note
from ledger.exports.tables import line_of
from ledger.exports.verify import FACT_TYPES, FORMATS
from tests.exports.lying import COUNTS, RECORDS, TABLE
from tests.exports.world import ORIGIN, SIGNER
from tests.ledger.spreadsheets import unguarded

Files = dict[str, bytes]
Bags = Mapping[str, Files]
Meaning = Callable[[Random, Files, Bags], None]
TAGS: Final = ("VERIFY.ja.md", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py")
HEADERS: Final = "data/proofs/headers.ndjson"
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 1.0, float("nan"), 10**30, "", "0", "all good", [], {}),
    *("destroyed", "standing", "begun", "2026-04-01", "\u202e", "00" * 32, "A" * 16),
)


# -- bytes --------------------------------------------------------------------------------------


def flipped(random: Random, whole: bytes) -> bytes:
    """One bit of it."""
    at = random.randrange(len(whole)) if whole else 0
    changed = bytes([whole[at] ^ 1 << random.randrange(8)]) if whole else b"x"
    return whole[:at] + changed + whole[at + 1 :]


def cut(random: Random, whole: bytes) -> bytes:
    """Without some bytes."""
    at, size = random.randrange(len(whole) + 1), random.choice([1, 4, 32, 500])
    return whole[:at] + whole[at + size :]


def widened(random: Random, whole: bytes) -> bytes:
    """With some bytes more."""
    at = random.choice([0, len(whole), random.randrange(len(whole) + 1)])
    more = random.choice(
        [b"\n", b"\r", b"\0", b" ", b"\xef\xbb\xbf", b"\xff", b"PK\5\6", b"x" * 40]
    )
    return whole[:at] + more + whole[at:]


def repeated(random: Random, whole: bytes) -> bytes:
    """With some of its bytes twice, the second time elsewhere or in place of others."""
    at, to = random.randrange(len(whole) + 1), random.randrange(len(whole) + 1)
    piece = whole[at : at + random.choice([1, 4, 30, 46, 300])]
    return whole[:to] + piece + whole[to + random.choice([0, len(piece)]) :]


def widest(random: Random, whole: bytes) -> bytes:
    """With a length or an offset that is as large as can be."""
    at, size = random.randrange(len(whole) + 1), random.choice([2, 4, 8])
    return whole[:at] + b"\xff" * size + whole[at + size :]


BYTES: Final = (flipped, cut, widened, repeated, widest)


# -- meanings -----------------------------------------------------------------------------------


def a_file_s_bytes(random: Random, files: Files, bags: Bags) -> None:
    """Bytes of any file."""
    del bags
    name = random.choice(sorted(files))
    files[name] = random.choice(BYTES)(random, files[name])


def a_file_of_another_bag(random: Random, files: Files, bags: Bags) -> None:
    """A file as another bag has it."""
    other = bags[random.choice(sorted(bags))]
    name = random.choice(sorted(other))
    files[name] = other[name]


def a_file_less_or_more(random: Random, files: Files, bags: Bags) -> None:
    """Gone, or under another name, too."""
    del bags
    name = random.choice(sorted(files))
    if random.random() < 0.5:
        del files[name]
    else:
        other = random.choice([name.upper(), f"{name} ", f"data/{name}", name.replace("s", "5")])
        files[other] = files[name]


def lines_of_a_file(random: Random, files: Files, bags: Bags) -> None:
    """A line less, twice, elsewhere, or another bag's."""
    name = random.choice([RECORDS, TABLE, HEADERS, "data/proofs/checkpoint", "bag-signature.txt"])
    lines = files.get(name, b"\n").splitlines(keepends=True) or [b"\n"]
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    other = bags[random.choice(sorted(bags))].get(name, b"\n").splitlines(keepends=True)
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines[at], lines[to] = lines[to], lines[at]
        case _:
            lines[at] = random.choice(other or [b"\n"])
    files[name] = b"".join(lines)


def members_of_records(random: Random, files: Files, bags: Bags) -> None:
    """Members of a record, some of them taken from elsewhere; then numbers and counts agree."""
    rows = _rows(files)
    others = _rows(bags[random.choice(sorted(bags))])
    for _ in range(random.choice([1, 1, 2, 5])):
        if rows:
            _changed(random, random.choice(rows), random.choice(others or rows))
    _put_rows(random, files, rows)


def whole_records(random: Random, files: Files, bags: Bags) -> None:
    """Records, versions or lines less, twice, elsewhere, or another bag's, in the table, too."""
    rows, others = _rows(files), _rows(bags[random.choice(sorted(bags))])
    table = _table(files)
    if rows and len(table) > len(rows):
        at = random.randrange(len(rows))
        events: list[Any] = rows[at].get("events", [])
        match random.randrange(5):
            case 0:
                del rows[at], table[at + 1]
            case 1:
                rows.insert(at, json.loads(json.dumps(rows[at])))
                table.insert(at + 1, list(table[at + 1]))
            case 2 if events:
                del events[random.randrange(len(events))]
            case 3 if events and others:
                donor = random.choice(others).get("events") or events
                events[random.randrange(len(events))] = random.choice(donor)
            case _:
                if events:
                    one = random.choice(events)
                    kept = {"header": one.get("header"), "position": one.get("position")}
                    events[events.index(one)] = {**kept, "destroyed": True}
                rows[at]["status"] = random.choice(["standing", "begun", "retracted", "destroyed"])
    for number, row in enumerate(table[1:], 1):
        row[:1] = [str(number)]
    files[TABLE] = BOM + b"".join(map(line_of, table))
    _put_rows(random, files, rows)


def cells_of_the_table(random: Random, files: Files, bags: Bags) -> None:
    """A cell of the table."""
    table = _table(files)
    other = _table(bags[random.choice(sorted(bags))])
    row = random.choice(table)
    if row:
        at = random.randrange(len(row))
        source = random.choice(other) or row
        row[at] = random.choice([source[at % len(source)], "", "0", "見本", row[at] + "\u200b"])
    files[TABLE] = BOM + b"".join(line_of(one) for one in table if len(one) > 1)


def members_of_a_file(random: Random, files: Files, bags: Bags) -> None:
    """Members of filters, counts and the like."""
    name = random.choice([one for one in sorted(files) if one.endswith(".json")] or [COUNTS])
    other = bags[random.choice(sorted(bags))].get(name, b"{}")
    try:
        found = json.loads(files.get(name, b"{}"))
        _changed(random, found, json.loads(other))
    except ValueError:
        return
    files[name] = json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


MEANINGS: Final[tuple[Meaning, ...]] = (
    a_file_s_bytes,
    a_file_of_another_bag,
    a_file_less_or_more,
    lines_of_a_file,
    members_of_records,
    members_of_records,
    whole_records,
    whole_records,
    cells_of_the_table,
    members_of_a_file,
)


def _rows(files: Files) -> list[Any]:
    try:
        found = [json.loads(line) for line in files.get(RECORDS, b"").splitlines()]
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)]


def _table(files: Files) -> list[list[str]]:
    text = files.get(TABLE, b"").decode("utf-8-sig", "replace")
    try:
        found = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error:
        found = []
    # What is guarded is guarded again when it is written.
    plain = [list(map(unguarded, row)) for row in found]
    return plain or [["番号", "位置"]]


def _keys(one: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    return [*one] if type(one) is dict else [*range(len(one))]


def _places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 -- JSON
    """Every container and key in it."""
    found: list[tuple[Any, Any]] = []
    inside: list[Any] = [value]
    while inside:
        one = inside.pop()
        for key in _keys(one):
            found.append((one, key))
            if type(one[key]) in (dict, list):
                inside.append(one[key])
    return found


def _is_object(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, dict)


def _changed(random: Random, value: Any, donor: Any) -> None:  # noqa: ANN401 -- JSON
    """One member gone, of another value, of a donor's, or one more."""
    places = _places(value) if isinstance(value, dict | list) else []
    if not places:
        return
    container, key = random.choice(places)
    copied: Any = deepcopy(donor)
    given = _places(copied) if isinstance(copied, dict | list) else []
    match random.randrange(6):
        case 0:
            del container[key]
        case 1:
            container[key] = random.choice(VALUES)
        case 2 if given:
            other, name = random.choice(given)
            container[key] = other[name]
        case 3 if given and isinstance(key, str):
            same = [(one, name) for one, name in given if name == key] or given
            other, name = random.choice(same)
            container[key] = other[name]
        case 4 if _is_object(container) and given:
            other, name = random.choice(given)
            container[str(name)] = other[name]
        case _:
            other, name = random.choice(places)
            first, second = deepcopy(container[key]), deepcopy(other[name])
            container[key], other[name] = second, first  # copies: none becomes part of itself


def _put_rows(random: Random, files: Files, rows: list[Any]) -> None:
    if random.random() < 0.9:
        for number, row in enumerate(rows, 1):
            row["row"] = number
    texts = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
    whole = "".join(f"{text}\n" for text in texts)
    files[RECORDS] = whole.encode("utf-8", "surrogatepass")
    try:
        counts = _counts(rows)
    except (TypeError, LookupError, ValueError, AttributeError):
        return
    if random.random() < 0.9:
        files[COUNTS] = json.dumps(counts).encode() + b"\n"


def _counts(rows: list[Any]) -> dict[str, Any]:
    months = dict[str, int]()
    for row in rows:
        headers = [json.loads(one["header"]) for one in row["events"]]
        facts = [one["facts"] for one in headers if one["type"] in FACT_TYPES]
        day = facts[-1].get("transferred_on") or facts[-1].get("transferred_from")
        months[day[:7] if day else "undated"] = months.get(day[:7] if day else "undated", 0) + 1
    events = [event for row in rows for event in row["events"]]
    persons = sum(len(one.get("lines", ())) for one in events)
    return {"records": len(rows), "events": len(events), "persons": persons, "by_month": months}


# -- sealing ------------------------------------------------------------------------------------


def sealed(files: Files, *, is_signed: bool) -> Files:
    """Manifests made anew, and the signature, where the key is at hand."""
    files = dict(files)
    payload = sorted(name for name in files if name.startswith("data/"))
    size = sum(len(files[name]) for name in payload)
    info = files.get("bag-info.txt", b"").decode("utf-8", "replace").split("\n")
    kept = [line for line in info if line and not line.startswith("Payload-Oxum")]
    files["bag-info.txt"] = "\n".join([*kept, f"Payload-Oxum: {size}.{len(payload)}\n"]).encode()
    files["manifest-sha256.txt"] = _manifest(files, payload)
    files["tagmanifest-sha256.txt"] = _manifest(files, [one for one in TAGS if one in files])
    if is_signed:
        named = [line.partition(": ")[2] for line in kept if line.startswith("External-Id")]
        filters = files.get("data/filters.json", b"").decode("utf-8", "replace")
        form = next((one for one in FORMATS if f'{one}"' in filters), FORMATS[-1])
        digest = sha256(files["tagmanifest-sha256.txt"]).hexdigest()
        text = f"{form}\n{ORIGIN}\n{(named or ['x'])[0]}\n{digest}\n"
        files["bag-signature.txt"] = signed_note(text, [SIGNER]).full_text.encode(
            "utf-8", "replace"
        )
    return files


def _manifest(files: Files, names: list[str]) -> bytes:
    lines = (f"{sha256(files[name]).hexdigest()}  {name}\n" for name in names)
    return "".join(lines).encode("utf-8", "replace")
