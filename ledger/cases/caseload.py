"""All cases of a process at once: read from the log as far as it has grown, and kept up to date.

The fold over every case on each question would read the whole log. Here only what is new is read;
`Cases.all` is the slow, obvious form of the same.
"""

import threading
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from ledger.cases import case
from ledger.crypto.keyring import CACHE_AGE_MAX
from ledger.format.event_reader import fact_of
from ledger.format.events import CaseEvent, ExpiredEvent, Fact, RecordsExpired, ReviewSealed
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

_CASE_TYPES = sorted(cls.TYPE for cls in get_args(CaseEvent))
CASELOAD_TOPICS = (*_CASE_TYPES, ReviewSealed.TYPE, RecordsExpired.TYPE)
"""Types that change what is known of the cases; they have an index."""


class Caseload:
    """The states of all cases whose key lives. Thread-safe.

    A key may die; then everything is opened anew, as it is every five minutes: so long may what a
    key opened be remembered (event format, section 5).
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._lock = threading.Lock()
        self._seen = 0
        self._opened_at: datetime | None = None
        # Stream → state, in the order in which the cases arrived; None: its key is dead.
        self._states: dict[UUID, case.State | None] = {}

    def states(self, at: datetime) -> list[case.State]:
        """All cases, closed ones too, in the order in which they arrived.

        Args:
            at: now.
        """
        with self._lock:
            self._read(at)
            return [state for state in self._states.values() if state is not None]

    def similar(
        self, identifiers: Collection[PrincipalRef], at: datetime, *, besides: UUID | None = None
    ) -> list[case.State]:
        """The cases that name one of the identifiers, by the form or by their search, newest first.

        They are shown as links: nothing of them is taken over.
        """
        normal_forms = self._normal(identifiers)
        if not normal_forms:
            return []
        return [
            state
            for state in reversed(self.states(at))
            if state.case != besides and normal_forms & self._normal(_named(state))
        ]

    def _normal(self, identifiers: Collection[PrincipalRef]) -> set[tuple[str, str]]:
        found = (self._streams.normal(one) for one in identifiers)
        return {(one.scheme, one.id) for one in found}

    def _read(self, at: datetime) -> None:
        # The head first: what is read afterwards holds everything up to it.
        head = self._streams.reads.head()
        stored = self._streams.reads.facts_of_topics(CASELOAD_TOPICS, self._seen)
        fresh = [one for one in stored if one.type != RecordsExpired.TYPE]
        died = len(fresh) < len(stored)
        if died or not self._is_young(at):
            new = [one.stream for one in fresh]
            self._open_all(list(dict.fromkeys([*self._states, *new])), at)
        else:
            for opened in self._streams.unsealed(fresh):
                fact = cast("Fact[CaseEvent | ExpiredEvent]", fact_of(opened))
                self._states[fact.stream] = case.evolve(self._states.get(fact.stream), fact)
        self._seen = max([head, *(one.position for one in stored)])

    def _open_all(self, streams: Sequence[UUID], at: datetime) -> None:
        found = self._streams.facts(streams, None) if streams else {}
        self._states = {
            stream: case.fold(None, cast("list[Fact[CaseEvent | ExpiredEvent]]", found[stream]))
            for stream in streams
        }
        self._opened_at = at

    def _is_young(self, at: datetime) -> bool:
        # A clock that was set back must not keep what is dead.
        return self._opened_at is not None and _ZERO <= at - self._opened_at < CACHE_AGE_MAX


_ZERO = CACHE_AGE_MAX - CACHE_AGE_MAX


def _named(state: case.State) -> tuple[PrincipalRef, ...]:
    found = state.search or state.person
    return (*state.application.identifiers, *(found.identifiers if found is not None else ()))
