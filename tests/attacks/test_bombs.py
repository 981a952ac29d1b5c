"""Small inputs that cost much to read: compressed, nested, repeated, or lying about their size.

Attack: a part of a bulk transfer, a body, a register or a file of a few kilobytes that takes
minutes or gigabytes to read, so that nobody else is served.

Held off by: bounds of what is unpacked, nested, merged and repeated, met before they are exceeded;
each reader ends with a problem that names the bound.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.attacks.bombs import BODIES, PARTS, REGISTERS
from tests.attacks.defusing import ended

KIB_MAX: Final = 200 * 1024
BOMBS: Final = {**PARTS, **BODIES, **REGISTERS}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_with_a_problem_in_little_memory(tmp_path: Path, name: str) -> None:
    bomb = BOMBS[name]
    path = tmp_path / f"bomb{bomb.ending}"
    bomb.make(path)
    found = ended(bomb.reader, path)
    assert found.code == bomb.code
    assert found.kib < KIB_MAX, f"{found.kib} KiB"
