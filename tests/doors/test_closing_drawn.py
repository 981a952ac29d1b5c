"""Days as they happen: sent, lost, sent twice, late. Beside an obvious oracle, on PostgreSQL."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.emitters.id_set import hash_of, product_of
from tests.database import Database
from tests.doors.emitting import Doors, opened
from tests.doors.samples import SOURCE, provision
from tests.rounds import rounds

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def doors(shared_database: Database) -> Iterator[Doors]:
    with opened(shared_database, followed=True) as made:
        yield made


ids = st.sets(st.integers(0, 30), max_size=12)


@settings(
    max_examples=rounds(12),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(transferred=ids, lost=ids, more=st.tuples(ids, ids, ids, st.booleans()))
def test_exactly_the_lost_ones_of_a_day_are_named(
    doors: Doors,
    transferred: set[int],
    lost: set[int],
    more: tuple[set[int], set[int], set[int], bool],
) -> None:
    twice, late, foreign, asks_all = more
    emitter = f"e{next(_numbers)}"
    source = f"{SOURCE}/{emitter}"
    doors.register(emitter, source)
    data = provision(transferred_on=doors.day(1))

    def send(numbers: set[int], **changes: object) -> None:
        items = [
            {"source": source, "id": f"t-{n}", "data": {**data, **changes}} for n in sorted(numbers)
        ]
        if items:
            assert doors.corridor.send(*items).status == 200

    def close(said: set[int], *, with_ids: bool) -> dict[str, object]:
        keys = [(source, f"t-{n}") for n in said]
        body: dict[str, object] = {"count": len(keys), "hash": hash_of(product_of(keys))}
        if with_ids:
            body["ids"] = [{"id": one} for _, one in keys]
        key = doors.corridor.key("coverage:write", source=SOURCE)
        where = f"/v1/emitters/{emitter}/days/{doors.day(1)}"
        answer = doors.corridor.ask("PUT", where, body, key=key)
        assert answer.status == 200, answer.text
        return answer.body

    missing = transferred & lost
    there = transferred - lost
    send(there - late)
    send(twice & (there - late))
    send({100 + n for n in foreign}, transferred_on=doors.day(2))
    send(there & late)
    found = close(transferred, with_ids=asks_all or bool(missing))
    assert found["matches"] == (not missing)
    assert {(one["id"], one["found"]) for one in found["named"]} == {  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType] -- JSON
        (f"t-{n}", "missing") for n in missing
    }
    assert (found["missing"], found["unnamed"], found["recorded"]) == (len(missing), 0, len(there))
    assert found["state"] == ("gap" if missing else "match")
    # What came late makes it whole.
    send(missing)
    assert close(transferred, with_ids=False)["state"] == "match"
