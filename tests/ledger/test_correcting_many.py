"""A record of more persons than an item holds: what they share is corrected, no line moves."""

import dataclasses
from datetime import date
from uuid import UUID

import pytest

from api.contract import check
from ledger.commands import CorrectTransfer, LinkIdentifiers
from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.errors import MalformedError
from ledger.format.encoder import parts_of, seal
from ledger.format.envelope import Append, SealedEvent
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import (
    Event,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    TransferCompleted,
    TransferCorrected,
)
from ledger.service import Ledger, Sealer
from ledger.store.append import AppendedBatch, Appender
from ledger.transfers.correction import LINES_MAX
from ledger.transfers.whole_transfer import whole_data
from ledger.values import CheckedTransfer, Json
from tests.ledger.carrying import correct, later_key, people
from tests.ledger.given import ACTOR, AT, corrected, data, person, recorded, state_after
from tests.ledger.inside import Inside

PEOPLE = [f"B{n}" for n in range(LINES_MAX + 3)]
ENTRY = dataclasses.replace(recorded(data("B0")).entry, lines={}, persons=len(PEOPLE))


def chunks(lines: dict[int, PersonLine]) -> list[PrincipalsAppended]:
    numbers = sorted(lines)
    parts = (numbers[at : at + LINES_MAX] for at in range(0, len(numbers), LINES_MAX))
    return [PrincipalsAppended({n: lines[n] for n in part}) for part in parts]


def put(house: Inside, lines: dict[int, PersonLine]) -> UUID:
    """Recorded, persons appended, completed: as the event format says (section 7)."""
    events: list[Event] = [ProvisionRecorded(ENTRY), *chunks(lines), TransferCompleted()]
    key, stream, command = later_key(house), random_stream(), random_uuid()
    sealed: list[SealedEvent] = []
    for n, event in enumerate(events, 1):
        judged_at = 0 if isinstance(event, ProvisionRecorded) else None
        draft = draft_of(event, EventMetadata(stream, n, AT, ACTOR, command, judged_at))
        is_last = isinstance(event, TransferCompleted)
        if is_last:
            parts = parts_of([one.header for one in sealed], len(lines))
            draft = dataclasses.replace(draft, parts=parts)
        sealed.append(seal(draft, None if is_last else key, house.house.name))
    [done] = Appender(house.house.writer).append([Append(tuple(sealed))])
    assert isinstance(done, AppendedBatch)
    return stream


@pytest.fixture
def stream(house: Inside) -> UUID:
    return put(house, {n: PersonLine(person(one)) for n, one in enumerate(PEOPLE)})


def test_what_all_persons_share_is_corrected_and_nobody_s_line_is_written_again(
    house: Inside, stream: UUID
) -> None:
    before = house.house.streams.transfer_state(stream)
    correct(house, stream, items=["氏名"])
    after = house.house.streams.transfer_state(stream)
    assert before is not None
    assert after is not None
    assert after.record is not None
    assert after.record.data["items"] == ["氏名"]
    assert after.lines == before.lines
    assert len(after.lines) == len(PEOPLE)
    [event] = [one.content for one in house.events() if one.type == "transfer-corrected"]
    assert event is not None
    assert event["lines"] == []


def test_what_would_be_malformed_of_an_item_is_malformed_here(house: Inside, stream: UUID) -> None:
    with pytest.raises(MalformedError) as error:
        correct(house, stream, items="氏名", counterparty={})
    found = {one.pointer for one in error.value.defects}
    assert "/items" in found
    assert any(one.startswith("/counterparty") for one in found)


def test_all_persons_of_a_larger_record_are_not_named_in_one_correction(
    house: Inside, stream: UUID
) -> None:
    with pytest.raises(MalformedError) as error:
        correct(house, stream, principals=people(*PEOPLE[1:]))
    assert {one.pointer for one in error.value.defects} == {"/principals"}


def test_what_changes_the_lines_of_more_persons_than_an_event_holds_is_refused_in_words() -> None:
    verdict = dataclasses.replace(ENTRY.record.verdict, findings=("CONSENT_WITHDRAWN",))
    lines = {n: PersonLine(person(one), verdict) for n, one in enumerate(PEOPLE)}
    state = state_after(ProvisionRecorded(ENTRY), *chunks(lines), TransferCompleted())
    with pytest.raises(MalformedError) as error:
        corrected(state, {"items": ["氏名"]})
    assert [one.code for one in error.value.defects] == ["TOO_MANY_LINES"]
    fewer = {n: lines[n] for n in range(LINES_MAX)}
    entry = ProvisionRecorded(dataclasses.replace(ENTRY, persons=LINES_MAX))
    kept = state_after(entry, *chunks(fewer), TransferCompleted())
    event = corrected(kept, {"items": ["氏名"]})
    assert isinstance(event, TransferCorrected)
    assert len(event.lines) == LINES_MAX


def test_a_correction_that_comes_in_between_is_kept(house: Inside) -> None:
    transfer = house.record("t1", data("P1", purpose="配送")).transfer

    def change(changes: dict[str, Json]) -> CorrectTransfer:
        return CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")

    inside = house.house
    between = [change({"items": ["氏名"]})]

    def checked(content: object, today: date) -> CheckedTransfer:
        # The other one comes after this one has read what stands, and before it appends.
        if between:
            house.ledger.correct(between.pop(), house.now)
        return check(content, today)

    sealer = Sealer(inside.keys, inside.secret, inside.name)
    appender = Appender(inside.writer)
    ledger = Ledger(inside.streams, sealer, appender.append, checked)
    ledger.correct(change({"purpose": "分析"}), house.now)
    state = inside.streams.transfer_state(transfer)
    assert state is not None
    assert state.version == 3
    assert whole_data(state) == data("P1", purpose="分析", items=["氏名"])


def test_two_spellings_of_one_identifier_are_no_pair(house: Inside) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person("Q1"), person(" Q1 "), "住民票")
    with pytest.raises(MalformedError) as refused:
        house.ledger.link(command, house.now)
    assert [defect.code for defect in refused.value.defects] == ["SAME_IDENTIFIER"]
