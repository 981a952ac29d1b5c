"""What is stuck is found, and recorded or given up, by a command."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from api.settings.settings import Settings
from ledger.clock import now
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.errors import CorruptRecordError
from ledger.transfers.bulk.staging_area import BulkRows
from tests.bulk.sending import Sender, people, split
from tests.bulk.test_interrupted import PERSONS, killed
from tests.database import Database
from tests.ledger.inside import Inside
from tests.serving.processes import on_outer, run


def lose(house: Inside, bulk: UUID) -> None:
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


def test_it_is_told_that_somebody_is_at_it(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, 18)
    with BulkRows(house.house.writer, house.house.keys).working(one.bulk):
        [(_, since)] = sending.bulk.committing(house.now)
        assert since is not None


@pytest.mark.parametrize("left", [1, 15])
def test_what_is_lost_before_anything_stands_is_given_up_and_its_id_is_free(
    house: Inside, sending: Sender, left: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, left)
    lose(house, one.bulk)
    assert sending.bulk.mend(one.bulk, house.now) is None
    assert sending.bulk.find(one.bulk, house.now).state == "aborted"
    result = sending.sent("b1", PERSONS)
    assert (result.outcome.status, result.persons) == ("recorded", 2_300)


def test_what_is_lost_when_a_part_stands_stays_as_it_is(house: Inside, sending: Sender) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    killed(house, one.bulk, 18)
    lose(house, one.bulk)
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
    lose(house, bulks[1])
    killed(house, whole, 18)
    code, told = run("bulk", "list", given=given)
    assert code == 0
    assert [line.partition(":")[0] for line in told.splitlines()[:-1]] == [
        str(one) for one in (*bulks, whole)
    ]
    assert "nobody is at it" in told
    lose(house, whole)
    code, told = run("bulk", "mend", given=given)
    assert code == 1
    first, second, third, last = told.splitlines()
    assert first.startswith(f"{bulks[0]}: recorded at position ")
    assert second == f"{bulks[1]}: given up, for what was to be recorded is lost. Send it again"
    assert third.startswith(f"{whole}: stuck. ")
    assert last == "3 were looked at"
    code, told = run("bulk", "mend", str(bulks[0]), given=given)
    assert (code, told.splitlines()[0]) == (0, f"{bulks[0]}: its commit has not begun, or is done")
