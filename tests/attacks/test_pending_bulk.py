"""Nobody is told that there is no record of them while an accepted bulk transfer may name them.

Attack: an emitter's bulk transfer is accepted (202) and its commit is late, or stuck; meanwhile a
person who stands in it asks, the search finds nothing, and nothing says that something is missing.
Held off by: whether a bulk transfer was accepted and not yet recorded at the search is a point of
the decision (`api.case_replies.points.COMMITTING`), the same for everybody, until it is searched
once more.
"""

from typing import Any

import pytest

from tests.database import Database
from tests.doors.bulk_sending import Person, carry_out, commit, people, staged
from tests.doors.cases.desk import ABSENT, Case, begun
from tests.doors.corridor import Answer, Corridor, open_doors
from tests.doors.samples import SOURCE

CROWD = people(1_100, "CNRY-BULK")
WHO = CROWD[7]
NOBODY = {"scheme": "member", "id": "CNRY-NOT-IN-IT"}


@pytest.fixture
def corridor(database: Database) -> Any:  # noqa: ANN401 -- a fixture
    with open_doors(database.urls) as opened:
        yield opened


def accepted(corridor: Corridor, **members: object) -> None:
    """A bulk transfer that was accepted and is not recorded."""
    key = corridor.key("events:write", "records:exclude", source=SOURCE)
    answer = commit(corridor, staged(corridor, CROWD, key, **members)["bulk"], key)
    assert answer.status == 202, answer.text


def searched(corridor: Corridor, who: Person) -> Case:
    case = begun(corridor, identifiers=[who]).verified()
    return case.identified(identifiers=[who], tried=[ABSENT])


def bulk_points(case: Case) -> list[dict[str, Any]]:
    return [one for one in case.read()["points"] if one["point"] == "bulk"]


def decide(case: Case, **answer: object) -> Answer:
    said = {"bulk": {**answer, "because": "別の会員の分だけ"}} if answer else {}
    return case.ask("decisions", {"points": said})


@pytest.mark.parametrize("mark", [{}, {"order_11": "i"}], ids=["plain", "marked"])
def test_what_was_accepted_before_the_search_is_answered_before_a_decision(
    corridor: Corridor, mark: dict[str, object]
) -> None:
    accepted(corridor, **mark)
    found = [bulk_points(searched(corridor, one)) for one in (WHO, NOBODY)]
    assert [len(points) for points in found] == [1, 1]
    assert found[0] == found[1]
    assert [one["subject"] for one in found[0][0]["subjects"]] == ["committing"]
    case = searched(corridor, WHO)
    assert decide(case).errors == {"/points/bulk": "POINT_NOT_ANSWERED"}
    assert decide(case, influence=True).errors == {"/points/bulk/influence": "POINT_NOT_RESOLVED"}
    assert decide(case, influence=False).status == 200


def test_it_stays_until_it_is_searched_once_more(corridor: Corridor) -> None:
    accepted(corridor)
    case = searched(corridor, WHO)
    assert carry_out(corridor) == 1
    assert len(bulk_points(case)) == 1
    again = case.identified(identifiers=[WHO], tried=[ABSENT])
    assert bulk_points(again) == []
    assert again.read()["search"]["provided"] == 1


def test_what_comes_after_the_search_leaves_the_case_as_it_is(corridor: Corridor) -> None:
    case = searched(corridor, NOBODY)
    accepted(corridor)
    assert bulk_points(case) == []
    case.do("decisions").do("submit")
    assert carry_out(corridor) == 1
    case.approve().dispatch()


def test_a_decision_that_answers_it_stands_when_it_is_recorded(corridor: Corridor) -> None:
    accepted(corridor)
    case = searched(corridor, NOBODY).do("decisions").do("submit")
    assert carry_out(corridor) == 1
    case.approve().dispatch()
    assert case.read()["status"] == "dispatched"
