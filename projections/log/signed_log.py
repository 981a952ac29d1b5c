"""The signed log of a ledger: its tiles, who signs it, and what proves an event of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from ledger.crypto.notes import SignedNote, Signer, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import RenamedSigner
from ledger.crypto.time_stamps import Authority
from ledger.log.log_root import leaves
from ledger.merkle.checkpoint import Checkpoint
from ledger.store.connections import Connections
from ledger.store.recorder import LedgerRecorder
from projections.log import epochs
from projections.log.anchor import FileAnchor
from projections.log.cosignatures import Cosignatures
from projections.log.errors import CheckpointPendingError
from projections.log.folder import TileFolder
from projections.log.integrator import Integrator
from projections.log.time_stamps import CheckpointStamps


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The log as its settings say.

    Attributes:
        policy: which witnesses cosign it; None: none is asked.
        name: that of the settings, which is its first epoch's; empty: that of the signer.
        root: the folder of the settings, in which that of each epoch lies; None: `folder`.
        epoch: which one this is.
        authority: puts time stamps on it; None: none does.
    """

    folder: TileFolder
    anchor: FileAnchor
    signer: Signer
    policy: Policy | None = None
    name: str = ""
    root: Path | None = None
    epoch: int = 1
    authority: Authority | None = None

    def of(self, epoch: int) -> "SignedLog":
        """The same log in another epoch: another name, other tiles, the same anchor and key."""
        root = self.root or self.folder.path
        signer = RenamedSigner(
            self.signer, epochs.origin_of(self.name or self.verifier.name, epoch)
        )
        folder = epochs.folder_of(root, epoch)
        return replace(self, folder=folder, signer=signer, epoch=epoch)

    @property
    def published_epochs(self) -> list[int]:
        """The epochs that have a checkpoint, rising."""
        return epochs.published(self.root or self.folder.path)

    @property
    def verifier(self) -> Verifier:
        """The key by which anybody verifies it."""
        return self.signer.verifier

    def published(self) -> tuple[str, Checkpoint]:
        """The newest checkpoint, as a signed note and read.

        Raises:
            CheckpointPendingError: there is none yet.
            CorruptRecordError: what lies there is not signed by this log's key.
        """
        content = self.folder.checkpoint()
        if content is None:
            raise CheckpointPendingError
        note = SignedNote.read(content)
        note.verified([self.verifier])
        return content, Checkpoint.read(note.text)

    @property
    def cosigned(self) -> Cosignatures | None:
        """What witnesses cosigned; None: none is asked."""
        return (
            None if self.policy is None else Cosignatures(self.folder, self.verifier, self.policy)
        )

    @property
    def stamped(self) -> CheckpointStamps | None:
        """What bears a time stamp; None: no authority is asked."""
        return (
            None
            if self.authority is None
            else CheckpointStamps(self.folder, self.verifier, self.authority)
        )

    def proving(self, position: int) -> tuple[str, Checkpoint]:
        """The checkpoint that proves the event at `position` best: one that witnesses cosigned.

        Where none of these is so far yet, the newest one without them.

        Raises: as `published`.
        """
        seen = None if self.cosigned is None else self.cosigned.newest()
        if seen is None or seen.checkpoint.size < position:
            return self.published()
        return seen.note.full_text, seen.checkpoint

    def integrator(self, reads: LedgerRecorder, reader: Connections) -> Integrator:
        """Who takes the ledger's events into the tree; one at a time, the caller sees to that."""
        return Integrator(
            self.folder,
            self.anchor,
            self.signer,
            reads.head,
            lambda begin, end: leaves(reader, end, begin),
        )
