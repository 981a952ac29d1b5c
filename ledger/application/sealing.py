"""From a domain event to sealed bytes: which key, which place, which party key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from ledger.codec import seal
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.drafts import Place, draft_of
from ledger.envelope import DataKey, EventDraft, SealedEvent
from ledger.errors import TooLargeError
from ledger.events import Event, Line, Record, RecordedEvent
from ledger.lifetimes import access_day, no_duty_day, record_day, register_day
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals domain events under the key that dies when their record may go."""

    keys: KeyRing
    secret: LedgerSecret
    ledger: str

    def seal(self, event: Event, place: Place, key: DataKey | None) -> SealedEvent:
        """The event as bytes.

        Raises:
            TooLargeError: it does not fit into one event.
        """
        return seal(draft_of(event, place), key, self.ledger)

    def seal_record(self, event: Event, record: Record, place: Place, key: DataKey) -> SealedEvent:
        """The event of a transfer's record as bytes; the header names the party by a keyed hash.

        Raises:
            TooLargeError: it does not fit into one event.
        """
        return seal(draft_of(event, place, self.party_key(record.data)), key, self.ledger)

    def seal_records(
        self, decided: Sequence[tuple[RecordedEvent, Place]]
    ) -> list[SealedEvent | TooLargeError]:
        """The first events of transfers as bytes, in their order, stage by stage.

        Returns:
            `TooLargeError` in place of an event that does not fit.
        """
        keys = [
            self.record_key(event.entry.record, event.entry.lines, place, None)
            for event, place in decided
        ]
        drafts = [
            draft_of(event, place, self.party_key(event.entry.record.data))
            for event, place in decided
        ]
        return [self._sealed(draft, key) for draft, key in zip(drafts, keys, strict=True)]

    def _sealed(self, draft: EventDraft, key: DataKey) -> SealedEvent | TooLargeError:
        try:
            return seal(draft, key, self.ledger)
        except TooLargeError as error:
            return error

    def party_key(self, data: Mapping[str, Json]) -> bytes | None:
        """16 bytes for the counterparty; None for an individual and for unspecified many."""
        party = cast("Mapping[str, Json]", data["counterparty"])
        if party["kind"] in ("individual", "unspecified_many"):
            return None
        name = party.get("party_id") or party.get("name")
        return self.secret.party_key(cast("str", name)) if name else None

    def record_key(
        self, record: Record, lines: Mapping[int, Line], place: Place, series: UUID | None
    ) -> DataKey:
        """The key of an event of a transfer's own stream: its series', or of its day of death.

        A record whose period has no end yet has a key of its own, without a day.

        Args:
            lines: those whose verdicts may outlast the transfer's.
            series: the stream of the series that the record belongs to.
        """
        verdict, at = record.verdict, place.at
        is_open = verdict.duty != "none" and verdict.retain_through is None
        if series is not None or is_open:
            return self.keys.key_for("series", owner=series or place.stream)
        if verdict.retain_through is not None and not any(line.verdict for line in lines.values()):
            return self.keys.key_for("record", day=record_day(verdict.retain_through, at))
        duties = {verdict.duty, *(line.verdict.duty for line in lines.values() if line.verdict)}
        if duties == {"none"}:
            return self.keys.key_for("no-duty", day=no_duty_day(record.recorded_on, at))
        ends = [verdict.retain_through]
        ends += [line.verdict.retain_through for line in lines.values() if line.verdict]
        known = [end for end in ends if end is not None]
        return self.keys.key_for("record", day=record_day(max(known), at))

    def access_key(self, at: datetime) -> DataKey:
        """The key of looks at histories in the month of `at`."""
        return self.keys.key_for("access", day=access_day(at))

    def register_key(self, at: datetime) -> DataKey:
        """The key of notices published in the year of `at`."""
        return self.keys.key_for("register", day=register_day(at))
