"""Epochs of a log: after a loss that nothing brings back it goes on under another name.

The first epoch has the name of the settings. Another one has its number before the last part,
which is the ledger's (event format, section 9): `ledger.example.jp/main` becomes
`ledger.example.jp/epoch-2/main`. Each has a folder of its own, so no tile and no checkpoint of an
ended one is ever changed:

```
<folder>/             the first epoch
<folder>/epochs/2/    the second one
```

Which one is signed now, says the last checkpoint in the anchor.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.merkle.checkpoint import Checkpoint
from projections.log.errors import AnchorLostError, LogError
from projections.log.event_check import first_fault
from projections.log.folder import CHECKPOINT, TileFolder
from projections.log.integrator import Integrator

EPOCHS: Final = "epochs"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
CODE_DIGITS: Final = 16


class NothingLostError(LogError):
    """The ledger is the one that was signed: its log goes on."""

    def __init__(self) -> None:
        super().__init__(
            "the ledger holds every event that was signed: the log goes on as it is, and no epoch"
            " is begun"
        )


@dataclass(frozen=True, slots=True)
class EndedLog:
    """The log that ends.

    Attributes:
        epoch: its number, from 1.
        note: its last checkpoint, signed; `checkpoint` is what it says.
        parted_after: the last position at which ledger and log have the same event, 0 if at none;
            None where the tiles are too damaged to tell.
    """

    epoch: int
    note: str
    checkpoint: Checkpoint
    parted_after: int | None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the note, 32 bytes."""
        return sha256(self.note.encode()).digest()

    @property
    def code(self) -> str:
        """What a person repeats who has looked at it: another loss has another one."""
        text = f"{self.digest.hex()} {self.parted_after}"
        return sha256(text.encode()).hexdigest()[:CODE_DIGITS]


def origin_of(name: str, epoch: int) -> str:
    """The log's name in that epoch.

    Args:
        name: that of the settings, which is the first epoch's.
    """
    before, slash, last = name.rpartition("/")
    return name if epoch == 1 else f"{before}{slash}epoch-{epoch}/{last}"


def epoch_of(name: str, origin: str) -> int | None:
    """The epoch in which the log has the name `origin`; None: it is another log."""
    if origin == name:
        return 1
    before, slash, last = name.rpartition("/")
    number = origin.removeprefix(f"{before}{slash}epoch-").removesuffix(f"/{last}")
    is_number = _NUMBER.fullmatch(number) is not None
    return int(number) if is_number and origin_of(name, int(number)) == origin else None


def folder_of(root: Path, epoch: int) -> TileFolder:
    """Where the tiles of that epoch lie."""
    return TileFolder(root if epoch == 1 else root / EPOCHS / str(epoch))


def published(root: Path) -> list[int]:
    """The epochs that have a checkpoint, rising."""
    others = (one.parent.name for one in (root / EPOCHS).glob(f"*/{CHECKPOINT}"))
    found = [int(name) for name in others if _NUMBER.fullmatch(name) and name != "1"]
    return [*([1] if (root / CHECKPOINT).exists() else []), *sorted(found)]


def current(name: str, root: Path, anchored: str | None) -> int:
    """The epoch that is signed now.

    Args:
        anchored: the last checkpoint; where it says no epoch of this log, what is published counts,
            and whoever signs refuses.
    """
    epoch = None if anchored is None else epoch_of(name, anchored.partition("\n")[0])
    return epoch if epoch is not None else max(published(root), default=1)


def ended(log: Integrator, epoch: int) -> EndedLog:
    """What ends, and where the ledger parted from it. It reads every event.

    Args:
        log: of the epoch that ends.

    Raises:
        AnchorLostError: nobody knows what was signed.
        BrokenAnchorError: what stands there is not signed by this log's key.
        NothingLostError: see there.
        StoreUnavailableError: the database cannot be reached.
    """
    note = log.anchor.read()
    if note is None:
        raise AnchorLostError
    checkpoint, head = log.read(note), log.head()
    leaves = log.leaves(0, min(head, checkpoint.size))
    fault = first_fault(checkpoint, leaves, log.folder.read)
    if fault is None or (fault.position is None and _holds(log, checkpoint, head)):
        raise NothingLostError
    return EndedLog(epoch, note, checkpoint, None if fault.position is None else fault.position - 1)


def _holds(log: Integrator, checkpoint: Checkpoint, head: int) -> bool:
    """Whether the events make the root, whatever the tiles hold."""
    return head >= checkpoint.size and log.root(checkpoint.size) == checkpoint.root
