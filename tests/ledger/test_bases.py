"""Records that others take omitted items from are found by rows that die with those others."""

from typing import Any
from uuid import UUID

import psycopg

from ledger.commands import CorrectTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import Json
from tests.ledger.given import ACTOR, SOURCE, data
from tests.ledger.inside import Inside

Row = tuple[UUID, UUID, str]


def rows(house: Inside) -> set[Row]:
    """(base, dependant, class of the key with which the row dies)."""
    with psycopg.connect(house.database.admin) as connection:
        found = connection.execute(
            "SELECT l.key, l.stream, k.key_class, k.key_id FROM ledger.lookups l"
            "  JOIN ledger.data_keys k USING (key_id) WHERE l.kind = 'base'"
        ).fetchall()
    return {(UUID(bytes=bytes(key)), stream, key_class) for key, stream, key_class, _ in found}


def dependant(base: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    return data(base_record=base, omitted_items=["COUNTERPARTY"], **changes)


def stream_of(house: Inside, key: str) -> UUID:
    return house.house.secret.transfer_stream(SOURCE, key)


def test_a_record_that_omits_items_leaves_a_row_for_its_base(house: Inside) -> None:
    house.record("base")
    one = house.record("t1", dependant("base")).transfer
    assert rows(house) == {(stream_of(house, "base"), one, "record")}


def test_a_base_named_by_its_transfer_is_found_both_ways(house: Inside) -> None:
    base = house.record("base").transfer
    one = house.record("t1", dependant(str(base))).transfer
    assert rows(house) == {
        (base, one, "record"),
        (stream_of(house, str(base)), one, "record"),
    }


def test_dependants_in_a_batch_leave_their_rows_too(house: Inside) -> None:
    sent = [house.asked("base"), *(house.asked(f"t{n}", dependant("base")) for n in range(3))]
    outcomes = house.send([*sent, house.asked("other")])
    assert [one.status for one in outcomes] == ["recorded"] * 5
    assert rows(house) == {(outcomes[0].transfer, one.transfer, "record") for one in outcomes[1:4]}


def test_a_message_of_a_series_leaves_its_row_under_the_series_key(house: Inside) -> None:
    house.record("base")
    content = dependant("base", method="collective", series_id="S1")
    one = house.record("t1", content).transfer
    assert rows(house) == {(stream_of(house, "base"), one, "series")}


def test_a_correction_that_names_a_base_leaves_a_row(house: Inside) -> None:
    base = house.record("base").transfer
    one = house.record("t1").transfer
    assert rows(house) == set()
    changes: dict[str, Json] = {"base_record": "base", "omitted_items": ["COUNTERPARTY"]}
    command = CorrectTransfer(random_uuid(), ACTOR, one, changes, "省略した")
    house.ledger.correct(command, house.now)
    assert rows(house) == {(base, one, "record")}


def test_a_prolonged_dependant_holds_its_base_under_both_keys(house: Inside) -> None:
    house.record("base")
    one = house.record("t1", dependant("base", recorded_on="2026-05-01")).transfer
    command = CorrectTransfer(random_uuid(), ACTOR, one, {"recorded_on": "2026-05-20"}, "誤記")
    house.ledger.correct(command, house.now)
    with psycopg.connect(house.database.admin) as connection:
        held = connection.execute(
            "SELECT k.day::text FROM ledger.lookups l JOIN ledger.data_keys k USING (key_id)"
            " WHERE l.kind = 'base' ORDER BY 1"
        ).fetchall()
    assert held == [("2029-05-02",), ("2029-05-21",)]
