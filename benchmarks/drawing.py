"""Draws what `ledger bench lookup` found: microseconds against rows of the index.

./dev ledger bench lookup > lookup.txt
./dev python -m benchmarks.drawing lookup.txt lookup.svg
"""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

WIDTH: Final = 640
HEIGHT: Final = 320
LEFT: Final = 70
RIGHT: Final = 150
TOP: Final = 20
BOTTOM: Final = 50
_LINES: Final = {
    "lookup_p99_us": ("lookup, 99th percentile", "#b3261e"),
    "lookup_us": ("lookup, median", "#1a5fb4"),
    "bare_p99_us": ("bare statement, 99th", "#777777"),
    "bare_us": ("bare statement, median", "#aaaaaa"),
}
_FIGURE: Final = re.compile(r"([a-z0-9_]+)_at_(\d+)")
_LINE: Final = 14
_STEPS: Final = (1, 2, 5)


def drawn(figures: Mapping[str, object]) -> str:
    """The picture as SVG; the axis of rows is logarithmic, that of microseconds is not."""
    found: dict[str, dict[int, float]] = {}
    for name, value in figures.items():
        match = _FIGURE.fullmatch(name)
        if match is not None and isinstance(value, int | float):
            found.setdefault(match[1], {})[int(match[2])] = float(value)
    points = {name: sorted(found[name].items()) for name in _LINES}
    rows = [row for row, _ in points["lookup_us"]]
    top = _above(max(value for line in points.values() for _, value in line))
    parts = [*_axes(rows, top)]
    written = float(HEIGHT)
    for name, line in sorted(points.items(), key=lambda one: one[1][-1][1]):
        label, colour = _LINES[name]
        places = [(_x(row, rows), _y(value, top)) for row, value in line]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        x, y = places[-1]
        written = y = min(y + 4, written - _LINE)  # no label upon another
        parts += [
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{x + 6:.0f}" y="{y:.0f}" fill="{colour}">{label}</text>',
        ]
    body = "\n".join(parts)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">'
    )
    return f"{head}\n<title>Microseconds of a lookup by rows of the index</title>\n{body}\n</svg>\n"


def _axes(rows: Sequence[int], top: float) -> list[str]:
    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    for n in range(6):
        value = top * n / 5
        y = _y(value, top)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}" stroke="#dddddd"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{value:,.0f} µs</text>',
        ]
    for row in rows:
        x = _x(row, rows)
        y = HEIGHT - BOTTOM + 20
        parts.append(f'<text x="{x:.0f}" y="{y}" text-anchor="middle">{row:,}</text>')
    y = HEIGHT - 8
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{y}" text-anchor="middle">rows</text>'
    )
    return parts


def _x(row: int, rows: Sequence[int]) -> float:
    first, last = math.log10(rows[0]), math.log10(rows[-1])
    share = (math.log10(row) - first) / (last - first) if last > first else 0.5
    return LEFT + 30 + share * (WIDTH - LEFT - RIGHT - 40)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _above(value: float) -> float:
    """The next round number."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (*_STEPS, 10) if step * power >= value)


if __name__ == "__main__":
    last = Path(sys.argv[1]).read_text("utf-8").splitlines()[-1]
    Path(sys.argv[2]).write_text(drawn(orjson.loads(last)), "utf-8")
