"""No verdict says who stands in a base record that is hidden.

Attack: a keeper repairs a rejected item, and an officer corrects a record, so that it leaves the
persons out (`omitted_items`) and names a record as its base that is hidden from them (Order 11),
and guesses the persons: the finding would say whether the guess is right.
Held off by: a key that the emitter did not state finds no hidden record, and a value that the
emitter did not state is compared with nothing that is hidden (`ledger.transfers.verdict_inputs`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.database import Database
from tests.doors.corridor import Corridor, fresh_id, open_doors
from tests.doors.samples import SOURCE, provision
from tests.doors.test_exclusions import exclude
from tests.doors.test_exclusions_of_one import of, recorded

MISSING, DIFFERENT = "OMISSION_BASE_NOT_RETAINED", "OMISSION_BASE_DIFFERENT"


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    with open_doors(shared_database.urls) as opened:
        yield opened


def people(*ids: str) -> list[dict[str, Any]]:
    return [{**of(one), "name": f"見本 {one}"} for one in ids]


def taking(base: str, *ids: str) -> dict[str, Any]:
    """A record of some persons that leaves them out, for they stand in its base."""
    return provision(principals=people(*ids), base_record=base, omitted_items=["PRINCIPAL"])


def repaired(corridor: Corridor, rejected: dict[str, Any], data: dict[str, Any]) -> Sequence[str]:
    """The findings of a rejected item in the form that a keeper gives it."""
    item: dict[str, Any] = {
        "source": SOURCE,
        "id": fresh_id(),
        "data": {**rejected, "items": []},
    }
    kept = corridor.send(item).body["quarantine"]
    key = corridor.key("quarantine:write", label="keeper")
    path = f"/v1/quarantine/{kept}/repair"
    answer = corridor.ask("POST", path, {**item, "data": data}, key=key)
    assert answer.status == 200, answer.text
    return answer.body["findings"]


def corrected(corridor: Corridor, transfer: str, *ids: str) -> Sequence[str]:
    """The findings of a record whose persons an officer has corrected."""
    body = {"changes": {"principals": people(*ids)}, "reason": "取り違え"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", body)
    key = corridor.key("records:write", label="officer")
    path = f"/v1/transfers/{transfer}?reason=inspection"
    return corridor.ask("GET", path, key=key).body["findings"]


def test_a_base_that_a_keeper_adds_is_not_there_when_it_is_hidden(corridor: Corridor) -> None:
    base = recorded(corridor, "CNRY-B1")
    exclude(corridor, base["transfer"])
    never = repaired(corridor, provision(), taking("never-was", "CNRY-B1"))
    assert MISSING in never
    for named in (base["id"], base["transfer"]):
        for guess in ("CNRY-B1", "CNRY-B9"):
            assert repaired(corridor, provision(), taking(named, guess)) == never


def test_persons_that_a_keeper_states_are_not_compared_with_hidden_ones(
    corridor: Corridor,
) -> None:
    base = recorded(corridor, "CNRY-B2", "CNRY-B3")
    exclude(corridor, base["transfer"], for_all_persons=True)
    rejected = taking(base["id"], "CNRY-B3")
    right, wrong = (
        repaired(corridor, rejected, taking(base["id"], guess)) for guess in ("CNRY-B2", "CNRY-B9")
    )
    assert right == wrong
    # What the emitter itself stated is answered as to the emitter.
    assert repaired(corridor, rejected, rejected) == []
    own = taking(base["id"], "CNRY-B9")
    assert DIFFERENT in repaired(corridor, own, own)


def test_persons_that_an_officer_states_are_not_compared_with_hidden_ones(
    corridor: Corridor,
) -> None:
    base = recorded(corridor, "CNRY-B4", "CNRY-B5")
    taken = corridor.record(taking(base["id"], "CNRY-B5"))
    assert taken["findings"] == []
    exclude(corridor, base["transfer"], for_all_persons=True)
    told = [corrected(corridor, taken["transfer"], who) for who in ("CNRY-B9", "CNRY-B4")]
    assert told[0] == told[1]
    assert corrected(corridor, taken["transfer"], "CNRY-B5") == []


def test_a_base_with_one_hidden_person_answers_as_if_that_one_were_not_in_it(
    corridor: Corridor,
) -> None:
    base, plain = recorded(corridor, "CNRY-B6", "CNRY-B7"), recorded(corridor, "CNRY-B7")
    exclude(corridor, base["transfer"], principal=of("CNRY-B6"))
    guesses = ("CNRY-B6", "CNRY-B9", "CNRY-B7")
    told: list[list[Sequence[str]]] = []
    for one in (base, plain):
        taken = corridor.record(taking(one["id"], "CNRY-B7"))["transfer"]
        told.append([corrected(corridor, taken, guess) for guess in guesses])
    assert told[0] == told[1]
    assert [DIFFERENT in found for found in told[0]] == [True, True, False]
