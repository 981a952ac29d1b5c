"""A register as somebody saw it: no step is taken on what a colleague changed meanwhile.

What a page was made of is told by a hash that its forms carry. It is compared while the lock of the
register is held, so that nothing changes between the comparison and the step.

Who discarded a register is known for a while, for colleagues who were at it: sealed as a draft is,
under nobody's name, and gone with its key.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import orjson

from api.web.services import Services
from ledger.store.registers import RegisterRow

_NOBODY: Final = ""
RegisterGuard = Callable[[RegisterRow], None]
"""Looks at a register once nobody else can change it; raises what forbids the step."""

CHANGED_BY: Final = "changed_by"
"""The member of what is told of a register that holds the actor who changed it last."""


class RegisterConflictError(Exception):
    """The register is no longer as it was seen."""


def version_of(one: RegisterRow) -> str:
    """What forms are made of: reading, mapping, whether it is imported; 64 hexadecimal digits.

    Who changed it is left out: the same mapping again is no other one. Nor do the counts and the
    steps of a check belong to it, for they follow from the rest.
    """
    members = {name: value for name, value in one.members.items() if name != CHANGED_BY}
    is_imported = one.state in ("recording", "recorded")
    # In the order of the columns, for a form tells them by their numbers.
    content = json.dumps([is_imported, members], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def require_version(version: str) -> RegisterGuard:
    """Raises `RegisterConflictError` unless the register still has that version."""

    def guard(one: RegisterRow) -> None:
        if version_of(one) != version:
            raise RegisterConflictError

    return guard


@dataclass(frozen=True, slots=True)
class DiscardedRegister:
    """Who discarded a register, and when."""

    actor: str
    at: datetime


def discard(services: Services, register: UUID, actor: str, guard: RegisterGuard) -> None:
    """Delete what was uploaded; runs in a worker thread.

    Args:
        guard: at the register, once nobody else can change it.

    Raises:
        Exception: what `guard` raises; nothing was deleted.
        NotFoundError: there is no such register any more.
        RegisterBusyError: somebody is at it.
    """
    at = services.now()
    with services.registers.working(register) as registers:
        guard(registers.find(register, at))
        content = orjson.dumps({"actor": actor, "at": at.isoformat()})
        services.form_drafts.keep(_NOBODY, _form(register), content, at)
        registers.forget(register)


def discarded(services: Services, register: UUID) -> DiscardedRegister | None:
    """Who discarded it; None: nobody did, or it is not known any more. In a worker thread."""
    kept = services.form_drafts.find(_NOBODY, _form(register), services.now())
    if kept is None:
        return None
    members = cast("dict[str, str]", orjson.loads(kept.content))
    return DiscardedRegister(members["actor"], datetime.fromisoformat(members["at"]))


def _form(register: UUID) -> str:
    return f"register-{register}-discarded"
