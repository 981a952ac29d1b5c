"""Copies what must live on, then destroys: what a plan named, or what came back with a restore.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import BrokenWorldError, ExpiryDisturbedError
from ledger.format.envelope import KeyRow, SealedEvent
from ledger.format.event_writer import EventMetadata
from ledger.format.events import HoldPlaced, RecordsExpired
from ledger.retention import expiry
from ledger.retention.batches import Transaction, transactions
from ledger.retention.carry_forward import CarryForward
from ledger.retention.checked_index import CheckedIndex
from ledger.retention.copies import Copies
from ledger.retention.days import PERSON_CLASSES, ObjectDays
from ledger.retention.expiry_write import AppendCheck, DestroyedKeys, ExpiryBatch
from ledger.retention.parts import RunParts
from ledger.retention.plans import Plans
from ledger.retention.reasons import Need, Reasons

# Classes that seal a transfer's own events; what must live on is copied out of them. The days of
# objects' keys move instead.
CARRIED_CLASSES = frozenset({"record", "no-duty", "held"})
# The key of a series that was destroyed once does not stand until its day moves: what must live on
# is copied out of it, too.
CARRIED_AGAIN = CARRIED_CLASSES | {"series"}
# These go last: as long as they stand, they tell a run that was cut off which holds and cases had
# ended.
_LAST = frozenset({"case", "held", "register"})
# A look that somebody disturbs is taken again, so often where it finds nothing that is new: neither
# a copy to make nor a key that stays. These come to an end.
ACCESSES_MAX = 20
# So many bases are copied while a transaction waits, which the database ends after ten seconds.
BASES_MAX = 100


@dataclass(frozen=True, slots=True)
class _Way:
    """How the keys of a run die.

    Attributes:
        carried: classes of keys out of which things are copied.
        ended: streams of holds and cases that keep nothing, although the log says that they stand.
        spared: those among the keys (→ class) that stay for this run.
        batches: the keys, by transactions, as many to an event as it lists.
        is_planned: whether the event belongs to the plan that named the keys, or stands alone.
    """

    carried: Collection[str]
    ended: Collection[UUID]
    spared: Callable[[Mapping[bytes, str]], set[bytes]]
    batches: Callable[[Mapping[bytes, str]], list[Transaction]]
    is_planned: bool


class Destruction:
    """Destroys keys. Belongs to one thread, as do its parts."""

    def __init__(self, parts: RunParts, plans: Plans, no_record_years: int) -> None:
        streams, keys, expiry_queries = parts.streams, parts.sealer.keys, parts.expiry_queries
        self._index = CheckedIndex(parts.index, streams, expiry_queries)
        self._parts = parts = replace(parts, index=self._index)
        self._plans = plans
        self._reasons = Reasons(streams, expiry_queries, self._index)
        self._copies = Copies(streams, keys, expiry_queries, self._reasons)
        self._days = ObjectDays(parts, self._reasons, self._copies, no_record_years)
        self._carrying = CarryForward(streams, parts.sealer, parts.append, self._copies)
        self._carried = 0

    def planned(
        self, keys: Mapping[bytes, str], at: datetime, actor: str
    ) -> tuple[int, list[DestroyedKeys]]:
        """Destroy keys that plans name; a link that is still needed stays.

        Args:
            keys: id → class.

        Returns:
            How many copies were made, and what was destroyed.
        """
        way = _Way(CARRIED_CLASSES, (), self._days.needed, self._by_plan, is_planned=True)
        return self._destroyed(keys, way, at, actor)

    def destroy_restored(
        self, ids: Collection[bytes], at: datetime, actor: str
    ) -> tuple[int, list[DestroyedKeys]]:
        """Destroy keys that were destroyed once, whatever they seal in the log that came back.

        A link or a directive leaves no copy: it dies although a record of its person lives on.
        """
        rows = self._parts.expiry_queries.rows(ids)
        self._plans.read()
        way = _Way(CARRIED_AGAIN, self._ended(rows), lambda _: set(), _in_order, is_planned=False)
        self._give_days(rows, at)
        return self._destroyed({row.key_id: row.key_class for row in rows}, way, at, actor)

    # -- what came back --------------------------------------------------------------------------

    def _ended(self, rows: Collection[KeyRow]) -> set[UUID]:
        """Holds and cases that ended since the backup: else these keys had not been destroyed.

        All keys of a hold's copies die after its release, and so does the register's key that
        seals it; those of a case's copies and its own die after its end.
        """
        own = {row.owner for row in rows if row.key_class == "case" and row.owner is not None}
        own |= self._copies.ended(rows)
        registers = [row.key_id for row in rows if row.key_class == "register"]
        sealed = self._parts.expiry_queries.register_events(registers) if registers else []
        return own | {stream for _, topic, stream in sealed if topic == HoldPlaced.TYPE}

    def _give_days(self, rows: Collection[KeyRow], at: datetime) -> None:
        """An object's key that was destroyed had a day; what came back may be from before it had.

        So a series or an open period may be open again whose end is lost with what followed.
        """
        for row in rows:
            if row.day is None:
                keys = self._parts.sealer.keys
                self._parts.expiring.move_day(row, keys.rewrapped(row, day=day_in_japan(at)))
                keys.forget([row.key_id])

    # -- the steps -------------------------------------------------------------------------------

    def _destroyed(
        self, keys: Mapping[bytes, str], way: _Way, at: datetime, actor: str
    ) -> tuple[int, list[DestroyedKeys]]:
        """Copy what must live on, then destroy; look anew when somebody comes in between."""
        self._index.begin(
            tuple(keys),
            # A link or a stop dies when no record of its person lives: whichever that would be.
            is_whole=way.is_planned and not PERSON_CLASSES.isdisjoint(keys.values()),
            passes_over_lost=not way.is_planned,
        )
        self._carried = attempts = 0
        expired: list[DestroyedKeys] = []
        left = dict(keys)
        while left:
            before = self._carried, len(left)
            checked, left = self._settled(left, way, at, actor)
            spared = way.spared(left)
            left = {key: cls for key, cls in left.items() if key not in spared}
            try:
                for batches in way.batches(left):
                    batch_keys = {key: left[key] for batch in batches for key in batch}
                    check = self._append_check(batch_keys, way, at, actor)
                    expired += self._expired(batches, way, checked, check, at, actor)
                    left = {key: cls for key, cls in left.items() if key not in batch_keys}
            except ExpiryDisturbedError:
                attempts = attempts + 1 if (self._carried, len(left)) == before else 0
                if attempts == ACCESSES_MAX:
                    raise
            else:
                if left:
                    raise BrokenWorldError("keys die that no event names")
        return self._carried, expired

    def _by_plan(self, keys: Mapping[bytes, str]) -> list[Transaction]:
        """As many to an event as it lists, those of one plan together: it is certified by them."""
        plans = self._plans.plans()[::-1]
        newest = {key: next(plan for plan in plans if key in plan.keys) for key in keys}
        # A link and a stop go behind the records that die, for whoever asks whether one is left.
        ordered = sorted(
            keys, key=lambda key: (keys[key] in PERSON_CLASSES, newest[key].position, key)
        )
        named = {key: newest[key].plan for key in ordered}
        sealing = [key for key, key_class in keys.items() if key_class in CARRIED_AGAIN]
        # Where one event takes all of them, there is nothing between.
        is_one = len(keys) <= expiry.KEYS_PER_EVENT_MAX and len(set(named.values())) == 1
        return transactions(named, () if is_one else self._parts.expiry_queries.ties(sealing))

    def _settled(
        self, keys: Mapping[bytes, str], way: _Way, at: datetime, actor: str
    ) -> tuple[int, dict[bytes, str]]:
        """Copy until nothing is missing.

        A copy may itself be a reason: a record that lives on keeps its base alive. So a round ends
        in new reasons, in nothing to copy, or in what somebody moved in between and which is copied
        in the next one.

        Returns:
            As of which position nothing is missing, and which keys die: those that somebody needs
            by now do not.

        Raises:
            BrokenWorldError: the same is copied for the same reasons, again and again: what is
                copied lives by a key that dies in this run.
        """
        left: dict[bytes, str] = dict(keys)
        known: set[tuple[UUID, Need]] = set()
        again = 0
        while True:
            checked = self._parts.streams.reads.head()
            self._plans.read()
            keeping = self._plans.holds_and_cases()
            if way.is_planned and left:
                self._parts.index.wait(checked)
                needed_keys = self._days.needed_keys(left, keeping, at)
                left = {key: cls for key, cls in left.items() if key not in needed_keys}
            sealing = [key for key, key_class in left.items() if key_class in way.carried]
            if not sealing:
                self._await_checked()
                return checked, left
            self._parts.index.wait(checked)
            needs = self._reasons.of(sealing, left.keys(), keeping.keepers(way.ended))
            needs = _beyond(needs, day_in_japan(at))
            made = self._carrying.carry(needs, left.keys(), at, actor) if needs else 0
            if not made:
                self._await_checked()
                return checked, left
            self._carried += made
            fresh = {(stream, need) for stream, found in needs.items() for need in found} - known
            known |= fresh
            again = 0 if fresh else again + 1
            if again == ACCESSES_MAX:
                raise BrokenWorldError("what was copied dies with this run, and is copied again")

    def _await_checked(self) -> None:
        """Wait until what was read is checked: the follower stops at an event without a right MAC.

        Topics and times of the newest events decided what goes, and queries read those unchecked.

        Raises:
            ProjectionBehindError: it stopped, or is late. Nothing is destroyed.
        """
        self._parts.index.wait(self._parts.streams.reads.head())

    def _append_check(
        self, keys: Mapping[bytes, str], way: _Way, at: datetime, actor: str
    ) -> AppendCheck:
        """What to do about what comes before these keys are dead, for the writer's transaction."""
        is_of_persons = not PERSON_CLASSES.isdisjoint(keys.values())
        staying = [key for key, key_class in keys.items() if key_class not in way.carried]

        def check(bases: Collection[UUID], position: int, *, is_locked: bool) -> int:
            if is_of_persons:
                # A record may have come of the person of a link or a stop.
                self._parts.index.wait(position)
                if way.spared(keys):
                    raise ExpiryDisturbedError(position)
            if not bases:
                return 0
            under = self._parts.expiry_queries.sealed_under(staying, bases)
            if under or len(bases) > BASES_MAX:
                raise ExpiryDisturbedError(position)
            needs = self._reasons.of_dependants(bases, keys)
            needs = _beyond(needs, day_in_japan(at))
            if not self._carrying.is_missing(needs, keys, at, actor):
                return 0
            if is_locked:
                return 1
            made = self._carrying.carry(needs, keys, at, actor)
            self._carried += made
            if not made:
                raise ExpiryDisturbedError(position)
            return made

        return check

    def _expired(
        self,
        batches: Transaction,
        way: _Way,
        checked: int,
        check: AppendCheck,
        at: datetime,
        actor: str,
    ) -> list[DestroyedKeys]:
        self._plans.read()
        versions: dict[UUID, int] = {}
        expiries: list[ExpiryBatch] = []
        intended: list[tuple[tuple[bytes, ...], UUID]] = []
        for batch in batches:
            stream, version = random_stream(), 0
            if way.is_planned:
                plan = self._plans.plan_naming(batch[0])
                assert plan is not None, "what dies was named"
                stream, version = plan.plan, plan.version
            versions[stream] = versions.get(stream, version) + 1
            place = EventMetadata(stream, versions[stream], at, actor, random_stream())
            expiries.append(ExpiryBatch(batch, partial(self._sealed, batch, place)))
            intended.append((batch, stream))

        def before_commit() -> None:
            for batch, stream in intended:
                self._parts.journal.intend(batch, stream, at)

        expired = self._parts.expiring.expire(expiries, checked, before_commit, check)
        for one in expired:
            self._parts.journal.settle(one.keys, one.position)
            self._parts.sealer.keys.forget(one.keys)
        return expired

    def _sealed(
        self, batch: tuple[bytes, ...], place: EventMetadata, counts: Mapping[str, int]
    ) -> SealedEvent:
        return self._parts.sealer.seal(RecordsExpired(batch, counts), place, None)


def _beyond(needs: Mapping[UUID, Sequence[Need]], today: date) -> dict[UUID, list[Need]]:
    """The same reasons; what is due and not yet destroyed keeps nothing under a key that dies."""
    tomorrow = today + timedelta(days=1)
    return {
        stream: [
            replace(need, until=tomorrow) if need.until and need.until < tomorrow else need
            for need in found
        ]
        for stream, found in needs.items()
    }


def _in_order(keys: Mapping[bytes, str]) -> list[Transaction]:
    """As many to an event as it lists; the keys that tell of holds and cases last.

    Nobody reads in between, or appends: what is cut off is finished before the ledger opens.
    """
    parts: tuple[Sequence[bytes], ...] = (
        [key for key, key_class in keys.items() if key_class not in _LAST],
        [key for key, key_class in keys.items() if key_class in _LAST],
    )
    return [[batch] for part in parts for batch in expiry.in_events(part)]
