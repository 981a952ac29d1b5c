"""What witnesses cosigned, as files beside the checkpoint.

```
<folder>/
    cosigned                              newest checkpoint that enough witnesses cosigned
    cosignatures/<log's key id>/
        by/<witness's key id>             newest checkpoint that this witness cosigned
        at/x001/234                       that of 1,234 leaves, with every cosignature it got
```

Key ids are in hex. Each file is a signed note and proves itself; one that is damaged counts as not
there. Below `at`, lines are added and none is changed or taken away: a witness that was slow comes
in later. One process writes; several of its threads may.
"""

import threading
from dataclasses import dataclass, field
from typing import Final

from ledger.crypto.notes import Signature, SignedNote, Verifier
from ledger.crypto.policy import Policy, Witness
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from projections.log.folder import TileFolder

COSIGNED: Final = "cosigned"
_GROUP: Final = 1000


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """A checkpoint that a witness cosigned, or enough of them.

    Attributes:
        seconds: POSIX time of the cosignature, as the witness says; of several the latest.
    """

    note: SignedNote
    checkpoint: Checkpoint
    seconds: int


@dataclass(frozen=True, slots=True)
class Cosignatures:
    """The cosigned checkpoints of one log.

    Attributes:
        log: the log's key: what another one signed is not of this log.
    """

    folder: TileFolder
    log: Verifier
    policy: Policy
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def newest(self) -> CosignedCheckpoint | None:
        """The newest checkpoint that enough witnesses cosigned; None: there is none of this log."""
        seen = self._read(COSIGNED)
        if seen is None or not self.policy.is_met(self.policy.cosignatures(seen.note)):
            return None  # cosigned under another policy, or never
        return seen

    def fullest(self) -> CosignedCheckpoint | None:
        """The newest that enough witnesses cosigned, else the newest that any did.

        With every cosignature that it got; None: no witness cosigned this log.
        """
        if (newest := self.newest()) is not None:
            return newest
        found = [seen for one in self.policy.witnesses.values() if (seen := self.by(one))]
        if not found:
            return None
        last = max(found, key=lambda seen: seen.checkpoint.size)
        return self._read(self._at(last.checkpoint.size)) or last

    def by(self, witness: Witness) -> CosignedCheckpoint | None:
        """The newest checkpoint that this witness cosigned; None: there is none of this log."""
        return self._read(self._by(witness))

    def add(self, text: str, by_log: Signature, witness: Witness, cosignature: Signature) -> bool:
        """Keep a cosignature that was verified; whether enough witnesses cosigned now.

        Args:
            text: the checkpoint that was cosigned.
            by_log: the log's own signature under it.

        Raises:
            CorruptRecordError: another checkpoint of that size was cosigned before.
            OSError: the folder cannot be written.
        """
        checkpoint = Checkpoint.read(text)
        with self._lock:
            name = self._at(checkpoint.size)
            kept = self._read(name)
            note = SignedNote(text, (by_log,)) if kept is None else kept.note
            if note.text != text:
                raise CorruptRecordError("another checkpoint of this size was cosigned before")
            if witness.name not in self.policy.cosignatures(note):
                note = SignedNote(text, (*note.signatures, cosignature))
                self.folder.put(name, note.full_text.encode())
            is_met = self.policy.is_met(self.policy.cosignatures(note))
            newest = self._read(COSIGNED)
            if is_met and (newest is None or newest.checkpoint.size <= checkpoint.size):
                self.folder.put(COSIGNED, note.full_text.encode())
            # Last: who finds it need not ask again.
            self.folder.put(
                self._by(witness), SignedNote(text, (by_log, cosignature)).full_text.encode()
            )
            return is_met

    def _read(self, name: str) -> CosignedCheckpoint | None:
        content = self.folder.note(name)
        if content is None:
            return None
        try:
            note = SignedNote.read(content)
            note.verified([self.log])
            checkpoint = Checkpoint.read(note.text)
            made = self.policy.cosignatures(note).values()
        except CorruptRecordError:
            return None
        return CosignedCheckpoint(note, checkpoint, max((one.seconds for one in made), default=0))

    def _by(self, witness: Witness) -> str:
        return f"cosignatures/{self.log.id.hex()}/by/{witness.key.id.hex()}"

    def _at(self, size: int) -> str:
        return f"cosignatures/{self.log.id.hex()}/at/{grouped(size)}"


def grouped(size: int) -> str:
    """A number of leaves as a path, in groups of three digits as tiles are named."""
    groups, quotient = [f"{size % _GROUP:03}"], size // _GROUP
    while quotient:
        groups.append(f"x{quotient % _GROUP:03}")
        quotient //= _GROUP
    return "/".join(reversed(groups))
