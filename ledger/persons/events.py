"""Facts about persons: links, directives, names."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class IdentifiersLinked:
    """Two identifiers are one person, on evidence (名寄せ)."""

    TYPE: ClassVar[str] = "identifiers-linked"
    a: PrincipalRef
    b: PrincipalRef
    evidence: str


@dataclass(frozen=True, slots=True)
class IdentifiersUnlinked:
    """The link of two identifiers no longer stands, on evidence."""

    TYPE: ClassVar[str] = "identifiers-unlinked"
    a: PrincipalRef
    b: PrincipalRef
    evidence: str


@dataclass(frozen=True, slots=True)
class DirectiveReceived:
    """A principal's stop (`opt_out_stop`, `consent_withdrawn`, `provision_stopped`).

    Attributes:
        day: the day from which it applies, inclusive, in Japan.
        counterparty_party_id: only towards this party; None towards all.
        reference: where it came from, as typed; sealed.
    """

    TYPE: ClassVar[str] = "directive-received"
    principal: PrincipalRef
    kind: str
    day: date
    counterparty_party_id: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class DirectiveLifted:
    """A stop ends: it does not apply from `day` on, inclusive."""

    TYPE: ClassVar[str] = "directive-lifted"
    kind: str
    day: date
    counterparty_party_id: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class PrincipalRenamed:
    """The principal has another name now; records keep the name of their day."""

    TYPE: ClassVar[str] = "principal-renamed"
    principal: PrincipalRef
    name: str


LinkEvent = IdentifiersLinked | IdentifiersUnlinked
DirectiveEvent = DirectiveReceived | DirectiveLifted | PrincipalRenamed
