"""Where the text of a page stands: the box of every run, and the lines that are drawn up and down.

Our documents hold one kind of font (composite, two bytes a glyph) and no turned text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, cast

from pypdf import PageObject
from pypdf.generic import ContentStream

Matrix = tuple[float, float, float, float, float, float]

_GLYPH_BYTES = 2
_UNITS = 1_000
MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs that are shown by one operator; in points from the lower left corner.

    Attributes:
        y: of the base line.
        size: of the font.
    """

    left: float
    right: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Upright:
    """A line that is drawn from `low` to `high`."""

    x: float
    low: float
    high: float


def times(one: Matrix, other: Matrix) -> Matrix:
    """`one`, then `other`."""
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def widths_of(font: Any) -> dict[int, float]:  # noqa: ANN401 -- a PDF object
    """Glyph → its width in thousandths of the size (ISO 32000-1, 9.7.4.3)."""
    found: dict[int, float] = {}
    rest = list(font["/DescendantFonts"][0].get_object()["/W"])
    while rest:
        first, second = int(rest.pop(0)), rest.pop(0)
        if isinstance(second, list):
            widths = cast("list[Any]", second)
            found |= {first + number: float(one) for number, one in enumerate(widths)}
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(rest.pop(0)))
    return found


def _length(shown: Any, widths: dict[int, float]) -> float:  # noqa: ANN401 -- a PDF object
    if not hasattr(shown, "original_bytes"):
        return -float(shown)
    codes = shown.original_bytes
    pairs = (codes[at : at + _GLYPH_BYTES] for at in range(0, len(codes), _GLYPH_BYTES))
    return sum(widths.get(int.from_bytes(pair, "big"), 0.0) for pair in pairs)


def boxes_of(page: PageObject) -> Iterator[Run | Upright]:
    """Every run of glyphs and every upright line of the page, in the order in which they stand."""
    resources: Any = page["/Resources"]
    fonts = {name: widths_of(one.get_object()) for name, one in resources["/Font"].items()}
    place: Matrix = (1, 0, 0, 1, 0, 0)
    text = place
    kept: list[Matrix] = []
    font, size = "", 0.0
    path: list[tuple[float, float]] = []
    for parts, operator in ContentStream(page.get_contents(), page.pdf).operations:
        operands: Any = parts
        match operator:
            case b"q":
                kept.append(place)
            case b"Q":
                place = kept.pop()
            case b"cm":
                place = times(cast("Matrix", tuple(map(float, operands))), place)
            case b"Tf":
                font, size = operands[0], float(operands[1])
            case b"Tm":
                text = cast("Matrix", tuple(map(float, operands)))
            case b"Tj" | b"TJ":
                shown = operands if operator == b"Tj" else operands[0]
                length = sum(_length(one, fonts[font]) for one in shown) * size / _UNITS
                whole = times(text, place)
                yield Run(whole[4], whole[4] + length * whole[0], whole[5], size)
            case b"m" | b"l":
                at = times((1, 0, 0, 1, float(operands[0]), float(operands[1])), place)
                path = [(at[4], at[5])] if operator == b"m" else [*path, (at[4], at[5])]
            case b"S":
                for (x, low), (to, high) in pairwise(path):
                    if abs(x - to) < 0.01:
                        yield Upright(x, min(low, high), max(low, high))
            case _:
                pass


def cut_or_covered(page: PageObject) -> list[Run | tuple[Run, Upright] | tuple[Run, Run]]:
    """Runs beside the margins, through the line of a cell, or over each other."""
    boxes = [*boxes_of(page)]
    runs = [one for one in boxes if isinstance(one, Run)]
    uprights = [one for one in boxes if isinstance(one, Upright)]
    margin = (16 if page.mediabox.width > page.mediabox.height else 22) * MM
    left, right = margin - 0.1, float(page.mediabox.width) - margin + 0.1
    # The right half of a closing sign is white, and no part of the line behind it.
    beside = [one for one in runs if one.left < left or one.right - one.size / 2 > right]
    low = [one for one in runs if one.y < 0]
    through = [
        (run, line)
        for run in runs
        for line in uprights
        if line.low <= run.y <= line.high and run.left + 0.1 < line.x < run.right - 0.1
    ]
    rows = groupby(sorted(runs, key=lambda one: one.y), key=lambda one: round(one.y, 1))
    over = [
        (one, other)
        for _, row in rows
        for one, other in pairwise(sorted(row, key=lambda one: one.left))
        if other.left < one.right - one.size / 2 - 0.1
    ]
    return [*beside, *low, *through, *over]
