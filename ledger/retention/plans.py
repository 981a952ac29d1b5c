"""Reads plans, holds and cases; makes a plan of what will die."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from ledger.crypto.pseudonyms import random_stream
from ledger.format.envelope import Append
from ledger.format.event_writer import EventMetadata
from ledger.format.events import (
    ExpiredEvent,
    ExpiryEvent,
    ExpiryPlanned,
    Fact,
    HoldEvent,
    HoldPlaced,
    HoldReleased,
    NoticePublished,
    ProcedurePublished,
    RecordsExpired,
)
from ledger.holds import hold
from ledger.retention import expiry
from ledger.retention.expiry_queries import DueKey, ExpiryQueries
from ledger.retention.holds_and_cases import HoldsAndCases, OpenCases
from ledger.retention.reasons import Reasons
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams

PLAN_TOPICS = (ExpiryPlanned.TYPE, RecordsExpired.TYPE)
# Verdicts and cases refer to these for as long as they live.
_KEPT = (NoticePublished.TYPE, ProcedurePublished.TYPE)


class Plans:
    """All plans and holds so far, and the open cases; read once, then only what is new.

    Belongs to one thread.
    """

    def __init__(self, streams: Streams, expiry_queries: ExpiryQueries) -> None:
        self._streams = streams
        self._cases = OpenCases(streams, expiry_queries)
        self._plans: dict[UUID, expiry.State] = {}
        self._holds: dict[UUID, hold.State] = {}
        self._position = 0

    def read(self) -> None:
        """Catch up with the log."""
        for fact in self._streams.facts_of_topics((*PLAN_TOPICS, *hold.TOPICS), self._position):
            if isinstance(fact.event, ExpiryPlanned | RecordsExpired):
                typed = cast("Fact[ExpiryEvent | ExpiredEvent]", fact)
                self._plans[fact.stream] = expiry.evolve(self._plans.get(fact.stream), typed)
            elif isinstance(fact.event, HoldPlaced | HoldReleased):
                held = hold.fold(
                    self._holds.get(fact.stream), [cast("Fact[HoldEvent | ExpiredEvent]", fact)]
                )
                if held is not None:
                    self._holds[fact.stream] = held
            self._position = fact.position
        self._cases.read()

    def plans(self) -> list[expiry.State]:
        """All plans, oldest first."""
        return sorted(self._plans.values(), key=lambda plan: plan.position)

    def holds(self) -> list[hold.State]:
        """All holds that can still be read, oldest first; some may be released."""
        return list(self._holds.values())

    def holds_and_cases(self) -> HoldsAndCases:
        """What keeps records past their day."""
        return HoldsAndCases(tuple(self.holds()), tuple(self._cases.open()))

    def plan_naming(self, key: bytes) -> expiry.State | None:
        """The newest plan that names the key."""
        return next((plan for plan in reversed(self.plans()) if key in plan.keys), None)


class ExpiryPlanner:
    """Says what will die. Belongs to one thread."""

    def __init__(
        self, streams: Streams, sealer: Sealer, expiry_queries: ExpiryQueries, reasons: Reasons
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._expiry_queries = expiry_queries
        self._reasons = reasons

    def retained_keys(self, due: Sequence[DueKey], plans: Plans) -> set[bytes]:
        """Register keys that may not die yet: a notice, hold or plan under them still stands.

        A plan stands until every key that it names has died.
        """
        ids = [key.key_id for key in due if key.key_class == "register"]
        if not ids:
            return set()
        due_ids = {key.key_id for key in due}
        open_plans = {plan.plan for plan in plans.plans() if due_ids & plan.keys - set(ids)}
        holds = {one.hold for one in plans.holds() if one.is_active}
        kept: set[bytes] = set()
        for key_id, topic, stream in self._expiry_queries.register_events(ids):
            if stream in holds or stream in open_plans or topic in _KEPT:
                kept.add(key_id)
        return kept

    def planned(
        self,
        due: Sequence[DueKey],
        keeping: HoldsAndCases,
        through: date,
        before: Collection[bytes],
        *,
        confirmed: bool,
    ) -> ExpiryPlanned:
        """The event that names these keys.

        Args:
            due: by day.
            before: keys that earlier plans name. They come last when there are too many: else the
                same ones were named each day, and the others died late.
        """
        first = sorted(due, key=lambda key: key.key_id in before)
        ids = sorted(key.key_id for key in first[: expiry.KEYS_PER_PLAN_MAX])
        named = set(ids)
        keepers = {one.keeper for one in self._reasons.retained_streams(ids, keeping.keepers())}
        holds = sorted(one.hold for one in keeping.holds if one.hold in keepers)
        cases = sorted(one.case for one in keeping.cases if one.case in keepers)
        counted = [key for key in due if key.key_id in named]
        # Not how many holds and cases keep something, though the names are there: counts stand in
        # clear, and they would tell of a person whose records are all hidden (Order 11).
        counts = {
            "events": sum(key.events for key in counted),
            "keys": len(ids),
            "lookups": sum(key.lookups for key in counted),
        }
        return ExpiryPlanned(
            through, tuple(ids), tuple(holds), tuple(cases), counts, confirmed=confirmed
        )

    def sealed(self, event: ExpiryPlanned, at: datetime, actor: str, command: UUID) -> Append:
        """The plan, ready for the store."""
        place = EventMetadata(random_stream(), 1, at, actor, command)
        return Append((self._sealer.seal(event, place, self._sealer.register_key(at)),))


def expiring_today(
    due: Sequence[DueKey], today: date, named: Collection[bytes], kept: Collection[bytes]
) -> list[DueKey]:
    """The keys whose day has come, that a plan names, and that nothing keeps."""
    return [
        key for key in due if key.day <= today and key.key_id in named and key.key_id not in kept
    ]
