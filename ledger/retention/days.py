"""The days on which objects' keys die: of series, links, directives, holds and cases.

The day of a record's key never moves. Those of objects are set here, once a day: an object that
stands has none, and a day only moves on.

Source: `docs/reference/event-format.md`, section 5; Rule 21(i)(ii), 25, 29; Act Art. 22.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.format.envelope import KeyRow
from ledger.format.events import (
    DirectiveReceived,
    IdentifiersLinked,
    IdentifiersUnlinked,
    PrincipalRenamed,
    PrincipalsAppended,
    RecordedEvent,
    TransferCorrected,
    TransferReclassified,
)
from ledger.holds import hold
from ledger.lifetimes import RECORD_DAYS_MIN, case_day, held_day, series_day, years_after
from ledger.policies.retention import from_last_transfer, from_record
from ledger.retention.copies import Copies
from ledger.retention.holds_and_cases import HoldsAndCases, Keeper
from ledger.retention.parts import RunParts
from ledger.retention.reasons import Reasons
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.streams import AnyFact
from ledger.transfers import transfer
from ledger.values import PrincipalRef

NO_RECORD_YEARS = 3
"""Years for which a stop or a link outlives its newest event while no record names the person."""

PERSON_CLASSES = frozenset({"link", "directive"})
OBJECT_CLASSES = PERSON_CLASSES | {"series"}
OWNED_CLASSES = OBJECT_CLASSES | {"case", "held"}
_DAY = timedelta(days=1)
# Transfers that are read at once: each may have a thousand lines.
STATES_MAX = 100


@dataclass(frozen=True, slots=True)
class _Run:
    """What all keys of a run are judged by.

    Attributes:
        newest: owner of a link or directive → instant of its newest event.
        series: owner of a key of copies → the row of its own key, where it is no hold and no case.
        endless: the owners of keys of class series that go on.
    """

    at: datetime
    today: date
    holds: Mapping[UUID, hold.State]
    cases: Collection[UUID]
    newest: Mapping[UUID, datetime]
    series: Mapping[UUID, KeyRow]
    endless: Collection[UUID]


class ObjectDays:
    """Moves days. Belongs to one thread."""

    def __init__(
        self,
        parts: RunParts,
        reasons: Reasons,
        copies: Copies,
        no_record_years: int = NO_RECORD_YEARS,
    ) -> None:
        self._streams = parts.streams
        self._keys = parts.streams.keys
        self._expiry_queries = parts.expiry_queries
        self._expiring = parts.expiring
        self._index = parts.index
        self._reasons = reasons
        self._copies = copies
        self._no_record_years = no_record_years

    def moved(
        self,
        rows: Sequence[KeyRow],
        due: Collection[bytes],
        keeping: HoldsAndCases,
        at: datetime,
    ) -> int:
        """Give each of these objects' keys the day that is right as of now; return how many moved.

        A key that a hold, an open case or a dependant needs on its day gets none: it is judged
        again each day. Dependants that are due too and that nothing else needs do not count, so
        that keys which only keep each other die together. One of copies whose owner has not ended,
        under which something is named no more, dies today: what is still named is copied out.

        Args:
            due: the other keys whose day has come.
        """
        days = self._judged(rows, due, keeping, at)
        return sum(self._is_moved(row, days[row.key_id]) for row in rows)

    def _judged(
        self,
        rows: Sequence[KeyRow],
        others: Collection[bytes],
        keeping: HoldsAndCases,
        at: datetime,
    ) -> dict[bytes, date | None]:
        """Key → its day as of now, whatever day the row has.

        Args:
            others: keys that die too.
        """
        run, keepers = self._run(rows, keeping, at), keeping.keepers()
        persons = [row.key_id for row in rows if row.key_class in PERSON_CLASSES]
        last = self._index.last_days(persons) if persons else {}
        days = {row.key_id: self._day(row, run, last) for row in rows}
        # Copies for a series go with its own key.
        own_keys = {
            row.key_id: own
            for row in rows
            if row.key_class == "held" and row.owner and (own := run.series.get(row.owner))
        }
        days |= {
            row.key_id: _day_of_copies(row, own, days.get(own.key_id, own.day))
            for row in rows
            if (own := own_keys.get(row.key_id)) is not None
        }
        unnamed = self._copies.unnamed(_copy_keys_for(keepers, rows, own_keys), keepers)
        days |= {row.key_id: row.day or run.today for row in rows if row.key_id in unnamed}
        due = {key for key, day in days.items() if day and day <= run.today}
        # What must live on under the own key of a hold, a case or a series is copied out of it.
        owned = [row.key_id for row in rows if row.key_class != "held" and row.key_id in due]
        staying = self._reasons.staying(owned, {*others, *due}, keepers)
        followers = {key for key, own in own_keys.items() if own.key_id in staying}
        return days | dict.fromkeys(staying | (followers - unnamed))

    def _run(self, rows: Sequence[KeyRow], keeping: HoldsAndCases, at: datetime) -> _Run:
        holds = {one.hold: one for one in keeping.holds}
        cases = {one.case for one in keeping.cases}
        persons = [row.owner for row in rows if row.owner and row.key_class in PERSON_CLASSES]
        others = {row.owner for row in rows if row.owner and row.key_class == "held"}
        others -= {*holds, *cases}
        return _Run(
            at,
            day_in_japan(at),
            holds,
            cases,
            self._expiry_queries.newest_at(persons) if persons else {},
            self._expiry_queries.series_rows(others) if others else {},
            self._endless([row.owner for row in rows if row.owner and row.key_class == "series"]),
        )

    def _endless(self, owners: Sequence[UUID]) -> set[UUID]:
        """Those of these series and transfers that have no end: there may be very many.

        Without the lines of bulk transfers: of one that only a line keeps open `_of_series` finds
        it.
        """
        found: set[UUID] = set()
        for begin in range(0, len(owners), STATES_MAX):
            some = owners[begin : begin + STATES_MAX]
            states = self._streams.transfer_states(some, None, NO_CHUNKS)
            found |= {
                owner
                for owner, state in states.items()
                if state.retracted is None and _is_open(state)
            }
            others = self._streams.series_states([one for one in some if one not in states])
            found |= {
                owner
                for owner, one in others.items()
                if one.is_active and (one.open or one.last_day is None)
            }
        return found

    def _is_moved(self, row: KeyRow, day: date | None) -> bool:
        if day == row.day or (row.day is not None and day is not None and day < row.day):
            return False
        if not self._expiring.move_day(row, self._keys.rewrapped(row, day=day)):
            return False
        self._keys.forget([row.key_id])
        return True

    def needed_keys(
        self, left: Mapping[bytes, str], keeping: HoldsAndCases, at: datetime
    ) -> set[bytes]:
        """Those among these due keys whose day has not come, judged once more.

        A case was opened again, or a hold, a case or a record that lives on needs what an object's
        key seals, or all that was copied; or somebody changed the day in the database.

        Args:
            left: key → class, of all keys that die in this run.
        """
        owned = [key for key, key_class in left.items() if key_class in OWNED_CLASSES]
        # Of what has no row of the ledger's by now nothing is known.
        others = left.keys() - set(owned)
        days = self._judged(self._expiry_queries.rows(owned), others, keeping, at)
        today = day_in_japan(at)
        return {key for key in owned if (day := days.get(key)) is None or day > today}

    def needed(self, left: Mapping[bytes, str]) -> set[bytes]:
        """Those links and directives among these due keys of whose person a record lives on.

        Their days know the records of their own identifiers, under the keys of before this run. A
        hold may have had a record copied meanwhile, and a link that leads on to a living record is
        needed to find it.

        Args:
            left: key → class, of all keys that die in this run.
        """
        persons: dict[bytes, tuple[bytes, ...]] = {}
        for row in self._expiry_queries.rows(
            [key for key, cls in left.items() if cls in PERSON_CLASSES]
        ):
            assert row.owner is not None, "a link and a directive have a key of their own"
            persons[row.key_id] = self._streams.cluster(self._ends(row.owner), None).keys
        if not persons:
            return set()
        everybody = {key for keys in persons.values() for key in keys}
        spoken = self._index.streams_of(sorted(everybody))
        records = self._expiry_queries.lives({one for some in spoken.values() for one in some})
        live_streams = {
            stream
            for stream, parts in records.items()
            if any(part.key_id not in left for part in parts)
        }
        return {
            key_id
            for key_id, keys in persons.items()
            if any(not live_streams.isdisjoint(spoken.get(key, ())) for key in keys)
        }

    def _ends(self, owner: UUID) -> set[PrincipalRef]:
        """The identifiers that a link or a directive names."""
        ends: set[PrincipalRef] = set()
        for fact in self._streams.facts([owner], None).get(owner, []):
            match fact.event:
                case IdentifiersLinked() | IdentifiersUnlinked() as event:
                    ends |= {event.a, event.b}
                case DirectiveReceived() | PrincipalRenamed() as event:
                    ends.add(event.principal)
                case _:
                    pass  # a lifting names nobody
        return ends

    def _day(self, row: KeyRow, run: _Run, last: Mapping[bytes, date | None]) -> date | None:
        owner = row.owner
        assert owner is not None, "only objects' keys are asked for"
        match row.key_class:
            case "series":
                return self._of_series(row, owner, run)
            case "link" | "directive":
                return self._of_person(row, owner, run, last)
            case "case":
                return self._of_case(row, owner, run)
            case "held":
                return self._of_keeper(row, owner, run)
            case _:
                return row.day

    def _of_series(self, row: KeyRow, owner: UUID, run: _Run) -> date | None:
        if owner in run.endless:
            return None
        facts = self._expiry_queries.series_facts(row.key_id)
        if facts.newest_at is None:
            return self._of_orphan(row, run)
        ends: list[date] = []
        is_closed = False
        last: date | None = None
        alone = self._streams.transfer_state(owner)
        if alone is not None:
            # The key of one transfer that had no end once: it belongs to no series. What did not
            # happen is open for nothing.
            is_closed = not _is_open(alone)
            if alone.retracted is None and not is_closed:
                return None
            ends += _ends_of_persons(self._streams.facts([owner], None)[owner])
        else:
            state = self._streams.series_state(owner)
            if state is not None and state.is_active:
                # Of all messages: how long the record of one person is kept depends on nothing that
                # is hidden from another (Order 11).
                if state.open or state.last_day is None:
                    return None
                last = state.last_day
                # Only collective records have a series (contract schema, `series_id`).
                ends.append(from_last_transfer("collective", last))
                is_closed = True
        # What a message's own verdict says may end later than the series. What never had an end is
        # kept as if it were recorded alone: where there is no duty, what was retracted open, and
        # what was recorded after the series ended, for it may begin after that.
        ends += [
            one.retain_through or from_record(one.recorded_on)
            for one in facts.ends
            if one.retain_through is not None
            or one.duty == "none"
            or not is_closed
            or (last is not None and one.recorded_on > last)
        ]
        earliest = day_in_japan(facts.newest_at) + timedelta(days=RECORD_DAYS_MIN)
        latest = series_day(max(ends)) if ends else earliest
        assert latest is not None, "an end was given"
        return max(latest, earliest)

    def _of_person(
        self, row: KeyRow, owner: UUID, run: _Run, last: Mapping[bytes, date | None]
    ) -> date | None:
        newest = run.newest.get(owner)
        if newest is None:
            return self._of_orphan(row, run)
        alone = years_after(day_in_japan(newest), self._no_record_years)
        if row.key_id not in last:
            return alone
        ends = last[row.key_id]
        return None if ends is None else max(alone, ends)

    def _of_keeper(self, row: KeyRow, owner: UUID, run: _Run) -> date | None:
        """Of what is held for a hold or a case; of a series or an open period see `_judged`."""
        if owner in run.cases or owner in run.series:
            return None
        current_hold = run.holds.get(owner)
        if current_hold is not None:
            return None if current_hold.released_at is None else _held_day(current_hold.released_at)
        ended = self._streams.case_state(owner)
        if ended is None:
            # Whoever kept it is dead itself: then it had ended long ago.
            return self._of_orphan(row, run)
        return None if ended.ended_at is None else _held_day(ended.ended_at)

    def _of_case(self, row: KeyRow, owner: UUID, run: _Run) -> date | None:
        if owner in run.cases:
            return None
        state = self._streams.case_state(owner)
        if state is None:
            # Its first append was refused, or it cannot be read: then it is not judged.
            return row.day if self._expiry_queries.newest_at([owner]) else self._of_orphan(row, run)
        return None if state.ended_at is None else case_day(day_in_japan(state.ended_at))

    def _of_orphan(self, row: KeyRow, run: _Run) -> date:
        """A key whose first append was refused seals nothing; one on its way is not cut off."""
        return row.day or run.today + _DAY


def _copy_keys_for(
    keepers: Sequence[Keeper], rows: Sequence[KeyRow], own_keys: Mapping[bytes, KeyRow]
) -> list[KeyRow]:
    """The keys among the rows that seal copies for one of these, or for what has no end.

    Args:
        own_keys: key of copies → the own key of the series for which they were made.
    """
    streams = {one.stream for one in keepers}
    endless = {key for key, own in own_keys.items() if own.day is None}
    return [
        row
        for row in rows
        if row.key_class == "held" and (row.owner in streams or row.key_id in endless)
    ]


def _day_of_copies(row: KeyRow, own: KeyRow, day: date | None) -> date | None:
    """The day of the key for which the copies were made; an earlier one where they are unnamed."""
    return row.day if row.day is not None and own.day is not None and row.day < own.day else day


def _held_day(ended_at: datetime) -> date:
    return held_day(day_in_japan(ended_at))


def _ends_of_persons(facts: Iterable[AnyFact]) -> Iterator[date]:
    """What single persons' verdicts say: a stop may make a contract's record an ordinary one.

    The lines are sealed, so that the headers say nothing of them. In a series nobody's end differs
    from the message's: only a contract's record has such persons.
    """
    for fact in facts:
        match fact.event:
            case TransferCorrected() | TransferReclassified() | PrincipalsAppended() as event:
                lines = event.lines
            case event if isinstance(event, RecordedEvent):
                lines = event.entry.lines
            case _:
                continue
        for line in lines.values():
            if line.verdict is not None and line.verdict.retain_through is not None:
                yield line.verdict.retain_through


def _is_open(state: transfer.State) -> bool:
    """Whether the transfer's own period has no end: by its verdict, or by that of one person."""
    if state.record is None:
        return False
    verdicts = [state.record.verdict, *(line.verdict for line in state.lines.values())]
    return any(v and v.duty != "none" and v.retain_through is None for v in verdicts)
