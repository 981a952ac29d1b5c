"""Nothing that a door of a case says tells whether a record of the person is excluded."""

from typing import Any, cast

from tests.canary import NAME
from tests.doors.cases.desk import APPROVER, SENDER, begun, today
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import SOURCE, provision

# What differs between any two cases: where they stand, what their random parts are, and when.
OWN = frozenset(
    (
        "case",
        "number",
        "position",
        "as_of",
        "at",
        "received_at",
        "ended_at",
        "content",
        "similar",
        "viewed_at_position",
        "id",
    )
)


COUNTS = "SELECT originator_id::text, count(*) FROM ledger.events GROUP BY 1"


def bare(value: object) -> object:
    """The answer without what differs between any two cases."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: bare(one) for name, one in members.items() if name not in OWN}
    return [bare(one) for one in cast("list[object]", value)] if isinstance(value, list) else value


def told(corridor: Corridor, *, excluded: bool) -> tuple[list[Any], list[int], int]:
    """What the doors say of a person without records, or with one that is excluded.

    Returns:
        the answers, the version after each step, and how many events the case has in the log.
    """
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    other = {"scheme": "phone", "id": "03-0000-0099"}
    if excluded:
        chief = corridor.key("events:write", "records:exclude", source=SOURCE, label="chief")
        data = provision(principals=[{**who, "name": NAME}])
        item = {"source": SOURCE, "id": fresh_id(), "order_11": "ii", "data": data}
        assert corridor.send(item, key=chief).status == 200
    case = begun(corridor, identifiers=[who])
    said, versions = list[Any](), list[int]()
    nobody = {"identifiers": [], "tried": [who, other], "evidence": "該当なし"}
    found = case.verified().ask("candidates", {"identifiers": [who]}, If_Match=None)
    said.append(found.body)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("principal", nobody),
        ("decisions", {}),
        ("submit", {}),
    ]
    for door, body in steps:
        said.append(case.do(door, body).last)
        versions.append(case.last["version"])
    said.append(case.approve().last)
    said.append(case.fetch("/reply.zip", scopes=SENDER, by="dispatcher").status)
    said.append(case.dispatch().last)
    said.append(case.do("delivery", {"delivered_on": today()}).last)
    said.append(case.read(APPROVER, "approver"))
    counts = dict(corridor.fetch(COUNTS))
    return [bare(one) for one in said], versions, counts[case.id]


def test_a_case_with_an_excluded_record_reads_as_one_without_any(corridor: Corridor) -> None:
    without, with_one = told(corridor, excluded=False), told(corridor, excluded=True)
    assert with_one == without
