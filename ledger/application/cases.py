"""Disclosure cases: taken in, worked on, answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from ledger import case
from ledger.application.appending import Appending
from ledger.application.outcome import Receipt
from ledger.application.sealing import Sealer
from ledger.case import ReceiveCase, StepCase
from ledger.crypto.pseudonyms import random_stream
from ledger.drafts import Place
from ledger.envelope import Append, DutyRow
from ledger.events import CaseEvent, Expired, Fact
from ledger.events.case import CaseApproved, CaseReceived
from ledger.law.procedure.version import Procedure
from ledger.streams import AnyFact, Streams

_FIRST = (CaseReceived.TYPE,)


class Cases:
    """Decides and appends what becomes of cases. One stream and one key a case.

    Args:
        procedures: every version that was ever published, ascending.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        appending: Appending,
        procedures: Sequence[Procedure],
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending
        self._procedures = procedures

    def receive(self, command: ReceiveCase, at: datetime) -> Receipt:
        """Take a request in; the receipt names the stream of the new case.

        Raises:
            MalformedError: see `ledger.case.intake`.
        """
        stream = random_stream()
        return self._appended(command, stream, at)

    def step(self, command: StepCase, at: datetime) -> Receipt:
        """Do one step of a case; its position stands in the receipt.

        Raises:
            NotFoundError, StaleVersionError, CaseStatusError, and what the step itself raises: see
                `ledger.case.deciding`.
        """
        return self._appended(command, command.case, at)

    def get(self, stream: UUID, upto: int | None = None) -> case.State | None:
        """The case as of a position (None: as it stands); None when there is none."""
        return self._streams.case_state(stream, upto)

    def all(self) -> list[case.State]:
        """All cases whose key lives, closed ones too, in the order in which they arrived."""
        stored = self._streams.reads.facts_of_topics(_FIRST, 0)
        streams = [one.stream for one in stored]
        found = self._streams.facts(streams, None) if streams else {}
        return list(_states(found[stream] for stream in streams))

    def _appended(self, command: ReceiveCase | StepCase, stream: UUID, at: datetime) -> Receipt:
        def attempt() -> Append:
            is_new = isinstance(command, ReceiveCase)
            state = None if is_new else self._streams.case_state(stream)
            head = self._streams.reads.head()
            events = case.decide(command, state, self._procedures, at, head)
            key = self._sealer.keys.key_for("case", owner=stream)
            first = state.version + 1 if state is not None else 1
            sealed = [
                self._sealer.seal(
                    event, Place(stream, version, at, command.actor, command.command), key
                )
                for version, event in enumerate(events, first)
            ]
            return Append(tuple(sealed), duties=_duties(command.actor, state, events))

        return self._appending.appended(command.command, attempt)


def _states(streams: Iterable[list[AnyFact]]) -> Iterable[case.State]:
    for facts in streams:
        state = case.fold(None, cast("list[Fact[CaseEvent | Expired]]", facts))
        if state is not None:
            yield state


def _duties(
    actor: str, state: case.State | None, events: Sequence[CaseEvent]
) -> tuple[DutyRow, ...]:
    """What the database must know of an approval: it refuses a preparer as the approver."""
    if state is None or not isinstance(events[0], CaseApproved):
        return ()
    return tuple(
        DutyRow(state.case, f"approve/{state.version + 1}/{n}", preparer, actor)
        for n, preparer in enumerate(sorted(state.preparers))
    )
