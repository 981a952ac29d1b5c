"""What programs make of a CSV, at whatever separator they split it, with quotes or without."""

import csv
import io
from collections.abc import Iterator
from itertools import product
from typing import Final

FORMULAS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
SEPARATORS: Final = (",", ";", "\t", "|")


def cells_of(text: str) -> Iterator[str]:
    """Every cell that some program has."""
    csv.field_size_limit(1 << 24)
    for separator, quoting in product(SEPARATORS, (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)):
        lines = io.StringIO(text, newline="")
        for row in csv.reader(lines, delimiter=separator, quoting=quoting):
            yield from row
