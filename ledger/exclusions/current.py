"""What is excluded under Order 11 now, for every reader and in every process at once.

It stands in a sealed draft of a fixed size. Each reading takes one row and opens one size, whatever
is in it; a draft that was opened is known by its token.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN, OVERHEAD_BYTES, padded_to, unpadded
from ledger.errors import BrokenWorldError
from ledger.exclusions import exclusion
from ledger.exclusions.exclusion import (
    NOTHING,
    ActiveExclusions,
    ExclusionsFullError,
    exclusions_of,
    unexplained,
)
from ledger.exclusions.ranges import united
from ledger.exclusions.rows import DraftRow, ExclusionRows
from ledger.exclusions.stored_events import exclusion_event_of, exclusion_parts_of
from ledger.format.decoder import open_event
from ledger.format.envelope import StoredFact
from ledger.format.event_reader import fact_of
from ledger.format.events import ExclusionsSealed, ExpiredEvent, Fact
from ledger.format.header import read_header
from ledger.format.json import encoded, parse

_PURPOSE: Final = "exclusions"
_LENGTH_BYTES: Final = 4
"""Before the padded content stands how long it is."""


class ExclusionsLostError(BrokenWorldError):
    """What is excluded cannot be read: nobody is shown anything, for it might be excluded."""

    def __init__(self) -> None:
        super().__init__("what is excluded under Order 11 cannot be read: its keys are dead")


class ExclusionsMissingError(BrokenWorldError):
    """What a daily event told as excluded stands no more, and nothing tells that it was lifted."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"what is excluded under Order 11 lacks something that the daily event at position"
            f" {position} tells, and no lift of it is told"
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands, and where it is written.

    Attributes:
        row: None where no draft was ever written.
        command: the newest one that changed it.
        size: of its content, in bytes, without what tells who looked: that is gone tomorrow.
    """

    active: ActiveExclusions
    row: DraftRow | None = None
    command: UUID | None = None
    size: int = 0

    @property
    def fixed_bytes(self) -> int:
        """F as it was when the draft was written."""
        return FIXED_BYTES_MIN if self.row is None else len(self.row.sealed) - OVERHEAD_BYTES

    @property
    def is_half_full(self) -> bool:
        """Whether F should be raised, before it is needed."""
        return 2 * self.size >= self.fixed_bytes


class CurrentExclusions:
    """Reads what is excluded. Thread-safe."""

    def __init__(self, rows: ExclusionRows, keys: KeyRing, ledger: str) -> None:
        self.rows = rows
        self._keys = keys
        self._ledger = ledger
        self._known: Draft | None = None

    def active(self) -> ActiveExclusions:
        """What is excluded now.

        Raises:
            ExclusionsLostError: it cannot be read.
        """
        return self.draft().active

    def token(self) -> UUID | None:
        """What tells one writing of the draft from another; None before the first.

        For what takes long: as long as the token is the one from before the reading of records,
        nothing was excluded or lifted meanwhile. The draft is also written anew once a day, so that
        another token alone does not say that anything was; `active` does.
        """
        return self.rows.token()

    def draft(self) -> Draft:
        """What is excluded now, as it is written.

        Raises:
            ExclusionsLostError: it cannot be read.
        """
        row = self.rows.read()
        known = self._known
        if row is not None and known is not None and known.row == row:
            return known
        if row is not None:
            # No daily event in its place: the row may name another key than it was written with.
            key = self._keys.open([row.key_id]).get(row.key_id)
            if key is None:
                raise ExclusionsLostError
            self._known = opened_draft(row, key)
            return self._known
        newest = self.rows.newest()
        if newest is None:
            return Draft(NOTHING)
        active = self._repeated(newest)
        if active is None:
            raise ExclusionsLostError
        return Draft(active)

    def ever_since(self, then: ActiveExclusions, position: int, at: datetime) -> ActiveExclusions:
        """What was hidden at any time since an answer, whether it was put or lifted since.

        What a dead event told nobody knows any more: it is left out of that.

        Args:
            then: what was excluded when the answer was given.
            position, at: where the answer stands, and when it was given.
        """
        events = [self._fact(one).event for one in self.rows.since(position)]
        events.append(self.draft().active.event)
        found = list(then.excluded)
        for event in events:
            if isinstance(event, ExclusionsSealed):
                found += event.excluded
                # What was lifted before the answer is told by the first event behind it.
                found += [one for one in event.lifted if one.act is None or one.act.at >= at]
        return ActiveExclusions(united(found), unmarked=then.unmarked)

    def check(self) -> None:
        """Compare what stands with the newest daily event.

        Raises:
            ExclusionsMissingError: it lacks something of which no lift is told.
            ExclusionsLostError: it cannot be read.
        """
        newest = self.rows.newest()
        while newest is not None:
            event, active = self._fact(newest).event, self.draft().active
            again = self.rows.newest()
            if again is None or again.position == newest.position:
                if isinstance(event, ExclusionsSealed) and self._lacks(event, active.event):
                    raise ExclusionsMissingError(newest.position)
                return
            newest = again  # what stood may have been read after it

    def gaps(self) -> Iterator[int | None]:
        """Daily events that lack something of the one before, and tell no lift of it.

        Returns:
            Their positions, ascending; None at the end: what stands lacks something of the last.

        Raises:
            ExclusionsLostError, CorruptRecordError: one of them, or what stands, cannot be read.
        """
        before: ExclusionsSealed | None = None
        position = 0
        while True:
            active = self.draft().active
            stored = self.rows.next_after(position)
            if stored is None:
                break
            position, event = stored.position, self._fact(stored).event
            if isinstance(event, ExclusionsSealed):
                if before is not None and self._lacks(before, event):
                    yield position
                before = event
        if before is not None and self._lacks(before, active.event):
            yield None

    def _lacks(self, before: ExclusionsSealed, after: ExclusionsSealed) -> bool:
        """Whether something of `before` is shown again without a lift, and is still there."""
        missing = unexplained(before, after)
        return any(self.rows.is_live(one.first, one.last) for one in missing)

    def _repeated(self, stored: StoredFact) -> ActiveExclusions | None:
        """What a daily event repeated; None once its key is dead."""
        return exclusion.evolve(None, self._fact(stored))

    def _fact(self, stored: StoredFact) -> Fact[ExclusionsSealed | ExpiredEvent]:
        header = read_header(stored.header)
        assert header.sealed_key is not None, "the codec refuses a daily event that is not sealed"
        keys = self._keys.open([header.sealed_key])
        fact = fact_of(open_event(stored, keys, self._ledger, header=header))
        return cast("Fact[ExclusionsSealed | ExpiredEvent]", fact)


def sealed_draft(  # noqa: PLR0913 -- its content, and what binds it to its row
    event: ExclusionsSealed,
    command: UUID,
    stream: UUID,
    key: DataKey,
    fixed_bytes: int,
    *,
    number: int,
    spare_bytes: int = 0,
) -> DraftRow:
    """The draft of a daily event, sealed.

    Args:
        number: of this writing: one more than of the row in whose place it is put.
        fixed_bytes: F. What fits into the draft fits into the event, which does not name a command.
        spare_bytes: of them, what must stay free.

    Raises:
        ExclusionsFullError: it does not fit.
    """
    content = _content(event, command)
    if len(content) + _LENGTH_BYTES > fixed_bytes - spare_bytes:
        raise ExclusionsFullError(fixed_bytes)
    plain = padded_to(content, fixed_bytes)
    sealed = seal_blob(key, _PURPOSE, stream, plain, number=number)
    return DraftRow(stream, random_uuid(), key.id, sealed, number)


def opened_draft(row: DraftRow, key: DataKey) -> Draft:
    """The draft of a row.

    Raises:
        CorruptRecordError: it was not sealed under this key and number, or holds what none holds.
    """
    plain = open_blob(key, _PURPOSE, row.stream, row.sealed, number=row.number)
    content = unpadded(plain, size_min=FIXED_BYTES_MIN)
    members = parse(content)
    assert isinstance(members, dict), "sealed by `sealed_draft`"
    record = members["record"]
    assert isinstance(record, dict), "as above"
    event = exclusion_event_of(ExclusionsSealed.TYPE, record)
    assert isinstance(event, ExclusionsSealed), "as its type says"
    active = exclusions_of(event)
    command = UUID(str(members["command"]))
    size = len(_content(replace(event, looked=()), command)) + _LENGTH_BYTES
    return Draft(active, row, command, size)


def _content(event: ExclusionsSealed, command: UUID) -> bytes:
    _, record = exclusion_parts_of(event)
    return encoded({"command": str(command), "record": record})
