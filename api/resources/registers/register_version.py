"""A register as somebody saw it: no step is taken on what a colleague changed meanwhile.

What a page was made of is told by a hash that its forms carry. It is compared while the lock of the
register is held, so that nothing changes between the comparison and the step.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Final

from ledger.store.registers import RegisterRow

Look = Callable[[RegisterRow], None]
"""Looks at a register once nobody else can change it; raises what forbids the step."""

CHANGED_BY: Final = "changed_by"
"""The member of what is told of a register that holds the actor who changed it last."""


class OvertakenError(Exception):
    """The register is no longer as it was seen."""


def version_of(one: RegisterRow) -> str:
    """What forms are made of: reading, mapping, whether it is imported; 64 hexadecimal digits.

    Who changed it is left out: the same mapping again is no other one. Nor do the counts and the
    steps of a check belong to it, for they follow from the rest.
    """
    told = {name: value for name, value in one.told.items() if name != CHANGED_BY}
    is_imported = one.state in ("recording", "recorded")
    # In the order of the columns, for a form tells them by their numbers.
    content = json.dumps([is_imported, told], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def as_seen(version: str) -> Look:
    """Raises `OvertakenError` unless the register still has that version."""

    def look(one: RegisterRow) -> None:
        if version_of(one) != version:
            raise OvertakenError

    return look
