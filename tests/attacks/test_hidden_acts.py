"""The list of acts beside a plain bag tells no auditor that somebody is hidden in a record.

Attack: a record is excluded for one of its persons (Order 11), so a plain bag leaves it out; an
auditor looks for it in the list of acts, and a keeper tries by a repair who stands in it.
Held off by: acts are listed, and repairs answered, of records alone that an export of all persons
shows (`Streams.hidden_in_part`).
"""

import io
import zipfile
from collections.abc import Iterator

import pytest

from ledger.accesses.acts import Acts, ActsPage, AskedActs
from ledger.service import Ledger
from tests.database import Database
from tests.doors.corridor import Corridor, open_doors
from tests.doors.exporting import asked, fetched, inside_of, make_all, state
from tests.doors.samples import provision
from tests.doors.test_exclusions import chief, exclude
from tests.doors.test_exclusions_of_one import of, recorded


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    with open_doors(shared_database.urls) as opened:
        yield opened


def correct(corridor: Corridor, transfer: str, **changes: object) -> None:
    body = {"changes": changes, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", body)


def acts_of(corridor: Corridor, *, sees_all: bool) -> set[str]:
    """The records of all acts that are listed."""

    def page(ledger: Ledger, _: object) -> ActsPage:
        acts, head = Acts(ledger.streams), ledger.streams.reads.head()
        return acts.page(AskedActs(), 0, head, 500, sees_all=sees_all)

    return {str(one.transfer) for one in inside_of(corridor).group.call(page).acts}


def exported(corridor: Corridor) -> bytes:
    """What a plain bag of all records says."""
    export = asked(corridor, reason="x")["export"]
    make_all(corridor)
    assert state(corridor, export)["made"]
    with zipfile.ZipFile(io.BytesIO(fetched(corridor, export).content)) as bag:
        return b"".join(bag.read(name) for name in bag.namelist())


def test_no_act_is_listed_of_a_record_that_a_plain_bag_leaves_out(corridor: Corridor) -> None:
    hidden = recorded(corridor, "CNRY-A1", "CNRY-A2")["transfer"]
    moved = recorded(corridor, "CNRY-A3", "CNRY-A4")["transfer"]
    shown = recorded(corridor, "CNRY-A5", "CNRY-A6")["transfer"]
    for one in (hidden, shown):
        correct(corridor, one, items=["住所"])
    assert exclude(corridor, hidden, principal=of("CNRY-A1")).status == 200
    assert exclude(corridor, moved, principal=of("CNRY-A3")).status == 200
    # Who was hidden stands in it no more; the bag leaves it out all the same.
    key = chief(corridor)
    body = {"changes": {"principals": [of("CNRY-A4")]}, "reason": "取り違え"}
    answer = corridor.ask("POST", f"/v1/transfers/{moved}/corrections", body, key=key)
    assert answer.status == 200, answer.text
    assert {hidden, moved, shown} <= acts_of(corridor, sees_all=True)
    told, bag = acts_of(corridor, sees_all=False), exported(corridor)
    for one, is_told in ((hidden, False), (moved, False), (shown, True)):
        assert (one in told, one.encode() in bag) == (is_told, is_told)


def test_a_repair_tells_nobody_that_a_guess_of_all_persons_is_right(corridor: Corridor) -> None:
    data = provision(principals=[of("CNRY-G1"), of("CNRY-G2")])
    one = corridor.record(data)
    assert exclude(corridor, one["transfer"], principal=of("CNRY-G1")).status == 200
    sent = {"source": one["source"], "id": one["id"]}
    kept = corridor.send({**sent, "data": provision(items=[])}).body["quarantine"]
    key = corridor.key("quarantine:write", label="keeper")
    for people in (data["principals"], [of("CNRY-G2")], [of("CNRY-G2"), of("CNRY-G3")]):
        guess = {**sent, "data": {**data, "principals": people}}
        answer = corridor.ask("POST", f"/v1/quarantine/{kept}/repair", guess, key=key)
        assert (answer.status, answer.errors) == (422, {"/id": "REPAIR_KNOWN"})
