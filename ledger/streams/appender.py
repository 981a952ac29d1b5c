"""One command, appended: decided again whenever somebody else was first in its stream."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from ledger.commands import (
    ApproveAuditBag,
    CorrectTransfer,
    LiftDirective,
    LinkIdentifiers,
    PlaceHold,
    ProduceAuditBag,
    ProduceExport,
    PublishNotice,
    PublishProcedure,
    ReceiveDirective,
    ReclassifyTransfer,
    ReleaseHold,
    RenamePrincipal,
    RequestAuditBag,
    RetractTransfer,
    SettleFindings,
    UnlinkIdentifiers,
    ViewDocument,
    ViewHistory,
    WithdrawNotice,
)
from ledger.crypto.keyring import KeyRing
from ledger.errors import KeyDestroyedError, LedgerError, StoreUnavailableError, StreamMovedError
from ledger.format.envelope import Append
from ledger.format.event_writer import EventMetadata
from ledger.store.append import AppendedBatch
from ledger.store.recorder import LedgerRecorder
from ledger.streams.outcome import CommandReceipt
from ledger.transfers.service import AppendAll

Command = (
    CorrectTransfer
    | ReclassifyTransfer
    | RetractTransfer
    | SettleFindings
    | LinkIdentifiers
    | UnlinkIdentifiers
    | ReceiveDirective
    | LiftDirective
    | RenamePrincipal
    | PublishNotice
    | WithdrawNotice
    | PublishProcedure
    | PlaceHold
    | ReleaseHold
    | ViewHistory
    | ViewDocument
    | ProduceExport
    | RequestAuditBag
    | ApproveAuditBag
    | ProduceAuditBag
)

# Each retry means that somebody else appended in between what the command rests on. Links rest on
# all links: of several processes that do nothing else, one gets on at a time.
RETRIES_MAX = 50


class CommandAppender:
    """Appends what one command decides."""

    def __init__(self, keys: KeyRing, append: AppendAll, reads: LedgerRecorder) -> None:
        self._keys = keys
        self._append = append
        self._reads = reads

    def appended(self, command: UUID, attempt: Callable[[], Append]) -> CommandReceipt:
        """Append what `attempt` decides; decide again when the stream has moved in between.

        A command that stands already is answered with its first receipt, whatever it would decide
        now: what refuses it may be its own first time.

        Raises:
            StoreUnavailableError: the database cannot be reached, or the stream never rests.
            LedgerError: what `attempt` raises, or why the store does not take it.
        """
        for _ in range(RETRIES_MAX):
            try:
                append = attempt()
            except LedgerError:
                if (first := self._first(command)) is not None:
                    return first
                raise
            [result] = self._append([append])
            if isinstance(result, AppendedBatch):
                # The first time's stream may be another one: some are random.
                first = self._first(command) if result.known else None
                return first or CommandReceipt(append.events[0].stream, result.positions[0])
            if isinstance(result, KeyDestroyedError):
                self._keys.forget(event.key_id for event in append.events if event.key_id)
            elif not isinstance(result, StreamMovedError):
                raise result
        raise StoreUnavailableError

    def _first(self, command: UUID) -> CommandReceipt | None:
        """The receipt of the command's first time; None when it does not stand."""
        events = self._reads.of_command(command)
        return CommandReceipt(*events[0], known=True) if events else None


def metadata_of(
    command: Command, stream: UUID, version: int, at: datetime, judged: int | None = None
) -> EventMetadata:
    """Where an event of the command goes. `judged`: the position that its verdict knows."""
    return EventMetadata(stream, version, at, command.actor, command.command, judged)
