"""Public holidays in Japan (国民の祝日に関する法律, Act No. 178 of 1948).

Kept by a library, because special acts move days at short notice. The days of the equinoxes are
announced each February for the following year; later ones are computed, and only targets that the
operator sets itself are counted with them. No statutory period of this product asks for holidays.
"""

from datetime import date

from jpholiday import JPHoliday

_HOLIDAYS = JPHoliday()

# Before this day there was no such act, and near the end of the calendar the library has no
# neighbouring days to look at.
_SINCE = date(1948, 7, 20)
_UNTIL = date(2150, 12, 31)


def is_public_holiday(day: date) -> bool:
    """Whether `day` is a holiday under the act, days in between and substitutes included."""
    return _SINCE <= day <= _UNTIL and _HOLIDAYS.is_holiday(day)
