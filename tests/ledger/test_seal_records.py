"""The records of one batch are sealed together, each under the key that it has alone."""

from datetime import timedelta

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import SealedEvent
from ledger.format.events import RecordedEvent
from ledger.service import Sealer
from ledger.transfers.service import EventMetadata
from tests.ledger.given import ACTOR, AT, data, recorded
from tests.ledger.inside import Inside


def decided(event: RecordedEvent, days_later: int) -> tuple[RecordedEvent, EventMetadata]:
    at = AT + timedelta(days=days_later)
    return event, EventMetadata(random_uuid(), 1, at, ACTOR, random_uuid(), 0)


def test_each_record_of_a_batch_is_sealed_under_the_key_of_its_own_day_and_class(
    house: Inside,
) -> None:
    sealer = Sealer(house.house.keys, house.house.secret, house.house.name)
    one_day = recorded(data("P1"))
    another_day = recorded(data("P2", recorded_on="2026-04-05"))
    without_duty = recorded(data("P3", basis="entrustment_27_5_i", consent=None))
    still_open = recorded(
        data(
            method="collective",
            transferred_on=None,
            transferred_from="2026-04-01",
            transferred_to=None,
        )
    )
    batch = [
        decided(one_day, 0),
        decided(another_day, 0),
        decided(without_duty, 0),
        decided(still_open, 0),
        decided(still_open, 0),
        decided(one_day, 0),
        decided(one_day, 5_000),
    ]
    sealed = sealer.seal_records(batch)
    assert all(isinstance(one, SealedEvent) for one in sealed)
    keys = [one.key_id for one in sealed if isinstance(one, SealedEvent)]
    alone = [
        sealer.record_key(event.entry.record, event.entry.lines, place, None).id
        for event, place in batch
    ]
    assert keys == alone
    assert len(set(keys)) == len(keys) - 1  # two died on one day
