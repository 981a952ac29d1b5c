"""What programs make of a CSV, at whatever separator they split it, with quotes or without."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import product
from typing import Final

FORMULAS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_PASSED: Final = '[\0\\s",;|]'
_GUARDS: Final = (
    re.compile(
        f"((?<!{_PASSED})[ \xa0\u3000\"]*{_PASSED}+)'(?='*[{re.escape(''.join(FORMULAS))}])"
    ),
    re.compile("(\0)'(?='*[\t\r\n])"),
)
SEPARATORS: Final = (",", ";", "\t", "|")


def cells_of(text: str) -> Iterator[str]:
    """Every cell that some program has."""
    csv.field_size_limit(1 << 24)
    for separator, quoting in product(SEPARATORS, (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)):
        lines = io.StringIO(text, newline="")
        for row in csv.reader(lines, delimiter=separator, quoting=quoting):
            yield from row


def unguarded(cell: str) -> str:
    """The text of which `ledger.csv_guard.guarded` makes the cell."""
    text = f"\0{cell}"
    for guard in _GUARDS:
        text = guard.sub(r"\1", text)
    return text[1:]
