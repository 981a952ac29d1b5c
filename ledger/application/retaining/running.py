"""One run: days moved, a plan made, what must live on copied, what is due destroyed.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from ledger import expiry, hold
from ledger.application.recording import AppendAll
from ledger.application.retaining.carrying import Carrying
from ledger.application.retaining.days import NO_RECORD_YEARS, Days
from ledger.application.retaining.plans import Planning, Plans, dying_today
from ledger.application.retaining.reasons import Index, Reasons
from ledger.application.sealing import Sealer
from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_stream
from ledger.drafts import Place
from ledger.envelope import SealedEvent
from ledger.errors import ExpiryDisturbedError
from ledger.events import ExpiryPlanned, RecordsExpired
from ledger.store.append import Appended
from ledger.store.dying import DueKey, Dying
from ledger.store.expiring import Expired, Expiring
from ledger.streams import Streams

# Classes that seal a transfer's own events; what must live on is copied out of them. The days of
# objects' keys move instead.
CARRIED_CLASSES = frozenset({"record", "no-duty", "held"})
# A look that somebody disturbs is taken again; each time fewer hands are in the way.
LOOKS_MAX = 20


class Journal(Protocol):
    """The erasure journal, outside the database: what was destroyed stays so after a restore."""

    def intend(self, keys: Sequence[bytes], plan: UUID, at: datetime) -> None:
        """Note durably, before the commit, what is about to be destroyed."""
        ...

    def done(self, position: int) -> None:
        """Note that it has been destroyed, by the event at `position`."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run works with.

    Attributes:
        dying, expiring: of the roles reader and purger.
        index: the read side.
        journal: where destructions are noted.
    """

    streams: Streams
    sealer: Sealer
    append: AppendAll
    dying: Dying
    expiring: Expiring
    index: Index
    journal: Journal


@dataclass(frozen=True, slots=True)
class Settings:
    """How long, within what the law leaves open.

    Attributes:
        window_days: how far ahead a plan looks (0–14).
        no_record_years: see `days.NO_RECORD_YEARS`.
    """

    window_days: int = expiry.WINDOW_DAYS_MAX
    no_record_years: int = NO_RECORD_YEARS


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Attributes:
        plan: stream of the plan that was made; None when none was.
        planned: what it says.
        days_moved: objects' keys that got another day.
        carried: copies that were made.
        expired: each `records-expired`, in order.
        kept: register keys that are due and still needed.
        unnamed: keys that are due and that no plan of long enough ago names.
    """

    plan: UUID | None = None
    position: int | None = None
    planned: ExpiryPlanned | None = None
    days_moved: int = 0
    carried: int = 0
    expired: tuple[Expired, ...] = ()
    kept: tuple[bytes, ...] = ()
    unnamed: tuple[bytes, ...] = field(default=())


class Retaining:
    """Plans and expires. Belongs to one thread; one run at a time in a ledger.

    Every method raises `StoreUnavailableError` when the database cannot be reached; a run that was
    cut off is simply made again.
    """

    def __init__(self, parts: Parts, settings: Settings | None = None) -> None:
        self._parts = parts
        self._settings = settings or Settings()
        streams, dying = parts.streams, parts.dying
        self.plans = Plans(streams)
        self._reasons = Reasons(streams, dying, parts.index)
        self._planning = Planning(streams, parts.sealer, dying, self._reasons)
        self._carrying = Carrying(streams, parts.sealer, parts.append)
        self._days = Days(
            streams,
            dying,
            parts.expiring,
            parts.index,
            self._reasons,
            self._settings.no_record_years,
        )

    def plan(
        self, at: datetime, actor: str, *, confirmed: bool = False, command: UUID | None = None
    ) -> Report:
        """Say what will die within the window.

        Args:
            confirmed: a person vouches for the clock after a standstill.
            command: its id; a plan that stands under it already is reported again.

        Raises:
            ClockAheadError: the clock stands further ahead than the log bears out.
        """
        if command is not None and (first := self._planned_before(command)) is not None:
            return first
        self._look(at, confirmed=confirmed)
        through = expiry.through(at, self._settings.window_days)
        holds = self.plans.holds()
        moved = self._move_days(holds, at)
        due = self._parts.dying.due(through)
        kept = self._planning.standing(due, self.plans)
        going = [key for key in due if key.key_id not in kept]
        before = expiry.named(self.plans.plans(), at)
        event = self._planning.planned(going, holds, through, before, confirmed=confirmed)
        append = self._planning.sealed(event, at, actor, command or random_stream())
        [result] = self._parts.append([append])
        if not isinstance(result, Appended):
            raise result
        return Report(
            append.events[0].stream,
            result.positions[0],
            event,
            moved,
            kept=tuple(sorted(kept)),
        )

    def preview(self, at: datetime) -> tuple[list[DueKey], ExpiryPlanned]:
        """What a plan made now would say; changes nothing."""
        self.plans.read()
        through = expiry.through(at, self._settings.window_days)
        due = self._parts.dying.due(through)
        kept = self._planning.standing(due, self.plans)
        going = [key for key in due if key.key_id not in kept]
        before = expiry.named(self.plans.plans(), at)
        holds = self.plans.holds()
        return going, self._planning.planned(going, holds, through, before, confirmed=False)

    def expire(self, at: datetime, actor: str, *, notice: timedelta = timedelta()) -> Report:
        """Destroy what is due and was named at least `notice` ago.

        Raises:
            ClockAheadError: the clock stands further ahead than the log bears out.
            ExpiryDisturbedError: somebody kept appending to what dies; nothing is half-done.
            ProjectionBehindError: the read side has not followed far enough.
        """
        self._look(at, confirmed=False)
        holds = self.plans.holds()
        moved = self._move_days(holds, at)
        today = day_in_japan(at)
        due = self._parts.dying.due(today)
        kept = self._planning.standing(due, self.plans)
        named = expiry.named(self.plans.plans(), at - notice)
        going = dying_today(due, today, named, kept)
        unnamed = [key.key_id for key in due if key.key_id not in named]
        carried, expired = self._destroyed(going, at, actor)
        return Report(
            days_moved=moved,
            carried=carried,
            expired=tuple(expired),
            kept=tuple(sorted(kept)),
            unnamed=tuple(unnamed),
        )

    def _planned_before(self, command: UUID) -> Report | None:
        """What was planned under that command id; None when nothing was."""
        streams = self._parts.streams
        for stream, position in streams.reads.of_command(command):
            event = streams.facts([stream], None)[stream][0].event
            if isinstance(event, ExpiryPlanned):
                return Report(stream, position, event)
        return None

    # -- the steps -------------------------------------------------------------------------------

    def _look(self, at: datetime, *, confirmed: bool) -> None:
        """Read plans and holds, wait for the index, and ask whether the clock may be believed."""
        head = self._parts.streams.reads.head()
        self.plans.read()
        plan = expiry.newest_made(self.plans.plans())
        newest = self._parts.dying.newest_event_at()
        expiry.check_clock(at, newest, plan and plan.planned_at, confirmed=confirmed)
        self._parts.index.wait(head)

    def _move_days(self, holds: Sequence[hold.State], at: datetime) -> int:
        through = expiry.through(at, self._settings.window_days)
        owned = [key.key_id for key in self._parts.dying.due(through) if key.owner is not None]
        rows = [*self._parts.dying.undated(), *self._parts.dying.rows(owned)]
        return self._days.moved(rows, holds, at)

    def _destroyed(
        self, going: Sequence[DueKey], at: datetime, actor: str
    ) -> tuple[int, list[Expired]]:
        """Copy what must live on, then destroy; look anew when somebody comes in between."""
        carried = looks = 0
        expired: list[Expired] = []
        left = {key.key_id: key.key_class for key in going}
        while left:
            made, checked = self._settled(left, at, actor)
            carried += made
            needed = self._days.needed(left)
            left = {key: cls for key, cls in left.items() if key not in needed}
            try:
                for batch in self._batches(left):
                    expired.append(self._expired(batch, checked, at, actor))
                    left = {key: cls for key, cls in left.items() if key not in batch}
            except ExpiryDisturbedError:
                looks += 1
                if looks == LOOKS_MAX:
                    raise
        return carried, expired

    def _batches(self, keys: Collection[bytes]) -> list[tuple[bytes, ...]]:
        """As many to an event as it lists, those of one plan together: it is certified by them."""
        plans = self.plans.plans()[::-1]
        under: dict[UUID, list[bytes]] = {}
        for key in sorted(keys):
            newest = next(plan for plan in plans if key in plan.keys)
            under.setdefault(newest.plan, []).append(key)
        return [batch for named in under.values() for batch in expiry.in_events(named)]

    def _settled(self, left: Mapping[bytes, str], at: datetime, actor: str) -> tuple[int, int]:
        """Copy until nothing is missing; return how many copies, and as of which position.

        A copy may itself be a reason: a record that lives on keeps its base alive.
        """
        sealing = [key for key, key_class in left.items() if key_class in CARRIED_CLASSES]
        carried = 0
        while True:
            checked = self._parts.streams.reads.head()
            self.plans.read()
            if not sealing:
                return carried, checked
            self._parts.index.wait(checked)
            needs = self._reasons.of(sealing, left.keys(), self.plans.holds())
            made = self._carrying.carry(needs, left.keys(), at, actor) if needs else 0
            if not made:
                return carried, checked
            carried += made

    def _expired(self, batch: tuple[bytes, ...], checked: int, at: datetime, actor: str) -> Expired:
        self.plans.read()
        plan = self.plans.plan_naming(batch[0])
        assert plan is not None, "what dies was named"
        place = Place(plan.plan, plan.version + 1, at, actor, random_stream())

        def sealed(counts: Mapping[str, int]) -> SealedEvent:
            return self._parts.sealer.seal(RecordsExpired(batch, counts), place, None)

        def before_commit(_position: int) -> None:
            self._parts.journal.intend(batch, plan.plan, at)

        expired = self._parts.expiring.expire(batch, sealed, checked, before_commit)
        self._parts.journal.done(expired.position)
        self._parts.sealer.keys.forget(batch)
        return expired
