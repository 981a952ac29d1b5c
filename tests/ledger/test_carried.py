"""Records carried forward: told as before to whom they concern, and to nobody else."""

import dataclasses
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

import pytest

from ledger.commands import CorrectTransfer, ReclassifyTransfer
from ledger.crypto.keys import DataKey, key_id_of
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, ExpiredError
from ledger.format.copies import carried_forward
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
from ledger.streams.carried_records import is_expired, with_copies
from ledger.streams.history import HistoryEntry, entry_of
from ledger.transfers import transfer
from ledger.values import PrincipalRef
from tests.ledger.carrying import (
    Concerned,
    append,
    carried,
    carry,
    copies_of,
    correct,
    die,
    everybody,
    held_key,
    indexes,
    keys_at,
    later_key,
    let_die,
    nobody,
    only,
    people,
)
from tests.ledger.given import ACTOR, AT, COMMAND, STREAM, data, ids, person, recorded
from tests.ledger.inside import Inside

WHO = ("P1", "P2", "P3", "P4", "P5")
Told = dict[tuple[str, int], Sequence[HistoryEntry]]


def told(house: Inside, upto: int | None = None) -> Told:
    """What each person is told, as of each position up to `upto` (None: the head)."""
    head = house.follow()
    positions = range((head if upto is None else upto) + 1)
    return {(who, at): house.page(who, as_of=at).entries for who in WHO for at in positions}


def of(found: Told, *identifiers: str) -> Told:
    return {key: entries for key, entries in found.items() if key[0] in identifiers}


def test_of_a_record_that_is_carried_for_some_the_others_are_told_nothing(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    before = told(house)
    carried(house, first.transfer, "P2")
    die(house, 1)
    after = told(house, 1)
    assert of(after, "P2") == {
        key: tuple(
            dataclasses.replace(
                one,
                entry=dataclasses.replace(one.entry, lines={1: one.entry.lines[1]}, gone=2),
            )
            for one in entries
        )
        for key, entries in of(before, "P2").items()
    }
    assert not any(of(after, "P1", "P3").values())
    assert not house.page("P1").expired
    [entry] = house.page("P2").entries
    assert entry.entry.persons == 3
    assert [(n, line.principal.id) for n, line in entry.lines] == [(1, "P2")]


def test_two_partial_copies_add_up_and_each_goes_with_its_own_key(house: Inside) -> None:
    first = house.record("t1", data(*WHO))
    one, other = held_key(house), held_key(house)
    carried(house, first.transfer, "P1", "P4", key=one)
    carried(house, first.transfer, "P4", "P5", key=other)
    die(house, 1)
    assert [who for who in WHO if house.page(who).entries] == ["P1", "P4", "P5"]
    state = house.house.streams.transfer_state(first.transfer)
    assert state is not None
    assert [*state.lines] == [0, 3, 4]
    # What both carry together can be carried on, in one copy, when neither lives longer.
    whole = carried(house, first.transfer, key=later_key(house))
    let_die(house.house, house.database, [one.id])
    let_die(house.house, house.database, [other.id])
    assert [who for who in WHO if house.page(who).entries] == ["P1", "P4", "P5"]
    die(house, *whole)
    assert house.house.streams.transfer_state(first.transfer, None) is not None
    with pytest.raises(ExpiredError):
        correct(house, first.transfer, items=["氏名"])


def test_a_correction_is_carried_with_its_original_and_missing_either_nothing_is_told(
    house: Inside,
) -> None:
    first = house.record("t1", data("P1", "P2", recorded_on="2026-04-05"))
    # Under another key: the period of the corrected day ends later.
    second = correct(house, first.transfer, transferred_on="2026-05-02", recorded_on="2026-05-10")
    assert len(keys_at(house.database, [1, second])) == 2
    before = told(house)
    originals = copies_of(house.house, first.transfer, everybody)
    append(house.house, first.transfer, later_key(house), house.now, originals[:1])
    die(house, 1, second)
    assert house.page("P1").entries == ()
    assert told(house, 1) == {key: entries for key, entries in before.items() if key[1] <= 1}
    append(house.house, first.transfer, later_key(house), house.now, originals[1:])
    assert told(house, second) == before


def test_whoever_was_corrected_away_does_not_come_back_with_a_copy(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    correct(house, first.transfer, principals=people("P1", "P4", "P3"))
    correct(house, first.transfer, principals=people("P1", "P4"))
    before = told(house)
    carried(house, first.transfer, "P2", "P3")
    die(house, 1)
    after = told(house, 3)
    shown = {place for place, entries in after.items() if entries}
    assert shown == {place for place, entries in of(before, "P2", "P3").items() if entries}
    assert shown == {("P2", 1), ("P3", 1), ("P3", 2)}


def test_a_series_message_and_the_order_11_mark_are_what_they_were(house: Inside) -> None:
    message: dict[str, Any] = {"method": "collective", "series_id": "S1"}
    streams = [
        house.record("t1", data("P1", "P2", transferred_on="2026-05-01", **message)).transfer,
        house.record("t2", data("P1", "P2", transferred_on="2026-05-02", **message)).transfer,
        house.record("t3", data("P2"), mark=2).transfer,
    ]
    before = told(house)
    head = house.head()
    assert [len(one.messages) for one in before["P1", head]] == [2]
    assert [one.entry.order_11 for one in before["P2", head]] == [0]
    for stream in streams:
        carried(house, stream)
    die(house, 1, head)
    state = house.house.streams.transfer_state(streams[2])
    assert state is not None
    assert state.entry is not None
    assert state.entry.order_11 == 2
    # The series' own events went with the key of the series: how long it ran is gone, what its
    # messages say is not.
    after = told(house, head)
    assert [(one.position, one.items) for one in after["P1", head]] == [
        (1, before["P1", head][0].items)
    ]
    assert [[m.position for m in one.messages] for one in after["P2", head]] == [
        [m.position for m in one.messages] for one in before["P2", head]
    ]


# -- carried forward: repeats, corrections, the index; and copies that are not what they say -------


def test_a_repeat_of_a_carried_record_is_known(house: Inside) -> None:
    asked = house.asked("t1", data("P1", "P2"))
    [first] = house.send([asked])
    carried(house, first.transfer, "P1")
    die(house, 1)
    [again, other] = house.send(
        [house.asked("t1", data("P1", "P2")), house.asked("t1", data("P1", items=["住所"]))]
    )
    assert (again.status, again.position, again.verdict) == ("duplicate", 1, first.verdict)
    assert other.status == "conflict"


@pytest.mark.parametrize("kind", [CorrectTransfer, ReclassifyTransfer])
def test_a_correction_speaks_of_the_living_lines_alone(
    house: Inside, kind: type[CorrectTransfer]
) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    carried(house, first.transfer, "P2")
    die(house, 1)
    asked: list[dict[str, Any]] = [{"items": ["氏名"]}, {"principals": people("P2", "P9")}]
    for changes in asked:
        command = kind(random_uuid(), ACTOR, first.transfer, changes, "誤記")
        house.ledger.correct(command, house.now)
    corrections = [one for one in house.events() if one.type.startswith("transfer-")]
    assert [one.record.get("removed") for one in corrections] == [None, None]
    # Nobody takes the number of a line that died.
    assert max(corrections[1].lines) == 3
    assert [who for who in ("P1", "P2", "P3", "P9") if house.page(who).entries] == ["P2", "P9"]
    [entry] = house.page("P2").entries
    assert entry.record.data["items"] == ["氏名"]


def test_a_base_that_is_carried_for_nobody_still_says_what_it_says(house: Inside) -> None:
    first = house.record("base", data("P1", "P2"))
    carry(house.house, first.transfer, later_key(house), house.now, nobody)
    die(house, 1)
    state = house.house.streams.transfer_state(first.transfer)
    assert state is not None
    assert state.record is not None
    assert (state.effective_position, dict(state.lines)) == (1, {})
    assert state.record.data["items"] == ["氏名", "ご利用履歴"]
    assert house.page("P1").entries == ()
    with pytest.raises(ExpiredError):
        correct(house, first.transfer, items=["氏名"])


Copied = tuple[Original, CopyContent]


def faulty(right: Copied, other: Copied) -> dict[str, list[Copied]]:
    """Copies of the first original of which each has one fault."""
    original, copy = right
    (j, salt, line), *more = copy.lines
    assert copy.statement is not None

    def bent(**changes: Any) -> list[Copied]:  # noqa: ANN401 -- members of one dataclass
        return [(original, dataclasses.replace(copy, **changes))]

    [changed_record] = bent(record={**(copy.record or {}), "id": "t9"})
    return {
        "a changed line": bent(lines=((j, salt, line.replace(b"P1", b"P7")), *more)),
        "a changed statement": bent(
            statement=copy.statement.replace("氏名".encode(), "住所".encode())
        ),
        "a changed record beside a right one": [right, changed_record],
        "lines at other places": bent(lines=tuple((n + 1, s, one) for n, s, one in copy.lines)),
        "a line left out": bent(lines=tuple(more)),
        "the nodes of another original": bent(nodes=other[1].nodes),
        "the content of another original": [(original, other[1])],
        "another original's position": [(Original(other[0].position, original.version), copy)],
        "an event that has no content": [(Original(original.position, 2), copy)],
    }


def test_a_copy_that_is_not_of_its_original_is_refused_by_every_reader(house: Inside) -> None:
    key = later_key(house)
    other = house.record("other", data("P1", "P2", "P3")).transfer
    chosen = only("P1", "P3")
    [of_other] = copies_of(house.house, other, chosen)
    for n in range(9):
        first = house.record(f"t{n}", data("P1", "P2", "P3"))
        [right] = copies_of(house.house, first.transfer, chosen)
        planted = [*faulty(right, of_other).values()][n]
        positions = append(house.house, first.transfer, key, house.now, planted)
        house.now += timedelta(days=40)  # the next one is sealed under another key
        die(house, first.position)
        with pytest.raises(CorruptRecordError, match=f"position {positions[-1]}"):
            house.house.streams.facts([first.transfer], None)
        if len(planted) == 1:
            stored = house.house.reads.facts_at(positions)
            with pytest.raises(CorruptRecordError, match=f"position {positions[-1]}"):
                house.house.streams.opened(stored)


def test_a_copy_is_not_asked_while_its_original_lives(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    [before] = house.page("P1").entries
    [(original, copy)] = copies_of(house.house, first.transfer, only("P1"))
    wrong = dataclasses.replace(copy, lines=())
    append(house.house, first.transfer, later_key(house), house.now, [(original, wrong)])
    house.follow()
    assert house.page("P1", as_of=1).entries == (before,)


# -- bulk transfers carried forward: chunks of persons, each copied by itself. Without a store -----

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


def copies_of_each(originals: list[OpenEvent], concerned: Concerned) -> list[OpenEvent]:
    sealed = [one for one in originals if one.content is not None]
    return [copy_of(one, concerned, version) for version, one in enumerate(sealed, 5)]


def dead(event: OpenEvent) -> OpenEvent:
    return dataclasses.replace(event, content=None)


def told_of(events: list[OpenEvent], *identifiers: str) -> HistoryEntry | None:
    facts = cast("list[Fact[TransferEvent | ExpiredEvent]]", [fact_of(one) for one in events])

    def own(principal: PrincipalRef) -> bool:
        return principal.id in identifiers

    return entry_of(facts, own)


def test_the_persons_carried_are_told_with_their_numbers_and_the_others_are_gone() -> None:
    originals = bulk()
    copies = copies_of_each(originals, only("P4", "P6"))
    events = with_copies([dead(one) for one in originals], copies, None)
    facts = cast("list[Fact[TransferEvent | ExpiredEvent]]", [fact_of(one) for one in events])
    state = transfer.fold(None, facts)
    assert state is not None
    assert state.entry is not None
    assert (state.entry.persons, state.effective_position) == (7, 40)
    assert ids(state.lines) == {4: "P4", 6: "P6"}
    for who in PEOPLE:
        before, after = told_of(originals, who), told_of(events, who)
        if who in ("P4", "P6"):
            assert isinstance(before, HistoryEntry)
            assert before.positions == (10, 30, 40), "in the chunk at 20 only others stand"
            assert after == dataclasses.replace(before, version=7), "copies say nothing new"
        else:
            assert after is None


def test_a_chunk_that_died_uncarried_takes_the_record_with_it() -> None:
    originals = bulk()
    copies = copies_of_each(originals, only("P1"))
    events = with_copies([dead(one) for one in originals], [copies[0], dead(copies[1])], None)
    assert [one.position for one in events if is_expired(one)] == [20, 30, 60]
    assert told_of(originals, "P1") is not None
    assert told_of(events, "P1") is None


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
    copies = copies_of_each(originals, only("P1"))
    with pytest.raises(CorruptRecordError, match="position 60"):
        with_copies([dead(originals[0])], copies[1:], None)
    # Beyond the position it may be of an original that is not there yet.
    assert with_copies([dead(originals[0])], copies[1:], 10) == [dead(originals[0])]
