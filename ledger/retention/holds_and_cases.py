"""What keeps records past their day: holds that stand, and open cases.

Source: `docs/reference/event-format.md`, section 5; Act Art. 33(5); 35(5), 35(6).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from ledger.cases import case
from ledger.cases.events.case import CaseClosed, CaseReceived, CaseRecordsIdentified, CaseWithdrawn
from ledger.cases.events.mistakes import CaseEnteredInError
from ledger.format.events import CaseEvent, ExpiredEvent, Fact
from ledger.holds import hold
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.streams.streams import AnyFact, Streams
from ledger.values import PrincipalRef

# A case whose newest event is one of these has ended: it need not be opened to know that.
_ENDS = frozenset({CaseClosed.TYPE, CaseWithdrawn.TYPE, CaseEnteredInError.TYPE})


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that has not ended.

    Attributes:
        case: its stream.
        position: where it began.
        number: what the desk calls it.
        principals: the identifiers on its form and those that were ever searched for or identified
            in it, each once. A request with a name alone has none, and keeps nothing.
    """

    case: UUID
    position: int
    number: str
    principals: tuple[PrincipalRef, ...]


@dataclass(frozen=True, slots=True)
class Keeper:
    """One that keeps: a hold or a case.

    Attributes:
        stream: whose own key of class `held` takes the copies.
        transfer: the transfer that is kept; None where persons are.
        principals: identifiers of the persons whose records are kept.
    """

    stream: UUID
    transfer: UUID | None
    principals: tuple[PrincipalRef, ...]


@dataclass(frozen=True, slots=True)
class HoldsAndCases:
    """Holds and cases as of one look.

    Attributes:
        holds: all that can be read, released ones too, oldest first.
        cases: the open ones, oldest first.
    """

    holds: tuple[hold.State, ...] = ()
    cases: tuple[OpenCase, ...] = ()

    def keepers(self, ended: Collection[UUID] = ()) -> list[Keeper]:
        """Those that keep anything.

        Args:
            ended: streams of holds and cases that do not, whatever the log says.
        """
        holds = [
            Keeper(one.hold, one.transfer, one.principals) for one in self.holds if one.is_active
        ]
        cases = [Keeper(one.case, None, one.principals) for one in self.cases if one.principals]
        return [one for one in (*holds, *cases) if one.stream not in ended]

    def nameless(self) -> tuple[OpenCase, ...]:
        """The open cases that name nobody by an identifier: for them nothing is kept."""
        return tuple(one for one in self.cases if not one.principals)


class OpenCases:
    """The open cases; what has not moved since the last look is not read again.

    An ended case is not remembered: who asked and for whom dies with its key. Belongs to one
    thread.
    """

    def __init__(self, streams: Streams, expiry_queries: ExpiryQueries) -> None:
        self._streams = streams
        self._expiry_queries = expiry_queries
        self._versions: dict[UUID, int] = {}
        self._open: dict[UUID, OpenCase] = {}

    def read(self) -> None:
        """Catch up with the log."""
        case_heads = self._expiry_queries.cases()
        versions = {one.stream: one.version for one in case_heads}
        moved = [one for one in case_heads if self._versions.get(one.stream) != one.version]
        streams = [one.stream for one in moved if one.topic not in _ENDS]
        facts = self._streams.facts(streams, None) if streams else {}
        for stream in {*self._versions.keys() - versions.keys(), *(one.stream for one in moved)}:
            self._open.pop(stream, None)
        for stream, found in facts.items():
            one = self._opened(found)
            if one is not None:
                self._open[stream] = one
        self._versions = versions

    def open(self) -> list[OpenCase]:
        """The cases that had not ended when they were last read, oldest first."""
        return sorted(self._open.values(), key=lambda one: one.position)

    def _opened(self, facts: Sequence[AnyFact]) -> OpenCase | None:
        state = case.fold(None, cast("Sequence[Fact[CaseEvent | ExpiredEvent]]", facts))
        if state is None or not state.is_open:
            return None
        # Who asks for an erasure does not ask for records to be kept any longer than the law says,
        # and what no record answers needs none.
        if state.application.kind in case.WITHOUT_RECORDS:
            return None
        # A search that is void was about a person who had asked, or who was told something.
        refs = {self._streams.normal(ref): None for ref in _named(facts)}
        return OpenCase(
            state.case, state.position, state.number, tuple(ref for ref in refs if ref.id)
        )


def _named(facts: Sequence[AnyFact]) -> Iterator[PrincipalRef]:
    for fact in facts:
        match fact.event:
            case CaseReceived() as event:
                yield from event.application.identifiers
            case CaseRecordsIdentified() as event:
                yield from event.identifiers
                yield from event.tried
            case _:
                pass
