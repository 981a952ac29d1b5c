"""What the amendments leave to the law before them: their supplementary provisions, as data.

Read: the supplementary provisions of 令和2年法律第44号 (Arts. 1 to 10) and of 令和3年法律第37号
(Arts. 7, 9, 71), as the Act of 2025 prints them. None of them speaks of records of provision; which
items a record made before 2022-04-01 holds is a reading (`before_2022`). 28(3), then 24(3), is of
provisions since that day alone (附則4条2項): a ground of `ledger.law.answers`.
"""

from datetime import date
from typing import Final

IN_FORCE: Final = date(2022, 4, 1)
"""The day on which the 2020 amendment came into force (令和2年法律第44号 附則1条)."""

INFORMED_SINCE: Final = IN_FORCE
"""28(2), then 24(2), applies where the consent is obtained on this day or later (附則4条1項)."""

REFERABLE_SINCE: Final = IN_FORCE
"""31, then 26-2, is new: nothing is asked of a provision that was over before (附則1条)."""

OPT_OUT_PROVISO_SINCE: Final = IN_FORCE
"""What was received by opt-out or acquired unlawfully is kept out of 27(2) since (附則1条)."""

PSEUDONYMOUS_SINCE: Final = IN_FORCE
"""Pseudonymously processed information (then 2(9), 35-2) is new: before, it was personal data."""
