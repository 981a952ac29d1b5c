"""What one defect of a bag is, and the changes that make one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
