"""From a domain event to sealed bytes: which key, which place, which party key."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID

from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN
from ledger.errors import TooLargeError
from ledger.format.encoder import seal
from ledger.format.envelope import DataKey, EventDraft, SealedEvent, TransferParts
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import (
    Entry,
    Event,
    ExclusionEvent,
    PersonLine,
    Record,
    RecordedEvent,
    RecordsExpired,
    TransferCompleted,
)
from ledger.lifetimes import access_day, exclusion_day, no_duty_day, record_day, register_day
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals domain events under the key that dies when their record may go."""

    keys: KeyRing
    secret: LedgerSecret
    ledger: str
    fixed_bytes: int = FIXED_BYTES_MIN
    """F of the event format, section 6: the least size of what is excluded."""

    def seal(self, event: Event, place: EventMetadata, key: DataKey | None) -> SealedEvent:
        """The event as bytes; what says that keys were destroyed carries its proof.

        Raises:
            TooLargeError: it does not fit into one event.
        """
        prove = self.secret.expiry_proof if isinstance(event, RecordsExpired) else None
        return seal(draft_of(event, place), key, self.ledger, prove=prove)

    def seal_fixed(
        self, event: ExclusionEvent, place: EventMetadata, key: DataKey, fixed_bytes: int
    ) -> SealedEvent:
        """The event as bytes, of one size whatever is excluded.

        Args:
            key: see `exclusion_key`.
            fixed_bytes: F of those before: it is never smaller again.

        Raises:
            TooLargeError: it does not fit.
        """
        size = max(fixed_bytes, self.fixed_bytes)
        return seal(draft_of(event, place), key, self.ledger, fixed_bytes=size)

    def seal_record(
        self, event: Event, record: Record, place: EventMetadata, key: DataKey
    ) -> SealedEvent:
        """The event of a transfer's record as bytes; the header names the party by a keyed hash.

        Raises:
            TooLargeError: it does not fit into one event.
        """
        return seal(draft_of(event, place, self.party_key(record.data)), key, self.ledger)

    def seal_records(
        self, decided: Sequence[tuple[RecordedEvent, EventMetadata]]
    ) -> list[SealedEvent | TooLargeError]:
        """The first events of transfers as bytes, in their order, stage by stage.

        Returns:
            `TooLargeError` in place of an event that does not fit.
        """
        # Nearly all die on the same day: the ring is asked once for each of their keys.
        known: dict[tuple[str, date], DataKey] = {}
        keys = [self._key_of(event.entry, place, known) for event, place in decided]
        drafts = [
            draft_of(event, place, self.party_key(event.entry.record.data))
            for event, place in decided
        ]
        return [self._sealed(draft, key) for draft, key in zip(drafts, keys, strict=True)]

    def _key_of(
        self, entry: Entry, place: EventMetadata, known: dict[tuple[str, date], DataKey]
    ) -> DataKey:
        """As `record_key` without a series; `known` are those that were given out just now."""
        dated = _class_and_day(entry.record, entry.lines, place.at)
        if dated is None:
            return self.keys.key_for("series", owner=place.stream)
        key = known.get(dated)
        if key is None:
            key = known[dated] = self.keys.key_for(dated[0], day=dated[1])
        return key

    def _sealed(self, draft: EventDraft, key: DataKey) -> SealedEvent | TooLargeError:
        try:
            return seal(draft, key, self.ledger)
        except TooLargeError as error:
            return error

    def seal_completed(self, place: EventMetadata, parts: TransferParts) -> SealedEvent:
        """The completion of a bulk transfer as bytes; it binds its parts."""
        return seal(replace(draft_of(TransferCompleted(), place), parts=parts), None, self.ledger)

    def party_key(self, data: Mapping[str, Json]) -> bytes | None:
        """16 bytes for the counterparty; None for an individual and for unspecified many."""
        party = cast("Mapping[str, Json]", data["counterparty"])
        if party["kind"] in ("individual", "unspecified_many"):
            return None
        name = party.get("party_id") or party.get("name")
        return self.secret.party_key(cast("str", name)) if name else None

    def record_key(
        self,
        record: Record,
        lines: Mapping[int, PersonLine],
        place: EventMetadata,
        series: UUID | None,
    ) -> DataKey:
        """The key of an event of a transfer's own stream: its series', or of its day of death.

        A record whose period has no end yet has a key of its own, without a day.

        Args:
            lines: those whose verdicts may outlast the transfer's.
            series: the stream of the series that the record belongs to.
        """
        if series is not None:
            return self.keys.key_for("series", owner=series)
        dated = _class_and_day(record, lines, place.at)
        if dated is None:
            return self.keys.key_for("series", owner=place.stream)
        key_class, day = dated
        return self.keys.key_for(key_class, day=day)

    def later_key(
        self,
        record: Record,
        lines: Mapping[int, PersonLine],
        place: EventMetadata,
        series: UUID | None,
        live_keys: Collection[DataKey],
    ) -> DataKey:
        """The key of a later event of a transfer's stream: it never dies before what it corrects.

        Of the record's own key and those that stand, the one that dies last. What began under a
        key of its own (a series, an open period) stays under it when the period has ended.

        Args:
            live_keys: the keys that still stand among those of the stream's events.
        """
        # Copies may stand under a key of class `held` of the same owner.
        owner = series or place.stream
        owned = [key for key in live_keys if key.key_class == "series" and key.owner == owner]
        if owned:
            return owned[0]
        dated = _class_and_day(record, lines, place.at)
        if dated is None:
            return self.keys.key_for("series", owner=place.stream)
        key_class, day = dated
        later_keys = [key for key in live_keys if _day_of_record(key) > day]
        # No key is made that nothing is sealed under.
        return (
            max(later_keys, key=_day_of_record)
            if later_keys
            else self.keys.key_for(key_class, day=day)
        )

    def access_key(self, at: datetime) -> DataKey:
        """The key of looks at histories in the month of `at`."""
        return self.keys.key_for("access", day=access_day(at))

    def exclusion_key(self, at: datetime) -> DataKey:
        """The key of what is excluded, and of reviews, in the month of `at`."""
        return self.keys.key_for("exclusion", day=exclusion_day(at))

    def register_key(self, at: datetime) -> DataKey:
        """The key of notices published in the year of `at`."""
        return self.keys.key_for("register", day=register_day(at))


def _class_and_day(
    record: Record, lines: Mapping[int, PersonLine], at: datetime
) -> tuple[str, date] | None:
    """Class and day of death of the record by itself; None while its period has no end."""
    verdict = record.verdict
    own = [line.verdict for line in lines.values() if line.verdict is not None]
    if not own and verdict.retain_through is not None:
        return "record", record_day(verdict.retain_through, at)
    verdicts = [verdict, *own]
    if any(one.duty != "none" and one.retain_through is None for one in verdicts):
        return None
    ends = [one.retain_through for one in verdicts if one.retain_through is not None]
    if not ends or all(one.duty == "none" for one in verdicts):
        return "no-duty", no_duty_day(record.recorded_on, at)
    return "record", record_day(max(ends), at)


def _day_of_record(key: DataKey) -> date:
    """The day of a key that records share; the earliest there is for any other key."""
    return key.day or date.min if key.key_class in ("record", "no-duty") else date.min
