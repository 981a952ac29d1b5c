"""Rows that stand where the next event of the ledger will write its own.

Attack: whoever has the login of the writer adds a row of what two persons did (`ledger.duties`) for
the next versions of a case, or sealed parts at the next positions. The database then takes neither
the approval nor the next transfer, and whoever sent it is told that it is refused for good.

Held off by: what no append explains is answered 503, so that an emitter sends it again, and logged
as a fault. It is not held off that the step waits: `ledger fsck` names the rows of duties.
"""

from typing import Final, LiteralString

import psycopg
import pytest

from api.cli.fsck import duty_faults
from ledger.postgres.roles import RoleUrls
from tests.database import Database
from tests.doors.cases.desk import OPENED
from tests.doors.corridor import SOURCE, open_doors
from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.office import Office
from tests.serving.houses import house_of

NEXT_DUTIES: Final[LiteralString] = """
    INSERT INTO ledger.duties (subject, step, preparer, approver)
    SELECT originator_id, 'approve/' || max(originator_version) + n || '/0', 'a', 'b'
      FROM ledger.events, generate_series(1, 3) AS n
     WHERE originator_id = %s GROUP BY originator_id, n
"""
NEXT_PARTS: Final[LiteralString] = """
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    SELECT p.partition, h.position + n, 0, '\\x00', sha256('x')
      FROM ledger.head AS h, generate_series(1, 3) AS n,
           (SELECT DISTINCT partition FROM ledger.events WHERE partition IS NOT NULL) AS p
"""


def written(urls: RoleUrls, statement: LiteralString, *values: object) -> None:
    with psycopg.connect(urls.writer) as connection:
        assert connection.execute(statement, values).rowcount > 0


def named(office: Office) -> list[str]:
    with house_of(office.urls, office.settings) as house:
        return [one.text for one in duty_faults(house)]


def test_a_step_that_a_row_of_duties_stops_is_answered_503_and_named(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(office)
    other, case = work.begun().dispatched(), work.begun().submitted()
    assert named(office) == []
    written(office.urls, NEXT_DUTIES, case.id)
    key, path = work.key("approver"), f"/v1/cases/{case.id}"
    for document in OPENED:  # nobody approves what they have not opened
        office.api("GET", f"{path}/{document}", key)
    answer = office.api("POST", f"{path}/approve", key, {}, **{"If-Match": case.etag})
    assert (answer.status_code, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
    [fault] = [one for one in caplog.records if "in the way of an append" in one.message]
    assert (fault.levelname, vars(fault)["constraint"]) == ("ERROR", "duties_place")
    [line] = named(office)
    assert line.startswith(f"the case {case.id}: 3 rows of what two persons did are of no event")
    assert other.id not in line


def test_an_emitter_is_told_to_send_again_what_parts_at_its_position_stop(
    database: Database,
) -> None:
    with open_doors(database.urls) as corridor:
        corridor.record(provision())
        written(database.urls, NEXT_PARTS)
        answer = corridor.send({"source": SOURCE, "id": "stopped", "data": provision()})
        assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE")
