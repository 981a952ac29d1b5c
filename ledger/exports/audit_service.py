"""Appends what becomes of audit bags, and gives it."""

from datetime import datetime
from uuid import UUID

from ledger.commands import ApproveAuditBag, ProduceAuditBag, RequestAuditBag
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import NotFoundError
from ledger.exports import audit_approval
from ledger.format.envelope import Append, DutyRow
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams


class AuditBags:
    """Asks for audit bags, approves them and puts them on record."""

    def __init__(self, streams: Streams, sealer: Sealer, appending: CommandAppender) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending

    def request(self, command: RequestAuditBag, at: datetime) -> CommandReceipt:
        """Ask for a bag; the receipt names its stream, by which it is approved and made."""
        stream = random_stream()

        def attempt() -> Append:
            place = metadata_of(command, stream, 1, at)
            event = audit_approval.request(command)
            return Append((self._sealer.seal(event, place, self._sealer.access_key(at)),))

        return self._appending.appended(command.command, attempt)

    def approve(self, command: ApproveAuditBag, at: datetime) -> CommandReceipt:
        """Approve a bag; refusals: `ledger.exports.audit_approval.approve`."""

        def attempt() -> Append:
            state = self._state(command.bag)
            event = audit_approval.approve(command, state)
            assert state is not None, "else it was refused"
            place = metadata_of(command, command.bag, state.version + 1, at)
            duty = (command.bag, audit_approval.DUTY, state.requested.actor, command.actor)
            sealed = self._sealer.seal(event, place, self._sealer.access_key(at))
            return Append((sealed,), duties=(DutyRow(*duty),))

        return self._appending.appended(command.command, attempt)

    def produced(self, command: ProduceAuditBag, at: datetime) -> CommandReceipt:
        """Put on record that a bag was made; refusals: `ledger.exports.audit_approval.produce`."""
        export = random_stream()

        def attempt() -> Append:
            state = self._state(command.bag)
            events = audit_approval.produce(command, state)
            assert state is not None, "else it was refused"
            places = [
                metadata_of(command, command.bag, state.version + 1, at),
                metadata_of(command, export, 1, at),
            ]
            key = self._sealer.access_key(at)
            sealed = [
                self._sealer.seal(event, place, key)
                for event, place in zip(events, places, strict=True)
            ]
            return Append(tuple(sealed))

        return self._appending.appended(command.command, attempt)

    def find(self, bag: UUID) -> audit_approval.State:
        """The bag.

        Raises:
            NotFoundError: nobody asked for it, or so long ago that its request is destroyed.
        """
        state = self._state(bag)
        if state is None:
            raise NotFoundError
        return state

    def _state(self, bag: UUID) -> audit_approval.State | None:
        return audit_approval.fold(self._streams.facts([bag], None).get(bag, []))
