"""The shapes between the domain, the codec and the store: drafts, sealed events, keys.

Bytes and formulas: `docs/reference/event-format.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ledger.crypto.keys import MOVABLE_PARTITION, DataKey, KeyRow
from ledger.fast_init import fast_init
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class Original:
    """The event that a `record-carried-forward` copies: never a copy itself."""

    position: int
    version: int


@dataclass(frozen=True, slots=True)
class CopyContent:
    """Sealed content of a copy; salts instead of a salt key (event format, section 5).

    Attributes:
        lines: (j, salt, line) rising in j, of the persons concerned only.
        nodes: hashes of the maximal subtrees without a carried line, left to right.
    """

    record: Mapping[str, Json] | None
    fingerprint: bytes | None
    statement: bytes | None
    statement_salt: bytes | None
    lines: tuple[tuple[int, bytes, bytes], ...] = ()
    nodes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferParts:
    """What a `transfer-completed` binds: event hashes of the recorded event and the chunks."""

    count: int
    lines: int
    root: bytes


@fast_init
@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event before it is sealed. `statement` and `lines` are canonical JSON bytes.

    Attributes:
        facts: closed members per type, in clear for ever.
        record: what is never shown to anyone: source, id, references, reasons.
        first: number of line 0 in the whole transfer; None in a correction and without lines.
        copy: content of a `record-carried-forward`, with `copies` naming the original.
        keys: ids of the keys that died, only in `records-expired`.
    """

    type: str
    stream: UUID
    version: int
    at: datetime
    actor: str
    command: UUID
    facts: Mapping[str, Json]
    judged_at: int | None = None
    record: Mapping[str, Json] | None = None
    statement: bytes | None = None
    lines: tuple[bytes, ...] = ()
    first: int | None = None
    fingerprint: bytes | None = None
    attached: tuple[bytes, ...] = ()
    copies: Original | None = None
    copy: CopyContent | None = None
    parts: TransferParts | None = None
    keys: tuple[bytes, ...] = ()


@fast_init
@dataclass(frozen=True, slots=True)
class SealedEvent:
    """An event as bytes, ready for the store.

    Attributes:
        header: canonical JSON, at most 4,095 bytes.
        key_id: id of the data key, None when nothing is sealed.
        partition: `DataKey.partition` of that key, None when nothing is sealed.
    """

    stream: UUID
    version: int
    type: str
    command: UUID
    header: bytes
    key_id: bytes | None = None
    partition: int | None = None
    sealed: bytes | None = None
    attached: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFact:
    """An event as the store gives it back, at its position (1-based, dense).

    `sealed` is None when the event has no sealed part or the part was deleted with its key.
    """

    position: int
    stream: UUID
    version: int
    type: str
    header: bytes
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class LookupRow:
    """A row that finds a stream by a keyed hash; it is deleted with the key it belongs to.

    Attributes:
        kind: `directive`, `pair`, `series`, `notice` and `emitter` are unique per key; `link` and
            `base` (the transfers that name the one whose stream is the key) are not.
        key: 16 bytes, e.g. a principal key.
        key_id: the data key with which the row dies; a `base` row may stand under several.
    """

    kind: str
    key: bytes
    stream: UUID
    key_id: bytes


@dataclass(frozen=True, slots=True)
class DutyRow:
    """What two people must do, for the database to refuse where both are one.

    Attributes:
        subject: a stream; step: what of it, once; preparer, approver: opaque ids of actors.
    """

    subject: UUID
    step: str
    preparer: str
    approver: str


@dataclass(frozen=True, slots=True)
class AppendCondition:
    """What an append rests on besides its own streams: no such event came since.

    Attributes:
        since: the position up to which the caller has looked.
        types: of events, rare ones.
    """

    since: int
    types: tuple[str, ...]


@fast_init
@dataclass(frozen=True, slots=True)
class Append:
    """Events of one command, appended together or not at all.

    Attributes:
        condition: the append is refused where it is not met; None: there is none.
        goes_on: earlier events of the same command stand already. The version of the stream then
            tells a repeat, and not the command.
    """

    events: tuple[SealedEvent, ...]
    lookups: tuple[LookupRow, ...] = ()
    duties: tuple[DutyRow, ...] = ()
    goes_on: bool = False
    condition: AppendCondition | None = None


class Header(NamedTuple):
    """A header, read (event format, section 1). Hashes and ids as bytes.

    A named tuple, because one is made for every event that is read.
    """

    actor: str
    at: datetime
    command: UUID
    facts: Mapping[str, Json]
    ledger: str
    stream: UUID
    type: str
    version: int
    judged_at: int | None = None
    blind: bytes | None = None
    sealed_key: bytes | None = None
    sealed_sha256: bytes | None = None
    sealed_size: int | None = None
    statement: bytes | None = None
    lines_root: bytes | None = None
    lines_count: int = 0
    lines_first: int | None = None
    attached: tuple[tuple[bytes, int], ...] = ()
    copies: Original | None = None
    parts: TransferParts | None = None
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedContent:
    """The content of a sealed part, opened and checked against its header."""

    record: Mapping[str, Json] | None
    statement: bytes | None
    lines: tuple[bytes, ...]
    salt_key: bytes | None = field(repr=False, default=None)
    fingerprint: bytes | None = None
    copy: CopyContent | None = None


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """A stored event, decoded. `content` is None without a sealed part or once its key is dead."""

    position: int
    header: Header
    content: SealedContent | None


__all__ = [
    "MOVABLE_PARTITION",
    "Append",
    "CopyContent",
    "DataKey",
    "DutyRow",
    "EventDraft",
    "Header",
    "KeyRow",
    "LookupRow",
    "OpenEvent",
    "Original",
    "SealedContent",
    "SealedEvent",
    "StoredFact",
    "TransferParts",
]
