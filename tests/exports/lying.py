"""What one lie of a bag is, and changes that many lies share."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ledger.cases.letters.files import BOM
from ledger.exports.tables import line_of
from ledger.exports.verify import FACT_TYPES, GOOD, HASH, MISSING
from tests.ledger.spreadsheets import unguarded

TABLE, FILTERS, COUNTS = "data/records.csv", "data/filters.json", "data/counts.json"
Row = dict[str, Any]
Change = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Lie:
    """What is done to a bag.

    Attributes:
        kind: of the bag it is done to.
        code: with which it ends; said: words of what the verifier says.
        persons: how many more are counted, so that counts agree.
        is_signed: by whoever holds the key, when all is done; else it is a carrier's.
    """

    kind: str
    code: int
    said: str
    make: Change
    persons: int = 0
    is_signed: bool = True


plain, whole, named, kept, kept_plain, attested, bulk, begun, person, asked = (
    partial(Lie, kind, HASH)
    for kind in (
        *("plain", "whole", "named", "kept", "kept-plain", "attested", "bulk", "begun", "person"),
        "asked",
    )
)
plain_less, whole_less, asked_less, kept_less, bulk_less, bulk_plain_less = (
    partial(Lie, kind, MISSING)
    for kind in ("plain", "whole", "asked", "kept", "bulk", "bulk-plain")
)
plain_told, named_told, kept_told, attested_told, old_told = (
    partial(Lie, kind, GOOD)
    for kind in ("plain", "named", "kept", "attested", "ppl-export-2-attested")
)
plain_ends, whole_ends, attested_ends = (
    partial(Lie, kind) for kind in ("plain", "whole", "attested")
)
carried = partial(Lie, "plain", is_signed=False)
"""Lies by the bag that they are told of, and by how the verifier ends."""


def about(change: Callable[[Row], object], *, record: int = 0, event: int = 0) -> Change:
    """One event of one record."""
    return in_row(record, lambda row: change(row["events"][event]))


def of_row(record: int, **members: Any) -> Change:  # noqa: ANN401 -- JSON
    return in_row(record, lambda row: row.update(members))


def of_event(*, at: int = 0, **members: Any) -> Change:  # noqa: ANN401 -- JSON
    return about(lambda event: event.update(members), event=at)


def of_line(**members: Any) -> Change:  # noqa: ANN401 -- JSON
    return about(lambda event: event["lines"][0].update(members))


def of_statement(**members: Any) -> Change:  # noqa: ANN401 -- JSON
    return about(lambda event: event["statement"].update(members))


def counts(**told: Any) -> Change:  # noqa: ANN401 -- JSON
    return in_json(COUNTS, lambda found: found.update(told))


def written(name: str, text: str) -> Change:
    """A whole file."""
    return lambda bag: write(bag / name, text)


def write(place: Path, text: str) -> None:
    place.write_bytes(text.encode())


def added(name: str, content: bytes, *, before: bool = False) -> Change:
    """Bytes before or behind all else of a file."""

    def make(bag: Path) -> None:
        whole = (bag / name).read_bytes()
        (bag / name).write_bytes(content + whole if before else whole + content)

    return make


def in_rows(change: Callable[[list[Row]], object]) -> Change:
    """All records; they are numbered anew."""

    def make(bag: Path) -> None:
        found = [json.loads(line) for line in (bag / RECORDS).read_text("utf-8").splitlines()]
        change(found)
        for number, row in enumerate(found, 1):
            row["row"] = number
        lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in found]
        write(bag / RECORDS, "".join(f"{line}\n" for line in lines))

    return make


def in_table(change: Callable[[list[list[str]]], object]) -> Change:
    """All rows of the table but its head, not guarded; they are numbered anew."""

    def make(bag: Path) -> None:
        text = (bag / TABLE).read_bytes().decode("utf-8-sig")
        head, *found = csv.reader(io.StringIO(text, newline=""))
        found = [list(map(unguarded, row)) for row in found]
        change(found)
        for number, row in enumerate(found, 1):
            row[0] = str(number)
        (bag / TABLE).write_bytes(BOM + b"".join(map(line_of, [head, *found])))

    return make


def cells(record: int, changes: Mapping[int, str]) -> Change:
    """Cells of a row of the table."""

    def change(found: list[list[str]]) -> None:
        for column, text in changes.items():
            found[record][column] = text

    return in_table(change)


def counted(bag: Path) -> None:
    """What is counted agrees with the records."""
    months = Counter[str]()
    events = persons = 0
    lines = (bag / RECORDS).read_text("utf-8").splitlines()
    for line in lines:
        row = json.loads(line)
        headers = [json.loads(one["header"]) for one in row["events"]]
        events += len(headers)
        persons += sum(len(one.get("lines", ())) for one in row["events"])
        facts = [one["facts"] for one in headers if one["type"] in FACT_TYPES]
        day = facts[-1].get("transferred_on") or facts[-1].get("transferred_from") if facts else ""
        months[day[:7] if day else "undated"] += 1
    told = {"records": len(lines), "events": events, "persons": persons, "by_month": months}
    in_json(COUNTS, lambda counts: counts.update(told))(bag)


def without(*records: int) -> Change:
    """Those records are not there, and nothing tells of them."""

    def change(found: list[Any]) -> None:
        for record in sorted(records, reverse=True):
            del found[record]

    return each(in_rows(change), in_table(change), counted)


def gone(record: int, *, event: int = 0) -> Change:
    """An event is said to be destroyed."""

    def change(row: Row) -> None:
        one = row["events"][event]
        row["events"][event] = {
            "header": one["header"],
            "position": one["position"],
            "destroyed": True,
        }

    return in_row(record, change)


def destroyed(record: int) -> Change:
    """A record of one event with content is said to be destroyed, in the table, too."""
    blank: Mapping[int, str] = dict.fromkeys((*range(4, 18), 19), "")

    def change(row: Row) -> None:
        row["status"] = "destroyed"
        row.pop("source", None)

    return each(gone(record), in_row(record, change), cells(record, {**blank, 18: "廃棄"}), counted)


def filters(**told: Any) -> Change:  # noqa: ANN401 -- JSON
    return in_json(FILTERS, lambda found: found.update(told))


def swapped(found: list[Any], first: int, second: int) -> None:
    found[first], found[second] = found[second], found[first]


RECORDS = "data/records.ndjson"


def flip(name: str, at: int = 100) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        content = bytearray((bag / name).read_bytes())
        content[at] ^= 1
        (bag / name).write_bytes(content)

    return make


def lose(name: str) -> Callable[[Path], None]:
    return lambda bag: (bag / name).unlink()


def lose_line(name: str, number: int) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        lines = (bag / name).read_bytes().splitlines(keepends=True)
        del lines[number]
        (bag / name).write_bytes(b"".join(lines))

    return make


def cut(name: str, count: int, end: bytes = b"") -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        (bag / name).write_bytes((bag / name).read_bytes()[:-count] + end)

    return make


def in_json(name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        content = json.loads((bag / name).read_text("utf-8"))
        change(content)
        (bag / name).write_text(json.dumps(content, ensure_ascii=False), "utf-8")

    return make


def in_row(number: int, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        lines = (bag / RECORDS).read_text("utf-8").splitlines()
        row = json.loads(lines[number])
        change(row)
        lines[number] = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        (bag / RECORDS).write_text("\n".join(lines) + "\n", "utf-8")

    return make


def in_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        content = (bag / name).read_bytes()
        assert old.encode() in content
        (bag / name).write_bytes(content.replace(old.encode(), new.encode(), 1))

    return make


def copied_to(name: str, other: str) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        (bag / other).write_bytes((bag / name).read_bytes())

    return make


def each(*changes: Callable[[Path], object]) -> Callable[[Path], None]:
    def make(bag: Path) -> None:
        for one in changes:
            one(bag)

    return make


def told(**told: Any) -> Callable[[Path], None]:  # noqa: ANN401 -- JSON
    return in_json("data/filters.json", lambda filters: filters.update(told))
