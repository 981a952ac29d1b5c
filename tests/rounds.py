"""How often what is random is tried: a quarter by default, all of it with `./dev test --thorough`.

A run draws anew each time, as far as a test does not fix what it draws: what one run does not
meet, another does.
"""

import os
from collections.abc import MutableMapping
from typing import Final

_VARIABLE: Final = "LEDGER_TEST_THOROUGH"
_PART: Final = 4


def be_thorough(environment: MutableMapping[str, str] = os.environ) -> None:
    """Try everything, in this process and in those that it starts."""
    environment[_VARIABLE] = "1"


def is_thorough() -> bool:
    """Whether this run tries everything."""
    return os.environ.get(_VARIABLE) == "1"


def rounds(thorough: int, *, at_least: int = 1) -> int:
    """How often this run tries what a thorough one tries `thorough` times."""
    if is_thorough():
        return thorough
    return max(at_least, -(-thorough // _PART))
