"""Kept through which day (Act Art. 29(2), 30(4); Rules 21, 25, 29; Civil Code 140-143)."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from ledger.law.retention import RETENTION
from ledger.values import Transfer

_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def end(start: date, months: int) -> date:
    """The last day of a period of `months` whose first counted day is `start`.

    The day before the corresponding day; where the last month has no such day, its last day.
    Source: Civil Code 143.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day > monthrange(year, month + 1)[1]:
        return date(year, month + 1, monthrange(year, month + 1)[1])
    return date(year, month + 1, start.day) - _DAY


@lru_cache(maxsize=4096)
def from_record(recorded_on: date) -> date:
    """The end for an individual record: the day it was made is not counted."""
    return end(recorded_on + _DAY, RETENTION["individual"].months)


def from_last_transfer(method: str, last_day: date) -> date:
    """The end for a collective or contract record: the day of the last transfer is counted."""
    return end(last_day, RETENTION[method].months)


def retain_through(effective_method: str, transfer: Transfer, recorded_on: date) -> date | None:
    """The last day of the statutory period; None where the transfer itself states no end.

    Of a message of a series it depends on no other message, as no answer may depend on one that is
    hidden (Order 11): a single day adds to the series and ends nothing.
    """
    if RETENTION[effective_method].from_record:
        return from_record(recorded_on)
    if transfer.date_not_recorded:
        # No last day to count from: the longer period, so that nothing is destroyed too early.
        return from_record(recorded_on)
    last_day = transfer.last_day
    if last_day is None or (transfer.series_id and transfer.transferred_on):
        return None
    return from_last_transfer(effective_method, last_day)


def deletable_from(retained: date) -> date:
    """The first day on which the record may be destroyed.

    No shift for holidays: Civil Code 142 speaks of acts, not of keeping.
    """
    return retained + _DAY
