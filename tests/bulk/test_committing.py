"""A bulk transfer is one record: recorded, chunks, completion; or a reason why it is none."""

import dataclasses
import logging
import threading

import pytest

from api.server.bulk_committer import Committer
from ledger.clock import day_in_japan
from ledger.commands import ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError, NotFoundError, TooLargeError
from ledger.transfers.bulk.errors import (
    BulkClosedError,
    BulkRunsError,
    ContentDiffersError,
    LinesDifferError,
    PartDiffersError,
    PartsMissingError,
)
from ledger.transfers.bulk.outcome import BulkOutcome
from ledger.transfers.bulk.preparation import CHUNK_LINES
from ledger.transfers.bulk.staging_area import BulkRows
from tests.bulk.sending import Sender, people, split
from tests.ledger.given import ACTOR, AT, data, person
from tests.ledger.inside import Inside
from tests.oracle.decoder import Seen

PERSONS = people(2_300)


def types(events: list[Seen]) -> list[str]:
    return [event.type for event in events]


def test_it_is_recorded_then_its_persons_a_thousand_at_a_time_then_completed(
    house: Inside, sending: Sender
) -> None:
    result = sending.sent("b1", PERSONS)
    events = house.events()
    assert types(events) == [
        "provision-recorded",
        *["principals-appended"] * 3,
        "transfer-completed",
    ]
    assert [len(event.lines) for event in events] == [0, 1_000, 1_000, 300, 0]
    assert {event.command for event in events} == {events[0].command}
    numbered = {n: line for event in events for n, line in event.lines.items()}
    assert list(numbered) == list(range(2_300))
    assert [line["principal"] for line in numbered.values()] == PERSONS
    assert events[0].facts["persons"] == 2_300
    assert (result.outcome.status, result.outcome.position) == ("recorded", 5)
    assert (result.persons, result.repeated) == (2_300, 0)
    assert result.outcome.lawful
    assert CHUNK_LINES == 1_000


def test_a_person_twice_in_the_file_is_one_line(house: Inside, sending: Sender) -> None:
    named = {"scheme": "member", "id": "B1 ", "name": "見本 花子"}  # the same, once normalised
    result = sending.sent("b1", [*PERSONS[:1_200], PERSONS[5], named, *PERSONS[1_200:], PERSONS[5]])
    assert (result.persons, result.repeated) == (2_300, 3)
    lines = [line for event in house.events() for line in event.lines.values()]
    assert [line["principal"] for line in lines] == PERSONS


def test_what_is_missing_is_named_and_may_still_be_sent(house: Inside, sending: Sender) -> None:
    parts = split(PERSONS, 500)
    one = sending.bulk.begin(sending.announced("b1", parts), house.now)
    sending.put(one, 2, parts[1])
    with pytest.raises(PartsMissingError) as refused:
        sending.commit(one.bulk)
    assert (refused.value.missing, refused.value.count) == ([1, 3, 4, 5], 4)
    for number in (1, 3, 4, 5):
        sending.put(one, number, parts[number - 1])
    assert sending.commit(one.bulk).outcome.status == "recorded"


def test_other_lines_than_were_announced_are_refused(house: Inside, sending: Sender) -> None:
    parts = split(PERSONS, 1_200)
    asked = sending.announced("b1", parts)
    more = sending.bulk.begin(dataclasses.replace(asked, lines=2_301), house.now)
    other = sending.bulk.begin(asked, house.now)
    for number, part in enumerate(parts, 1):
        sending.put(more, number, part)
        sending.put(other, number, part[::-1])
    with pytest.raises(LinesDifferError) as refused:
        sending.commit(more.bulk)
    assert (refused.value.announced, refused.value.found) == (2_301, 2_300)
    with pytest.raises(ContentDiffersError):
        sending.commit(other.bulk)
    assert house.head() == 0


def test_a_part_of_another_hash_than_stated_is_not_kept(house: Inside, sending: Sender) -> None:
    one = sending.bulk.begin(sending.announced("b1", [PERSONS]), house.now)
    upload = sending.bulk.upload(one, 1, house.now)
    upload.add([(1, dict(PERSONS[0]))])
    with pytest.raises(PartDiffersError):
        upload.close(b"\1" * 32, b"\2" * 32)
    upload.discard()
    assert sending.bulk.find(one.bulk, house.now).parts_there == 0


@pytest.mark.parametrize(
    ("person", "pointer", "code"),
    [
        ({"scheme": "Unknown scheme", "id": "x"}, "/lines/7/scheme", "SCHEMA"),
        ({"scheme": "member"}, "/lines/7/id", "SCHEMA"),
        ({"scheme": "member", "id": "a\0b"}, "/lines/7/id", "CONTROL_CHARACTER"),
        ({"scheme": "member", "id": "x", "age": 3}, "/lines/7/age", "SCHEMA"),
        ("nobody", "/lines/7", "SCHEMA"),
        (None, "/lines/7", "SCHEMA"),
    ],
)
def test_a_line_that_an_ordinary_transfer_would_not_take_is_named(
    house: Inside, sending: Sender, person: object, pointer: str, code: str
) -> None:
    one = sending.bulk.begin(sending.announced("b1", [PERSONS]), house.now)
    upload = sending.bulk.upload(one, 1, house.now)
    lines = [(n, dict(PERSONS[n % 3])) for n in range(1, 7)]
    with pytest.raises(MalformedError) as refused:
        upload.add([*lines, (7, person)])  # pyright: ignore[reportArgumentType] -- what senders send
    assert (pointer, code) in {(one.pointer, one.code) for one in refused.value.defects}
    assert all(one.pointer.startswith("/lines/7") for one in refused.value.defects)


def test_no_part_is_longer_than_what_was_announced(house: Inside, sending: Sender) -> None:
    one = sending.bulk.begin(sending.announced("b1", [PERSONS[:3]]), house.now)
    upload = sending.bulk.upload(one, 1, house.now)
    with pytest.raises(MalformedError, match="MORE_THAN_ANNOUNCED"):
        upload.add([(n, dict(person)) for n, person in enumerate(PERSONS[:4], 1)])
    with pytest.raises(MalformedError, match="NO_SUCH_PART"):
        sending.bulk.upload(one, 2, house.now)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"lines": 0}, "/lines"),
        ({"lines": 5_000_001}, "/lines"),
        ({"parts": 0}, "/parts"),
        ({"parts": 2, "lines": 1}, "/parts"),
        ({"sha256": b""}, "/sha256"),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(
    house: Inside, sending: Sender, changes: dict[str, object], pointer: str
) -> None:
    asked = dataclasses.replace(sending.announced("b1", [PERSONS]), **changes)
    with pytest.raises(MalformedError) as refused:
        sending.bulk.begin(asked, house.now)
    assert [one.pointer for one in refused.value.defects] == [pointer]


def test_two_commits_give_one_result(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 1_000))
    answers: list[BulkOutcome | BulkRunsError] = []

    def commit() -> None:
        try:
            answers.append(house.house.bulk().commit(one.bulk, house.now))
        except BulkRunsError as error:
            answers.append(error)

    threads = [threading.Thread(target=commit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = sending.commit(one.bulk)
    results = [answer for answer in answers if isinstance(answer, BulkOutcome)]
    assert len(answers) == 3
    assert results
    assert all(answer == again for answer in results)
    assert house.head() == 5


def test_the_same_content_again_is_a_duplicate_and_other_content_a_conflict(
    house: Inside, sending: Sender
) -> None:
    first = sending.sent("b1", PERSONS)
    again = sending.sent("b1", PERSONS, size=1_000)
    assert again.outcome == dataclasses.replace(first.outcome, status="duplicate")
    other = sending.staged("b1", split(PERSONS[:-1], 700))
    for _ in range(2):
        answer = sending.commit(other.bulk).outcome
        assert (answer.status, answer.position) == ("conflict", first.outcome.position)
        assert answer.error is not None
        assert answer.error.code == "DUPLICATE_MISMATCH"
    marked = sending.sent("b1", PERSONS, mark=2).outcome
    assert marked.error is not None
    assert marked.error.code == "MARK_DIFFERS"
    assert house.head() == 5


def test_it_has_the_fingerprint_of_an_ordinary_transfer(house: Inside, sending: Sender) -> None:
    persons = people(12)
    ordinary = house.record("t1", data(principals=[dict(one) for one in persons]))
    again = sending.sent("t1", persons, size=5)
    assert (again.outcome.status, again.outcome.position) == ("duplicate", ordinary.position)
    assert sending.sent("t2", persons, size=5).outcome.status == "recorded"
    other = house.record("t2", data(principals=[dict(one) for one in persons]))
    assert other.status == "duplicate"


def test_an_aborted_one_leaves_numbers_alone(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    left = sending.bulk.abort(one.bulk, house.now)
    for _ in range(2):
        assert left == sending.bulk.abort(one.bulk, house.now)
        assert (left.state, left.members, left.parts_there) == ("aborted", {}, 0)
    with pytest.raises(BulkClosedError):
        sending.commit(one.bulk)
    with pytest.raises(BulkClosedError):
        sending.put(left, 1, PERSONS)
    with pytest.raises(BulkClosedError):
        sending.put(one, 1, PERSONS)
    assert house.head() == 0


def test_past_its_days_it_is_gone(sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    sending.later(days=8)
    with pytest.raises(NotFoundError):
        sending.commit(one.bulk)


def test_nothing_of_a_committed_one_is_left_but_its_result(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    result = sending.commit(one.bulk)
    found = sending.bulk.find(one.bulk, house.now)
    assert (found.state, sorted(found.members)) == ("committed", ["id", "result", "source"])
    assert sending.bulk.result(found) == result
    assert BulkRows(house.house.writer, house.house.keys).parts(found) == []


@pytest.mark.usefixtures("large_texts")
def test_a_record_that_fits_into_no_event_is_refused_at_once(
    house: Inside, sending: Sender
) -> None:
    asked = sending.announced("b1", [PERSONS], items=[f"{n}{'長' * 400_000}" for n in range(2)])
    with pytest.raises(TooLargeError):
        sending.bulk.begin(asked, house.now)


@pytest.mark.parametrize("count", [40, 2_300])
def test_a_repeat_tells_of_the_persons_who_differ_whichever_way_it_comes(
    house: Inside, sending: Sender, count: int
) -> None:
    command = ReceiveDirective(
        random_uuid(), ACTOR, person("B7"), "consent_withdrawn", day_in_japan(AT).replace(month=1)
    )
    house.ledger.direct(command, house.now)
    persons = people(count)
    first = sending.sent("b1", persons).outcome
    assert (first.lawful, first.persons_with_findings) == (False, 1)
    again = dataclasses.replace(first, status="duplicate")
    assert sending.sent("b1", persons).outcome == again
    if count <= CHUNK_LINES:
        assert house.record("b1", data(principals=[dict(one) for one in persons])) == again


# -- What was begun is recorded by a process that nobody asks, one after the other --


@pytest.fixture
def committer(house: Inside, sending: Sender) -> Committer:
    return Committer(sending.bulk, lambda: house.now)


def test_a_commit_that_was_begun_is_carried_out(
    house: Inside, sending: Sender, committer: Committer
) -> None:
    one = sending.staged("b1", split(people(30), 10))
    assert not committer.commit_due(), "nobody has committed it"
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    assert house.head() == 0, "whoever closes it does not wait for its record"
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    assert committer.commit_due()
    found = sending.bulk.find(one.bulk, house.now)
    result = sending.bulk.result(found)
    assert result is not None
    assert (found.state, result.persons) == ("committed", 30)
    assert not committer.commit_due()
    assert sending.bulk.close(one.bulk, house.now).state == "committed"


def test_one_that_is_not_whole_cannot_be_closed(house: Inside, sending: Sender) -> None:
    parts = split(people(30), 10)
    one = sending.bulk.begin(sending.announced("b1", parts), house.now)
    sending.put(one, 1, parts[0])
    with pytest.raises(PartsMissingError):
        sending.bulk.close(one.bulk, house.now)
    sending.put(one, 2, parts[0])
    sending.put(one, 3, parts[2])
    with pytest.raises(ContentDiffersError):
        sending.bulk.close(one.bulk, house.now)
    assert sending.bulk.find(one.bulk, house.now).state == "uploading"
    sending.put(one, 2, parts[1])
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    with pytest.raises(BulkClosedError):
        sending.put(one, 2, parts[0])


def test_one_that_cannot_be_recorded_stops_none_behind_it(
    house: Inside, sending: Sender, committer: Committer, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = (sending.staged(key, split(people(30), 10)) for key in ("b1", "b2"))
    for one in (broken, whole):
        sending.bulk.close(one.bulk, house.now)
    with house.house.writer.connection() as connection:
        connection.execute("DELETE FROM ledger.bulk_pieces WHERE bulk = %s", (broken.bulk,))
    with caplog.at_level(logging.ERROR):
        assert committer.commit_due()
        assert not committer.commit_due(), "it is tried again, but not at once"
    [said] = caplog.records
    assert "a piece of a bulk transfer is missing" in said.getMessage()
    assert sending.bulk.find(whole.bulk, house.now).state == "committed"
    assert sending.bulk.find(broken.bulk, house.now).state == "committing"
