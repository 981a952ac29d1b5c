"""The practice cases as their page tells them: what is in each envelope, and how it ends."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.docs.markdown import DOCS

JAPANESE: Final = DOCS / "tutorial" / "renshu.ja.md"
ENGLISH: Final = DOCS / "tutorial" / "practice.md"
NUMBERS: Final = ("1", "2", "3-1", "3-2", "4")

_HEADING = re.compile(r"^#{2,3} (?P<title>.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^\|.*\|$\n?)+", re.MULTILINE)
_FORM, _PAPERS, _ADDRESSES, _LATER, _SOLUTION = range(5)
_HEADS: Final = {
    "申請書の欄": _FORM,
    "書類": _PAPERS,
    "住所": _ADDRESSES,
    "後から届いた書類": _LATER,
    "画面": _SOLUTION,
    "Field of the form": _FORM,
    "Paper": _PAPERS,
    "Address": _ADDRESSES,
    "Paper that came later": _LATER,
    "On the page": _SOLUTION,
}
"""First head of a table → what it tells."""

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One practice case; each row is as its table has it.

    Attributes:
        papers, later: (kind, whose, original or copy, …); later: those that came after a letter.
        solution: what to type and what is shown, by what it is called on the page.
    """

    form: Mapping[str, str]
    papers: Rows
    addresses: Mapping[str, str]
    later: Rows
    solution: Mapping[str, str]


def envelopes(page: Path) -> dict[str, Envelope]:
    """Number → the case, of either page."""
    found: dict[str, dict[int, Rows]] = {}
    text = page.read_text("utf-8")
    heads = [*_HEADING.finditer(text)]
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        number = re.match(r"(?:練習|解答|Practice |Solution )([0-9-]+)", head["title"])
        section = text[head.end() : None if following is None else following.start()]
        if number is not None:
            tables = found.setdefault(number[1], {})
            for table in _TABLE.findall(section):
                first, _, *rows = (_cells(line) for line in table.strip().splitlines())
                tables[_HEADS[first[0]]] = tuple(rows)
    return {number: _envelope(tables) for number, tables in found.items() if tables}


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def _envelope(tables: Mapping[int, Rows]) -> Envelope:
    def pairs(kind: int) -> dict[str, str]:
        return {row[0]: row[1] for row in tables[kind]}

    return Envelope(
        pairs(_FORM),
        tables[_PAPERS],
        pairs(_ADDRESSES),
        tables.get(_LATER, ()),
        pairs(_SOLUTION),
    )
