"""What was done about a record's findings changes no reply, whenever it was done."""

from typing import Any

from tests.doors.cases.test_files_of_cases import asked
from tests.doors.corridor import Corridor

LAWLESS = {"consent": {"obtained": False}}


def settle(corridor: Corridor, record: dict[str, Any]) -> None:
    body = {"codes": record["findings"], "action": "stopped", "reason": "提供を止めた"}
    corridor.officer(f"/v1/transfers/{record['transfer']}/findings/settled", body)


def test_a_reply_stays_what_it_was_before_and_after_its_approval(corridor: Corridor) -> None:
    case, [record] = asked(corridor, LAWLESS)
    assert record["findings"] == ["CONSENT_NOT_OBTAINED"]
    case.do("submit")
    settle(corridor, record)
    case.approve()
    before = case.content("/reply.pdf")
    settle(corridor, record)
    assert case.content("/reply.pdf") == before
    case.dispatch()
    settle(corridor, record)
    assert case.read()["flags"] == []
