"""The parts of a process, built once: store, keys, ledger, histories; and who follows.

`Container` connects the parts; nothing else does. It serves the endpoints (`services`), the
follower process and the command line alike.
"""

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from api.case_replies import Replies, ReplyProofs, ReplySources
from api.case_replies.records import RecordFinder
from api.contract import check
from api.database import journal_of
from api.documents import Renderer
from api.retention import FollowingIndex, Retention, RetentionIndex, RetentionOverview, Sources
from api.settings.settings import Settings
from api.signed_log import signed_log
from api.web.cursors import Cursors
from api.web.group_commit_loop import GroupCommitLoop
from api.web.padding_clock import restart_padding
from ledger.backup.after_restore import Destroy
from ledger.cases.case import State as Case
from ledger.cases.caseload import Caseload
from ledger.clock import now
from ledger.crypto.epoch_names import WEEK
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN
from ledger.crypto.secrets import Secrets
from ledger.emitters.heartbeats import Heartbeats
from ledger.emitters.service import KnownEmitters
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.rows import ExclusionRows
from ledger.exclusions.service import Exclusions
from ledger.exports.store import Exports
from ledger.law.procedure.version import Procedure
from ledger.log.service import LogEpochs
from ledger.postgres.roles import RoleUrls
from ledger.quarantine.recorded_since import RecordedSince
from ledger.quarantine.service import Quarantine
from ledger.retention.certificate import RetentionPeriods
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.retention.expiry_write import DestroyedKeys, ExpiryWriter
from ledger.retention.journal_file import Journal
from ledger.retention.parts import RunParts
from ledger.retention.run import RetentionRun
from ledger.retention.run import RetentionSettings as Keeping
from ledger.service import Ledger, Sealer
from ledger.service.group import WorkerGroup
from ledger.store.answers import IdempotencyKeys
from ledger.store.connections import PURGER, READER, WRITER, Connections
from ledger.store.event_macs import EventMacs
from ledger.store.form_drafts import FormDrafts
from ledger.store.keys import KeyRows
from ledger.store.recorder import LedgerRecorder
from ledger.store.registers import Registers
from ledger.store.secret_check import KIND, await_secret_check
from ledger.streams.streams import Streams
from ledger.transfers.bulk.staging_area import BulkRows, is_any_pending
from ledger.transfers.bulk.transfers import BulkTransfers
from ledger.transfers.late_verdicts import LateVerdicts
from ledger.transfers.reassessments import Reassessments
from projections.days import DayReader
from projections.expired_rows import forget
from projections.finding_list import FindingList
from projections.follower import Follower
from projections.histories import Histories
from projections.names import Names
from projections.senders import Senders

if TYPE_CHECKING:
    from api.web.services import Services


class Container:
    """All parts, connected. Close it when done.

    Args:
        fixed_bytes: the least size of what is excluded, F of the event format, section 6.

    Raises:
        OtherSecretError: the ledger was begun with another secret.
        StoreUnavailableError: the database cannot be reached within `SECONDS_TO_REACH`.
    """

    def __init__(
        self,
        urls: RoleUrls,
        ledger: str,
        secrets: Secrets,
        clock: Callable[[], datetime] = now,
        fixed_bytes: int = FIXED_BYTES_MIN,
    ) -> None:
        self.urls = urls
        self.name = ledger
        self.now = clock
        self._fixed_bytes = fixed_bytes
        self.writer = Connections(urls.writer, WRITER)
        self.reader = Connections(urls.reader, READER)
        self.purger = Connections(urls.purger, PURGER)
        self.secret = LedgerSecret(secrets.secret, ledger, persons=secrets.persons)
        await_secret_check(self.writer, self.secret.lookup_key(KIND))
        self.keys = KeyRing(
            KeyRows(self.writer, self.secret.row_mac), secrets.masters, ledger, clock
        )
        self.macs = EventMacs(self.secret.event_mac)
        self.recorder = LedgerRecorder(self.writer, self.macs)
        self.reads = LedgerRecorder(self.reader, self.macs)
        self.streams = Streams(self.reads, self.keys, self.secret, ledger)
        self.histories = Histories(self.reader, self.streams)
        self.names = Names(self.reader, self.streams, self.histories)
        self._emitters = KnownEmitters(self.streams)
        self.expiry_queries = ExpiryQueries(self.reader, KeyRows(self.reader, self.secret.row_mac))
        self.expiring = ExpiryWriter(self.purger, forget, self.secret.event_mac)

    def ledger(self) -> Ledger:
        """A ledger for one thread."""
        append = self.recorder.append
        return Ledger(self.streams, self._sealer(), append, check, emitters=self._emitters)

    def exclusions(self) -> Exclusions:
        """What is excluded under Order 11, to change it and to repeat it each day."""
        append, rows = self.recorder.append, ExclusionRows(self.writer)
        return Exclusions(self.streams, self._sealer(), append, rows, self.histories.wait)

    def log_epochs(self) -> LogEpochs:
        """Epochs of the log, to begin one."""
        return LogEpochs(self.streams, self._sealer(), self.recorder.append)

    def bulk(self) -> BulkTransfers:
        """Bulk transfers: taken in and recorded."""
        append, rows = self.recorder.append, BulkRows(self.writer, self.keys)
        return BulkTransfers(self.streams, self._sealer(), append, rows, check)

    def _sealer(self) -> Sealer:
        return Sealer(self.keys, self.secret, self.name, self._fixed_bytes)

    def follower(self, slot: str | None = None) -> Follower:
        """A follower of the read side."""
        read = self.streams
        facts, carried, bare = self.reads.facts_after, read.judged, read.without_chunks

        def connect() -> psycopg.Connection:
            return psycopg.connect(self.urls.projector, autocommit=True)

        return Follower(connect, facts, read.unsealed, carried, bare, self.secret, slot)

    @contextmanager
    def retaining(self, journal: Journal | None = None) -> Generator[RetentionRun]:
        """What plans and destroys, for one thread.

        Args:
            journal: notes what is destroyed; without it nobody can tell after a restore.
        """
        yield self._retaining(journal, Keeping())

    @contextmanager
    def repeat_destruction(self, actor: str) -> Generator[Destroy]:
        """What destroys again after a restore, for one thread.

        It follows the log itself: no other process works on a database that just came back.

        Args:
            actor: who does it, 32 hex digits.
        """
        with psycopg.connect(self.urls.projector, autocommit=True) as connection:
            follower = self.follower()

            def follow(position: int) -> None:
                follower.catch_up(connection, position)

            index = FollowingIndex(self.histories, self.reader, follow)
            retaining = self._retaining(None, Keeping(), index)

            def destroy(keys: Collection[bytes], at: datetime) -> Sequence[DestroyedKeys]:
                follow(self.reads.head())
                return retaining.destroy_restored(keys, at, actor).expired

            yield destroy

    def retention(self, settings: Settings) -> Retention:
        """Retention for the endpoints, the command line and the daily job."""
        keeping = Keeping(settings.retention_window_days, settings.no_record_years)
        journal = journal_of(settings)
        sources = Sources(
            reader=self.reader,
            purger=self.purger,
            streams=self.streams,
            expiry_queries=self.expiry_queries,
            expiring=self.expiring,
            journal=journal,
            ledger=self.name,
            window_days=settings.retention_window_days,
            periods=_periods(settings),
        )
        overview = RetentionOverview(self._retaining(journal, keeping), sources, self.now)
        return Retention(
            self._retaining(journal, keeping), overview, sources, self.now, self.exclusions()
        )

    def replies(self, settings: Settings, group: WorkerGroup) -> Replies:
        """What makes letters of cases; close it when done."""

        def procedure_of(state: Case) -> Procedure:
            return group.call(lambda ledger, _: ledger.procedure_of(state))

        def review(case: UUID, up_to: int) -> ActiveExclusions | None:
            return group.call(lambda ledger, _: ledger.review(case, up_to))

        wait_s = settings.projection_wait_s
        records = RecordFinder(self.histories, self.streams, wait_s, waited=restart_padding)
        secret = self.secret.lookup_key
        log = None if settings.log_verifier is None else settings.log_verifier.name
        waiting = self.quarantine()
        sources = ReplySources(
            procedure_of,
            review,
            self._emitters.at,
            Senders(
                Heartbeats(self.writer, self.reader), DayReader(self.reader, self.secret)
            ).unregistered,
            secret,
            waiting.matching,
            waiting.received,
            self.names,
            LateVerdicts(self.reader, self.streams).of_person,
            partial(is_any_pending, self.writer),
            settings.kinds,
            log,
        )
        return Replies(records, self.streams, Renderer(), sources)

    def quarantine(self) -> Quarantine:
        """The rejected items."""
        return Quarantine(self.writer, self.keys, self.secret)

    def exports(self) -> Exports:
        """The exports that were asked for at the endpoints."""
        return Exports(self.writer, self.keys)

    @contextmanager
    def services(self, settings: Settings) -> Generator["Services"]:
        """What the endpoints need, while they are open."""
        # The web framework is much to load, and most processes have no endpoints.
        from api.auth import ApiKeyTable  # noqa: PLC0415 -- see above
        from api.web.services import Services  # noqa: PLC0415 -- see above

        group = WorkerGroup(self.ledger, self.now)
        replies = self.replies(settings, group)
        wait_s = settings.projection_wait_s
        signed = signed_log(settings)
        finding_list = FindingList(
            self.reader, self.streams, self.histories, wait_s, restart_padding
        )
        try:
            yield Services(
                settings=settings,
                now=self.now,
                group=group,
                commit_loop=GroupCommitLoop(group),
                histories=self.histories,
                names=self.names,
                days=DayReader(self.reader, self.secret),
                finding_list=finding_list,
                cursors=Cursors(self.secret.lookup_key),
                quarantine=self.quarantine(),
                recorded_since=RecordedSince(self.writer, self.streams),
                reassessing=Reassessments(self.reader, self.streams),
                retention=self.retention(settings),
                exclusions=self.exclusions(),
                answers=IdempotencyKeys(self.writer, self.keys, self.secret),
                form_drafts=FormDrafts(self.writer, self.keys, self.secret),
                registers=Registers(self.writer, self.keys, self.secret),
                exports=self.exports(),
                bulk=self.bulk(),
                heartbeats=Heartbeats(self.writer, self.reader),
                replies=replies,
                proving=ReplyProofs(
                    replies, self.streams, signed if settings.reply_proofs else None
                ),
                caseload=Caseload(self.streams),
                api_keys=ApiKeyTable(self.writer.connection, self.secret.row_mac),
                signed_log=signed,
            )
        finally:
            replies.close()
            group.stop()

    def _retaining(
        self, journal: Journal | None, keeping: Keeping, index: RetentionIndex | None = None
    ) -> RetentionRun:
        parts = RunParts(
            streams=self.streams,
            sealer=self._sealer(),
            append=self.recorder.append,
            expiry_queries=self.expiry_queries,
            expiring=self.expiring,
            index=index or RetentionIndex(self.histories, self.reader),
            journal=journal or _Unnoted(),
        )
        return RetentionRun(parts, keeping)

    def close(self) -> None:
        """Close the connections."""
        for connections in (self.writer, self.reader, self.purger):
            connections.close()


class _Unnoted:
    """No erasure journal: for whoever asks only, and where nothing is ever restored."""

    def intend(self, keys: Sequence[bytes], plan: UUID, at: datetime) -> None:
        pass

    def settle(self, gone: Sequence[bytes], position: int) -> None:
        pass


def _periods(settings: Settings) -> RetentionPeriods:
    # One master from the environment never changes: no backup of its time ever closes.
    is_fixed = bool(settings.epoch_masters)
    return RetentionPeriods(
        no_record_years=settings.no_record_years,
        backup_days=None if is_fixed else WEEK.days + settings.backup_horizon_days,
    )
