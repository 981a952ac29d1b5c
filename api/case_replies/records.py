"""The records of a person that belong to a reply: as they were at a position, and since."""

from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from uuid import UUID

from api.case_replies.values import ReplyRecords
from ledger.cases.case import State, records_digest
from ledger.cases.events.intake import Application
from ledger.cases.letters.files import records_json
from ledger.cases.letters.lines import (
    PROVIDED,
    RECEIVED,
    is_in_period,
    is_requested,
    lines_of,
    side_of,
)
from ledger.cases.refusals import StaleApprovalError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.json import canonical
from ledger.law.requests import FOR_MEASURES
from ledger.streams.history import RETRACTED, HistoryEntry
from ledger.streams.streams import Streams
from ledger.values import Json, PrincipalRef
from projections.histories import WAIT_SECONDS, Histories

AT_ONCE = 2_000
"""Transfers that are read at once."""
_ROWS = b"ppl/case-rows/1\0"


def _unnoticed() -> None:
    pass


class RecordFinder:
    """Finds records. Thread-safe.

    Args:
        waited: is told each time that the read side was waited for, before anything is read.
    """

    def __init__(
        self,
        histories: Histories,
        streams: Streams,
        wait_seconds: float = WAIT_SECONDS,
        waited: Callable[[], None] = _unnoticed,
    ) -> None:
        self._histories = histories
        self._streams = streams
        self._wait_seconds = wait_seconds
        self._waited = waited

    def reached(self) -> int:
        """How far the read side has followed the log."""
        return self._histories.reached()

    def wait_for(self, position: int) -> None:
        """Wait until the read side has followed the log up to there.

        Raises:
            PositionBeyondHeadError, ProjectionBehindError: as `find`.
        """
        self._histories.wait(position, self._wait_seconds)
        self._waited()

    def find(
        self,
        identifiers: Sequence[PrincipalRef],
        as_of: int,
        application: Application,
        excluded: ActiveExclusions | None = None,
        apart: Collection[UUID] = (),
    ) -> ReplyRecords:
        """The records that were asked for, of both sides, as of a position.

        A request for measures asks for none: all that is recorded of the person is looked at, also
        what had not to be recorded, or was retracted.

        Args:
            excluded: what is left out; None: what is excluded now.
            apart: messages of others that say nothing of the end of their series.

        Raises:
            PositionBeyondHeadError: the log has no such position.
            ProjectionBehindError: the read side does not reach it in time.
        """
        # Of nobody, too: what was tried is looked up at the decision, as of this position.
        self.wait_for(as_of)
        if not identifiers:
            return ReplyRecords(as_of)
        whole = self._histories.all_entries
        all_entries, names = whole(identifiers, as_of, AT_ONCE, excluded, apart)
        entries = [entry for entry in all_entries if is_requested(entry, application)]
        other_entries = [entry for entry in all_entries if _is_other_entry(entry, application)]
        sides = {side: _streams(entries, side) for side in (PROVIDED, RECEIVED)}
        own = (sides[PROVIDED], sides[RECEIVED], tuple(entries))
        return ReplyRecords(as_of, *own, names, tuple(other_entries))

    def is_unchanged(self, identifiers: Sequence[PrincipalRef], then: int, now: int) -> bool:
        """Whether nothing befell the person's transfers between two positions; see `Histories`.

        Raises:
            PositionBeyondHeadError, ProjectionBehindError: as `find`.
        """
        self.wait_for(now)
        return self._histories.is_unchanged(identifiers, then, now)

    def digest(self, state: State, found: ReplyRecords) -> bytes:
        """SHA-256 of the records as of the search, to which nothing has happened since.

        Raises:
            StaleApprovalError: see `check_unchanged`.
        """
        self.check_unchanged(state, found)
        current_name = found.names[-1] if found.names else None
        # The members of what is hashed are as ever: nothing has changed, nothing has parted.
        since: dict[str, Json] = {"changed": [], "parted": []}
        lines = records_json(lines_of(found.entries, current_name=current_name))
        return sha256(_ROWS + lines + canonical(since)).digest()

    def check_unchanged(self, state: State, found: ReplyRecords) -> None:
        """Pass when nothing has happened to the records since the search that stands.

        A correction, a link that fell, a record that died or that is left out by now: all of them
        are one refusal. A record that came later is none of them, nor a copy that the case keeps,
        nor what is said of others in a record alone (who may be hidden under Order 11).

        Raises:
            StaleApprovalError: something has happened; they are to be searched anew.
        """
        if state.search is None:
            return
        is_same = records_digest(found.provided, found.received) == state.search.digest
        if not is_same or self._changed(state, found) or self._parted(state, found.as_of):
            raise StaleApprovalError

    def _changed(self, state: State, found: ReplyRecords) -> bool:
        """Whether a record was corrected, judged anew, retracted or destroyed after the search."""
        touched, search = self._touched(found), state.search
        if search is None or not touched:
            return False
        return self._histories.has_changed(search.identifiers, sorted(touched), found.as_of)

    def _touched(self, found: ReplyRecords) -> set[UUID]:
        """The messages of the records that may have changed: all but those of which no event came.

        A copy that was carried forward is an event, too, and no change.
        """
        messages = {one.transfer for entry in found.entries for one in entry.messages}
        versions = self._streams.reads.stream_versions(list(messages)) if messages else {}
        resting = {
            entry.transfer
            for entry in found.entries
            if versions.get(entry.transfer) == entry.version
        }
        return messages - resting

    def _parted(self, state: State, as_of: int) -> list[Json]:
        """The identifiers that were the person's at the search and are not any more."""
        identifiers = state.search.identifiers if state.search is not None else ()
        if not identifiers:
            return []
        then = self._streams.cluster(identifiers, as_of).refs
        now = _pairs(self._streams.cluster(identifiers, None).refs)
        gone = sorted(pair for pair in _pairs(then) if pair not in now)
        return [[scheme, name] for scheme, name in gone]


def _pairs(refs: Collection[PrincipalRef]) -> set[tuple[str, str]]:
    return {(one.scheme, one.id) for one in refs}


def _streams(entries: Sequence[HistoryEntry], side: str) -> tuple[UUID, ...]:
    return tuple(entry.transfer for entry in entries if side_of(entry) == side)


def _is_other_entry(entry: HistoryEntry, application: Application) -> bool:
    """Whether it is a transfer of the period that is no record of provision, and stands."""
    if application.kind in FOR_MEASURES or entry.heading == RETRACTED:
        return False
    return side_of(entry) is None and is_in_period(
        entry, application.first_day, application.last_day
    )
