"""Epochs of the log: recorded when a person begins one."""

from datetime import datetime

from ledger.format.envelope import Append
from ledger.format.event_writer import EventMetadata
from ledger.log import epoch
from ledger.log.epoch import StartedEpoch, StartLogEpoch
from ledger.log.epochs import log_epochs, stream_of
from ledger.streams.appender import CommandAppender
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.service import AppendAll


class _AlreadyStartedError(Exception):
    """The epoch began already. It never leaves this file."""

    def __init__(self, started: StartedEpoch) -> None:
        super().__init__("the epoch stands")
        self.started = started


class LogEpochs:
    """Records epochs."""

    def __init__(self, streams: Streams, sealer: Sealer, append: AppendAll) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = CommandAppender(sealer.keys, append, streams.reads)

    def start(self, command: StartLogEpoch, at: datetime) -> int:
        """Record that an epoch began; the position of its event, old or new.

        Raises:
            MalformedError: see `ledger.log.epoch.start`.
        """

        def attempt() -> Append:
            state = log_epochs(self._streams)
            event = epoch.start(command, state)
            if isinstance(event, StartedEpoch):
                raise _AlreadyStartedError(event)
            stream = stream_of(self._streams)
            place = EventMetadata(stream, state.version + 1, at, command.actor, command.command)
            return Append((self._sealer.seal(event, place, self._sealer.register_key(at)),))

        try:
            return self._appending.appended(command.command, attempt).position
        except _AlreadyStartedError as standing:
            return standing.started.position
