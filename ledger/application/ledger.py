"""The ledger: one method a command; the only door to the store for those who write."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger import access, notice
from ledger.application.appending import Appending, place_of
from ledger.application.cases import Cases
from ledger.application.correcting import Check, Correcting
from ledger.application.judging import Question
from ledger.application.outcome import DUPLICATE_EXPIRED, Outcome, Receipt, repeated
from ledger.application.persons import Persons
from ledger.application.recording import AppendAll, Recording
from ledger.application.register import Register
from ledger.application.sealing import Sealer
from ledger.case import ReceiveCase, StepCase
from ledger.case import State as Case
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LiftDirective,
    LinkIdentifiers,
    PlaceHold,
    PublishNotice,
    ReceiveDirective,
    ReclassifyTransfer,
    RecordTransfer,
    ReleaseHold,
    RenamePrincipal,
    RetractTransfer,
    UnlinkIdentifiers,
    ViewHistory,
    WithdrawNotice,
)
from ledger.crypto.pseudonyms import random_stream
from ledger.envelope import Append
from ledger.hold import State as Hold
from ledger.law.procedure.published import PUBLISHED
from ledger.law.procedure.version import Procedure
from ledger.policies.context import TransferVerdict
from ledger.policies.duty import judge
from ledger.streams import Streams
from ledger.values import CheckedTransfer, transfer_of


class Ledger:
    """Decides, seals and appends. Synchronous; one instance a worker thread.

    Every method raises `StoreUnavailableError` when the database cannot be reached: nothing was
    acknowledged then, and the same command may be sent again.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        append: AppendAll,
        check: Check,
        procedures: Sequence[Procedure] = PUBLISHED,
    ) -> None:
        self.streams = streams
        self._sealer = sealer
        self._recording = Recording(streams, sealer, append)
        judging = self._recording.judging
        self._appending = Appending(sealer.keys, append, streams.reads)
        self._correcting = Correcting(streams, sealer, judging, self._appending, check)
        self._persons = Persons(streams, sealer, self._appending)
        self._register = Register(streams, sealer, judging, self._appending)
        self._cases = Cases(streams, sealer, self._appending, procedures)

    # -- transfers -------------------------------------------------------------------------------

    def record(self, commands: Sequence[RecordTransfer], at: datetime) -> list[Outcome]:
        """Record transfers, each alone; an outcome for each, in the order of the commands."""
        return self._recording.record(commands, at)

    def repeat(self, position: int) -> Outcome:
        """What sending the transfer recorded at `position` once more answers."""
        [fact] = self.streams.reads.facts_at([position])
        state = self.streams.transfer_state(fact.stream)
        if state is None or state.entry is None:
            return Outcome(DUPLICATE_EXPIRED, fact.stream, position, None)
        return repeated(fact.stream, state)

    def judge(
        self, data: CheckedTransfer, source: str, at: datetime
    ) -> tuple[int, TransferVerdict]:
        """The verdict that `record` would reach now, and as of which position; stores nothing."""
        typed = transfer_of(data)
        recorded_on = typed.recorded_on or day_in_japan(at)
        question = Question(typed, source, recorded_on)
        head, [gathered] = self._recording.judging.gather([question])
        return head, judge(typed, gathered.context, recorded_on)

    def correct(self, command: CorrectTransfer | ReclassifyTransfer, at: datetime) -> Receipt:
        """Correct or reclassify a recorded transfer; refusals: `Correcting.correct`."""
        return self._correcting.correct(command, at)

    def retract(self, command: RetractTransfer, at: datetime) -> Receipt:
        """Retract a recorded transfer; refusals: `Correcting.retract`."""
        return self._correcting.retract(command, at)

    def check_unmarked(self, stream: UUID) -> None:
        """Refuse a transfer that is marked under Order 11, as if it were not there.

        Raises:
            NotFoundError: it is marked.
        """
        self._correcting.check_unmarked(stream)

    # -- persons ---------------------------------------------------------------------------------

    def link(self, command: LinkIdentifiers | UnlinkIdentifiers, at: datetime) -> Receipt:
        """Link two identifiers, or take the link away; refusals: `Persons.link`."""
        return self._persons.link(command, at)

    def direct(
        self, command: ReceiveDirective | LiftDirective | RenamePrincipal, at: datetime
    ) -> Receipt:
        """A principal's stop, its lifting, or a new name; refusals: `Persons.direct`."""
        return self._persons.direct(command, at)

    # -- register --------------------------------------------------------------------------------

    def publish(self, command: PublishNotice | WithdrawNotice, at: datetime) -> Receipt:
        """Publish or withdraw a notice; refusals: `Register.publish`."""
        return self._register.publish(command, at)

    def notices(self) -> list[notice.State]:
        """All notices, in the order of their first publication."""
        return self._register.notices()

    def hold(self, command: PlaceHold, at: datetime) -> Receipt:
        """Keep records from being destroyed; refusals: `Register.hold`."""
        return self._register.hold(command, at)

    def release(self, command: ReleaseHold, at: datetime) -> Receipt:
        """End a hold; refusals: `Register.release`."""
        return self._register.release(command, at)

    def holds(self) -> list[Hold]:
        """All holds, released ones too, in the order in which they were placed."""
        return self._register.holds()

    # -- cases -----------------------------------------------------------------------------------

    def receive_case(self, command: ReceiveCase, at: datetime) -> Receipt:
        """Take a request for disclosure in; refusals: `Cases.receive`."""
        return self._cases.receive(command, at)

    def step_case(self, command: StepCase, at: datetime) -> Receipt:
        """Do one step of a case; refusals: `Cases.step`."""
        return self._cases.step(command, at)

    def case(self, stream: UUID, upto: int | None = None) -> Case | None:
        """The case as of a position (None: as it stands); None when there is none."""
        return self._cases.get(stream, upto)

    def cases(self) -> list[Case]:
        """All cases, closed ones too, in the order in which they arrived."""
        return self._cases.all()

    # -- looks -----------------------------------------------------------------------------------

    def view(self, command: ViewHistory, at: datetime) -> Receipt:
        """Put on record that somebody looked at a history."""

        def attempt() -> Append:
            place = place_of(command, random_stream(), 1, at)
            event = access.view(command)
            return Append((self._sealer.seal(event, place, self._sealer.access_key(at)),))

        return self._appending.appended(command.command, attempt)
