"""A commit that is interrupted anywhere goes on where it was: nothing is lost, nothing doubled."""

import dataclasses
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

import psycopg
import pytest
from typing_extensions import override

from api.contract import check
from api.settings.settings import Settings
from ledger.clock import now
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.keys import DataKey
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN
from ledger.errors import CorruptRecordError, LedgerError, StoreUnavailableError
from ledger.format.envelope import Append
from ledger.store.append import AppendedBatch, Appender
from ledger.streams.sealer import Sealer
from ledger.transfers.bulk.errors import BulkRunsError
from ledger.transfers.bulk.staging_area import BulkMembers, BulkRows, State, StoredPart, UnderWay
from ledger.transfers.bulk.transfers import BulkTransfers
from tests.bulk.sending import Sender, content_of, in_database, people, split
from tests.database import Database
from tests.ledger.given import data
from tests.ledger.inside import Inside
from tests.rounds import rounds
from tests.serving.processes import on_outer, run
from tests.store.samples import end_lock

PERSONS = people(2_300)
ALL = ["provision-recorded", *["principals-appended"] * 3, "transfer-completed"]


class Killed(BaseException):
    """The process ends here."""


@dataclasses.dataclass
class Steps:
    """What changes something; whoever does one more than are left is killed."""

    left: int

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


class Dying(BulkRows):
    """A store whose process is killed at a step, before or after what it changes."""

    steps: Steps

    @override
    def put(self, one: UnderWay, upload: UUID, number: int, content: bytes) -> None:
        self.steps.step()
        super().put(one, upload, number, content)
        self.steps.step()

    @override
    def move(
        self, one: UnderWay, state: State, members: BulkMembers, key: DataKey, at: datetime
    ) -> bool:
        self.steps.step()
        done = super().move(one, state, members, key, at)
        self.steps.step()
        return done

    @override
    def planned(
        self, one: UnderWay, members: BulkMembers, key: DataKey, pieces: int, at: datetime
    ) -> bool:
        self.steps.step()
        done = super().planned(one, members, key, pieces, at)
        self.steps.step()
        return done

    @override
    def done(
        self, one: UnderWay, state: State, members: BulkMembers, key: DataKey, at: datetime
    ) -> None:
        self.steps.step()
        super().done(one, state, members, key, at)
        self.steps.step()

    @override
    def forget_upload(self, one: UnderWay, upload: UUID) -> None:
        self.steps.step()
        super().forget_upload(one, upload)
        self.steps.step()

    @override
    def close(self, one: UnderWay, at: datetime, check: Callable[[list[StoredPart]], None]) -> bool:
        self.steps.step()
        done = super().close(one, at, check)
        self.steps.step()
        return done

    @override
    def forget_parts(self, one: UnderWay, *, but: UUID | None = None) -> None:
        self.steps.step()
        super().forget_parts(one, but=but)
        self.steps.step()


def process(house: Inside, steps: Steps) -> BulkTransfers:
    """A process of its own, killed after these steps."""
    inside = house.house
    rows = Dying(inside.writer, inside.keys)
    rows.steps = steps
    append = Appender(inside.writer, inside.secret.event_mac).append

    def dying(appends: Sequence[Append]) -> list[AppendedBatch | LedgerError]:
        steps.step()
        done = append(appends)
        steps.step()
        return done

    return BulkTransfers(inside.streams, _sealer(house), dying, rows, check)


def _sealer(house: Inside) -> Sealer:
    inside = house.house
    return Sealer(inside.keys, inside.secret, inside.name, FIXED_BYTES_MIN)


def killed(house: Inside, bulk: UUID, left: int) -> None:
    with pytest.raises(Killed):
        process(house, Steps(left)).commit(bulk, house.now)


def resume(sending: Sender) -> None:
    """Go on with the one that was begun."""
    [bulk] = sending.bulk.started_commits(sending.house.now)
    sending.commit(bulk)


def steps_of(house: Inside, sending: Sender) -> int:
    """After how many steps a whole commit is done."""
    one = sending.staged("steps", split(PERSONS, 700))
    steps = Steps(10_000)
    process(house, steps).commit(one.bulk, house.now)
    return 10_000 - steps.left


def some(steps: int) -> list[int]:
    """Some of the steps, drawn anew each time; all of them in a thorough run."""
    return sorted(random.sample(range(steps), rounds(steps)))


def test_a_process_that_is_killed_anywhere_leaves_what_the_next_one_completes(
    house: Inside, sending: Sender
) -> None:
    whole = steps_of(house, sending)
    assert whole > 20
    for left in some(whole):
        begun = house.head()
        one = sending.staged(f"b{left}", split(PERSONS, 700))
        killed(house, one.bulk, left)
        house.record(f"between-{left}", data("P1"))
        result = sending.commit(one.bulk)
        assert (result.outcome.status, result.persons) == ("recorded", 2_300), left
        own = [event for event in house.events()[begun:] if event.command == str(one.command)]
        assert [event.type for event in own] == ALL, left
        assert [event.version for event in own] == [1, 2, 3, 4, 5]
        assert sum(len(event.lines) for event in own) == 2_300
        assert result.outcome.position == own[-1].position
        assert sending.bulk.find(one.bulk, house.now).state == "committed"
        assert sending.commit(one.bulk) == result


@pytest.mark.parametrize("left", [5, 11, 18, 21])
def test_what_was_begun_is_carried_out_though_nobody_asks_again(
    house: Inside, sending: Sender, left: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, left)
    resume(sending)
    assert [event.type for event in house.events()] == ALL
    assert sending.bulk.started_commits(house.now) == []


def test_it_is_carried_out_though_the_days_of_its_upload_are_over(
    house: Inside, sending: Sender
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, 18)
    assert 0 < house.head() < len(ALL)
    assert sending.bulk.find(one.bulk, house.now).parts_there == 0, "they are let go of already"
    sending.later(days=20)
    resume(sending)
    assert [event.type for event in house.events()] == ALL


@dataclasses.dataclass
class Overtaken(Steps):
    """Whoever is about to do this step loses the lock unnoticed, and another one is at work."""

    database: Database
    overtake: Callable[[], object]

    @override
    def step(self) -> None:
        self.left -= 1
        if self.left == -1:
            end_lock(self.database)
            self.overtake()


def go_on(house: Inside, overtaken: Overtaken, bulk: UUID) -> None:
    """Commit, and be overtaken meanwhile; then go on as if nothing had happened."""
    with suppress(BulkRunsError):  # it learns, at the latest when it writes, that others are at it
        process(house, overtaken).commit(bulk, house.now)


def check_whole(house: Inside, sending: Sender, one: UnderWay, begun: int) -> None:
    """The transfer stands once and whole, and nothing is left of its parts."""
    own = [event for event in house.events()[begun:] if event.command == str(one.command)]
    assert [event.type for event in own] == ALL
    assert [event.version for event in own] == [1, 2, 3, 4, 5]
    assert sum(len(event.lines) for event in own) == 2_300
    result = sending.commit(one.bulk)
    assert (result.outcome.status, result.persons) == ("recorded", 2_300)
    assert result.outcome.position == own[-1].position
    assert left_of(house, one.bulk) == (0, 0)


def left_of(house: Inside, bulk: UUID) -> tuple[int, int]:
    return in_database(house.house.urls.owner, bulk)


def test_whoever_is_overtaken_at_any_step_by_one_who_is_done_changes_nothing(
    house: Inside, sending: Sender, database: Database
) -> None:
    for left in some(steps_of(house, sending)):
        begun = house.head()
        one = sending.staged(f"b{left}", split(PERSONS, 700))
        overtake = partial(sending.commit, one.bulk)
        go_on(house, Overtaken(left, database, overtake), one.bulk)
        check_whole(house, sending, one, begun)


def test_whoever_is_overtaken_at_any_step_by_one_who_is_killed_destroys_nothing(
    house: Inside, sending: Sender, database: Database
) -> None:
    whole = steps_of(house, sending)
    for left in some(whole - 1):  # after the last one it is done
        begun = house.head()
        one = sending.staged(f"b{left}", split(PERSONS, 700))
        theirs = left * 7 % (whole - left)  # the other one has that much less to do
        overtake = partial(killed, house, one.bulk, theirs)
        go_on(house, Overtaken(left, database, overtake), one.bulk)
        sending.commit(one.bulk)
        check_whole(house, sending, one, begun)


def test_another_transfer_that_takes_the_key_meanwhile_is_what_stands(
    house: Inside, sending: Sender
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, 16)
    assert house.head() == 0
    house.record("b1", data("P1"))
    result = sending.commit(one.bulk)
    assert (result.outcome.status, result.outcome.position) == ("conflict", 1)
    assert house.head() == 1


def test_the_same_transfer_that_is_being_recorded_is_waited_for(
    house: Inside, sending: Sender
) -> None:
    one, same = (sending.staged("b1", split(PERSONS, 700)) for _ in range(2))
    killed(house, one.bulk, 18)
    with pytest.raises(BulkRunsError):
        sending.commit(same.bulk)
    first = sending.commit(one.bulk).outcome
    assert sending.commit(same.bulk).outcome == dataclasses.replace(first, status="duplicate")


# -- A server that crashes has lost pieces that nobody waited for: no --


def lose(house: Inside, bulk: UUID, upload: UUID, number: int) -> None:
    """What a crash does to a piece whose commit was not flushed."""
    with house.house.writer.connection() as connection:
        connection.execute(
            "DELETE FROM ledger.bulk_pieces WHERE bulk = %s AND upload = %s AND number = %s",
            (bulk, upload, number),
        )


@dataclasses.dataclass
class _Lossy:
    """Which piece under the command is lost, once."""

    number: int | None


class Losing(BulkRows):
    """A store that loses a piece of what is to be appended, as soon as it was written."""

    house: Inside
    lossy: _Lossy

    @override
    def put(self, one: UnderWay, upload: UUID, number: int, content: bytes) -> None:
        super().put(one, upload, number, content)
        if upload == one.command and number == self.lossy.number:
            self.lossy.number = None
            lose(self.house, one.bulk, upload, number)


def losing(house: Inside, number: int) -> BulkTransfers:
    inside = house.house
    rows = Losing(inside.writer, inside.keys)
    rows.house, rows.lossy = house, _Lossy(number)
    sealer = Sealer(inside.keys, inside.secret, inside.name, FIXED_BYTES_MIN)
    return BulkTransfers(
        inside.streams, sealer, Appender(inside.writer, inside.secret.event_mac).append, rows, check
    )


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_part_of_which_a_piece_is_lost_is_not_taken(
    house: Inside, sending: Sender, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.transfers.bulk.upload._PIECE_BYTES", 1_000)
    parts = split(PERSONS, 2_300)
    one = sending.bulk.begin(sending.announced("b1", parts), house.now)
    upload = sending.bulk.upload(one, 1, house.now)
    lines = [(n, dict(person)) for n, person in enumerate(PERSONS, 1)]
    for begin in range(0, len(lines), 1_000):
        upload.add(lines[begin : begin + 1_000])
    part = upload.close(sha256(content_of(PERSONS)).digest())
    assert part.pieces > 3
    lose(house, one.bulk, part.upload, number)
    with pytest.raises(StoreUnavailableError):
        sending.bulk.accept(one, part, house.now)
    assert sending.bulk.missing(one) == [1]
    sending.put(one, 1, PERSONS)
    assert sending.commit(one.bulk).persons == 2_300


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_plan_of_which_a_piece_is_lost_is_made_anew(
    house: Inside, sending: Sender, number: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    bulk = losing(house, number)
    with pytest.raises(StoreUnavailableError):
        bulk.commit(one.bulk, house.now)
    assert house.head() == 0
    result = bulk.commit(one.bulk, house.now)
    assert (result.outcome.status, result.persons) == ("recorded", 2_300)


# -- What is stuck is found, and recorded or given up, by a command --


def lose_of_mending(house: Inside, bulk: UUID) -> None:
    """What a broken disk does to the pieces."""
    with psycopg.connect(house.database.urls.owner) as connection:
        connection.execute("DELETE FROM ledger.bulk_pieces WHERE bulk = %s", (bulk,))


def test_what_nobody_records_is_recorded(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, 18)
    [(found, since)] = sending.bulk.committing(house.now)
    assert (found.bulk, since) == (one.bulk, None)
    result = sending.bulk.mend(one.bulk, house.now)
    assert result is not None
    assert (result.outcome.status, result.persons) == ("recorded", 2_300)
    assert sending.bulk.committing(house.now) == []


@pytest.mark.parametrize("left", [1, 15])
def test_what_is_lost_before_anything_stands_is_given_up_and_its_id_is_free(
    house: Inside, sending: Sender, left: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, left)
    lose_of_mending(house, one.bulk)
    assert sending.bulk.mend(one.bulk, house.now) is None
    assert sending.bulk.find(one.bulk, house.now).state == "aborted"
    result = sending.sent("b1", PERSONS)
    assert (result.outcome.status, result.persons) == ("recorded", 2_300)


def test_what_is_lost_when_a_part_stands_stays_as_it_is(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, 18)
    lose_of_mending(house, one.bulk)
    head = house.head()
    with pytest.raises(CorruptRecordError):
        sending.bulk.mend(one.bulk, house.now)
    assert (sending.bulk.find(one.bulk, house.now).state, house.head()) == ("committing", head)


def test_the_command_tells_what_became_of_each(
    house: Inside, sending: Sender, database: Database
) -> None:
    house.now = now() - timedelta(minutes=1)
    masters = dict(demo_masters().masters)
    settings = Settings(name=database.ledger_name, secret=demo_secret(), epoch_masters=masters)
    given = on_outer(database, settings)
    bulks: list[UUID] = []
    for key in ("b1", "b2"):
        bulks.append(sending.staged(key, split(people(30), 10)).bulk)
        sending.later(seconds=1)
    whole = sending.staged("b3", split(PERSONS, 700)).bulk
    for bulk in bulks:
        sending.bulk.close(bulk, house.now)
    lose_of_mending(house, bulks[1])
    killed(house, whole, 18)
    code, told = run("bulk", "list", given=given)
    assert code == 0
    assert [line.partition(":")[0] for line in told.splitlines()[:-1]] == [
        str(one) for one in (*bulks, whole)
    ]
    assert "nobody is at it" in told
    lose_of_mending(house, whole)
    code, told = run("bulk", "mend", given=given)
    assert code == 1
    first, second, third, last = told.splitlines()
    assert first.startswith(f"{bulks[0]}: recorded at position ")
    assert second == f"{bulks[1]}: given up, for what was to be recorded is lost. Send it again"
    assert third.startswith(f"{whole}: stuck. ")
    assert last == "3 were looked at"
    code, told = run("bulk", "mend", str(bulks[0]), given=given)
    assert (code, told.splitlines()[0]) == (0, f"{bulks[0]}: its commit has not begun, or is done")
