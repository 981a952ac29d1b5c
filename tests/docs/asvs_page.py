"""Reads the rows of `docs/reference/asvs.md`, and generates how many there are of each kind."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.docs.markdown import DOCS, table

PAGE: Final = DOCS / "reference" / "asvs.md"
STATES: Final = ("held", "not applicable", "not held")

# The standard has no gaps: n-th digit of a section = level of its n-th requirement.
# Source: OWASP ASVS 5.0.0.
_SECTIONS: Final = """
    1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123 2.1:122 2.2:112 2.3:12223 2.4:23
    3.1:3 3.2:113 3.3:12223 3.4:11222233 3.5:11122333 3.6:3 3.7:22333 4.1:12233 4.2:23333
    4.3:22 4.4:1222 5.1:2 5.2:112333 5.3:113 5.4:222 6.1:122 6.2:111111112222 6.3:11223333
    6.4:112233 6.5:22222333 6.6:2223 6.7:33 6.8:2222 7.1:222 7.2:1111 7.3:22 7.4:11222
    7.5:223 7.6:22 8.1:1233 8.2:1123 8.3:133 8.4:23 9.1:111 9.2:1222 10.1:22 10.2:223
    10.3:22223 10.4:1111122222233333 10.5:22222 10.6:22 10.7:222 11.1:2233 11.2:22233
    11.3:11233 11.4:1222 11.5:23 11.6:23 11.7:33 12.1:12233 12.2:11 12.3:22223 13.1:2333
    13.2:222223 13.3:2233 13.4:1222233 14.1:22 14.2:12223333 14.3:122 15.1:12233 15.2:12233
    15.3:1222222 15.4:3333 16.1:2 16.2:22222 16.3:2222 16.4:222 16.5:2223 17.1:23
    17.2:22223333 17.3:22
"""
LEVELS: Final = {
    f"{section}.{number}": level
    for section, _, levels in (one.partition(":") for one in _SECTIONS.split())
    for number, level in enumerate(levels, 1)
}
"""Number of each requirement → its level, in the order of the standard."""

_ROW: Final = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.*) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement, as the page has it.

    Attributes:
        requirement: in a few words.
        state: one of `STATES`.
        where: where it is shown, or why not.
    """

    number: str
    level: str
    requirement: str
    state: str
    where: str


def rows() -> Iterator[Row]:
    """Every row of the page, in its order."""
    for found in _ROW.finditer(PAGE.read_text("utf-8")):
        level, requirement, state, where = found[2].split(" | ")
        yield Row(found[1], level, requirement, state, where)


def tables() -> dict[str, str]:
    """The generated region of the page, by name."""
    counted = Counter((row.level, row.state) for row in rows())
    levels = sorted(set(LEVELS.values()))
    lines: list[tuple[str, ...]] = [
        (f"level {level}", *(str(counted[level, state]) for state in STATES)) for level in levels
    ]
    sums = (sum(counted[level, state] for level in levels) for state in STATES)
    return {"asvs": table(("", *STATES), [*lines, ("all", *map(str, sums))])}
