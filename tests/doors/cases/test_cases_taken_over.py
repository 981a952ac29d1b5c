"""A process dies after a step and before its answer is kept: who asks again hears what stands."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.doors.cases.desk import (
    APPROVER,
    DESK,
    POST_NUMBER,
    WHO,
    Case,
    begun,
    look,
    received,
    request,
    today,
)
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision
from tests.doors.test_taken_over import died, forget

Step = tuple[Case, str, dict[str, Any]]


def searched(corridor: Corridor) -> Step:
    body = {"identifiers": [WHO], "evidence": "会員番号が一致"}
    return begun(corridor).verified(), "principal", body


def posted(corridor: Corridor) -> Step:
    body = {"dispatched_on": today(), "item_number": POST_NUMBER}
    return begun(corridor).submitted().approve(), "dispatch", body


STEPS: dict[str, Callable[[Corridor], Step]] = {
    "a look at the papers": lambda corridor: (begun(corridor), "documents", look()),
    "a search": searched,
    "a decision": lambda corridor: (begun(corridor).verified().identified(), "decisions", {}),
    "a submission": lambda corridor: (
        begun(corridor).verified().identified().do("decisions", {}),
        "submit",
        {},
    ),
    "an approval": lambda corridor: (begun(corridor).submitted(), "approve", {}),
    "a dispatch": posted,
    "a delivery": lambda corridor: (
        begun(corridor).submitted().approve().dispatch(),
        "delivery",
        {"delivered_on": today()},
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_stands_is_told_and_not_taken_again(corridor: Corridor, name: str) -> None:
    corridor.record(provision())
    case, door, body = STEPS[name](corridor)
    forget(corridor)
    scopes, by = (APPROVER, "approver") if door == "approve" else (DESK, "officer")
    key = f'"{fresh_id()}"'
    first = case.ask(door, body, scopes=scopes, by=by, Idempotency_Key=key)
    assert first.status == 200, first.text
    head = corridor.head()
    died(corridor)
    again = case.ask(door, body, scopes=scopes, by=by, opens=False, Idempotency_Key=key)
    assert (again.status, again.text) == (200, first.text)
    assert again.headers["etag"] == first.headers["etag"]
    assert "idempotency-replayed" not in again.headers
    assert corridor.head() == head


def test_a_request_that_was_taken_in_begins_no_second_case(corridor: Corridor) -> None:
    forget(corridor)
    key, body = f'"{fresh_id()}"', request(identifiers=[])
    first = received(corridor, body, **{"Idempotency-Key": key})
    head = corridor.head()
    died(corridor)
    again = received(corridor, body, **{"Idempotency-Key": key})
    assert (again.status, again.text, corridor.head()) == (201, first.text, head)
