"""What is asked of an export, and why none can be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledger.crypto.notes import SignedNote, Signer
from ledger.exports.filters import Filters
from ledger.merkle.checkpoint import Checkpoint
from ledger.values import Json


class ExportError(Exception):
    """A bag cannot be made now."""


class UnlikeCheckpointError(ExportError):
    """The events are not those that were signed: nothing is exported as if they were."""


class UnsignedDestructionError(ExportError):
    """Something was destroyed after the checkpoint, so the bag could not prove that it had to be.

    With a newer checkpoint it can.
    """


class RestlessError(ExportError):
    """What may be shown changed each time while records were written."""


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A checkpoint that bears a time stamp.

    Attributes:
        note: byte for byte as it was stamped.
        reply: the answer of the authority (RFC 3161, DER).
    """

    note: str
    reply: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint of the ledger, and what others said of it or of an earlier one.

    Attributes:
        note: as it is published.
        signer: signs the bag, too: proofs bind what was recorded, and its words bind the rest.
        cosigned: the newest checkpoint that witnesses cosigned, with their lines; None: none did.
        stamp: the newest time stamp; None: there is none.
    """

    checkpoint: Checkpoint
    note: str
    signer: Signer
    cosigned: str | None = None
    stamp: TimeStamp | None = None

    @property
    def by_others(self) -> Mapping[str, Checkpoint]:
        """`cosigned`, `stamped` → the checkpoint that is; what is absent was not.

        Raises:
            CorruptRecordError: it is no checkpoint.
        """
        notes = {"cosigned": self.cosigned, "stamped": self.stamp and self.stamp.note}
        return {
            name: Checkpoint.read(SignedNote.read(note).text)
            for name, note in notes.items()
            if note is not None
        }


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """An export that is wanted.

    Attributes:
        export: its own id, that its event bears too.
        seed: 32 random bytes, from which pseudonyms are made and which nobody keeps.
        versions: of law and templates, to be put into the bag.
    """

    export: UUID
    filters: Filters
    at: datetime
    seed: bytes
    versions: Mapping[str, Json]
