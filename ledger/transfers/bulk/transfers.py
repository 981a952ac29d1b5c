"""Bulk transfers, as endpoints use them: begin, send parts, commit or abort, go on."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.errors import CorruptRecordError, Defect, MalformedError
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.bulk.commit import BulkCommit
from ledger.transfers.bulk.errors import BulkClosedError, BulkRunsError, TooManyUploadsError
from ledger.transfers.bulk.outcome import BulkOutcome, stored_outcome
from ledger.transfers.bulk.person_keys import PersonKeys
from ledger.transfers.bulk.staging_area import (
    BulkBusyError,
    BulkRows,
    StoredPart,
    TooManyLinesError,
    TooManyStartedError,
    UnderWay,
)
from ledger.transfers.bulk.upload import (
    BulkAnnouncement,
    Check,
    PartUpload,
    check_announced,
    closed,
    more_than_announced,
)
from ledger.transfers.service import AppendAll
from ledger.worker import Worker


class BulkTransfers:
    """Takes bulk transfers in and records them. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached, and
    `NotFoundError` when there is no such bulk transfer or its time is over.

    Args:
        append: see `Recording`.
        check: the contract.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        append: AppendAll,
        rows: BulkRows,
        check: Check,
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._append = append
        self._rows = rows
        self._check = check
        self._keying = PersonKeys(rows, sealer.secret, Worker(sealer.secret, sealer.ledger))

    def begin(
        self, announcement: BulkAnnouncement, at: datetime, begun_max: int | None = None
    ) -> UnderWay:
        """Announce a bulk transfer; its data was accepted by the contract.

        Args:
            begun_max: of the same actor that may take parts at the same time; None: any number.

        Raises:
            MalformedError, TooLargeError: it cannot be recorded in parts.
            TooManyUploadsError: as many take parts already.
        """
        check_announced(announcement)
        actor, lines, parts = announcement.command.actor, announcement.lines, announcement.parts
        try:
            return self._rows.begin(actor, announcement.members, lines, parts, at, begun_max)
        except TooManyStartedError as error:
            raise TooManyUploadsError(error.begun) from None

    def find(self, bulk: UUID, at: datetime) -> UnderWay:
        """The bulk transfer as it stands."""
        return self._rows.find(bulk, at)

    def missing(self, one: UnderWay) -> list[int]:
        """The numbers of the parts that are not there, of one that takes parts."""
        there = frozenset(self._rows.numbers(one))
        return [number for number in range(1, one.parts + 1) if number not in there]

    def result(self, one: UnderWay) -> BulkOutcome | None:
        """What became of it; None while it is not committed."""
        return stored_outcome(self._streams, one) if one.state == "committed" else None

    def upload(self, one: UnderWay, number: int, at: datetime) -> PartUpload:
        """The part of that number, to be taken in; `accept` it when it is whole.

        Raises:
            BulkClosedError: it takes no more parts.
            MalformedError: no such part was announced.
        """
        if one.state != "uploading":
            raise BulkClosedError(one.state)
        if not 1 <= number <= one.parts:
            detail = f"{one.parts:,} parts were announced, numbered from 1"
            raise MalformedError((Defect("/path/number", "NO_SUCH_PART", detail),))
        others = self._rows.other_lines(one, number)
        return PartUpload(self._rows, one, number, others, self._check, day_in_japan(at))

    def accept(self, one: UnderWay, part: StoredPart, at: datetime) -> None:
        """Take the part in the place of any that was sent before under its number.

        Raises:
            BulkClosedError: the commit has begun, or it was aborted meanwhile.
            MalformedError: with the parts that came meanwhile they are more lines than announced.
            StoreUnavailableError: or the server crashed and lost some of it: send it again.
        """
        try:
            is_taken = self._rows.take(one, part)
        except TooManyLinesError:
            raise more_than_announced(one) from None
        if not is_taken:
            raise BulkClosedError(self._rows.find(one.bulk, at).state)

    def close(self, bulk: UUID, at: datetime) -> UnderWay:
        """Begin the commit, which `commit` carries out; nothing when it was begun before.

        Raises:
            PartsMissingError, LinesDifferError, ContentDiffersError: the parts are not what was
                announced; nothing is recorded, and parts may still be sent.
            BulkClosedError: it was aborted.
        """
        return closed(self._rows, self._rows.find(bulk, at), at)

    def commit(self, bulk: UUID, at: datetime) -> BulkOutcome:
        """Record the transfer, or say what became of it; may take a minute.

        Interrupted, it goes on where it was when it is asked again.

        Raises:
            PartsMissingError, LinesDifferError, ContentDiffersError: the parts are not what was
                announced; nothing is recorded, and parts may still be sent.
            BulkClosedError: it was aborted.
            BulkRunsError: the commit runs just now or was taken over, or one of the same transfer
                runs.
        """
        with self._working(bulk) as rows:
            return self._committing(rows).run(bulk, at)

    def mend(self, bulk: UUID, at: datetime) -> BulkOutcome | None:
        """Go on with a commit as `commit` does; give it up where what it needs is lost.

        Returns:
            None: it was given up. It is aborted, and its key (source, id) is free.

        Raises:
            BulkRunsError: see `commit`.
            CorruptRecordError: something is lost, and events of it stand: they never took effect,
                and the key stays theirs.
        """
        with self._working(bulk) as rows:
            committing = self._committing(rows)
            try:
                return committing.run(bulk, at)
            except CorruptRecordError:
                if not committing.give_up(bulk, at):
                    raise
                return None

    def _committing(self, rows: BulkRows) -> BulkCommit:
        return BulkCommit(self._streams, self._sealer, self._append, rows, self._keying)

    def abort(self, bulk: UUID, at: datetime) -> UnderWay:
        """Let go of everything but counts; nothing when it was aborted before.

        Raises:
            BulkClosedError: its commit has begun: it is carried out.
        """
        one = self._rows.find(bulk, at)
        if one.state == "uploading":
            self._rows.move(one, "aborted", {}, one.key, at)
            one = self._rows.find(bulk, at)
        if one.state != "aborted":
            raise BulkClosedError(one.state)
        self._rows.forget_parts(one)
        return self._rows.find(bulk, at)

    def ahead(self, at: datetime) -> bool:
        """Do a little of what a commit would do, while parts come in; whether there was some.

        For the thread that commits. What is recorded is the same without it.
        """
        return self._keying.ahead(at)

    def started_commits(self, at: datetime) -> list[UUID]:
        """Those whose commit has begun and is not done, the oldest first."""
        return [one.bulk for one in self._rows.committing(at)]

    def committing(self, at: datetime) -> list[tuple[UnderWay, datetime | None]]:
        """As `started_commits`, and since when somebody carries each out; None: nobody does."""
        return [(one, self._rows.worked_on(one.bulk)) for one in self._rows.committing(at)]

    @contextmanager
    def _working(self, bulk: UUID) -> Generator[BulkRows]:
        try:
            with self._rows.working(bulk) as rows:
                yield rows
        except BulkBusyError:
            raise BulkRunsError from None
