"""Publishes notices, withdraws them and gives them."""

from datetime import datetime

from ledger.cases.refusals import StaleVersionError
from ledger.commands import PublishNotice, WithdrawNotice
from ledger.crypto.pseudonyms import random_stream
from ledger.format.envelope import Append, LookupRow
from ledger.format.events import NoticeEvent
from ledger.notices import notice
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.verdict_inputs import VerdictInputs


class NoticeCommands:
    """Decides and appends what is published about notices, and reads them."""

    def __init__(
        self, streams: Streams, sealer: Sealer, judging: VerdictInputs, appending: CommandAppender
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._judging = judging
        self._appending = appending

    def publish(self, command: PublishNotice | WithdrawNotice, at: datetime) -> CommandReceipt:
        """Publish a notice version, an amendment or a filing; or withdraw a notice.

        Raises:
            MalformedError, AlreadyActiveError, DoesNotStandError, UnlawfulChangesError: see
                `ledger.notices.notice`.
            StaleVersionError: something was published or withdrawn since the caller looked.
        """

        def attempt() -> Append:
            notices = self._judging.notices()
            state = notices.by_id(command.notice_id)
            stream = notices.streams.get(command.notice_id)
            if command.expected_version not in (None, state.version if state else 0):
                raise StaleVersionError
            event: NoticeEvent
            if isinstance(command, PublishNotice):
                event = notice.publish(command, state)
            else:
                event = notice.withdraw(command, state)
            owner = stream or random_stream()
            key = self._sealer.register_key(at)
            place = metadata_of(command, owner, state.version + 1 if state else 1, at)
            row = LookupRow("notice", self._streams.notice_key(command.notice_id), owner, key.id)
            rows = () if stream is not None else (row,)
            return Append((self._sealer.seal(event, place, key),), rows)

        return self._appending.appended(command.command, attempt)

    def all(self) -> list[notice.State]:
        """All notices, in the order of their first publication."""
        return list(self._judging.notices().states.values())
