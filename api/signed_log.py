"""The signed log of a ledger: where it lies, who signs it, and the one that integrates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.settings import Settings
from ledger.crypto.notes import Note, Signer, Verifier
from ledger.crypto.signing import SeedSigner
from ledger.merkle.checkpoint import Checkpoint
from ledger.postgres.home import default_home
from ledger.store.connections import Connections
from ledger.store.log_root import leaves
from ledger.store.reads import Reads
from projections.log.anchor import FileAnchor
from projections.log.errors import CheckpointPendingError
from projections.log.folder import TileFolder
from projections.log.integrator import Integrator

FOLDER: Final = "log-tiles"
ANCHOR: Final = "log-anchor"


class LogPlaceError(Exception):
    """The log is to be signed, and nobody said where it lies."""


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The log as its settings say."""

    folder: TileFolder
    anchor: FileAnchor
    signer: Signer

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
        note = Note.read(content)
        note.verified([self.verifier])
        return content, Checkpoint.read(note.text)

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
    """The log of the ledger; None: it has no key, and is not signed.

    Raises:
        LogPlaceError: with an outer database its folder and its anchor must be named.
    """
    if settings.log_key is None or settings.log_origin is None:
        return None
    folder = settings.log_dir or _at_home(settings, FOLDER, "LEDGER_LOG_DIR")
    anchor = settings.log_anchor or _at_home(settings, ANCHOR, "LEDGER_LOG_ANCHOR")
    signer = SeedSigner(settings.log_origin, settings.log_key)
    return SignedLog(TileFolder(folder.absolute()), FileAnchor(anchor.absolute()), signer)


def _at_home(settings: Settings, name: str, setting: str) -> Path:
    if settings.database_url is not None:
        raise LogPlaceError(f"{setting} is not set: with an outer database there is no home for it")
    return (settings.home or default_home()) / name
