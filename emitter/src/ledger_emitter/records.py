"""What the outbox tells about itself and what is in it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

_OF_A_MARK: Final = frozenset({"MARK_DIFFERS", "SCOPE_MISSING"})

State = Literal["sending", "retrying", "paused"]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an item stands in the outbox.

    Attributes:
        number: its number in this outbox, in the order of putting.
        is_new: False when the same item was there already.
    """

    number: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item that the ledger does not take as it is; kept until a person has seen to it.

    Attributes:
        number: its number among the refused ones of this outbox.
        status: `rejected` or `conflict`.
        code: of the problem, stable.
        problem: the ledger's answer about it (RFC 9457), as JSON; it quotes nothing of the item.
        content: the item as JSON. Personal data.
    """

    number: int
    source: str
    id: str = field(repr=False)
    status: str
    code: str
    problem: str
    put_at: datetime
    refused_at: datetime
    content: str = field(repr=False)


def public_code(status: str, code: str) -> str:
    """The code of a refused item for a log or a list, which others read.

    The ledger refuses one item with these codes for its mark under Order 11 alone. That an item is
    marked is for whoever may read its content: the status stands for them.
    """
    return status.upper() if code in _OF_A_MARK else code


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay sends again.

    Attributes:
        items: how many.
        is_complete: False when some that were acknowledged since then are kept no longer.
    """

    items: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Status:
    """How the outbox stands.

    Attributes:
        waiting: items that wait for an answer.
        waiting_bytes: their bytes.
        waiting_since: when the oldest of them was put.
        kept: acknowledged items that are kept for a replay.
        kept_since: when the oldest of them was acknowledged.
        refused: items that wait for a person (rejected, or in conflict).
        held_sources: sources that the key may not send for; their items wait.
        state: `sending`; `backoff`: the ledger is away; `paused`: a person must see to the key
            or to the address.
        code: why it is retrying or paused; empty when it sends.
        http_status: the ledger's last refusal; 0 when there was no answer.
        since: since when it is in this state; None before anything was sent.
        next_try_at: when it is tried again.
        has_sender: whether some process sends now.
    """

    waiting: int
    waiting_bytes: int
    waiting_since: datetime | None
    kept: int
    kept_since: datetime | None
    refused: int
    held_sources: tuple[str, ...]
    state: State
    code: str
    http_status: int
    since: datetime | None
    next_try_at: datetime | None
    has_sender: bool

    @property
    def needs_a_person(self) -> bool:
        """Whether something waits that no retry mends."""
        return self.state == "paused" or bool(self.refused or self.held_sources)
