"""Disclosure cases: taken in, worked on, answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from ledger.cases import case
from ledger.cases.case import ReceiveCase, StepCase
from ledger.cases.events.case import (
    CaseApproved,
    CaseClosed,
    CaseReceived,
    CaseSubmitted,
    CaseWithdrawn,
)
from ledger.cases.events.mistakes import CaseEnteredInError, CaseMistakeReported, CaseResumed
from ledger.cases.measure_stops import MeasureStops
from ledger.cases.mistake_steps import ConfirmMistake
from ledger.cases.refusals import StaleVersionError
from ledger.cases.steps import Approve, Decide, Dispatch, Withdraw
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import NotFoundError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.reviews import ExclusionReviews, is_decision, is_review
from ledger.format.envelope import Append, AppendCondition, DutyRow
from ledger.format.event_writer import EventMetadata
from ledger.format.events import CaseEvent, DirectiveLifted, ExpiredEvent, Fact
from ledger.law.procedure.version import Procedure
from ledger.procedures.service import Procedures
from ledger.streams.appender import CommandAppender
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import AnyFact, Streams

_FIRST = (CaseReceived.TYPE,)

CaseFact = Fact[CaseEvent | ExpiredEvent]
"""One event of a case; without content once the key is dead."""


class CaseCommands:
    """Decides and appends what becomes of cases. One stream and one key a case.

    Args:
        procedures: every version, the published ones too.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        appending: CommandAppender,
        procedures: Procedures,
        directing: MeasureStops,
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending
        self._procedures = procedures
        self._directing = directing
        self._reviewing = ExclusionReviews(streams, sealer)

    def receive(self, command: ReceiveCase, at: datetime) -> CommandReceipt:
        """Take a request in; the receipt names the stream of the new case.

        Raises:
            MalformedError: see `ledger.cases.intake` and `ledger.cases.case`.
        """
        stream = random_stream()
        return self._appended(command, stream, at)

    def step(self, command: StepCase, at: datetime) -> CommandReceipt:
        """Do one step of a case; its position stands in the receipt.

        Raises:
            NotFoundError, StaleVersionError, CaseStatusError, and what the step itself raises: see
                `ledger.cases.decider`.
            StopLiftedError: at a dispatch, a stop that the letter tells was lifted.
            StopStandsError: a stop of the case stands that the letter, submitted or approved, does
                not tell; at a closing or a withdrawal: the one that the person has in hand.
            OwnStopStandsError, ReplacementError: the case cannot end as a mistake.
            StoreUnavailableError: also when the step stands, but not yet every stop that it is: do
                it again, or leave it to `resume`.
        """
        if isinstance(command.step, Dispatch | Withdraw):
            # No letter goes out that tells of a stop which does not stand, and no case is withdrawn
            # over one that is about to.
            self.resume(command.case, at)
        receipt = self._appended(command, command.case, at)
        if isinstance(command.step, Approve | ConfirmMistake):
            self.resume(command.case, at)
        return receipt

    def resume(self, stream: UUID, at: datetime) -> None:
        """Receive the stops of an approved decision that do not stand; nothing when all do."""
        state = self.get(stream)
        if state is not None and case.is_owed(state):
            facts = self._streams.facts([stream], None).get(stream, [])
            self._directing.carry_out(state, facts, at)

    def get(self, stream: UUID, up_to: int | None = None) -> case.State | None:
        """The case as of a position (None: as it stands); None when there is none."""
        return self._streams.case_state(stream, up_to)

    def case_with_facts(self, stream: UUID) -> tuple[case.State, tuple[CaseFact, ...]] | None:
        """The case as it stands, and its events one by one; None when there is none.

        Reviews are left out: each decision has one, and nobody is shown what is in it.
        """
        facts = self._streams.facts([stream], None).get(stream, [])
        if not facts or not isinstance(facts[0].event, CaseEvent):
            return None
        state = case.fold(None, cast("list[CaseFact]", facts))
        visible_facts = [fact for fact in facts if not is_review(fact.event)]
        return None if state is None else (state, tuple(cast("list[CaseFact]", visible_facts)))

    def ready(self, stream: UUID, version: int, step: type[case.Step]) -> case.State:
        """The case at that version, to which the step is open: for what a step is made of.

        Raises:
            NotFoundError, StaleVersionError, CaseStatusError: as `step` would.
        """
        state = self.get(stream)
        if state is None:
            raise NotFoundError
        if state.version != version:
            raise StaleVersionError
        case.check_open(step, state, self.procedure_of(state))
        return state

    def first(self, command: UUID) -> CommandReceipt | None:
        """The receipt of a command that stands already; None when it does not."""
        events = self._streams.reads.of_command(command)
        return CommandReceipt(*events[0], known=True) if events else None

    def after(self, receipt: CommandReceipt, command: UUID) -> tuple[case.State, int]:
        """The case as the command left it, whatever came since; and its last position.

        Raises:
            NotFoundError: the key of the case died since.
        """
        last = self._streams.reads.of_command(command)[-1][1]
        state = self.get(receipt.stream, last)
        if state is None:
            raise NotFoundError
        return state, last

    def procedure_of(self, state: case.State) -> Procedure:
        """The version that the case falls under."""
        return case.procedure_of(state, self._procedures.known(state.procedure))

    def review(self, stream: UUID, up_to: int | None = None) -> ActiveExclusions | None:
        """What was excluded at the decision, up to a position; see `ExclusionReviews.read`.

        Not to be shown: a reply is made again with it.
        """
        return self._reviewing.read(stream, up_to)

    def all(self) -> list[case.State]:
        """All cases whose key lives, closed ones too, in the order in which they arrived."""
        stored = self._streams.reads.facts_of_topics(_FIRST, 0)
        streams = [one.stream for one in stored]
        found = self._streams.facts(streams, None) if streams else {}
        return list(_states(found[stream] for stream in streams))

    def _appended(
        self, command: ReceiveCase | StepCase, stream: UUID, at: datetime
    ) -> CommandReceipt:
        def attempt() -> Append:
            is_new = isinstance(command, ReceiveCase)
            state = None if is_new else self._streams.case_state(stream)
            head = self._streams.reads.head()
            if isinstance(command, ReceiveCase):
                self._check_envelope(command)
            events = case.decide(command, state, self._procedures.now(), at, head)
            if state is not None and isinstance(events[0], CaseSubmitted | CaseApproved):
                self._check_stops(state)
            if state is not None and isinstance(events[0], CaseClosed | CaseWithdrawn):
                self._check_open_stops(state, events[0])
            condition = None
            if state is not None and case.stops_of(state) and _is_to_leave(command):
                facts = self._streams.facts([stream], None).get(stream, [])
                self._directing.check_stops_active(state, facts)
                condition = AppendCondition(head, (DirectiveLifted.TYPE,))
            if state is not None:
                self._check_mistake(state, events[0])
            key = self._sealer.keys.key_for("case", owner=stream)
            first = state.version + 1 if state is not None else 1
            sealed = [
                self._sealer.seal(
                    event, EventMetadata(stream, version, at, command.actor, command.command), key
                )
                for version, event in enumerate(events, first)
            ]
            if is_decision(events[0]):
                place = EventMetadata(
                    stream, first + len(events), at, command.actor, command.command
                )
                sealed.append(self._reviewing.sealed(state, place, _decided_on(command)))
            duties = self._duties(command.actor, state, events)
            return Append(tuple(sealed), duties=duties, condition=condition)

        return self._appending.appended(command.command, attempt)

    def _duties(
        self, actor: str, state: case.State | None, events: Sequence[CaseEvent]
    ) -> tuple[DutyRow, ...]:
        """What the database must know of the work of two: it refuses one person as both."""
        if state is None:
            return ()
        if isinstance(events[0], CaseEnteredInError | CaseResumed):
            assert state.report is not None, "what is confirmed was reported"
            step = f"mistake/{state.version + 1}"
            return (DutyRow(state.case, step, state.report.actor, actor),)
        if not isinstance(events[0], CaseApproved):
            return ()
        preparers = state.step_actors.preparers(self.procedure_of(state).readings.preparers)
        return tuple(
            DutyRow(state.case, f"approve/{state.version + 1}/{n}", preparer, actor)
            for n, preparer in enumerate(sorted(preparers))
        )

    def _check_stops(self, state: case.State) -> None:
        if state.application.kind in case.FOR_MEASURES:
            facts = self._streams.facts([state.case], None).get(state.case, [])
            self._directing.check_letter_stops(state, facts)
            self._directing.check_same_person(state, facts)

    def _check_open_stops(self, state: case.State, end: CaseClosed | CaseWithdrawn) -> None:
        """Refuse an end that leaves a stop nobody was told of (`ledger.cases.case`)."""
        if state.application.kind not in case.FOR_MEASURES:
            return
        letters = case.find_stop_letters(state, end)
        if letters is None:
            return
        facts = self._streams.facts([state.case], None).get(state.case, [])
        if not letters:
            self._directing.check_none_untold(state, facts)
        for letter in letters:
            then = self._streams.case_state(state.case, letter.position - 1)
            assert then is not None, "it was there before its reply went out"
            self._directing.check_letter_stops(then, facts)

    def _check_mistake(self, state: case.State, event: CaseEvent) -> None:
        """Pass when the case may be said, or confirmed, to be entered in error."""
        if isinstance(event, CaseMistakeReported):
            report, check = event, case.check_replacement
        elif isinstance(event, CaseEnteredInError) and state.report is not None:
            report, check = state.report.event, case.check_replaced
        else:
            return
        if report.replaced_by is not None:
            check(report, state, self._streams.case_state(report.replaced_by))
        if report.what == case.ENTRY and state.application.kind in case.FOR_MEASURES:
            facts = self._streams.facts([state.case], None).get(state.case, [])
            self._directing.check_no_active_stop(state, facts)

    def _check_envelope(self, command: ReceiveCase) -> None:
        application = command.application
        if application.same_envelope_as is not None:
            case.check_same(application, self._streams.case_state(application.same_envelope_as))


def _is_to_leave(command: ReceiveCase | StepCase) -> bool:
    """Whether it dispatches a letter; one that is in the post already can be held back no more."""
    step = command.step if isinstance(command, StepCase) else None
    return isinstance(step, Dispatch) and not step.already_posted


def _decided_on(command: ReceiveCase | StepCase) -> tuple[UUID, ...]:
    """The records that the command decides on."""
    step = command.step if isinstance(command, StepCase) else None
    return (*step.provided, *step.received) if isinstance(step, Decide) else ()


def _states(streams: Iterable[list[AnyFact]]) -> Iterable[case.State]:
    for facts in streams:
        state = case.fold(None, cast("list[Fact[CaseEvent | ExpiredEvent]]", facts))
        if state is not None:
            yield state
