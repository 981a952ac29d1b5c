"""Reads the epochs of the log, and tells of them to who names a position that there is not."""

from typing import cast
from uuid import UUID

from ledger.crypto.encoding import uuid8
from ledger.errors import PositionBeyondHeadError
from ledger.format.events import ExpiredEvent, Fact, LogEpochStarted
from ledger.log import epoch
from ledger.log.epoch import LogEpochChangedError
from ledger.streams.streams import Streams


def stream_of(streams: Streams) -> UUID:
    """The stream in which epochs begin: one for all, so two that are begun at once meet in it."""
    return uuid8(streams.secret.lookup_key("log"))


def log_epochs(streams: Streams) -> epoch.State:
    """The epochs of the log after its first one."""
    stream = stream_of(streams)
    facts = streams.facts([stream], None).get(stream, [])
    return epoch.fold(cast("list[Fact[LogEpochStarted | ExpiredEvent]]", facts))


def beyond_head(streams: Streams, position: int, head: int) -> PositionBeyondHeadError:
    """The refusal of a position beyond the head; of a restored ledger it says so."""
    started = log_epochs(streams).started
    if not started:
        return PositionBeyondHeadError(position, head)
    newest = started[-1]
    return LogEpochChangedError(position, head, newest.epoch, newest.parted_after)
