"""The ledger: one method a command; whoever writes to the store does it here."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from ledger.accesses import access
from ledger.accesses.service import Accesses, AccessFilter
from ledger.accesses.service import AccessPage as Looks
from ledger.cases.case import ReceiveCase, Step, StepCase
from ledger.cases.case import State as Case
from ledger.cases.measure_stops import MeasureStops
from ledger.cases.numbers import CaseNumbers
from ledger.cases.service import CaseCommands, CaseFact
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LiftDirective,
    LinkIdentifiers,
    PlaceHold,
    ProduceExport,
    PublishNotice,
    PublishProcedure,
    ReceiveDirective,
    ReclassifyTransfer,
    RecordTransfer,
    ReleaseHold,
    RenamePrincipal,
    RepeatTransfer,
    RetractTransfer,
    SettleFindings,
    UnlinkIdentifiers,
    ViewDocument,
    ViewHistory,
    WithdrawNotice,
)
from ledger.crypto.pseudonyms import random_stream
from ledger.emitters.emitter import DeclareCoverage, RegisterEmitter
from ledger.emitters.emitter import State as Emitter
from ledger.emitters.service import CloseComparison, CloseDay, Emitters, KnownEmitters
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exports.audit_service import AuditBags
from ledger.format.envelope import Append
from ledger.format.events import ProcedurePublished
from ledger.holds.hold import State as Hold
from ledger.holds.service import HoldCommands
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.version import Procedure
from ledger.notices import notice
from ledger.notices.service import NoticeCommands
from ledger.persons.service import Persons
from ledger.policies.context import TransferVerdict
from ledger.policies.duty import judge
from ledger.procedures.service import Procedures, ProcedureVersion
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import DUPLICATE_EXPIRED, CommandReceipt, RecordOutcome, repeated
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.correction_service import Check, CorrectionCommands
from ledger.transfers.service import AppendAll, TransferCommands
from ledger.transfers.verdict_inputs import question_of
from ledger.values import transfer_of


class Ledger:
    """Decides, seals and appends. Synchronous; one instance a worker thread.

    Each raises `StoreUnavailableError` when the database cannot be reached: send it again then.

    Attributes:
        audit_bags: asks for audit bags, approves them and puts them on record.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        append: AppendAll,
        check: Check,
        procedures: Sequence[Procedure] = PUBLISHED,
        emitters: KnownEmitters | None = None,
    ) -> None:
        self.streams = streams
        self._sealer = sealer
        self._recording = TransferCommands(streams, sealer, append)
        judging = self._recording.judging
        self._appending = CommandAppender(sealer.keys, append, streams.reads)
        self._correcting = CorrectionCommands(streams, sealer, judging, self._appending, check)
        self._persons = Persons(streams, sealer, self._appending)
        self._notices = NoticeCommands(streams, sealer, judging, self._appending)
        self._holds = HoldCommands(streams, sealer, self._appending)
        self.audit_bags = AuditBags(streams, sealer, self._appending)
        known = emitters or KnownEmitters(streams)
        self._emitters = Emitters(streams, sealer, self._appending, known)
        self._accesses = Accesses(streams)
        self._numbers = CaseNumbers(streams)
        self._procedures = Procedures(streams, sealer, self._appending, procedures)
        directing = MeasureStops(streams, self._persons)
        self._cases = CaseCommands(streams, sealer, self._appending, self._procedures, directing)

    # -- transfers -------------------------------------------------------------------------------

    def record(self, commands: Sequence[RecordTransfer], at: datetime) -> list[RecordOutcome]:
        """Record transfers, each alone; an outcome for each, in the order of the commands."""
        return self._recording.record(commands, at)

    def repeats(self, items: Sequence[RepeatTransfer]) -> list[RecordOutcome | None]:
        """What sending them again answers, of those that are recorded just so; None of others."""
        return self._recording.repeats(items)

    def repeat(self, position: int) -> RecordOutcome:
        """What sending the transfer recorded at `position` once more answers."""
        [fact] = self.streams.reads.facts_at([position])
        state = self.streams.transfer_state(fact.stream)
        if state is None or state.entry is None:
            return RecordOutcome(DUPLICATE_EXPIRED, fact.stream, position, None)
        return repeated(fact.stream, state)

    def judge(self, command: RecordTransfer, at: datetime) -> tuple[int, TransferVerdict]:
        """The verdict that `record` would reach now, and as of which position; stores nothing."""
        typed = transfer_of(command.data)
        question = question_of(command, typed, day_in_japan(at))
        head, [context] = self._recording.judging.gather([question])
        return head, judge(typed, context, question.recorded_on)

    def correct(
        self,
        command: CorrectTransfer | ReclassifyTransfer,
        at: datetime,
        *,
        includes_hidden: bool = False,
        seen: int | None = None,
    ) -> CommandReceipt:
        """Correct or reclassify a recorded transfer; refusals: `CorrectionCommands.correct`."""
        return self._correcting.correct(command, at, includes_hidden=includes_hidden, seen=seen)

    def retract(
        self,
        command: RetractTransfer,
        at: datetime,
        *,
        includes_hidden: bool = False,
        seen: int | None = None,
    ) -> CommandReceipt:
        """Retract a recorded transfer; refusals: `CorrectionCommands.retract`."""
        return self._correcting.retract(command, at, includes_hidden=includes_hidden, seen=seen)

    def settle(
        self,
        command: SettleFindings,
        at: datetime,
        *,
        includes_hidden: bool = False,
        seen: int | None = None,
    ) -> CommandReceipt:
        """Put on record what was done about findings; refusals: `CorrectionCommands.settle`."""
        return self._correcting.settle(command, at, includes_hidden=includes_hidden, seen=seen)

    def check_unmarked(self, stream: UUID) -> None:
        """Refuse a transfer that is marked or excluded under Order 11, as if it were not there.

        Raises:
            NotFoundError: it is marked or excluded, or its content is gone.
        """
        self._correcting.check_unmarked(stream)

    # -- persons ---------------------------------------------------------------------------------

    def link(self, command: LinkIdentifiers | UnlinkIdentifiers, at: datetime) -> CommandReceipt:
        """Link two identifiers, or take the link away; refusals: `Persons.link`."""
        return self._persons.link(command, at)

    def direct(
        self, command: ReceiveDirective | LiftDirective | RenamePrincipal, at: datetime
    ) -> CommandReceipt:
        """A principal's stop, its lifting, or a new name; refusals: `Persons.direct`."""
        return self._persons.direct(command, at)

    # -- register --------------------------------------------------------------------------------

    def publish(self, command: PublishNotice | WithdrawNotice, at: datetime) -> CommandReceipt:
        """Publish or withdraw a notice; refusals: `NoticeCommands.publish`."""
        return self._notices.publish(command, at)

    def notices(self) -> list[notice.State]:
        """All notices, in the order of their first publication."""
        return self._notices.all()

    def hold(self, command: PlaceHold, at: datetime) -> CommandReceipt:
        """Keep records from being destroyed; refusals: `HoldCommands.place`."""
        return self._holds.place(command, at)

    def release(self, command: ReleaseHold, at: datetime) -> CommandReceipt:
        """End a hold; refusals: `HoldCommands.release`."""
        return self._holds.release(command, at)

    def holds(self) -> list[Hold]:
        """All holds, released ones too, in the order in which they were placed."""
        return self._holds.all()

    # -- emitters --------------------------------------------------------------------------------

    def register_emitter(self, command: RegisterEmitter, at: datetime) -> CommandReceipt:
        """Register, rename or retire an emitter; refusals: `Emitters.register`."""
        return self._emitters.register(command, at)

    def declare_coverage(self, command: DeclareCoverage, at: datetime) -> CommandReceipt:
        """Declare days complete, or take that back; refusals: `Emitters.declare`."""
        return self._emitters.declare(command, at)

    def close_day(
        self, command: CloseDay, compared: CloseComparison, at: datetime
    ) -> CommandReceipt:
        """Close a day of an emitter; refusals: `Emitters.close`."""
        return self._emitters.close(command, compared, at)

    def emitters(self, up_to: int | None = None) -> list[Emitter]:
        """All emitters as of a position (None: as they stand), retired ones too."""
        return self._emitters.all(up_to)

    def emitter(self, emitter_id: str) -> Emitter | None:
        """The emitter of that id as it stands; None when there is none."""
        return self._emitters.get(emitter_id)

    # -- procedure -------------------------------------------------------------------------------

    def publish_procedure(self, command: PublishProcedure, at: datetime) -> CommandReceipt:
        """Publish a version of the procedure for requests; refusals: `Procedures.publish`."""
        return self._procedures.publish(command, at)

    def check_procedure(self, command: PublishProcedure, at: datetime) -> ProcedurePublished:
        """What `publish_procedure` would append; stores nothing, and refuses the same."""
        return self._procedures.checked(command, at)

    def procedures(self) -> tuple[ProcedureVersion, ...]:
        """Every version as of now, built in or published, ascending by its first day."""
        return self._procedures.all()

    # -- cases -----------------------------------------------------------------------------------

    def receive_case(self, command: ReceiveCase, at: datetime) -> CommandReceipt:
        """Take a request for disclosure in; refusals: `CaseCommands.receive`."""
        return self._cases.receive(command, at)

    def step_case(self, command: StepCase, at: datetime) -> CommandReceipt:
        """Do one step of a case; refusals: `CaseCommands.step`."""
        return self._cases.step(command, at)

    def resume_case(self, stream: UUID, at: datetime) -> None:
        """Receive the missing stops of an approved case; see `CaseCommands.resume`."""
        self._cases.resume(stream, at)

    def case(self, stream: UUID, up_to: int | None = None) -> Case | None:
        """The case as of a position (None: as it stands); None when there is none."""
        return self._cases.get(stream, up_to)

    def case_with_facts(self, stream: UUID) -> tuple[Case, tuple[CaseFact, ...]] | None:
        """The case as it stands, and its events one by one; None when there is none."""
        return self._cases.case_with_facts(stream)

    def case_ready(self, stream: UUID, version: int, step: type[Step]) -> Case:
        """The case at that version, to which the step is open; refusals: `CaseCommands.ready`."""
        return self._cases.ready(stream, version, step)

    def case_first(self, command: UUID) -> CommandReceipt | None:
        """The receipt of a case's command that stands already; None when it does not."""
        return self._cases.first(command)

    def case_after(self, receipt: CommandReceipt, command: UUID) -> tuple[Case, int]:
        """The case after the command, and its last position; refusals: `CaseCommands.after`."""
        return self._cases.after(receipt, command)

    def review(self, stream: UUID, up_to: int | None = None) -> ActiveExclusions | None:
        """What was excluded at the decision, up to a position; see `CaseCommands.review`."""
        return self._cases.review(stream, up_to)

    def procedure_of(self, state: Case) -> Procedure:
        """The version of the procedure that the case falls under."""
        return self._cases.procedure_of(state)

    def case_numbered(self, number: str) -> UUID | None:
        """The stream of the case that bears the number; None when none does."""
        return self._numbers.cases([number]).get(number)

    def case_numbers_at(self, positions: Collection[int]) -> dict[int, str]:
        """The number of each case that began at one of these positions."""
        return self._numbers.at(positions)

    def cases(self) -> list[Case]:
        """All cases, closed ones too, in the order in which they arrived."""
        return self._cases.all()

    # -- looks -----------------------------------------------------------------------------------

    def view(self, command: ViewHistory | ViewDocument, at: datetime) -> CommandReceipt:
        """Put on record that somebody looked at a history, a case, a letter or a transfer.

        Raises:
            MalformedError: see `ledger.accesses.access`.
        """

        def attempt() -> Append:
            place = metadata_of(command, random_stream(), 1, at)
            event = access.view(command)
            return Append((self._sealer.seal(event, place, self._sealer.access_key(at)),))

        return self._appending.appended(command.command, attempt)

    def produced(self, command: ProduceExport, at: datetime) -> CommandReceipt:
        """Put on record that a bag is produced; refusals: `ledger.accesses.access.produce`."""

        def attempt() -> Append:
            place = metadata_of(command, command.export, 1, at)
            key = self._sealer.access_key(at)
            return Append((self._sealer.seal(access.produce(command), place, key),))

        return self._appending.appended(command.command, attempt)

    def accesses(self, filters: AccessFilter, after: int, up_to: int, limit: int) -> Looks:
        """The looks that are on record, in the order of their positions; see `Accesses.page`."""
        return self._accesses.page(filters, after, up_to, limit)

    def first_access_at(
        self, actor: str, case: UUID, seen: tuple[str, str], after: int
    ) -> datetime | None:
        """When the actor first looked at a document of a case; see `Accesses.first_access_at`."""
        return self._accesses.first_access_at(actor, case, seen, after)
