"""The stops that an approved decision on a request for measures is: received for each identifier.

They are other streams than the case, so they are no part of the append of its approval. Their
commands follow from the case, what was approved and the identifier: done again, after whatever came
in between, nothing stands twice. Whoever approves does it, whoever sends the letter does what is
left, and so does the service every minute.

Source: Act Art. 35(4), 35(6).
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from ledger.cases.case import State, is_owed, stops_in_letter, stops_of
from ledger.cases.events.case import CaseSentBack
from ledger.cases.events.measures import CaseMeasure, CasePersonIdentified
from ledger.cases.refusals import (
    OwnStopActiveError,
    PersonChangedError,
    StopActiveError,
    StopLiftedError,
)
from ledger.commands import ReceiveDirective
from ledger.crypto.encoding import lp, tag, uuid8
from ledger.errors import AlreadyActiveError
from ledger.format.envelope import AppendCondition
from ledger.format.events import DirectiveEvent, DirectiveReceived, ExpiredEvent, Fact
from ledger.persons import directive
from ledger.persons.service import Persons
from ledger.persons.stored_links import directives_ever_linked
from ledger.streams.streams import AnyFact, Streams
from ledger.values import PrincipalRef


class _NoApprovalError(Exception):
    """The case is not approved any more. It never leaves this file."""


class MeasureStops:
    """Carries decisions on measures out."""

    def __init__(self, streams: Streams, persons: Persons) -> None:
        self._streams = streams
        self._persons = persons

    def carry_out(self, state: State, facts: Iterable[AnyFact], at: datetime) -> None:
        """Receive every stop of the approved decision that does not stand yet.

        The person is whoever was linked to the identifiers as they were named: nobody has looked at
        what is linked later. The number of the case is the evidence; the actor is who approved. An
        approval that is taken back meanwhile ends it: what stands by then stays.

        Args:
            facts: of the case.

        Raises:
            StoreUnavailableError: some may stand and some may not; do it again.
        """
        for command in self._commands(state, facts):
            try:
                self._persons.direct(command, at, lambda: self._approval(state.case))
            except AlreadyActiveError:
                # From that day or earlier: what the letter says is so.
                continue
            except _NoApprovalError:
                return

    def check_stops_active(self, state: State, facts: Iterable[AnyFact]) -> None:
        """Pass when every stop of the approved decision stands, from its day or earlier.

        Args:
            facts: of the case.

        Raises:
            StopLiftedError: one does not.
        """
        for command in self._commands(state, facts):
            key = self._streams.principal_key(command.principal)
            stream = self._streams.find_stream("directive", key)
            stored = self._streams.directive_state(stream) if stream is not None else None
            try:
                directive.receive(command, stored)
            except AlreadyActiveError:
                continue
            raise StopLiftedError

    def _commands(self, state: State, facts: Iterable[AnyFact]) -> Iterator[ReceiveDirective]:
        """The stops of the approved decision, for each identifier."""
        stops = stops_of(state)
        named = [one.position for one in facts if isinstance(one.event, CasePersonIdentified)]
        if not stops or state.person is None or state.approver is None or not named:
            return
        for ref in self._streams.cluster(state.person.identifiers, named[-1]).refs:
            for measure, taken in stops:
                assert measure.directive is not None, "a stop has a kind"
                yield ReceiveDirective(
                    self._command(state, ref, taken),
                    state.approver,
                    ref,
                    measure.directive,
                    taken.from_day,
                    taken.counterparty_party_id,
                    state.number,
                )

    def _approval(self, stream: UUID) -> AppendCondition:
        """That the case is approved, as of now."""
        head = self._streams.reads.head()
        state = self._streams.case_state(stream)
        if state is None or not is_owed(state):
            raise _NoApprovalError
        return AppendCondition(head, (CaseSentBack.TYPE,))

    def check_letter_stops(self, state: State, facts: Iterable[AnyFact]) -> None:
        """Pass when the decision tells every stop that the case put in place and that stands.

        One that stands for somebody else is told by no letter to this person.

        Args:
            facts: of the case: an earlier decision of it may have been about somebody else.

        Raises:
            StopStandsError: it does not.
        """
        letter_stops = stops_in_letter(state)
        named = () if state.person is None else state.person.identifiers
        person = self._streams.cluster(named, None) if named else None
        own = self._streams.directives(person, None) if person is not None else {}
        for stream, stops in self._active_stops(state, facts).items():
            if stops and (stream not in own or not letter_stops.issuperset(stops)):
                raise StopActiveError

    def check_none_untold(self, state: State, facts: Iterable[AnyFact]) -> None:
        """Pass when the case put no stop in place that stands: no letter tells any.

        Raises:
            StopStandsError: one does.
        """
        if any(self._active_stops(state, facts).values()):
            raise StopActiveError

    def check_same_person(self, state: State, facts: Iterable[AnyFact]) -> None:
        """Pass when the person has the identifiers that were compared when somebody named them.

        What is linked since nobody has looked at: a stop would reach whoever it is.

        Raises:
            PersonChangedError: something was linked or unlinked; the person is to be named anew.
        """
        named = [fact for fact in facts if isinstance(fact.event, CasePersonIdentified)]
        if state.person is None or not named:
            return
        then, now = (
            set(self._streams.cluster(state.person.identifiers, up_to).refs)
            for up_to in (named[-1].position, None)
        )
        if then != now:
            raise PersonChangedError

    def check_no_active_stop(self, state: State, facts: Iterable[AnyFact]) -> None:
        """Pass when nobody's stop stands by this case.

        Raises:
            OwnStopStandsError: one does; it is lifted by who decides so, never by the way.
        """
        if any(self._active_stops(state, facts).values()):
            raise OwnStopActiveError

    def _active_stops(
        self, state: State, facts: Iterable[AnyFact]
    ) -> dict[UUID, set[tuple[str, str | None]]]:
        """The stops that the case put in place, for whomever it identified, and nobody lifted.

        By the stream of the directives of each identifier.

        Also for who is not linked any more with those whom it identified.
        """
        named = [
            one
            for fact in facts
            if isinstance(fact.event, CasePersonIdentified)
            for one in fact.event.identifiers
        ]
        streams = directives_ever_linked(self._streams, named)
        found = self._streams.facts(streams, None) if streams else {}
        return {stream: _unlifted_stops(events, state.number) for stream, events in found.items()}

    def _command(self, state: State, ref: PrincipalRef, taken: CaseMeasure) -> UUID:
        """Nobody can tell from the id whose stop it is: the key of the identifier is secret."""
        assert state.submission is not None, "what is approved was submitted"
        parts = (
            state.case.bytes,
            state.submission.content,
            taken.measure.encode(),
            (taken.counterparty_party_id or "").encode(),
            self._streams.principal_key(ref),
        )
        if state.revived is not None:
            # Lifted, as the case had ended by mistake: what is approved stands again.
            parts = (*parts, state.revived.to_bytes(8, "big"))
        message = tag("ppl/case-directive/1") + b"".join(lp(part) for part in parts)
        return uuid8(hashlib.sha256(message).digest())


def _unlifted_stops(facts: Sequence[AnyFact], number: str) -> set[tuple[str, str | None]]:
    """The stops of that case which nobody lifted: kind, and the party they are towards."""
    own = {
        fact.position
        for fact in facts
        if isinstance(fact.event, DirectiveReceived) and fact.event.reference == number
    }
    state = directive.fold(None, cast("list[Fact[DirectiveEvent | ExpiredEvent]]", facts))
    return {
        (one.stop.kind, one.stop.counterparty_party_id)
        for one in (state.stops if state is not None else ())
        if one.lifted_on is None and one.position in own
    }
