"""Versions of the procedure: published into the ledger, and read by cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

from ledger.cases.events.case import CaseReceived
from ledger.commands import PublishProcedure
from ledger.crypto.encoding import uuid8
from ledger.format.envelope import Append
from ledger.format.events import ExpiredEvent, Fact, ProcedurePublished
from ledger.format.header import read_header
from ledger.law.procedure.version import Procedure
from ledger.procedures import procedure as procedures
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams

PROCEDURE_TOPICS: Final = (ProcedurePublished.TYPE,)
_ARRIVALS: Final = (CaseReceived.TYPE,)


@dataclass(frozen=True, slots=True)
class ProcedureVersion:
    """A version, built in or published.

    Attributes:
        published: None of what the product knows by itself.
    """

    procedure: Procedure
    published: procedures.PublishedProcedure | None = None


class Procedures:
    """Publishes versions and gives them. One instance a worker thread: it holds what it has read.

    Args:
        built_in: the versions that the product knows, ascending, at least one.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        appending: CommandAppender,
        built_in: Sequence[Procedure],
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending
        self._built_in = tuple(built_in)
        self._state = procedures.State()
        self._position = 0

    def publish(self, command: PublishProcedure, at: datetime) -> CommandReceipt:
        """Publish a version.

        Raises:
            MalformedError: see `ledger.procedures.procedure.publish`.
        """

        def attempt() -> Append:
            event = self.checked(command, at)
            key = self._sealer.register_key(at)
            place = metadata_of(command, self._stream, self._state.version + 1, at)
            return Append((self._sealer.seal(event, place, key),))

        return self._appending.appended(command.command, attempt)

    def checked(self, command: PublishProcedure, at: datetime) -> ProcedurePublished:
        """What `publish` would append; stores nothing.

        Raises:
            MalformedError: see `ledger.procedures.procedure.publish`.
        """
        state = self._now()
        # Only a first version may begin in the past, so only then a day of arrival decides.
        arrival = None if state.published else self._last_arrival()
        return procedures.publish(command, state, self._built_in, arrival, at)

    def all(self) -> tuple[ProcedureVersion, ...]:
        """Every version as of now, ascending by its first day."""
        own = (ProcedureVersion(one.procedure, one) for one in self._now().published)
        return (*(ProcedureVersion(one) for one in self._built_in), *own)

    def now(self) -> tuple[Procedure, ...]:
        """Every version as of now, ascending: what a command is decided with."""
        return tuple(one.procedure for one in self.all())

    def known(self, version: str) -> tuple[Procedure, ...]:
        """As `now`; the store is not asked when `version` has been read, for none ever changes."""
        read = (*self._built_in, *(one.procedure for one in self._state.published))
        return read if any(one.version == version for one in read) else self.now()

    @property
    def _stream(self) -> UUID:
        # The same for all versions of a ledger, the first one too: two that are published at once
        # meet in it, and the second one is decided again.
        return uuid8(self._streams.secret.lookup_key("procedure"))

    def _now(self) -> procedures.State:
        for fact in self._streams.facts_of_topics(PROCEDURE_TOPICS, self._position):
            typed = cast("Fact[ProcedurePublished | ExpiredEvent]", fact)
            self._state = procedures.evolve(self._state, typed)
            self._position = fact.position
        return self._state

    def _last_arrival(self) -> date | None:
        """The newest day on which a request arrived, of those too whose key is dead."""
        stored = self._streams.reads.facts_of_topics(_ARRIVALS, 0)
        days = [cast("str", read_header(one.header).facts["arrived_on"]) for one in stored]
        return date.fromisoformat(max(days)) if days else None
