"""What makes a transfer malformed beyond the shape that its JSON Schema describes.

An unlawful transfer is recorded with findings; only what is said here, and the schema, refuses.
"""

from collections.abc import Mapping
from datetime import date, datetime

from ledger.clock import day_in_japan
from ledger.errors import Defect
from ledger.values import Json

SCHEMA = "SCHEMA"
DATE = "give a day of the calendar, YYYY-MM-DD"
DATE_TIME = "give an RFC 3339 date-time with an offset, e.g. 2024-04-01T09:00:00+09:00"
_DAYS = ("transferred_on", "transferred_from", "transferred_to", "recorded_on")
_LENGTH = 13
# Each is read before the verdict: a report made of more records than this names those it is made
# of directly.
DERIVED_MAX = 1_000


def defects(data: Mapping[str, Json], received_on: date) -> tuple[Defect, ...]:
    """Everything that is wrong with the content of `data`; members of a wrong type are skipped.

    Args:
        received_on: the day of receipt, in Japan.
    """
    found: list[Defect] = []
    days: dict[str, date] = {}
    for member in _DAYS:
        value = data.get(member)
        if isinstance(value, str):
            day = _day(value)
            if day is None:
                found.append(Defect(f"/{member}", SCHEMA, DATE))
            else:
                days[member] = day
    for member, day in days.items():
        if day > received_on:
            detail = "the day is later than the day of receipt, in Japan"
            found.append(Defect(f"/{member}", "DATE_IN_FUTURE", detail))
    first, last = days.get("transferred_from"), days.get("transferred_to")
    if first is not None and last is not None and last < first:
        detail = "the period ends before it begins"
        found.append(Defect("/transferred_to", "DATE_RANGE_REVERSED", detail))
    derived = data.get("derived_from")
    if isinstance(derived, list) and len(derived) > DERIVED_MAX:
        detail = f"give at most {DERIVED_MAX:,} records"
        found.append(Defect("/derived_from", SCHEMA, detail))
    _check_counterparty(data.get("counterparty"), found)
    _check_consent(data.get("consent"), found)
    return tuple(found)


def _day(value: str) -> date | None:
    # `fromisoformat` alone would also take week dates and the basic format.
    if len(value) != 10 or value[4] != "-" or value[7] != "-":  # noqa: PLR2004 -- YYYY-MM-DD
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _check_counterparty(counterparty: Json, found: list[Defect]) -> None:
    if not isinstance(counterparty, dict):
        return
    number = counterparty.get("corporate_number")
    if not isinstance(number, str) or len(number) != _LENGTH or not number.isascii():
        return
    if number.isdigit() and check_digit(number[1:]) != int(number[0]):
        detail = "the first digit is not the check digit of the other twelve"
        place = "/counterparty/corporate_number"
        found.append(Defect(place, "CORPORATE_NUMBER_CHECK_DIGIT", detail))


def check_digit(base: str) -> int:
    """The check digit of a corporate number (法人番号) whose other twelve digits are `base`.

    Source: Ordinance on the Designation of Corporate Numbers, Art. 2: 9 - (Σ Pn·Qn mod 9), Pn the
    n-th digit from the right, Qn 1 for odd n and 2 for even n.
    """
    digits = [int(digit) for digit in reversed(base)]
    return 9 - (sum(digits[0::2]) + 2 * sum(digits[1::2])) % 9


def _check_consent(consent: Json, found: list[Defect]) -> None:
    if not isinstance(consent, dict):
        return
    at = consent.get("at")
    if not isinstance(at, str):
        return
    try:
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is not None:
            day_in_japan(instant)
            return
    except (ValueError, OverflowError):
        pass
    found.append(Defect("/consent/at", SCHEMA, DATE_TIME))
