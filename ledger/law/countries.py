"""Foreign countries whose system the Commission holds equivalent (Act Art. 28(1), Rule 15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class EquivalentCountry:
    """A designated country.

    Attributes:
        code: ISO 3166-1 alpha-2.
        until: last day of the designation; None while it stands.
        note: what counsel must know.
    """

    code: str
    since: date
    until: date | None
    note: str


HOME = "JP"

# Commission Notice No. 1 of 2019 (平成31年個人情報保護委員会告示第1号), in force on that day.
_SINCE = date(2019, 1, 23)
_EU = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
    *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
)
_UK = "stays designated after it left the European Union"
_EEA = (
    "listed in the notice as a member of the European Economic Area; the list itself was not "
    "read, counsel confirms it. Remove the row to hold the country for a foreign one"
)

_ROWS = (
    *(EquivalentCountry(code, _SINCE, None, "member of the European Union") for code in _EU),
    EquivalentCountry("GB", _SINCE, None, _UK),
    *(EquivalentCountry(code, _SINCE, None, _EEA) for code in ("IS", "LI", "NO")),
)

EQUIVALENT_COUNTRIES: Mapping[str, EquivalentCountry] = MappingProxyType(
    {row.code: row for row in _ROWS}
)


def is_foreign(country: str, day: date) -> bool:
    """Whether Art. 28 takes `country` for a foreign one on `day`."""
    if country == HOME:
        return False
    row = EQUIVALENT_COUNTRIES.get(country)
    if row is None:
        return True
    return day < row.since or (row.until is not None and day > row.until)
