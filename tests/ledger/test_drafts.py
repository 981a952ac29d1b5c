"""Domain events → drafts → bytes → domain events: nothing is lost, nothing is added."""

import dataclasses
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.keys import DataKey, key_id_of
from ledger.errors import CorruptRecordError
from ledger.format.decoder import open_event
from ledger.format.encoder import seal
from ledger.format.envelope import (
    CopyContent,
    EventDraft,
    OpenEvent,
    Original,
    StoredFact,
    TransferParts,
)
from ledger.format.event_parts import other_event_of, other_parts_of
from ledger.format.event_reader import event_of, fact_of, principals_in
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import (
    Event,
    ExpiredEvent,
    Fact,
    NoticePublished,
    NoticeWithdrawn,
    RecordCarriedForward,
    TransferCompleted,
)
from ledger.format.types import TYPES
from ledger.policies.notice_changes import NOTHING_STATED
from ledger.values import Json
from tests.ledger.drawn import STRATEGIES
from tests.ledger.given import corrected, data, recorded, state_after, stopped
from tests.matrix import every
from tests.rounds import rounds

LEDGER = "test-ledger"
_SECRET = bytes(range(32))
PLACE = EventMetadata(
    UUID(int=5), 3, datetime(2026, 6, 1, 3, 4, 5, 678_000, tzinfo=UTC), "a" * 32, UUID(int=6), 17
)


def place_of(event: Event) -> EventMetadata:
    """A verdict says as of which position it was given; nothing else may say so."""
    judged = "judged_at" in TYPES[event.TYPE].allowed
    return PLACE if judged else dataclasses.replace(PLACE, judged_at=None)


def _draft_of(event: Event) -> EventDraft:
    """The draft, with what only its stream can tell."""
    place = place_of(event)
    if isinstance(event, RecordCarriedForward):
        return EventDraft(
            event.TYPE,
            place.stream,
            place.version,
            place.at,
            place.actor,
            place.command,
            {},
            copies=Original(event.position, event.version),
            copy=CopyContent({"order_11": "0"}, bytes(32), None, None),
        )
    draft = draft_of(event, place, bytes(16))
    if isinstance(event, TransferCompleted):
        return dataclasses.replace(draft, parts=TransferParts(2, 1, bytes(32)))
    return draft


def opened(event: Event, *, is_alive: bool = True) -> OpenEvent:
    """The event as it comes back from the store."""
    draft = _draft_of(event)
    classes = TYPES[draft.type].classes
    key = None
    if classes:
        key_id = key_id_of(_SECRET, LEDGER)
        key = DataKey(key_id, _SECRET, classes[0], date(2029, 1, 1))
    sealed = seal(draft, key, LEDGER)
    part = sealed.sealed if is_alive else None
    stored = StoredFact(9, sealed.stream, sealed.version, sealed.type, sealed.header, part)
    living = {key.id: key} if key is not None and is_alive else {}
    return open_event(stored, living, LEDGER)


@every("event_type", sorted(STRATEGIES))
@given(drawn=st.data())
@settings(max_examples=rounds(25), deadline=None)
def test_every_event_comes_back_from_its_bytes(event_type: str, drawn: st.DataObject) -> None:
    event = drawn.draw(STRATEGIES[event_type])
    fact = fact_of(opened(event))
    place = place_of(event)
    assert fact == Fact(
        9, place.stream, place.version, place.at, place.actor, event, place.judged_at, fact.facts
    )


# Whose whole content stands in clear, or is another event's.
ALWAYS_READ = {"transfer-completed", "records-expired", "record-carried-forward"}


@every("event_type", sorted(ALWAYS_READ - {"transfer-completed"}))
@given(drawn=st.data())
@settings(max_examples=3, deadline=None)
def test_a_copy_and_an_expiry_say_what_they_say_without_any_key(
    event_type: str, drawn: st.DataObject
) -> None:
    event = drawn.draw(STRATEGIES[event_type])
    assert event_of(opened(event, is_alive=False)) == event


@every("event_type", sorted(set(STRATEGIES) - ALWAYS_READ))
@given(drawn=st.data())
@settings(max_examples=3, deadline=None)
def test_an_event_whose_key_is_dead_is_known_by_its_type_only(
    event_type: str, drawn: st.DataObject
) -> None:
    event = drawn.draw(STRATEGIES[event_type])
    assert event_of(opened(event, is_alive=False)) == ExpiredEvent(event.TYPE)


def test_the_index_learns_of_exactly_the_persons_whose_lines_an_event_holds() -> None:
    content = opened(recorded(data("P1", "P2"))).content
    assert content is not None
    assert [one.id for one in principals_in(content)] == ["P1", "P2"]
    changed = corrected(state_after(recorded(data("P1", "P2"))), {"items": ["氏名"]})
    content = opened(changed).content
    assert content is not None
    assert principals_in(content) == []


def test_one_persons_finding_stands_in_no_header_and_in_nobody_elses_line() -> None:
    plain = opened(recorded(data("P1", "P2", "P3")))
    with_stop = opened(recorded(data("P1", "P2", "P3"), context=stopped(1)))
    assert with_stop.header.facts == plain.header.facts
    assert with_stop.content is not None
    assert plain.content is not None
    assert with_stop.content.statement == plain.content.statement
    before, after = plain.content.lines, with_stop.content.lines
    assert (before[0], before[2]) == (after[0], after[2])
    assert before[1] != after[1]
    assert dict(with_stop.content.record or {})["tally"] == {"consent_withdrawn": 1}


def test_a_clear_header_holds_nothing_that_was_typed() -> None:
    content = data(
        "秘密の識別子",
        purpose="秘密の目的",
        items=["秘密の項目"],
        base_record="秘密の鍵",
        omitted_items=["ITEMS"],
    )
    draft = draft_of(recorded(content), PLACE, bytes(16))
    assert "秘密" not in str(draft.facts)
    assert str(draft.facts.keys()).isascii()


def test_a_notice_from_before_changes_were_judged_is_read_and_written_as_ever() -> None:
    facts: dict[str, Json] = {
        "kind": "joint_use",
        "in_force_from": "2026-10-01",
        "published_on": "2026-09-01",
        "number": 1,
    }
    record: dict[str, Json] = {"notice_id": "ju-1", "notice": {"owner": "p-1"}}
    event = other_event_of(NoticePublished.TYPE, facts, record)
    assert isinstance(event, NoticePublished)
    assert (event.stated, event.changes, event.findings) == (NOTHING_STATED, (), ())
    assert other_parts_of(event) == (facts, record)


def test_an_unknown_type_is_refused() -> None:
    one = opened(NoticeWithdrawn(date(2026, 1, 1), "終了"))
    odd = dataclasses.replace(one, header=one.header._replace(type="case-opened"))
    with pytest.raises(CorruptRecordError):
        event_of(odd)
