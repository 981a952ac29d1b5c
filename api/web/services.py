"""What the endpoints need, built once by the composition root and handed to every route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, TypeVar, cast

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.auth import ApiKeyTable
from api.case_replies import Replies, ReplyProofs
from api.retention import Retention
from api.settings.settings import Settings
from api.web.cursors import Cursors
from api.web.group_commit_loop import Commands, GroupCommitLoop
from api.web.limiter import Limiter
from ledger.cases.caseload import Caseload
from ledger.emitters.heartbeats import Heartbeats
from ledger.exclusions.service import Exclusions
from ledger.exports.store import Exports
from ledger.quarantine.recorded_since import RecordedSince
from ledger.quarantine.service import Quarantine
from ledger.service import Ledger, RecordOutcome
from ledger.service.group import WorkerGroup
from ledger.store.answers import IdempotencyKeys
from ledger.store.form_drafts import FormDrafts
from ledger.store.registers import Registers
from ledger.transfers.bulk.transfers import BulkTransfers
from ledger.transfers.reassessments import Reassessments
from projections.days import DayReader
from projections.finding_list import FindingList
from projections.histories import Histories, series_read_once
from projections.log.signed_log import SignedLog
from projections.names import Names

T = TypeVar("T")


def _of_parts() -> Limiter:
    """Parts of bulk transfers: a slow sender has a place for long, and takes a thread rarely."""
    return Limiter(in_all=40, for_each=8, waiting_max=16, wait_s=20.0, threads=2)


def _of_registers() -> Limiter:
    """Looks at headings of registers: one of a workbook takes a processor for up to a minute."""
    return Limiter(in_all=2, for_each=1, waiting_max=2, wait_s=20.0, threads=2)


def _of_batches() -> Limiter:
    """Large bodies of transfers, and items that are checked beforehand or are malformed.

    More threads than places of one caller: another one's work begins at once.
    """
    return Limiter(in_all=16, for_each=2, waiting_max=62, wait_s=20.0, threads=4)


def _of_sign_ins() -> Limiter:
    """Exchanges of codes, which wait for the provider: anybody may have one, with any code.

    One caller is one sign-in that was begun here, so a ticket is good for one exchange at a time.
    """
    return Limiter(in_all=64, for_each=1, waiting_max=1, wait_s=20.0, threads=64)


@dataclass(frozen=True, slots=True)
class Services:
    """What endpoints use of the container.

    Attributes:
        part_places: for who sends a part of a bulk transfer.
        preview_places: for who has the headings of a register read.
        batch_places: for who sends many transfers at once, or has some checked.
        sign_in_places: for who comes back from the provider of identities.
    """

    settings: Settings
    now: Callable[[], datetime]
    group: WorkerGroup
    commit_loop: GroupCommitLoop
    histories: Histories
    names: Names
    days: DayReader
    finding_list: FindingList
    cursors: Cursors
    quarantine: Quarantine
    recorded_since: RecordedSince
    reassessing: Reassessments
    retention: Retention
    exclusions: Exclusions
    answers: IdempotencyKeys
    form_drafts: FormDrafts
    registers: Registers
    exports: Exports
    bulk: BulkTransfers
    heartbeats: Heartbeats
    replies: Replies
    proving: ReplyProofs
    caseload: Caseload
    api_keys: ApiKeyTable
    signed_log: SignedLog | None
    part_places: Limiter = field(default_factory=_of_parts)
    preview_places: Limiter = field(default_factory=_of_registers)
    batch_places: Limiter = field(default_factory=_of_batches)
    sign_in_places: Limiter = field(default_factory=_of_sign_ins)

    async def record(self, commands: Commands) -> list[RecordOutcome]:
        """Make and record the commands with whatever else is waiting (group commit)."""
        return await self.commit_loop.record(commands)

    async def run(self, method: Callable[[Ledger, datetime], T]) -> T:
        """Run one other command in a worker thread; the store is synchronous."""
        return await run_in_threadpool(self._call, method)

    def _call(self, method: Callable[[Ledger, datetime], T]) -> T:
        with series_read_once():
            return self.group.call(method)


def services_of(request: Request) -> Services:
    """The services of the application that answers `request`."""
    return cast("Services", request.app.state.services)


async def provide_services(request: Request) -> Services:
    """`services_of` as a dependency: a plain function would run in a thread, for each request."""
    return services_of(request)


ServicesDep = Annotated[Services, Depends(provide_services)]
