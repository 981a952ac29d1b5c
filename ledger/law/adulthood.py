"""The age of majority, as of each day (Civil Code Art. 4; Act No. 59 of 2018)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Majority:
    """Years of age at which a person is an adult, from a day on."""

    years: int
    since: date
    source: str


# Whoever had reached the new age on its first day became an adult on that day (Supplementary
# Provisions Art. 2), so each row needs only its own first day.
MAJORITIES: tuple[Majority, ...] = (
    Majority(20, date(1876, 4, 1), "明治9年太政官布告第41号・民法第4条（平成30年改正前）"),
    Majority(18, date(2022, 4, 1), "民法第4条（平成30年法律第59号）"),
)
