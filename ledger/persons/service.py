"""What concerns one person: links between identifiers, directives, a new name."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Final

from ledger.cases.refusals import StaleVersionError
from ledger.commands import (
    LiftDirective,
    LinkIdentifiers,
    ReceiveDirective,
    RenamePrincipal,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import TooManyIdentifiersError
from ledger.format.envelope import Append, AppendCondition, LookupRow
from ledger.format.events import DirectiveEvent, IdentifiersLinked, LinkEvent
from ledger.persons import directive, link
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import CLUSTER_MAX, Streams

# Each link rests on all others: those of one process wait for each other and do not try in vain.
_LINKING: Final = Lock()


class Persons:
    """Decides and appends what persons direct and who they are."""

    def __init__(self, streams: Streams, sealer: Sealer, appending: CommandAppender) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending

    def link(self, command: LinkIdentifiers | UnlinkIdentifiers, at: datetime) -> CommandReceipt:
        """Link two identifiers, or take the link away.

        Raises:
            MalformedError, AlreadyStandsError, DoesNotStandError: see `ledger.persons.link`.
            TooManyIdentifiersError: more than `CLUSTER_MAX` would be one person.
            StaleVersionError: the pair is not at the version that the caller looked at.
        """

        def attempt() -> Append:
            head = self._streams.reads.head()
            pair = self._streams.pair_key(command.a, command.b)
            stream = self._streams.find_stream("pair", pair)
            state = self._streams.link_state(stream) if stream is not None else None
            event: LinkEvent
            condition: AppendCondition | None = None
            if isinstance(command, LinkIdentifiers):
                event = link.link(command, state)
                if command.expected_version not in (None, link.visible_version(state)):
                    raise StaleVersionError
                person = self._streams.cluster((command.a, command.b), None)
                if len(person.keys) > CLUSTER_MAX:
                    raise TooManyIdentifiersError
                condition = AppendCondition(head, (IdentifiersLinked.TYPE,))
            else:
                seen = command.expected_version
                if state is not None and seen not in (None, state.version):
                    raise StaleVersionError
                event = link.unlink(command, state)
            version = state.version + 1 if state is not None else 1
            owner = stream or random_stream()
            key = self._sealer.keys.key_for("link", owner=owner)
            place = metadata_of(command, owner, version, at)
            rows: tuple[LookupRow, ...] = ()
            if stream is None:
                ends = (self._streams.principal_key(end) for end in (command.a, command.b))
                rows = (
                    LookupRow("pair", pair, owner, key.id),
                    *(LookupRow("link", end, owner, key.id) for end in ends),
                )
            return Append((self._sealer.seal(event, place, key),), rows, condition=condition)

        with _LINKING:
            return self._appending.appended(command.command, attempt)

    def direct(
        self,
        command: ReceiveDirective | LiftDirective | RenamePrincipal,
        at: datetime,
        condition_now: Callable[[], AppendCondition] | None = None,
    ) -> CommandReceipt:
        """A principal's stop, its lifting, or a new name.

        Args:
            condition_now: says what the directive rests on, or raises; is asked at each attempt.

        Raises:
            AlreadyStandsError, DoesNotStandError: see `ledger.persons.directive`.
        """

        def attempt() -> Append:
            condition = condition_now() if condition_now is not None else None
            principal_key = self._streams.principal_key(command.principal)
            stream = self._streams.find_stream("directive", principal_key)
            state = self._streams.directive_state(stream) if stream is not None else None
            event: DirectiveEvent
            match command:
                case ReceiveDirective():
                    event = directive.receive(command, state)
                case LiftDirective():
                    event = directive.lift(command, state)
                case RenamePrincipal():
                    event = directive.rename(command, state)
            owner = stream or random_stream()
            key = self._sealer.keys.key_for("directive", owner=owner)
            version = state.version + 1 if state is not None else 1
            place = metadata_of(command, owner, version, at)
            rows = (LookupRow("directive", principal_key, owner, key.id),) if stream is None else ()
            return Append((self._sealer.seal(event, place, key),), rows, condition=condition)

        return self._appending.appended(command.command, attempt)
