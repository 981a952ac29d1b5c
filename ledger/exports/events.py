"""Facts about exports: what was produced for a regulator, who made it and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ledger.values import Json, PrincipalRef


@dataclass(frozen=True, slots=True)
class ExportProduced:
    """A bag of records was made. Its stream is the export, which the bag names.

    Attributes:
        as_of: position of the ledger that it shows.
        asked: the filters, as the bag tells them; sealed.
        identified: whether persons are named in it; sealed.
        whole: whether it holds what nobody else may know of; sealed.
        records: how many it holds; sealed.
        digest: SHA-256 of its tag manifest, which names everything in it; sealed.
        reason: why, as typed; sealed. None where none had to be given.
        identifiers: of the one person that it is about, as asked for; sealed.
    """

    TYPE: ClassVar[str] = "export-produced"
    as_of: int
    asked: Mapping[str, Json]
    identified: bool
    whole: bool
    records: int
    digest: bytes
    reason: str | None = None
    identifiers: tuple[PrincipalRef, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditBagRequested:
    """Somebody asks for the whole ledger in a bag, for an audit. Its stream is the bag.

    Attributes:
        reason: why, as typed; sealed.
    """

    TYPE: ClassVar[str] = "audit-bag-requested"
    reason: str


@dataclass(frozen=True, slots=True)
class AuditBagApproved:
    """A second person approves that the bag is made."""

    TYPE: ClassVar[str] = "audit-bag-approved"


@dataclass(frozen=True, slots=True)
class AuditBagProduced:
    """The bag was made, once; an `export-produced` of the same command stands with the exports.

    Attributes:
        as_of: position of the last event in it.
        digest: SHA-256 of its tag manifest, which names everything in it; sealed.
    """

    TYPE: ClassVar[str] = "audit-bag-produced"
    as_of: int
    digest: bytes


AuditBagEvent = AuditBagRequested | AuditBagApproved | AuditBagProduced
