"""Time stamps on checkpoints, as files beside them.

```
<folder>/
    stamped                       newest checkpoint that bears a time stamp, as it was signed
    timestamps/<log's key id>/
        x001/234.checkpoint       that of 1,234 leaves, byte for byte as it was stamped
        x001/234.tsr              the answer of the authority
```

The answer is written after the checkpoint that it is about, `time_stamps` after both.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.crypto.notes import SignedNote, Verifier
from ledger.crypto.time_stamps import Authority, TimeStampRefusedError
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from projections.log.cosignatures import grouped
from projections.log.folder import TileFolder

STAMPED: Final = "stamped"


@dataclass(frozen=True, slots=True)
class CheckpointStamp:
    """A checkpoint and when it was there at the latest.

    Attributes:
        text: what the log signed.
        content: the signed checkpoint, byte for byte as it was stamped.
        reply: the answer of the authority.
        at: the authority's time.
    """

    text: str
    content: str
    reply: bytes
    checkpoint: Checkpoint
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckpointStamps:
    """The stamped checkpoints of one log.

    Attributes:
        log: the log's key: what another one signed is not of this log.
    """

    folder: TileFolder
    log: Verifier
    authority: Authority

    def newest(self) -> CheckpointStamp | None:
        """The newest stamped checkpoint, all of it verified; None: there is none of this log."""
        content = self.folder.note(STAMPED)
        if content is None:
            return None
        try:
            note = SignedNote.read(content)
            note.verified([self.log])
            checkpoint = Checkpoint.read(note.text)
            reply = self.folder.file(f"{self._path(checkpoint.size)}.tsr")
            if reply is None:
                return None
            at = self.authority.verified(reply, content.encode())
        except (CorruptRecordError, TimeStampRefusedError):
            return None
        return CheckpointStamp(note.text, content, reply, checkpoint, at)

    def add(self, content: str, reply: bytes) -> None:
        """Keep a time stamp that was verified.

        Args:
            content: the signed checkpoint, byte for byte.

        Raises:
            OSError: the folder cannot be written.
        """
        place = self._path(Checkpoint.read(SignedNote.read(content).text).size)
        self.folder.put(f"{place}.checkpoint", content.encode())
        self.folder.put(f"{place}.tsr", reply)
        self.folder.put(STAMPED, content.encode())

    def _path(self, size: int) -> str:
        return f"timestamps/{self.log.id.hex()}/{grouped(size)}"
