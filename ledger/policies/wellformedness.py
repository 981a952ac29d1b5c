"""What makes a transfer malformed beyond the shape that its JSON Schema describes.

An unlawful transfer is recorded with findings; only what is said here, and the schema, refuses.
"""

from collections.abc import Collection, Iterator, Mapping
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
# What a letter prints of one record stays on one page or two. A line end costs a line of its own.
CHARACTERS_MAX = 20_000
LINE_END = 50
TEXT_MAX = 1_000
"""Characters of a name of a principal, and of an element of `derived_from`."""
# Enough of a member that nobody changes for the schema, and little beside what is changed.
_KEPT_CHARACTERS = 512
_LISTED = frozenset({"principals", "derived_from"})


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
    _check_texts(data, found)
    _check_counterparty(data.get("counterparty"), found)
    _check_consent(data.get("consent"), found)
    return tuple(found)


def with_short_texts(
    before: Mapping[str, Json], after: Mapping[str, Json], changed: Collection[str]
) -> dict[str, Json]:
    """`after`, with the texts that a change keeps cut where they alone go beyond the bounds.

    A record of before there were bounds is corrected as it is. What is changed has as many
    characters as it had at most, or `TEXT_MAX`, and is within the bounds: a record does not grow.
    """
    had, has = (sum(_size(one.get(member)) for member in changed) for one in (before, after))
    if has > max(had, TEXT_MAX) or not _exceeds(after):
        return {**after}
    return {m: value if m in changed else _cut(value) for m, value in after.items()}


def _exceeds(data: Mapping[str, Json]) -> bool:
    found: list[Defect] = []
    _check_texts(data, found)
    derived = data.get("derived_from")
    return bool(found) or (isinstance(derived, list) and len(derived) > DERIVED_MAX)


def _cut(value: Json) -> Json:
    if isinstance(value, str):
        return value[:_KEPT_CHARACTERS]
    if isinstance(value, list):
        return [_cut(one) for one in value[:1]]  # two that are cut might be the same one
    if isinstance(value, dict):
        return {member: _cut(one) for member, one in value.items()}
    return value


def _check_texts(data: Mapping[str, Json], found: list[Defect]) -> None:
    """Without a bound, one record would make a letter that no typesetter finishes."""
    for pointer, text in _short_texts(data):
        if len(text) > TEXT_MAX:
            found.append(Defect(pointer, SCHEMA, f"give at most {TEXT_MAX:,} characters"))
    size = sum(_size(value) for member, value in data.items() if member not in _LISTED)
    if size > CHARACTERS_MAX:
        detail = (
            f"its texts have {size:,} characters, a line end counted as {LINE_END}; give at most "
            f"{CHARACTERS_MAX:,} besides principals and derived_from"
        )
        found.append(Defect("", SCHEMA, detail))


def _short_texts(data: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Pointer and text of what stands in lists of very many."""
    principals, derived = data.get("principals"), data.get("derived_from")
    for n, one in enumerate(principals if isinstance(principals, list) else ()):
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str):
            yield f"/principals/{n}/name", name
    for n, key in enumerate(derived if isinstance(derived, list) else ()):
        if isinstance(key, str):
            yield f"/derived_from/{n}", key


def _size(value: Json) -> int:
    """The characters of all texts in `value`; an element of a list counts as one more."""
    if isinstance(value, str):
        return len(value) + LINE_END * value.count("\n")
    if isinstance(value, list):
        return len(value) + sum(map(_size, value))
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return 0


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
