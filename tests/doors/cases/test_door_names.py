"""What is refused for the case's status names the door asked at, and those that are open."""

from typing import Any

import pytest

from api.auth import Scope
from api.resources.cases.schemas.case_view import DOORS
from tests.doors.cases.desk import DESK, POST_NUMBER, SENDER, WHO, begun, look, today
from tests.doors.corridor import Corridor

EVERYTHING: tuple[Scope, ...] = (*DESK, "cases:approve")
WHY = {"reason": "理由"}
FOUND = {"identifiers": [WHO], "evidence": "会員番号が一致"}
# A body that each door takes, as far as the body goes.


def bodies() -> dict[str, dict[str, Any]]:
    return {
        "documents": look(),
        "same-papers": {"form_checked": True},
        "resubmission": {"arrived_on": today()},
        "principal": FOUND,
        "person": FOUND,
        "measures": {"outcome": "not_taken", **WHY},
        "return": WHY,
        "reopen": WHY,
        "end-mistake": WHY,
        "mistake-dismissal": WHY,
        "entry-mistake": {"cause": "other", **WHY},
        "dispatch": {"dispatched_on": today(), "item_number": POST_NUMBER},
        "password-letter": {"dispatched_on": today(), "item_number": "123-45-67891-2"},
        "delivery": {"delivered_on": today()},
        "returned-mail": {"returned_on": today(), "reason": "not_collected"},
        "withdrawal": {"withdrawn_on": today(), "evidence": "取下書"},
        "death": {"learned_on": today(), "evidence": "電話"},
        "print-as": {"substitutes": []},
    }


def test_every_door_that_is_not_open_says_so_by_its_name(corridor: Corridor) -> None:
    case = begun(corridor)
    shut = set(DOORS.values()) - set(case.read(EVERYTHING)["next"])
    assert len(shut) > len(DOORS) / 2
    for door in sorted(shut):
        answer = case.ask(door, bodies().get(door, {}), scopes=EVERYTHING)
        assert (answer.status, answer.code) == (409, "CASE_STATUS"), (door, answer.text)
        assert (answer.body["step"], answer.body["case_status"]) == (door, "received")
        assert answer.body["open"] == case.read(EVERYTHING)["next"]


def test_the_open_doors_are_those_of_who_asks(corridor: Corridor) -> None:
    case = begun(corridor)
    answer = case.ask("return", WHY, scopes=("cases:read", "cases:approve"), by="approver")
    assert (answer.code, answer.body["open"]) == ("CASE_STATUS", [])


@pytest.mark.parametrize("name", ["preview.pdf", "reply.pdf", "reply.zip", "address.pdf"])
def test_a_document_that_is_not_there_yet_is_named_by_its_door(
    corridor: Corridor, name: str
) -> None:
    case = begun(corridor)
    scopes = DESK if name == "preview.pdf" else SENDER
    answer = case.fetch(f"/{name}", scopes=scopes)
    assert (answer.status, answer.code, answer.body["step"]) == (409, "CASE_STATUS", name)
    assert answer.body["open"] == (case.read()["next"] if scopes == DESK else [])
