"""Bulk transfers carried forward: chunks of persons, each copied by itself. Without a store."""

import dataclasses
from datetime import date
from typing import cast

import pytest

from ledger.crypto.keys import DataKey, key_id_of
from ledger.errors import CorruptRecordError
from ledger.format.copies import carried_forward
from ledger.format.decoder import open_event
from ledger.format.encoder import seal
from ledger.format.envelope import EventDraft, OpenEvent, Original, StoredFact, TransferParts
from ledger.format.event_reader import fact_of
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import (
    Event,
    ExpiredEvent,
    Fact,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    TransferCompleted,
    TransferEvent,
)
from ledger.streams.carried_records import is_dead, with_copies
from ledger.streams.history import HistoryEntry, entry_of
from ledger.transfers import transfer
from ledger.values import PrincipalRef
from tests.ledger.carrying import Concerned, indexes, only
from tests.ledger.given import ACTOR, AT, COMMAND, STREAM, data, ids, person, recorded

LEDGER = "test-ledger"
PEOPLE = [f"P{n}" for n in range(7)]
SECRET = bytes(range(32))
KEY = DataKey(key_id_of(SECRET, LEDGER), SECRET, "record", date(2029, 1, 1))


def stored(draft: EventDraft, position: int) -> OpenEvent:
    """The event as it comes back from a store while its key lives."""
    key = None if draft.type == TransferCompleted.TYPE else KEY
    sealed = seal(draft, key, LEDGER)
    fact = StoredFact(
        position, sealed.stream, sealed.version, sealed.type, sealed.header, sealed.sealed
    )
    return open_event(fact, {KEY.id: KEY}, LEDGER)


def bulk() -> list[OpenEvent]:
    """A transfer of seven persons: recorded, 3 + 4 of them appended, completed."""
    entry = dataclasses.replace(recorded(data(*PEOPLE)).entry, lines={})
    lines = {n: PersonLine(person(one)) for n, one in enumerate(PEOPLE)}
    events: list[Event] = [
        ProvisionRecorded(entry),
        PrincipalsAppended({n: lines[n] for n in range(3)}),
        PrincipalsAppended({n: lines[n] for n in range(3, 7)}),
        TransferCompleted(),
    ]
    found: list[OpenEvent] = []
    for n, event in enumerate(events, 1):
        judged_at = 0 if isinstance(event, ProvisionRecorded) else None
        draft = draft_of(event, EventMetadata(STREAM, n, AT, ACTOR, COMMAND, judged_at))
        if isinstance(event, TransferCompleted):
            draft = dataclasses.replace(draft, parts=TransferParts(3, 7, bytes(32)))
        found.append(stored(draft, n * 10))
    return found


def copy_of(original: OpenEvent, concerned: Concerned, version: int) -> OpenEvent:
    """The copy of what `original` holds of the persons concerned, at position version * 10."""
    assert original.content is not None
    draft = EventDraft(
        type="record-carried-forward",
        stream=STREAM,
        version=version,
        at=AT,
        actor=ACTOR,
        command=COMMAND,
        facts={},
        copies=Original(original.position, original.header.version),
        copy=carried_forward(original.header, original.content, indexes(original, concerned)),
    )
    return stored(draft, version * 10)


def copies_of(originals: list[OpenEvent], concerned: Concerned) -> list[OpenEvent]:
    sealed = [one for one in originals if one.content is not None]
    return [copy_of(one, concerned, version) for version, one in enumerate(sealed, 5)]


def dead(event: OpenEvent) -> OpenEvent:
    return dataclasses.replace(event, content=None)


def told(events: list[OpenEvent], *identifiers: str) -> HistoryEntry | None:
    facts = cast("list[Fact[TransferEvent | ExpiredEvent]]", [fact_of(one) for one in events])

    def own(principal: PrincipalRef) -> bool:
        return principal.id in identifiers

    return entry_of(facts, own)


def test_the_persons_carried_are_told_with_their_numbers_and_the_others_are_gone() -> None:
    originals = bulk()
    copies = copies_of(originals, only("P4", "P6"))
    events = with_copies([dead(one) for one in originals], copies, None)
    facts = cast("list[Fact[TransferEvent | ExpiredEvent]]", [fact_of(one) for one in events])
    state = transfer.fold(None, facts)
    assert state is not None
    assert state.entry is not None
    assert (state.entry.persons, state.effective_position) == (7, 40)
    assert ids(state.lines) == {4: "P4", 6: "P6"}
    for who in PEOPLE:
        before, after = told(originals, who), told(events, who)
        if who in ("P4", "P6"):
            assert isinstance(before, HistoryEntry)
            assert before.positions == (10, 30, 40), "in the chunk at 20 only others stand"
            positions = (10, 30, 40, 50, 70)
            assert after == dataclasses.replace(before, positions=positions, version=7)
        else:
            assert after is None


def test_a_chunk_that_died_uncarried_takes_the_record_with_it() -> None:
    originals = bulk()
    copies = copies_of(originals, only("P1"))
    events = with_copies([dead(one) for one in originals], [copies[0], dead(copies[1])], None)
    assert [one.position for one in events if is_dead(one)] == [20, 30, 60]
    assert told(originals, "P1") is not None
    assert told(events, "P1") is None


def test_parts_add_up_to_what_can_be_carried_on() -> None:
    originals = bulk()
    parts = [copy_of(originals[2], only(one), 5 + n) for n, one in enumerate(("P3", "P5", "P6"))]
    buried = [dead(one) for one in originals]
    whole = with_copies(buried, parts, None)[2]
    again = copy_of(whole, only("P3", "P6"), 8)
    assert again.content is not None
    assert again.content.copy is not None
    direct = copy_of(originals[2], only("P3", "P6"), 8)
    assert direct.content is not None
    assert again.content.copy == direct.content.copy
    alone = with_copies(buried, [again], None)[2]
    assert fact_of(alone).event == PrincipalsAppended(
        {3: PersonLine(person("P3")), 6: PersonLine(person("P6"))}
    )


def test_a_copy_that_names_no_event_of_its_stream_is_refused() -> None:
    originals = bulk()
    copies = copies_of(originals, only("P1"))
    with pytest.raises(CorruptRecordError, match="position 60"):
        with_copies([dead(originals[0])], copies[1:], None)
    # Beyond the position it may be of an original that is not there yet.
    assert with_copies([dead(originals[0])], copies[1:], 10) == [dead(originals[0])]
