"""Transfers with findings, newest first: a work list for those who look whether records are right.

The read side says which ones there are and which of them are to be handled; what each of them says
comes from the fold of its events. What the asker may not know of (Order 11) is left out before
anything is counted or cut: pages, cursors and counts are as if it were not there.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from ledger.policies.context import Verdict
from ledger.store.connections import Connections
from ledger.streams.streams import Streams
from ledger.transfers import transfer
from ledger.transfers.transfer import Settlement
from projections.finding_rows import (
    FindingFilter,
    FindingListRow,
    FindingListRows,
    FindingsOutdatedError,
)
from projections.findings import ALL
from projections.histories import WAIT_SECONDS, Histories

__all__ = [
    "FindingCounts",
    "FindingFilter",
    "FindingList",
    "FindingPage",
    "FindingsOutdatedError",
    "TransferWithFindings",
]

CHUNK: Final = 200
"""Rows that are read at once for a page: more only where much of them is left out."""
COUNTED_AT_ONCE: Final = 5_000
COUNTED_MAX: Final = 10_000
"""Transfers that are counted, the newest ones; some 0.2 s on a busy machine."""


@dataclass(frozen=True, slots=True)
class TransferWithFindings:
    """A transfer that stands and has findings, whole or for one of its persons.

    Attributes:
        position: where it was recorded.
        verdict: of the transfer, as it stands.
        own: verdicts with findings of persons for whom it differs; none is named.
        open: codes of the findings about which nothing was done, sorted.
        settlement: what was done last, if anything was.
    """

    transfer: UUID
    position: int
    recorded_on: date
    source: str
    verdict: Verdict
    own: tuple[Verdict, ...]
    open: tuple[str, ...]
    settlement: Settlement | None

    @property
    def findings(self) -> tuple[str, ...]:
        """Codes of the findings of the transfer and of its persons, each once, sorted."""
        persons = (code for verdict in self.own for code in verdict.findings)
        return tuple(sorted({*self.verdict.findings, *persons}))

    @property
    def is_lawful(self) -> bool:
        """Whether it is lawful for each of its persons."""
        return self.verdict.lawful and all(verdict.lawful for verdict in self.own)

    @property
    def is_settled(self) -> bool:
        """Whether something was done about all of them."""
        return not self.open


@dataclass(frozen=True, slots=True)
class FindingPage:
    """A part of the list, newest first.

    Attributes:
        following: the next page goes on before this position; None on the last page.
    """

    found: tuple[TransferWithFindings, ...]
    following: int | None


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """How much is to be handled.

    Attributes:
        transfers: with something to be done; unlawful: those of them that are.
        by_code: finding → transfers in which something is to be done about it.
        is_whole: False when only the newest `COUNTED_MAX` were counted.
    """

    transfers: int = 0
    unlawful: int = 0
    by_code: Mapping[str, int] = field(default_factory=dict[str, int])
    is_whole: bool = True


def _nothing() -> None:
    pass


class FindingList:
    """Reads the list. Thread-safe.

    Every method waits until the read side has reached the head.

    Args:
        wait_seconds: how long it is waited for.
        waited: is called after that wait.
        counted_max: see `COUNTED_MAX`.

    Raises:
        ProjectionBehindError: it is not reached in time.
        FindingsOutdatedError: the read side has no findings, or such of another version.
    """

    def __init__(
        self,
        connections: Connections,
        streams: Streams,
        histories: Histories,
        wait_seconds: float = WAIT_SECONDS,
        waited: Callable[[], None] = _nothing,
        *,
        counted_max: int = COUNTED_MAX,
    ) -> None:
        self._rows = FindingListRows(connections, streams)
        self._streams = streams
        self._histories = histories
        self._wait_seconds = wait_seconds
        self._waited = waited
        self._counted_max = counted_max

    def page(self, filters: FindingFilter, *, includes_hidden: bool) -> FindingPage:
        """The next transfers with findings that were recorded before a position.

        Args:
            includes_hidden: whether the asker may know of what is hidden under Order 11.
        """
        self._ready()
        found: list[FindingListRow] = []
        for row in self._rows.visible_rows(
            filters, max(CHUNK, filters.limit + 1), includes_hidden=includes_hidden
        ):
            found.append(row)
            if len(found) > filters.limit:
                break
        shown = found[: filters.limit]
        following = shown[-1].position if len(found) > filters.limit else None
        return FindingPage(tuple(self._load(shown, includes_hidden=includes_hidden)), following)

    def counts(self, *, includes_hidden: bool) -> FindingCounts:
        """How many transfers are to be handled, and by which finding."""
        self._ready()
        by_code: Counter[str] = Counter()
        transfers = unlawful = 0
        for row in self._rows.to_handle(COUNTED_AT_ONCE, includes_hidden=includes_hidden):
            if transfers == self._counted_max:
                return FindingCounts(transfers, unlawful, dict(by_code), is_whole=False)
            if row.code == ALL:
                transfers += 1
                unlawful += row.is_unlawful
            else:
                by_code[row.code] += 1
        return FindingCounts(transfers, unlawful, dict(by_code))

    def _ready(self) -> None:
        head = self._streams.reads.head()
        self._histories.wait(head, self._wait_seconds)
        self._waited()
        # Of an empty ledger nothing was followed yet: there are no findings that could be missing.
        if head:
            self._rows.check_version()

    def _load(
        self, rows: list[FindingListRow], *, includes_hidden: bool
    ) -> Iterator[TransferWithFindings]:
        """What the transfers say, as of when their rows were read.

        One whose key has died since then says nothing and is left out.
        """
        if not rows:
            return
        reached = max(one.reached for one in rows)
        states = self._streams.judged_states([one.stream for one in rows], reached)
        seen = None if includes_hidden else self._streams.visibility()
        for row in rows:
            state = states.get(row.stream)
            if state is not None and seen is not None:
                state = seen(state)
            if state is not None and (one := _with_findings(row.stream, state)) is not None:
                yield one


def _with_findings(stream: UUID, state: transfer.State) -> TransferWithFindings | None:
    """The transfer, if it stands, lives, and has findings."""
    if state.record is None or state.entry is None or not state.findings:
        return None
    lines = (line.verdict for _, line in sorted(state.lines.items()))
    return TransferWithFindings(
        transfer=stream,
        position=state.first_position,
        recorded_on=state.record.recorded_on,
        source=state.entry.source,
        verdict=state.record.verdict,
        own=tuple(verdict for verdict in lines if verdict is not None and verdict.findings),
        open=state.open_findings,
        settlement=state.settlements[-1] if state.settlements else None,
    )
