"""Nobody sees a bulk transfer before its effective position, and each person exactly once after."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest

from api.resources.transfers.schemas import render_transfer, transfer_facts
from ledger.clock import day_in_japan
from ledger.commands import PlaceHold, ReceiveDirective, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.events import ExpiredEvent, Fact, HoldPlaced, TransferEvent
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.history import HistoryEntry
from ledger.transfers.transfer import State, current_findings, evolve, fold
from projections import entries
from projections.batches import POLLS_MAX, Batches
from projections.follower import Follower
from projections.verification import Log, differences
from tests.bulk.sending import Sender, people, split
from tests.bulk.test_interrupted import killed
from tests.ledger.carrying import correct
from tests.ledger.given import ACTOR, AT, SOURCE, data, person
from tests.ledger.inside import Inside

PERSONS = people(2_300)
MIDDLE = "B1234"


def stopped(house: Inside, who: str) -> None:
    command = ReceiveDirective(
        random_uuid(), ACTOR, person(who), "consent_withdrawn", day_in_japan(AT).replace(month=1)
    )
    house.ledger.direct(command, house.now)


def half_done(house: Inside, sending: Sender, left: int) -> tuple[UUID, UUID]:
    """A bulk transfer whose commit is interrupted: its id, and its stream."""
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, left)
    return one.bulk, house.house.secret.transfer_stream(SOURCE, "b1")


def verified(house: Inside) -> list[object]:
    """How the read side differs from a full scan of the events."""
    house.follow()
    inside = house.house
    log = Log(inside.reads.facts_after, inside.streams.opened, inside.streams.carried)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        return list(differences(connection, log, inside.secret))


@pytest.mark.parametrize("left", [18, 20, 22, 24])
def test_before_its_effective_position_nobody_sees_it_and_nothing_changes_it(
    house: Inside, sending: Sender, left: int
) -> None:
    stopped(house, MIDDLE)
    begun = house.head()
    bulk, stream = half_done(house, sending, left)
    assert begun < house.head() < begun + 5
    for who in ("B0", MIDDLE, "B2299"):
        assert house.page(who).entries == ()
    refused: list[Callable[[], object]] = [
        lambda: correct(house, stream, items=["氏名"]),
        lambda: house.ledger.retract(
            RetractTransfer(random_uuid(), ACTOR, stream, "duplicate"), house.now
        ),
        lambda: transfer_facts(house.house.streams, stream, lambda state: state),
        lambda: house.ledger.hold(
            PlaceHold(random_uuid(), ACTOR, HoldPlaced("litigation", stream)), house.now
        ),
    ]
    for ask in refused:
        with pytest.raises(NotFoundError):
            ask()
    assert verified(house) == []
    position = sending.commit(bulk).outcome.position
    for who in ("B0", MIDDLE, "B2299"):
        assert house.page(who, as_of=position - 1).entries == ()
        [entry] = house.page(who).entries
        assert entry.position == position
    assert verified(house) == []


def lose(house: Inside, position: int) -> None:
    """What is sealed at that position is gone, and its key is not: whoever reads it is told so."""
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.sealed_parts WHERE position = %s", (position,))


def test_of_others_no_line_is_read_for_a_person(house: Inside, sending: Sender) -> None:
    result = sending.sent("b1", PERSONS).outcome
    house.follow()
    lose(house, 2)
    lose(house, 4)
    [entry] = house.page(MIDDLE).entries
    assert (entry.positions, entry.version) == ((1, 3, 5), 5)
    with pytest.raises(CorruptRecordError):
        house.page("B0")
    state = house.house.streams.transfer_state(result.transfer, None, NO_CHUNKS)
    assert state is not None
    assert (state.persons, state.lines, state.effective_position) == (2_300, {}, 5)


def test_findings_are_those_of_all_lines_though_few_are_kept(
    house: Inside, sending: Sender
) -> None:
    for who in ("B0", "B999", "B2299"):
        stopped(house, who)
    result = sending.sent("b1", PERSONS).outcome
    streams = house.house.streams
    whole = streams.transfer_states([result.transfer])[result.transfer]
    kept = streams.judged_states([result.transfer])[result.transfer]
    assert sorted(kept.lines) == [0, 999, 2_299]
    assert len(whole.lines) == whole.persons == kept.persons == 2_300
    assert current_findings(kept) == current_findings(whole)
    assert len(current_findings(whole)) == 3
    read = streams.judged([result.transfer], None)
    held = [one.position for one in read if one.header.type == "principals-appended"]
    assert held == [whole.positions[1], whole.positions[3]], "nobody has one in the second chunk"


def test_a_fold_of_chunks_is_that_of_one_after_the_other(house: Inside, sending: Sender) -> None:
    stopped(house, MIDDLE)
    result = sending.sent("b1", PERSONS).outcome
    correct(house, result.transfer, items=["氏名"])
    facts = cast(
        "list[Fact[TransferEvent | ExpiredEvent]]",
        house.house.streams.facts([result.transfer], None)[result.transfer],
    )
    slow: State | None = None
    for fact in facts:
        slow = evolve(slow, fact)
    assert fold(None, facts) == slow


def test_who_is_shown_a_large_transfer_is_told_how_many_persons_stand_in_it(
    house: Inside, sending: Sender
) -> None:
    stopped(house, MIDDLE)
    streams = house.house.streams
    large, small = (sending.sent(*one).outcome for one in (("b1", PERSONS), ("b2", PERSONS[:900])))
    shown: Any = render_transfer(streams, large.transfer, lambda state: state, handling=True)
    assert (shown["persons"], "principals" in shown["data"]) == (2_300, False)
    assert [one["type"] for one in shown["events"]] == ["provision-recorded", "transfer-completed"]
    assert shown["handling"]["findings"] == ["CONSENT_WITHDRAWN"]
    shown = render_transfer(streams, small.transfer, lambda state: state)
    assert (shown["persons"], len(shown["data"]["principals"])) == (900, 900)
    assert [one["type"] for one in shown["events"]][1] == "principals-appended"


def told(entry: HistoryEntry) -> HistoryEntry:
    """An entry without what two records of the same can never share: places and names."""
    whole = replace(entry.entry, id="", fingerprint=None, lines={})
    messages = tuple(
        replace(one, transfer=UUID(int=0), position=0, answered=()) for one in entry.messages
    )
    return replace(
        entry,
        transfer=UUID(int=0),
        position=0,
        positions=(),
        version=0,
        entry=whole,
        messages=messages,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"basis": "none", "consent": None},
        {"direction": "received", "acquisition": "本人から取得"},
        {"data_kind": "pseudonymously_processed"},
        {"basis": "exempt_27_1_i", "consent": None},
    ],
)
def test_every_history_is_that_of_an_ordinary_transfer(
    house: Inside, sending: Sender, changes: dict[str, Any]
) -> None:
    persons = people(40)
    stopped(house, "B7")
    stopped(house, "B39")
    content = data(principals=[dict(one) for one in persons], **changes)
    ordinary = house.record("t1", content)
    bulk = sending.sent("b1", persons, size=9, **changes).outcome
    assert (bulk.verdict, bulk.persons_with_findings, bulk.lawful) == (
        ordinary.verdict,
        ordinary.persons_with_findings,
        ordinary.lawful,
    )
    for one in persons:
        first, second = house.page(one["id"]).entries
        assert told(first) == told(second)
    assert verified(house) == []


def test_the_stop_of_one_person_is_in_that_persons_line_alone(
    house: Inside, sending: Sender
) -> None:
    stopped(house, MIDDLE)
    result = sending.sent("b1", PERSONS).outcome
    assert (result.persons_with_findings, result.lawful) == (1, False)
    assert result.verdict is not None
    assert result.verdict.findings == ()
    lines = {n: line for event in house.events() for n, line in event.lines.items()}
    own = {n: line["verdict"]["findings"] for n, line in lines.items() if "verdict" in line}
    assert own == {1_234: ["CONSENT_WITHDRAWN"]}
    [entry] = house.page(MIDDLE).entries
    [other] = house.page("B1235").entries
    assert (entry.verdict.findings, other.verdict.findings) == (("CONSENT_WITHDRAWN",), ())
    assert verified(house) == []


def test_a_stop_that_comes_after_it_was_judged_is_not_in_it(house: Inside, sending: Sender) -> None:
    bulk, _ = half_done(house, sending, 18)
    stopped(house, MIDDLE)
    assert sending.commit(bulk).outcome.persons_with_findings == 0
    [entry] = house.page(MIDDLE).entries
    assert entry.verdict.findings == ()
    recorded = next(event for event in house.events() if event.type == "provision-recorded")
    directive = next(event for event in house.events() if event.type == "directive-received")
    assert recorded.judged_at < directive.position


def test_no_verdict_rests_on_it_before_it_is_complete(house: Inside, sending: Sender) -> None:
    bulk, _ = half_done(house, sending, 20)
    changes = {"omitted_items": ["COUNTERPARTY"], "base_record": "b1"}
    before = house.record("t1", data("P1", **changes))
    sending.commit(bulk)
    after = house.record("t2", data("P1", **changes))
    assert before.verdict is not None
    assert after.verdict is not None
    assert before.verdict.findings != after.verdict.findings


def test_one_that_its_sender_marks_under_order_11_is_in_no_history(
    house: Inside, sending: Sender
) -> None:
    sending.sent("b1", PERSONS, mark=1)
    assert house.page(MIDDLE).entries == ()


# -- At its completion the follower reads no chunk again of which it --


class Watched:
    """A follower that tells which streams it reads again with their chunks."""

    def __init__(self, house: Inside, batch_max: int = 2) -> None:
        self.again: list[UUID] = []
        self._plain = house.house.follower()
        self.follower: Follower = dataclasses.replace(
            self._plain, carried=self._carried, batch_max=batch_max
        )

    def _carried(self, streams: Sequence[UUID], upto: int | None) -> list[OpenEvent]:
        self.again += streams
        return self._plain.carried(streams, upto)


def listed(house: Inside) -> list[tuple[object, ...]]:
    """The rows of the work list."""
    rows = house.connection.execute(
        "SELECT position, code, standing, is_unlawful, mark, sources FROM projections.findings"
        " ORDER BY position, code"
    )
    return rows.fetchall()


NOT_OBTAINED = {"obtained": False}


@pytest.mark.parametrize("changes", [{}, {"consent": NOT_OBTAINED}])
def test_of_a_transfer_in_which_nobody_differs_no_chunk_is_read_again(
    house: Inside, sending: Sender, changes: dict[str, Any]
) -> None:
    sending.sent("b1", PERSONS, **changes)
    watched = Watched(house)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        watched.follower.catch_up(connection, house.head())
    assert watched.again == []
    assert bool(listed(house)) == bool(changes)
    assert verified(house) == []


def test_of_a_transfer_in_which_somebody_differs_every_chunk_is_read(
    house: Inside, sending: Sender
) -> None:
    stopped(house, MIDDLE)
    sending.sent("b1", PERSONS)
    watched = Watched(house)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        watched.follower.catch_up(connection, house.head())
    assert watched.again == [house.house.secret.transfer_stream(SOURCE, "b1")]
    assert [row[1] for row in listed(house)] == ["", "CONSENT_WITHDRAWN"]
    assert verified(house) == []


@pytest.mark.parametrize("first", [1, 2, 3, 4])
def test_whoever_began_midway_reads_every_chunk(house: Inside, sending: Sender, first: int) -> None:
    sending.sent("b1", PERSONS, consent=NOT_OBTAINED)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        begun = Watched(house, batch_max=first)
        assert begun.follower.step(connection) == first
        watched = Watched(house)
        watched.follower.catch_up(connection, house.head())
    stream = house.house.secret.transfer_stream(SOURCE, "b1")
    assert watched.again == ([] if first == 1 else [stream])
    assert listed(house)
    assert verified(house) == []


# -- Within a bulk transfer a batch of the follower gathers what --


class GrowingLog:
    """A log that grows from one look to the next."""

    def __init__(self, facts: Sequence[StoredFact], heads: Sequence[int]) -> None:
        self._facts = facts
        self._heads = heads
        self.looks = 0

    def after(self, position: int, limit: int, _bytes_max: int) -> list[StoredFact]:
        head = self._heads[min(self.looks, len(self._heads) - 1)]
        self.looks += 1
        return list(self._facts[position:head][:limit])


Reading = Callable[[Sequence[int]], tuple[GrowingLog, Batches]]


@pytest.fixture
def facts(house: Inside, sending: Sender) -> list[StoredFact]:
    """One transfer; then a bulk transfer: recorded, three chunks, completed; then two more."""
    house.record("t1", data("P1"))
    sending.sent("b1", PERSONS)
    house.record("t2", data("P1"))
    house.record("t3", data("B7"))
    found = house.house.reads.facts_after(0, 100)
    assert len(found) == 8
    return found


@pytest.fixture
def reading(house: Inside, facts: list[StoredFact]) -> Reading:
    def made(heads: Sequence[int]) -> tuple[GrowingLog, Batches]:
        log = GrowingLog(facts, heads)
        inside = house.house
        opened = inside.streams.unsealed
        return log, Batches(log.after, opened, inside.secret, 100, 1 << 30)

    return made


@pytest.mark.parametrize(
    ("begin", "heads", "found"),
    [
        (0, [1], (1, 1)),  # no bulk transfer
        (0, [2, 8], (2, 1)),  # recorded, and no chunk yet
        (0, [3, 8], (3, 1)),  # somebody may wait for what stands before its first chunk
        (2, [3, 4, 4, 5, 6], (6, 5)),  # chunk by chunk, up to its completion
        (2, [3, 6], (6, 2)),
        (2, [3, 7, 8], (7, 2)),  # and for what stands behind it
        (2, [8], (8, 1)),
        (2, [4], (4, 1 + POLLS_MAX)),  # whoever recorded it ended
    ],
)
def test_a_batch_of_chunks_ends_when_something_else_comes_or_nothing_any_more(
    house: Inside,
    facts: list[StoredFact],
    reading: Reading,
    begin: int,
    heads: list[int],
    found: tuple[int, int],
) -> None:
    (end, looks), (log, batches_) = found, reading(heads)
    batch = batches_.gathered(begin)
    assert batch is not None
    assert batch.facts == facts[begin:end]
    assert log.looks == looks
    events = house.house.streams.unsealed(facts[begin:end])
    assert batch.events == events
    assert batch.rows == entries.rows(events, house.house.secret)
    assert batch.size == sum(len(one.sealed or b"") for one in facts[begin:end])
