"""Facts about a reply on its way: posted, kept as it was sent, delivered or brought back."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PasswordPosted:
    """The letter with the password of a medium went into the post, as an item of its own."""

    dispatched_on: date
    item_number: str


@dataclass(frozen=True, slots=True)
class CaseDispatched:
    """The reply went into the post.

    Attributes:
        item_number: of the registered item.
        changed_since: True when it was in the post already as the records had changed.
        password_letter: of a reply on a medium, what is known of the item that opens it.
    """

    TYPE: ClassVar[str] = "case-dispatched"
    content: bytes
    dispatched_on: date
    item_number: str
    sheets: int
    changed_since: bool | None = None
    password_letter: PasswordPosted | None = None


@dataclass(frozen=True, slots=True)
class CasePasswordPosted:
    """The letter with the password of the newest reply went into the post, told afterwards."""

    TYPE: ClassVar[str] = "case-password-posted"
    dispatched_on: date
    item_number: str


@dataclass(frozen=True, slots=True)
class ReplyStored:
    """The documents of a reply as they were approved and are sent, or a part of them.

    A document larger than an attachment may be is cut: pieces of one name, one after the other.

    Attributes:
        content: what was approved (`ledger.cases.case.content_of`); a dispatch of it sent these.
        part: number of this event, 1-based, of `parts`.
        names: of the pieces, in their order.
        pieces: their bytes, attached to the event; empty when it was read back.
    """

    TYPE: ClassVar[str] = "reply-stored"
    content: bytes
    part: int
    parts: int
    names: tuple[str, ...]
    pieces: tuple[bytes, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnswerCommitted:
    """What a reply tells is bound, as it is approved (`ledger.crypto.answers`).

    Attributes:
        as_of: position of the search.
        answer: 32 bytes, by the salt.
        content: of the reply, as in `ReplyStored`.
        salt: 32 bytes, handed out with the reply.
    """

    TYPE: ClassVar[str] = "answer-committed"
    as_of: int
    answer: bytes
    content: bytes
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseDelivered:
    """The post delivered the reply."""

    TYPE: ClassVar[str] = "case-delivered"
    delivered_on: date


@dataclass(frozen=True, slots=True)
class CaseReturned:
    """The post returned a reply, or lost it.

    Attributes:
        reason: `not_collected`, `unknown_address`, `refused`, or `lost` by the post.
        reply: number of an earlier one among those that had gone out, 1-based; None of the newest.
    """

    TYPE: ClassVar[str] = "case-returned"
    returned_on: date
    reason: str
    reply: int | None = None
