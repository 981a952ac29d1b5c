"""What stops the log, and what is not there yet. Each message says what a person does."""

from ledger.errors import BrokenWorldError, LedgerError


class CheckpointPendingError(LedgerError):
    """The log is not signed so far yet; the next checkpoint comes within seconds."""

    code = "CHECKPOINT_PENDING"


class LogDiffersError(LedgerError):
    """What was signed does not prove what the ledger holds, so no proof is handed out.

    The ledger was restored from an older state than the signed log, and no epoch was begun yet; or
    the log's files were changed.
    """

    code = "LOG_DIFFERS"


class LogError(BrokenWorldError):
    """The log cannot go on; nothing is signed until somebody has acted."""


class BehindCheckpointError(LogError):
    """The ledger is shorter than the tree that was signed: it was restored from an older state.

    Attributes:
        head: events that the ledger has.
        size: leaves of the last checkpoint.
    """

    def __init__(self, head: int, size: int) -> None:
        super().__init__(
            f"the ledger has {head} events and the last signed checkpoint {size}: it was restored"
            " from an older state. See docs/how-to/sign-the-log.md"
        )
        self.head = head
        self.size = size


class OtherHistoryError(LogError):
    """The ledger has another event at a position than the tree that was signed.

    Attributes:
        position: where.
    """

    def __init__(self, position: int) -> None:
        super().__init__(
            f"the event at position {position} is not the one in the signed tree: events were"
            " changed, or the ledger was restored and went on. See docs/how-to/sign-the-log.md"
        )
        self.position = position


class NotStartedError(LogError):
    """No log was begun here, or its anchor is somewhere else."""

    def __init__(self) -> None:
        super().__init__(
            "no log was begun here. A new one: ledger log begin. A restored or moved ledger: put"
            " back its last checkpoint and its tiles. See docs/how-to/sign-the-log.md"
        )


class AnchorMovedError(LogError):
    """The last checkpoint is not the one that this process left: another one signs too."""

    def __init__(self) -> None:
        super().__init__("the last checkpoint was moved by another process, so this one ends")


class AnchorLostError(LogError):
    """A checkpoint is published and its anchor is gone."""

    def __init__(self) -> None:
        super().__init__(
            "a checkpoint is published, and the file of the last checkpoint is gone: put it back"
            " from a copy. See docs/how-to/sign-the-log.md"
        )


class BrokenAnchorError(LogError):
    """The file of the last checkpoint holds none that this log's key signed."""

    def __init__(self) -> None:
        super().__init__(
            "the file of the last checkpoint holds none that the key of this log signed: put back a"
            " copy, or the key. See docs/how-to/sign-the-log.md"
        )


class BrokenTreeError(LogError):
    """The tiles do not make the tree that was signed."""


class MissingTileError(LogError):
    """A tile is not there.

    Attributes:
        name: its path below the log's folder.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing in the folder of the log: ledger log rebuild makes it")
        self.name = name
