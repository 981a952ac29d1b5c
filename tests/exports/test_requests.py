"""Statistics of requests in a bag: as of its position, and none that points at somebody."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import Database
from tests.exports.world import World, world
from tests.ledger.excluding import Case
from tests.ledger.given import data


@pytest.fixture
def asked(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.house.record("t1", data("P1"))
        yield made


def requests(bag: Path) -> object:
    return json.loads((bag / "data/requests.json").read_text())


def test_a_few_requests_are_not_told_and_none_is(asked: World) -> None:
    none: dict[str, object] = {"smallest": 10, "received": 0, "by_kind": {}, "by_outcome": {}}
    assert requests(asked.bag("none")) == none
    kind = "provision_records"
    Case.begun(asked.house)
    told = {"smallest": 10, "received": None, "by_kind": {kind: None}, "by_outcome": {"open": None}}
    assert requests(asked.bag("few")) == told
    told = {"smallest": 1, "received": 1, "by_kind": {kind: 1}, "by_outcome": {"open": 1}}
    assert requests(asked.bag("all", smallest=1)) == told


def test_what_stood_later_is_not_counted(asked: World) -> None:
    signed = asked.signed()
    Case.begun(asked.house)
    assert signed.checkpoint.size < asked.house.head()
    assert requests(asked.bag("before", signed=signed, smallest=1)) == {
        "smallest": 1,
        "received": 0,
        "by_kind": {},
        "by_outcome": {},
    }
