"""What is asked of an export, and why none can be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledger.crypto.notes import Signer
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
class Signed:
    """A checkpoint of the ledger.

    Attributes:
        note: as it is published.
        signer: signs the bag, too: proofs bind what was recorded, and its words bind the rest.
    """

    checkpoint: Checkpoint
    note: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class Asked:
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
