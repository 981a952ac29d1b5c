"""The signed log of a ledger: where it lies, who signs it, and the one that integrates."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from api.kms.engine import TransitEngine
from api.kms.signer import NAMED, TransitSigner
from api.settings import Settings
from ledger.crypto.notes import SignedNote, Signer, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import RenamedSigner, SeedSigner
from ledger.crypto.time_stamps import Authority
from ledger.log.log_root import leaves
from ledger.merkle.checkpoint import Checkpoint
from ledger.postgres.home import default_home
from ledger.store.connections import Connections
from ledger.store.reads import Reads
from projections.log import epochs
from projections.log.anchor import FileAnchor
from projections.log.cosignatures import Cosignatures
from projections.log.errors import CheckpointPendingError
from projections.log.folder import TileFolder
from projections.log.integrator import Integrator
from projections.log.time_stamps import CheckpointStamps

FOLDER: Final = "log-tiles"
ANCHOR: Final = "log-anchor"


class LogPlaceError(Exception):
    """The log is to be signed, and nobody said where it lies."""


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
        return seen.note.whole, seen.checkpoint

    def integrator(self, reads: Reads, reader: Connections) -> Integrator:
        """Who takes the ledger's events into the tree; one at a time, the caller sees to that."""
        return Integrator(
            self.folder,
            self.anchor,
            self.signer,
            reads.head,
            lambda begin, end: leaves(reader, end, begin),
        )


def signed_log(settings: Settings) -> SignedLog | None:
    """The log of the ledger in the epoch that is signed now; None: it has no key.

    Raises:
        LogPlaceError: with an outer database its folder and its anchor must be named.
    """
    signer = _signer(settings)
    if signer is None:
        return None
    folder = settings.log_dir or _at_home(settings, FOLDER, "LEDGER_LOG_DIR")
    anchor = settings.log_anchor or _at_home(settings, ANCHOR, "LEDGER_LOG_ANCHOR")
    name = signer.verifier.name
    root, held = folder.absolute(), FileAnchor(anchor.absolute())
    first = SignedLog(
        TileFolder(root),
        held,
        signer,
        settings.log_witness_policy,
        name,
        root,
        authority=settings.log_tsa_ca,
    )
    epoch = epochs.current(name, root, _anchored(held))
    return first if epoch == 1 else first.of(epoch)


def _signer(settings: Settings) -> Signer | None:
    verifier = settings.log_verifier
    if verifier is None:
        return None
    if settings.log_key is not None:
        return SeedSigner(verifier.name, settings.log_key)
    url, key, token = settings.log_kms_url, settings.log_kms_key, settings.log_kms_token_file
    assert url is not None, "the settings were checked"
    assert key is not None, "as above"
    assert token is not None, "as above"
    return TransitSigner(TransitEngine(url, token, settings.kms_s_max, NAMED), key, verifier)


def _anchored(anchor: FileAnchor) -> str | None:
    try:
        return anchor.read()
    except OSError:
        return None  # whoever signs says why; who answers questions needs the folder alone


def _at_home(settings: Settings, name: str, setting: str) -> Path:
    if settings.has_outer_database:
        raise LogPlaceError(f"{setting} is not set: with an outer database there is no home for it")
    return (settings.home or default_home()) / name
