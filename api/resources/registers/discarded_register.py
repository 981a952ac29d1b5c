"""A register is discarded; for a while it is known by whom, for colleagues who were at it.

What is known of it is sealed as a draft is, under nobody's name, and gone with its key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import orjson

from api.resources.registers.register_version import Look
from api.services import Services

_NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class DiscardedRegister:
    """Who discarded a register, and when."""

    actor: str
    at: datetime


def discard(services: Services, register: UUID, actor: str, look: Look) -> None:
    """Delete what was uploaded; runs in a worker thread.

    Args:
        look: at the register, once nobody else can change it.

    Raises:
        Exception: what `look` raises; nothing was deleted.
        NotFoundError: there is no such register any more.
        RegisterBusyError: somebody is at it.
    """
    at = services.now()
    with services.registers.working(register) as registers:
        look(registers.find(register, at))
        told = orjson.dumps({"actor": actor, "at": at.isoformat()})
        services.form_drafts.keep(_NOBODY, _form(register), told, at)
        registers.forget(register)


def discarded(services: Services, register: UUID) -> DiscardedRegister | None:
    """Who discarded it; None: nobody did, or it is not known any more. In a worker thread."""
    kept = services.form_drafts.find(_NOBODY, _form(register), services.now())
    if kept is None:
        return None
    told = cast("dict[str, str]", orjson.loads(kept.content))
    return DiscardedRegister(told["actor"], datetime.fromisoformat(told["at"]))


def _form(register: UUID) -> str:
    return f"register-{register}-discarded"
