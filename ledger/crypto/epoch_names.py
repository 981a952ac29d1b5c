"""Names of epochs: the ISO week in which an epoch began (`2026-W48`), or any other plain name.

Weeks count as later than other names: a ledger that began with another name moves on to weeks.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What a name looks like; it is also the name of a file."""

WEEK = timedelta(days=7)
_WEEK_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")


def week_of(day: date) -> str:
    """The name of the epoch that begins in the ISO week of `day`."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def monday_of(name: str) -> date | None:
    """The first day of the week that the name says; None for a name that says none."""
    found = _WEEK_NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def in_order(names: Iterable[str]) -> list[str]:
    """The names, oldest first; the last one wraps new keys."""
    return sorted(names, key=lambda name: (monday_of(name) is not None, name))
