"""Keys that are made while parts come in are those that a commit would make."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from api.server.bulk_committer import Committer
from ledger.crypto.pseudonyms import random_uuid
from ledger.transfers.bulk.person_keys import PersonKeys
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from ledger.worker import Worker
from tests.bulk.sending import Person, Sender, people, split
from tests.ledger.inside import Inside

PERSONS = people(2_300)
Made = Callable[[int], PersonKeys]


@pytest.fixture
def rows(sending: Sender) -> BulkRows:
    return vars(sending.bulk)["_rows"]


@pytest.fixture
def made(house: Inside, rows: BulkRows) -> Made:
    secret = house.house.secret

    def one(many: int) -> PersonKeys:
        return PersonKeys(rows, secret, Worker(secret, "test-ledger"), many)

    return one


def expected(house: Inside, persons: list[Person]) -> list[bytes]:
    return [house.house.secret.principal_key(one["scheme"], one["id"]) for one in persons]


def found(keying_: PersonKeys, rows: BulkRows, one: UnderWay) -> list[bytes]:
    return [key for _, keys in keying_.each(rows, one, rows.parts(one)) for key in keys]


@pytest.mark.parametrize("looks", range(5))
def test_whatever_was_made_before_the_keys_of_all_persons_are_those_of_each(
    house: Inside, sending: Sender, rows: BulkRows, made: Made, looks: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    ahead = made(1)
    assert [ahead.ahead(house.now) for _ in range(looks)] == [n < 4 for n in range(looks)]
    assert sum(map(len, ahead.made(one).values())) == min(700 * looks, 2_300)
    assert found(ahead, rows, one) == expected(house, PERSONS)
    assert not ahead.made(one), "they are let go of"


def test_a_part_that_was_sent_again_has_keys_of_its_own(
    house: Inside, sending: Sender, rows: BulkRows, made: Made
) -> None:
    first, second, *others = split(PERSONS, 700)
    one = sending.staged("b1", [first, first, *others])
    ahead = made(1)
    while ahead.ahead(house.now):
        pass
    sending.put(one, 2, second)
    assert found(ahead, rows, one) == expected(house, PERSONS)
    while ahead.ahead(house.now):
        pass
    assert found(ahead, rows, one) == expected(house, PERSONS)


def test_a_part_that_is_replaced_while_its_keys_are_made_is_left_to_the_commit(
    house: Inside, sending: Sender, rows: BulkRows, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sending.staged("b1", split(PERSONS, 2_300))
    [part] = rows.parts(one)
    ahead = made(1)

    def gone(*_: object) -> StoredPart:
        return replace(part, upload=random_uuid())

    monkeypatch.setattr(rows, "other_part", gone)
    assert ahead.ahead(house.now)
    monkeypatch.undo()
    assert found(ahead, rows, one) == expected(house, PERSONS)


def test_what_is_recorded_is_the_same_with_keys_that_were_there(
    house: Inside, sending: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = [*PERSONS, *PERSONS[:3]]
    without = sending.sent("b1", persons)
    monkeypatch.setattr(vars(sending.bulk)["_keying"], "_many", 1)
    one = sending.staged("b2", split(persons, 700))
    committer = Committer(sending.bulk, lambda: house.now)
    while committer.ahead():
        pass
    again = sending.commit(one.bulk)
    assert (again.persons, again.repeated) == (without.persons, without.repeated) == (2_300, 3)


@pytest.mark.parametrize("table", ["bulk_parts", "bulk_transfers"])
def test_of_what_cannot_be_read_nothing_is_made_ahead_and_nobody_begins_anew(
    house: Inside, sending: Sender, made: Made, table: str
) -> None:
    sending.staged("b1", split(PERSONS, 700))
    column = "sealed" if table == "bulk_parts" else "told"
    with psycopg.connect(house.database.admin) as connection:
        connection.execute(
            SQL(
                "UPDATE ledger.{0} SET {1} = set_byte({1}, 40, (1 + get_byte({1}, 40)) & 255)"
            ).format(Identifier(table), Identifier(column))
        )
    ahead = made(1)
    assert not ahead.ahead(house.now)
