"""Records that others take omitted items from are found by rows that die with those others."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import CorrectTransfer, RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import LedgerError
from ledger.streams.streams import Streams
from ledger.transfers.transfer import State
from ledger.values import Json, PrincipalRef
from tests.database import Server, cloned_database
from tests.ledger.excluding import exclude
from tests.ledger.given import ACTOR, SOURCE, data
from tests.ledger.inside import Inside, inside
from tests.oracle.test_random_ledgers import bounded
from tests.rounds import rounds

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


OTHER = "https://two.example"
People = list[dict[str, Any]]


def malformed(who: str, name: str | None = None) -> dict[str, Any]:
    return {"scheme": "member", "id": who} | ({} if name is None else {"name": name})


person = st.builds(
    malformed, st.sampled_from(("P1", "P2", "P3")), st.sampled_from((None, "旧姓", "新姓"))
)
people = st.lists(person, min_size=1, max_size=3, unique_by=lambda one: str(one["id"]))


def read_whole(
    streams: Streams, chosen: Collection[UUID], upto: int | None, persons: Collection[PrincipalRef]
) -> dict[UUID, State]:
    del persons
    return streams.transfer_states(chosen, upto)


@settings(parent=bounded, max_examples=rounds(24))
@given(
    st.lists(people, min_size=1, max_size=3),
    st.sets(st.sampled_from(("P1", "P2", "P3")), max_size=2),
    st.lists(people, min_size=1, max_size=3),
)
@example([[malformed("P1", "旧姓")], [malformed("P1", "新姓")]], set(), [[malformed("P1", "旧姓")]])
@example(
    [[malformed("P1")], [malformed("P1"), malformed("P2")]],
    {"P1"},
    [[malformed("P1")], [malformed("P3")]],
)
@example([[malformed("P1")], [malformed("P2")]], {"P2"}, [[malformed("P1")], [malformed("P2")]])
def test_what_is_found_is_what_is_found_by_reading_everything(
    server: Server, stated: list[People], hidden: set[str], asked: list[People]
) -> None:
    with cloned_database(server) as made, inside(made) as house:
        first, *changes = stated
        sent: dict[str, Any] = {"basis": "opt_out_27_2", "direction": "received", "consent": None}
        sent |= {"acquisition": "名簿業者から", "opt_out_published": True, "principals": first}
        base = house.record("base", data(**sent)).transfer
        for principals in changes:
            change = CorrectTransfer(
                random_uuid(), ACTOR, base, {"principals": [*principals]}, "誤記"
            )
            with suppress(LedgerError):  # where nothing changes
                house.ledger.correct(change, house.now)
        house.follow()
        for who in hidden:
            with suppress(LedgerError):  # who is in no record of it
                exclude(house, 1, of=who)
        omits: dict[str, Any] = {"base_record": str(base), "omitted_items": ["PRINCIPAL"], **sent}
        items = [data(**{**omits, "principals": principals}) for principals in asked]
        chained = data(basis="opt_out_27_2", consent=None, derived_from=[str(base)])
        items.append({**chained, "notice_id": None})
        for source in (SOURCE, OTHER):
            commands = [
                RecordTransfer(
                    random_uuid(), ACTOR, source, f"t{n}", check(item, day_in_japan(house.now))
                )
                for n, item in enumerate(items)
            ]

            def alone() -> list[Collection[str]]:
                return [
                    house.ledger.judge(one, house.now)[1].whole.findings
                    for one in commands  # noqa: B023 -- called within the turn
                ]

            with pytest.MonkeyPatch.context() as within:
                within.setattr(Streams, "states_of_persons", read_whole)
                expected = alone()
            assert alone() == expected
            assert [
                one.verdict and one.verdict.findings for one in house.send(commands)
            ] == expected
