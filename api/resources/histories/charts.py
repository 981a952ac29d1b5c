"""Pictures of a history, as numbers: what a template draws as SVG, with the same in a table.

Lengths are units of the picture's own box, `WIDE` across. Nothing is told by colour alone: rows
have numbers and lanes, kinds have patterns, and each picture stands beside its table.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.resources.histories.page_parts import party_of
from api.web.pages.member_words import HEADINGS
from ledger.clock import day_in_japan
from ledger.streams.history import PROVISION, RECEIPT, HistoryEntry

WIDE: Final = 360
ROW: Final = 24
TOP: Final = 8
_LEFT, _RIGHT = 28, 64
_SPAN: Final = WIDE - _LEFT - _RIGHT
_LEFT_OF_MONTHS: Final = 84
_SPAN_OF_MONTHS: Final = WIDE - _LEFT_OF_MONTHS - _RIGHT
_TICKS_MAX: Final = 4
PARTIES_MAX: Final = 10
"""Parties with a bar of their own; the rest is one bar."""
MONTHS_MAX: Final = 24
"""Columns by month; of a longer time they are by year."""
_OTHERS: Final = "その他"
# Marks that stand closer than this are one.
_STEP: Final = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a picture of bars: its number, the words of the table, and how long it is."""

    number: int
    name: str
    count: int
    y: int
    width: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Records by the other party, most first."""

    total: int
    bars: tuple[Bar, ...]
    height: int


def by_party(entries: Sequence[HistoryEntry], heading: str) -> Bars:
    """The records of a heading by the other party; a party that changed its name is one party."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    own = [one for one in entries if one.heading == heading]
    for one in own:
        key, name = _party(one)
        counts[key] += 1
        names[key] = name
    ordered = sorted(counts.items(), key=lambda it: (-it[1], names[it[0]]))
    shown = [(names[key], count) for key, count in ordered[:PARTIES_MAX]]
    if others := ordered[PARTIES_MAX:]:
        shown.append((f"{_OTHERS}（{len(others)}者）", sum(count for _, count in others)))
    most = max((count for _, count in shown), default=0)
    bars = tuple(
        Bar(n, name, count, TOP + (n - 1) * ROW, round(_SPAN * count / most, 1))
        for n, (name, count) in enumerate(shown, 1)
    )
    return Bars(len(own), bars, 2 * TOP + ROW * len(bars))


def _party(entry: HistoryEntry) -> tuple[str, str]:
    """What tells the party from others, and its name as it was then."""
    name = party_of(entry)[0]
    data = entry.record.data["counterparty"]
    known = data.get("party_id") if isinstance(data, dict) else None
    return (known if isinstance(known, str) else f"\n{name}"), name


@dataclass(frozen=True, slots=True)
class PeriodBar:
    """A month or a year: how many records of each side, and how long their two bars are."""

    name: str
    provided: int
    received: int
    y: int
    provided_width: float
    received_width: float


@dataclass(frozen=True, slots=True)
class PeriodChart:
    """Records by the month of their first day.

    Attributes:
        undated: records without a day.
    """

    by_year: bool
    periods: tuple[PeriodBar, ...]
    undated: int
    height: int


def by_month(entries: Sequence[HistoryEntry]) -> PeriodChart:
    """The records that belong to a reply by month, or by year when there are too many months."""
    own = [one for one in entries if one.heading in (PROVISION, RECEIPT)]
    dated = [(one.heading, one.first_day) for one in own if one.first_day is not None]
    months = [day.year * 12 + day.month - 1 for _, day in dated]
    by_year = bool(months) and max(months) - min(months) >= MONTHS_MAX
    size = 12 if by_year else 1
    counts = Counter(
        (heading, month // size) for (heading, _), month in zip(dated, months, strict=True)
    )
    places = sorted({month // size for month in months})
    if places and places[-1] - places[0] < MONTHS_MAX:
        # Months in which nothing was provided are told too; not a thousand years of them.
        places = list(range(places[0], places[-1] + 1))
    most = max(counts.values(), default=0)
    periods: list[PeriodBar] = []
    for n, place in enumerate(places):
        provided, received = counts[PROVISION, place], counts[RECEIPT, place]
        widths = [round(_SPAN_OF_MONTHS * count / most, 1) for count in (provided, received)]
        name = f"{place}年" if by_year else f"{place // 12}年{place % 12 + 1}月"
        periods.append(PeriodBar(name, provided, received, TOP + n * ROW, widths[0], widths[1]))
    return PeriodChart(by_year, tuple(periods), len(own) - len(dated), 2 * TOP + ROW * len(periods))


@dataclass(frozen=True, slots=True)
class Lane:
    """One heading in the picture of time.

    Attributes:
        points: where a record of one day, or several that stand together, is drawn.
        spans: (from, how long) of records of a period.
    """

    number: int
    title: str
    count: int
    y: int
    points: tuple[float, ...]
    spans: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The history in time, a lane a heading; a record without a day stands where it was recorded.

    Attributes:
        ticks: (where, year) of the first days of years, and of the first and the last day.
    """

    first: date
    last: date
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    height: int


def timeline(entries: Sequence[HistoryEntry]) -> Timeline | None:
    """The picture; None without any record."""
    if not entries:
        return None
    spans = {one.transfer: _span(one) for one in entries}
    first = min(begin for begin, _ in spans.values())
    last = max(end for _, end in spans.values())
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(_LEFT + (WIDE - _LEFT - TOP) * (day - first).days / days, 1)

    lanes: list[Lane] = []
    for code, (title, _) in HEADINGS.items():
        own = [spans[one.transfer] for one in entries if one.heading == code]
        if not own:
            continue
        points = {x(begin) // _STEP * _STEP for begin, end in own if begin == end}
        long = {
            (x(begin), max(round(x(end) - x(begin), 1), 2.0)) for begin, end in own if begin < end
        }
        y = TOP + len(lanes) * ROW
        lane = Lane(len(lanes) + 1, title, len(own), y, tuple(sorted(points)), tuple(sorted(long)))
        lanes.append(lane)
    return Timeline(
        first, last, tuple(lanes), _ticks(first, last, x), 2 * TOP + ROW * (len(lanes) + 1)
    )


def _span(entry: HistoryEntry) -> tuple[date, date]:
    begin = entry.first_day
    if begin is None:
        begin = day_in_japan(entry.recorded_at)
        return begin, begin
    return begin, max(begin, entry.last_day or begin)


def _ticks(first: date, last: date, x: Callable[[date], float]) -> tuple[tuple[float, str], ...]:
    """At most some five, so that their words do not lie on each other."""
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    every = -(-len(years) // _TICKS_MAX) or 1
    return tuple((x(day), f"{day.year}年") for day in years[::every])
