"""What can go wrong on this side of the wire. No text holds anything of an item."""


class EmitterError(Exception):
    """The root of all errors of the client."""


class UnfitItemError(EmitterError):
    """The item cannot be sent as it is; it was not put into the outbox.

    Attributes:
        member: `source`, `id`, `data`, `order_11`; empty for the item as a whole.
    """

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(f"{member or 'the item'}: {reason}")
        self.member = member


class ConflictingItemError(EmitterError):
    """Another item was put under the same source and id; nothing was put into the outbox.

    Attributes:
        number: of the item that is there, in the outbox.
    """

    def __init__(self, number: int) -> None:
        super().__init__(
            f"item {number} of the outbox has the same source and id, and other content: "
            "correct the recorded transfer, or use a new id"
        )
        self.number = number


class OutboxFullError(EmitterError):
    """There is no room; nothing was put into the outbox.

    Attributes:
        waiting: items that wait.
        waiting_bytes: their bytes.
    """

    def __init__(self, waiting: int, waiting_bytes: int) -> None:
        super().__init__(
            f"the outbox is full: {waiting} items ({waiting_bytes} bytes) wait to be sent"
        )
        self.waiting = waiting
        self.waiting_bytes = waiting_bytes


class OutboxUnavailableError(EmitterError):
    """The outbox cannot be read or written now: a full disk, a lock that is held too long."""


class OutboxExposedError(EmitterError):
    """Others than its owner may read the outbox, which holds personal data.

    Attributes:
        mode: the file's permissions.
    """

    def __init__(self, mode: int) -> None:
        super().__init__(f"the outbox has mode {mode:04o} and holds personal data: make it 0600")
        self.mode = mode


class CloseError(EmitterError):
    """The day was not closed; it may be tried again.

    Attributes:
        code: of the ledger's problem, or why there was no answer.
        http_status: 0 when there was none.
    """

    def __init__(self, code: str, http_status: int) -> None:
        super().__init__(f"the day was not closed: {code} (HTTP {http_status})")
        self.code = code
        self.http_status = http_status


class DayNotKeptError(EmitterError):
    """Acknowledged items of the day may be kept no longer, so nobody can count them here."""

    def __init__(self) -> None:
        super().__init__("items of this day may be kept no longer: close it from their origin")


class ProofKeyError(EmitterError):
    """The file holds no private key that a proof can be made with."""

    def __init__(self, why: str) -> None:
        super().__init__(f"give a private key in PEM, P-256 or Ed25519, without a password: {why}")


class OutboxFormatError(EmitterError):
    """The file is no outbox, or one of another version."""
