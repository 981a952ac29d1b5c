"""What is excluded under Order 11: changed by the chief, repeated by one event each day.

Source: `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import (
    Defect,
    KeyDestroyedError,
    MalformedError,
    StoreUnavailableError,
    StreamMovedError,
)
from ledger.exclusions import exclusion
from ledger.exclusions.current import CurrentExclusions, Draft, sealed_draft
from ledger.exclusions.excluded_persons import ExcludedPersons, Wait, scopes_in, transfers_at
from ledger.exclusions.exclusion import (
    AccessRecords,
    ActiveExclusions,
    Exclude,
    LiftExclusion,
    exclusions_of,
)
from ledger.exclusions.ranges import Span
from ledger.exclusions.rows import DraftRow, ExclusionRows
from ledger.format.envelope import Append, SealedEvent
from ledger.format.event_writer import EventMetadata
from ledger.format.events import ExclusionsSealed
from ledger.format.header import read_header
from ledger.store.append import AppendedBatch
from ledger.streams.appender import RETRIES_MAX
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.service import AppendAll
from ledger.transfers.transfer import State
from ledger.values import PrincipalRef

_SPARE_OF_ACCESSES = 1 / 4
"""The part of F that whoever only looks leaves to exclusions."""
_SPARE_OF_EXCLUSIONS = 1 / 8
"""The part of F that exclusions leave to lifts, which wait there for the second person."""
_SEVERAL = (
    "more than one person may be in it: name the principal for whose sake it is excluded, or say"
    " with for_all_persons that it is hidden from all of them"
)
_SEVERAL_EXCLUDED = (
    "it is excluded for more than one person: name the principal for whom it is lifted, or say with"
    " for_all_persons that all of them are shown it again"
)


@dataclass(frozen=True, slots=True)
class DailyExclusions:
    """The daily event of today.

    Attributes:
        position: where it stands; None when it stood already.
        is_half_full: F should be raised, before it is needed.
    """

    position: int | None
    is_half_full: bool


@dataclass(frozen=True, slots=True)
class NamedTransfer:
    """A transfer that a request names.

    Attributes:
        position: where it is recorded.
        persons: how many it holds as it stands; 0 once its content is gone.
    """

    transfer: UUID
    position: int
    persons: int

    @property
    def span(self) -> Span:
        """Its position, as a range."""
        return (self.position, self.position)


class Exclusions:
    """Changes what is excluded, and repeats it. Thread-safe.

    Args:
        rows: of the role writer.
        wait: for the index, which says where a person is named.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        append: AppendAll,
        rows: ExclusionRows,
        wait: Wait,
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._append = append
        self._rows = rows
        # Through the writer, and so never from a server that lags behind.
        self._current = CurrentExclusions(rows, sealer.keys, sealer.ledger)
        self._persons = ExcludedPersons(streams, wait)

    # -- what stands -----------------------------------------------------------------------------

    def active(self) -> ActiveExclusions:
        """What is excluded now."""
        return self._current.active()

    def is_half_full(self) -> bool:
        """Whether F should be raised, before it is needed."""
        return self._current.draft().is_half_full

    def transfers_at(self, positions: Sequence[int]) -> dict[int, UUID]:
        """The transfers that were recorded at these positions."""
        return transfers_at(self._streams, positions)

    def states_at(self, spans: Sequence[Span]) -> dict[UUID, State]:
        """The transfers that were recorded within these positions, as they stand, in their order.

        Reads what may not be seen: a look at them goes on record first, see `record_access`.
        """
        found = self.transfers_at(sorted({n for a, b in spans for n in range(a, b + 1)}))
        states = self._streams.transfer_states(found.values(), None, NO_CHUNKS)
        return dict(sorted(states.items(), key=lambda one: one[1].first_position))

    def named(self, transfers: Sequence[UUID]) -> tuple[NamedTransfer, ...]:
        """The transfers, in their order.

        Raises:
            MalformedError: `TRANSFER_UNKNOWN` for each that is not there.
        """
        states = self._streams.transfer_states(transfers, None, NO_CHUNKS) if transfers else {}
        detail = "there is no such transfer"
        unknown = [
            Defect(f"/transfers/{n}", "TRANSFER_UNKNOWN", detail)
            for n, one in enumerate(transfers)
            if one not in states
        ]
        if unknown:
            raise MalformedError(tuple(unknown))
        return tuple(_named(one, states[one]) for one in transfers)

    def check_persons(self, named: Sequence[NamedTransfer], spans: Sequence[Span]) -> None:
        """Refuse to exclude, without saying for whom, what more than one person may be in.

        Of a range of positions nobody has counted the persons.

        Args:
            named, spans: as the request names transfers, and ranges of positions.

        Raises:
            MalformedError: `SEVERAL_PERSONS` for each; `NOT_A_RECORD`, see `change`.
        """
        self._check_recorded(spans)
        single = self.transfers_at([first for first, last in spans if first == last])
        at = {one.position: one for one in self.named(sorted(single.values()))}
        wrong = [
            Defect(f"/transfers/{n}", "SEVERAL_PERSONS", _SEVERAL)
            for n, one in enumerate(named)
            if one.persons > 1
        ]
        wrong += [
            Defect(f"/positions/{n}", "SEVERAL_PERSONS", _SEVERAL)
            for n, (first, last) in enumerate(spans)
            if first < last or (first in at and at[first].persons > 1)
        ]
        if wrong:
            raise MalformedError(tuple(wrong))

    def keys_in(
        self, principal: PrincipalRef, spans: Sequence[Span]
    ) -> tuple[tuple[bytes, ...], ...]:
        """Of each span, the keys by which the records in it name a person.

        Raises:
            MalformedError: `PRINCIPAL_NOT_NAMED`, or `NOT_A_RECORD`, see `change`.
        """
        self._check_recorded(spans)
        return self._persons.keys_in(principal, spans)

    def keys_of_all(self, spans: Sequence[Span]) -> tuple[tuple[bytes | None, ...], ...]:
        """Of each span, which is one position, the keys of all who stand in its record."""
        return self._persons.keys_of_all(spans)

    def check_lifted(self, named: Sequence[NamedTransfer], spans: Sequence[Span]) -> None:
        """Refuse to lift, without saying for whom, what is excluded for more than one person.

        Args:
            named, spans: as of `check_persons`.

        Raises:
            MalformedError: `SEVERAL_PERSONS` for each.
        """
        active = self._current.active()
        named_spans = [(f"/transfers/{n}", one.span) for n, one in enumerate(named)]
        named_spans += [(f"/positions/{n}", span) for n, span in enumerate(spans)]
        if len(scopes_in(active, [span for _, span in named_spans])) > 1:
            raise MalformedError(
                tuple(
                    Defect(place, "SEVERAL_PERSONS", _SEVERAL_EXCLUDED)
                    for place, span in named_spans
                    if scopes_in(active, [span])
                )
            )

    # -- changes ---------------------------------------------------------------------------------

    def change(self, command: Exclude | LiftExclusion, at: datetime) -> ActiveExclusions:
        """Exclude or lift; it counts for every reader from here on. Return what stands then.

        What is to be lifted waits until another person asks for it too: it is among `pending`.
        Exclusions leave an eighth of F free for that: a lift fits where no exclusion does.
        Nothing is appended: the next daily event says it. The newest command, asked again, is
        carried out already.

        Raises:
            MalformedError: see `exclusion.decide`; `NOT_A_RECORD`, a range that is to be excluded
                begins or ends where no transfer was recorded; `LIFT_OF_MANY`, a lift for one person
                of what is excluded for more than can be read.
            AlreadyStandsError, DoesNotStandError: see `exclusion.decide`.
            ExclusionsFullError: it would not fit; nothing was changed.
            ExclusionsLostError: what stands cannot be read.
        """
        if isinstance(command, Exclude):
            self._check_recorded(command.spans)
        for _ in range(RETRIES_MAX):
            draft = self._current.draft()
            if draft.command == command.command:
                return draft.active
            if isinstance(command, LiftExclusion):
                records = self._persons.records(command, draft.active)
                command = replace(command, records=records)
            event = exclusion.decide(command, draft.active, at)
            spare = _SPARE_OF_EXCLUSIONS if isinstance(command, Exclude) else 0
            if self._written(event, command.command, draft, at, spare=spare):
                return exclusions_of(event)
        raise StoreUnavailableError

    def record_access(self, command: AccessRecords, at: datetime) -> None:
        """Put on record that somebody looks, before anything is shown to them.

        A quarter of F is left free: whoever only looks keeps nobody from excluding.

        Raises:
            MalformedError: see `exclusion.record_access`; `NOT_A_RECORD`, see `change`.
            ExclusionsFullError: too little of F would be left; nothing may be shown.
            ExclusionsLostError: what stands cannot be read.
        """
        self._check_recorded(command.spans)
        for _ in range(RETRIES_MAX):
            draft = self._current.draft()
            event = exclusion.record_access(command, draft.active, at)
            # The newest change may be asked again after the look, so its command stays.
            known = draft.command or random_stream()
            if self._written(event, known, draft, at, spare=_SPARE_OF_ACCESSES):
                return
        raise StoreUnavailableError

    def _check_recorded(self, spans: Sequence[Span]) -> None:
        if empty := exclusion.empty_ranges(spans):
            raise MalformedError(tuple(empty))
        recorded = self.transfers_at(sorted({end for span in spans for end in span})).keys()
        detail = "a range begins and ends with a position at which a transfer was recorded"
        wrong = [
            Defect(f"/positions/{n}", "NOT_A_RECORD", detail)
            for n, span in enumerate(spans)
            if not recorded >= set(span)
        ]
        if wrong:
            raise MalformedError(tuple(wrong))

    # -- the daily event -------------------------------------------------------------------------

    def repeat(self, at: datetime, actor: str) -> DailyExclusions:
        """Append today's event unless it stands; a day is a day in Japan.

        It is of one size, and the draft is written anew, whether or not anything changed. What
        stands of records that are gone is left out from here on, so that no key of a person
        outlives in it the records that name them.

        Raises:
            ExclusionsLostError: what stands cannot be read.
            ExclusionsMissingError: it lacks something that the newest event tells.
        """
        self._current.check()
        for _ in range(RETRIES_MAX):
            newest = self._rows.newest()
            draft = self._current.draft()
            if newest is not None and _same_day(read_header(newest.header).at, at):
                if draft.row is not None and draft.fixed_bytes < self._sealer.fixed_bytes:
                    # F was raised. Reviews are larger from now on; the draft would be from the next
                    # change on, and its growth would tell of that.
                    self._written(draft.active.event, draft.command or random_stream(), draft, at)
                    continue
                return DailyExclusions(None, draft.is_half_full)
            if draft.row is None:
                stream = random_stream() if newest is None else newest.stream
                self._written(draft.active.event, random_stream(), draft, at, stream)
                continue
            version = (
                1 if newest is None or newest.stream != draft.row.stream else newest.version + 1
            )
            place = EventMetadata(draft.row.stream, version, at, actor, random_stream())
            event = self._without_expired(draft.active.event)
            sealed = self._sealed(event, draft, place)
            [result] = self._append([Append((sealed,))])
            if isinstance(result, AppendedBatch):
                bare_event = replace(event, lifted=(), looked=())
                # Changed meanwhile: then the next event tells once more what was lifted.
                self._written(bare_event, draft.command or random_stream(), draft, at)
                return DailyExclusions(result.positions[0], draft.is_half_full)
            if isinstance(result, KeyDestroyedError):
                self._sealer.keys.forget([result.key_id])
            elif not isinstance(result, StreamMovedError):
                raise result
        raise StoreUnavailableError

    def _without_expired(self, event: ExclusionsSealed) -> ExclusionsSealed:
        """The event without what stands of records whose content is gone."""
        entries = (*event.excluded, *event.unmarked, *event.pending)
        spans = {(one.first, one.last) for one in entries}
        live_spans = {span for span in spans if self._streams.exclusions.rows.is_live(*span)}
        excluded, unmarked, pending = (
            tuple(one for one in found if (one.first, one.last) in live_spans)
            for found in (event.excluded, event.unmarked, event.pending)
        )
        return replace(event, excluded=excluded, unmarked=unmarked, pending=pending)

    def _sealed(self, event: ExclusionsSealed, draft: Draft, place: EventMetadata) -> SealedEvent:
        key = self._sealer.exclusion_key(place.at)
        return self._sealer.seal_fixed(event, place, key, draft.fixed_bytes)

    def _written(
        self,
        event: ExclusionsSealed,
        command: UUID,
        before: Draft,
        at: datetime,
        stream: UUID | None = None,
        *,
        spare: float = 0,
    ) -> bool:
        """Whether the draft could be written in the place of the one before.

        Its key is of the class of the daily events, and not of drafts, which die within a month: it
        lives until long after an event has repeated it.
        """
        if before.row is not None:
            stream = before.row.stream
        elif stream is None:
            newest = self._rows.newest()
            stream = random_stream() if newest is None else newest.stream
        size = max(before.fixed_bytes, self._sealer.fixed_bytes)
        key = self._sealer.exclusion_key(at)
        number = 1 if before.row is None else before.row.number + 1
        row: DraftRow = sealed_draft(
            event, command, stream, key, size, number=number, spare_bytes=int(size * spare)
        )
        return self._rows.put(row, before.row)


def _named(stream: UUID, state: State) -> NamedTransfer:
    entry = state.entry  # says how many they were where no line is left
    return NamedTransfer(
        stream, state.first_position, state.persons or (entry.persons if entry else 0)
    )


def _same_day(one: datetime, other: datetime) -> bool:
    return day_in_japan(one) == day_in_japan(other)
