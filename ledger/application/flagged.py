"""Transfers with findings, newest first: a work list for those who look whether records are right.

Nothing is stored for it: verdicts stand sealed in events, so the log is gone through backwards, a
bounded stretch a page. A finding is gone from the list once a correction or a retraction took it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from ledger import transfer
from ledger.codec import read_header
from ledger.events import RECORDED_TYPES
from ledger.policies.context import Verdict
from ledger.streams import Streams

CHUNK_MAX: Final = 200
"""Positions that are read at once."""
LOOKED_AT_MAX: Final = 1_000
"""Positions that a page goes through, whether or not it finds anything: some 0.1 s."""

_RECORDED: Final = frozenset(RECORDED_TYPES)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A transfer that stands and has findings, whole or for one of its persons.

    Attributes:
        position: where it was recorded.
        verdict: of the transfer, as it stands.
        own: verdicts with findings of persons for whom it differs; none is named.
    """

    transfer: UUID
    position: int
    recorded_on: date
    source: str
    verdict: Verdict
    own: tuple[Verdict, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """Codes of the findings of the transfer and of its persons, each once, sorted."""
        persons = (code for verdict in self.own for code in verdict.findings)
        return tuple(sorted({*self.verdict.findings, *persons}))

    @property
    def is_lawful(self) -> bool:
        """Whether it is lawful for each of its persons."""
        return self.verdict.lawful and all(verdict.lawful for verdict in self.own)


@dataclass(frozen=True, slots=True)
class FlaggedPage:
    """A part of the list, newest first.

    Attributes:
        first, last: the positions that were gone through; 0 and 0 in an empty ledger.
        following: the next page goes on before this position; None at the beginning of the log.
    """

    found: tuple[Flagged, ...]
    first: int
    last: int
    following: int | None


class FlaggedTransfers:
    """Goes through the log backwards.

    Args:
        looked_at_max: see `LOOKED_AT_MAX`.
    """

    def __init__(self, streams: Streams, *, looked_at_max: int = LOOKED_AT_MAX) -> None:
        self._streams = streams
        self._looked_at_max = looked_at_max

    def page(
        self, before: int | None, limit: int, *, sees_all: bool, unlawful: bool = False
    ) -> FlaggedPage:
        """The next transfers with findings that were recorded before a position.

        What the asker may not know of (Order 11) leaves no trace: a page ends at a number of
        positions, whatever stands there, or at a transfer that it shows.

        Args:
            before: None: from the head on.
            limit: transfers a page.
            unlawful: only those that are unlawful.
        """
        head = self._streams.reads.head()
        last = head if before is None else min(before - 1, head)
        end = max(last - self._looked_at_max, 0)
        sees = _all if sees_all else self._streams.visible()
        found: list[Flagged] = []
        high = last
        while high > end and len(found) <= limit:
            low = max(high - CHUNK_MAX, end)
            found += self._among(range(low + 1, high + 1), sees, unlawful=unlawful)
            high = low
        if len(found) > limit:
            found = found[:limit]
            high = found[-1].position - 1
        first = min(high + 1, last)
        return FlaggedPage(tuple(found), first, last, high + 1 if high > 0 else None)

    def _among(
        self, positions: Sequence[int], sees: Callable[[transfer.State], bool], *, unlawful: bool
    ) -> list[Flagged]:
        headers = self._streams.reads.headers_at(positions)
        read = [read_header(headers[position]) for position in reversed(positions)]
        streams = [header.stream for header in read if header.type in _RECORDED]
        states = self._streams.transfer_states(streams) if streams else {}
        shown = (
            _flagged(stream, states[stream])
            for stream in streams
            if stream in states and sees(states[stream])
        )
        return [one for one in shown if one is not None and not (unlawful and one.is_lawful)]


def _flagged(stream: UUID, state: transfer.State) -> Flagged | None:
    """The transfer, if it stands, lives, and has findings."""
    if state.record is None or state.entry is None or state.retracted is not None:
        return None
    lines = (line.verdict for _, line in sorted(state.lines.items()))
    own = tuple(verdict for verdict in lines if verdict is not None and verdict.findings)
    verdict = state.record.verdict
    if not verdict.findings and not own:
        return None
    recorded_on = state.record.recorded_on
    return Flagged(stream, state.first_position, recorded_on, state.entry.source, verdict, own)


def _all(_: transfer.State) -> bool:
    return True
