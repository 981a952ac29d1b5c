"""How far the sending systems say that they sent everything: on what a bag's completeness rests.

It depends on what was asked for and on what emitters declared, on no record.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from ledger.emitters.coverage import DayPeriod, Short
from ledger.emitters.emitter import State, coverage_at_search
from ledger.emitters.sources import is_within
from ledger.exports.filters import Filters
from ledger.values import Json

NAME = "coverage.json"


def coverage(emitters: Iterable[State], filters: Filters, today: date) -> dict[str, Json]:
    """What emitters declared of the days that are asked for and over, as a bag tells it.

    Args:
        emitters: as of the position of the bag.
        today: in Japan.
    """
    source_filter = filters.source
    own = [
        one
        for one in emitters
        if source_filter is None or _matches_source(source_filter, one.registration.source)
    ]
    statement = coverage_at_search(own, filters.first, filters.last, today)
    sources = {one.id: one.registration.source for one in own}
    return {
        **({} if statement.first_day is None else {"first": statement.first_day.isoformat()}),
        "last": statement.last_day.isoformat(),
        "emitters": statement.total,
        "complete": statement.complete,
        "shares": [
            {
                "emitter": one.emitter,
                "name": one.name,
                "source": sources[one.emitter],
                "first": one.period.first.isoformat(),
                "last": one.period.last.isoformat(),
                "undeclared": _days(one.gaps),
                # Only where a day was closed and is not all there: others say nothing of it.
                **({"short": _short(one.short)} if one.short else {}),
            }
            for one in statement.shares
        ],
    }


def _matches_source(source_filter: str, source: str) -> bool:
    return is_within(source, source_filter) or is_within(source_filter, source)


def _short(short: Sequence[Short]) -> list[Json]:
    """Day, and how many transfers of it are missing; null: something differs, unknown what."""
    return [[one.day.isoformat(), one.lost] for one in short]


def _days(periods: Sequence[DayPeriod]) -> list[Json]:
    return [[one.first.isoformat(), one.last.isoformat()] for one in periods]
