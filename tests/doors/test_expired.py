"""Records whose key is dead, as the doors tell of them."""

import psycopg

from tests.database import Database
from tests.doors.corridor import fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision


def let_die(database: Database, position: int) -> None:
    """Take away what a purge takes away: the key and what is sealed under it."""
    with psycopg.connect(database.admin) as admin:
        admin.execute(
            "DELETE FROM ledger.data_keys WHERE key_id ="
            " (SELECT key_id FROM ledger.sealed_parts WHERE position = %s)",
            (position,),
        )
        admin.execute("DELETE FROM ledger.sealed_parts WHERE position = %s", (position,))


def test_an_expired_record_is_told_as_such_and_never_stored_again(database: Database) -> None:
    person = [{"scheme": "member", "id": "CNRY-EXPIRED"}]
    one = {"source": SOURCE, "id": fresh_id(), "data": provision(principals=person)}
    with open_doors(database.urls) as corridor:
        [first] = corridor.send(one).body["results"]
        corridor.history(("member", "CNRY-EXPIRED"))
    let_die(database, first["position"])
    # Another process: a key that dies is remembered for minutes where it was used.
    with open_doors(database.urls) as corridor:
        for data in (one["data"], provision(items=["住所"])):
            answer = corridor.send({**one, "data": data})
            assert answer.status == 200
            assert answer.body["results"] == [
                {
                    "status": "duplicate_expired",
                    "position": first["position"],
                    "transfer": first["transfer"],
                }
            ]
        path = f"/v1/transfers/{first['transfer']}"
        chief = corridor.key("records:write", "records:exclude", label="chief")
        gone = corridor.ask("GET", f"{path}?reason=inspection", key=chief)
        assert (gone.status, gone.code) == (410, "EXPIRED")
        assert gone.body["position"] == first["position"]
        stranger = corridor.key("events:read.own", "events:write", source=OTHER_SOURCE)
        assert corridor.ask("GET", path, key=stranger).status == 404
        change = {"changes": {"items": ["氏名"]}, "reason": "誤り"}
        corrected = corridor.ask("POST", f"{path}/corrections", change, key=chief)
        assert (corrected.status, corrected.code) == (410, "EXPIRED")
        # Whether it was hidden while it lived, nobody knows any more.
        assert (
            corridor.ask(
                "GET", f"{path}?reason=inspection", key=corridor.key("records:write")
            ).status
            == 404
        )
        corridor.officer(f"{path}/corrections", change, 404)
        assert corridor.history(("member", "CNRY-EXPIRED"))["provisions"] == []


def test_a_part_that_is_missing_while_its_key_stands_is_no_expired_record(
    database: Database,
) -> None:
    person = [{"scheme": "member", "id": "CNRY-MISSING"}]
    one = {"source": SOURCE, "id": fresh_id(), "data": provision(principals=person)}
    with open_doors(database.urls) as corridor:
        [first] = corridor.send(one).body["results"]
        assert len(corridor.history(("member", "CNRY-MISSING"))["provisions"]) == 1
        with psycopg.connect(database.urls.purger) as purger:
            purger.execute(
                "DELETE FROM ledger.sealed_parts WHERE position = %s", (first["position"],)
            )
        path = f"/v1/transfers/{first['transfer']}"
        broken = corridor.ask("GET", f"{path}?reason=inspection", key=corridor.key("records:write"))
        assert (broken.status, broken.code) == (500, "INTERNAL_ERROR")
        broken = corridor.look(("member", "CNRY-MISSING"))
        assert (broken.status, broken.code) == (500, "INTERNAL_ERROR")
