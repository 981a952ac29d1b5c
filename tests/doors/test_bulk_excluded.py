"""A bulk transfer of which one person is excluded: the others lose nothing, and nobody is told."""

import pytest

from projections.finding_list import FindingFilter
from tests.doors.bulk_sending import inside_of, people, sent
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.test_exclusions import ask_to_lift, exclude, lift, listed
from tests.doors.test_exclusions_of_one import of, seen, told
from tests.doors.test_reassessments import of as proposed
from tests.doors.test_reassessments import stop

FEW, MANY = 3, 1_001
"""Listed person by person, and never listed."""
FOUND = "CONSENT_WITHDRAWN"


def bulk(corridor: Corridor, count: int) -> tuple[str, list[str]]:
    """A bulk transfer of so many, and who is in it."""
    persons = people(count, f"CNRY-{fresh_id()}")
    result = sent(corridor, persons)["result"]
    return result["transfer"], [one["id"] for one in persons]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_the_one_is_told_as_nobody_and_the_others_the_same_until_two_lift_it(
    corridor: Corridor, count: int
) -> None:
    one, (first, second, *_, last) = bulk(corridor, count)
    before = {who: told(corridor, who) for who in (first, second, last)}
    assert one in before[second]
    answer = exclude(corridor, one, principal=of(second))
    assert answer.status == 200, answer.text
    assert {who: told(corridor, who) for who in (first, last)} == {
        who: before[who] for who in (first, last)
    }
    assert told(corridor, second) == told(corridor, "CNRY-NOBODY")
    assert len(ask_to_lift(corridor, one, principal=of(second)).body["waiting"]) == 1
    assert told(corridor, second) == told(corridor, "CNRY-NOBODY")
    assert ask_to_lift(corridor, one, by="second", principal=of(second)).body["waiting"] == []
    assert {who: told(corridor, who) for who in before} == before
    assert one not in str(listed(corridor))


@pytest.mark.parametrize("count", [FEW, MANY])
def test_what_is_wrong_for_the_one_alone_is_told_to_nobody_else(
    corridor: Corridor, count: int
) -> None:
    who = people(count, f"CNRY-{fresh_id()}")
    hidden = who[1]["id"]
    corridor.officer("/v1/directives", stop(hidden))
    one = sent(corridor, who)["result"]["transfer"]
    officer = corridor.key("records:write", label="officer")
    assert flagged(corridor, one) == (FOUND,)
    assert FOUND in str(seen(corridor, one, officer))
    exclude(corridor, one, principal=of(hidden))
    assert flagged(corridor, one) == ()
    assert FOUND not in str(seen(corridor, one, officer))
    assert FOUND in flagged(corridor, one, sees_all=True)
    corridor.officer("/v1/directives", {**stop(hidden), "kind": "provision_stopped"})
    assert proposed(corridor, one) == []
    change = {"changes": {"items": ["氏名"]}, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{one}/corrections", change)
    lift(corridor, one, principal=of(hidden))
    [entry] = corridor.history(("member", hidden))["provisions"]
    assert FOUND in entry["findings"]


def test_what_is_excluded_for_all_is_lifted_for_one_of_few_and_of_many_for_all_alone(
    corridor: Corridor,
) -> None:
    one, who = bulk(corridor, FEW)
    exclude(corridor, one, for_all_persons=True)
    assert lift(corridor, one, principal=of(who[1])).body["waiting"] == []
    assert [one in told(corridor, each) for each in who] == [False, True, False]
    many, others = bulk(corridor, MANY)
    exclude(corridor, many, for_all_persons=True)
    refused = ask_to_lift(corridor, many, principal=of(others[1]))
    assert (refused.status, refused.errors) == (422, {"/principal": "LIFT_OF_MANY"})
    lift(corridor, many, for_all_persons=True)
    assert many in told(corridor, others[1])


def flagged(corridor: Corridor, transfer: str, *, sees_all: bool = False) -> tuple[str, ...]:
    """What the list of findings tells of it."""
    page = inside_of(corridor).flagged.page(FindingFilter(limit=100), sees_all=sees_all)
    return next((found.findings for found in page.found if str(found.transfer) == transfer), ())
