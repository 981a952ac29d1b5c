"""No version and no position of a record tells an officer that one of its persons is hidden.

Attack: a person of a record is excluded (Order 11) after the record was corrected for that person;
an officer compares versions, positions in histories and what a stated version is answered.
Held off by: what happened is numbered after exclusion, and what officers send is compared with that
(`ledger.exclusions.visible_events`).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.database import Database
from tests.doors.corridor import Corridor, open_doors
from tests.doors.samples import provision
from tests.doors.test_exclusions import chief, exclude
from tests.doors.test_exclusions_of_one import of, recorded, seen


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    with open_doors(shared_database.urls) as opened:
        yield opened


def officer(corridor: Corridor) -> str:
    return corridor.key("records:write", label="officer")


def correct(corridor: Corridor, transfer: str, **changes: object) -> None:
    body = {"changes": changes, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", body)


def hidden_in_between(corridor: Corridor, hidden: str, other: str, **more: Any) -> str:  # noqa: ANN401 -- members
    """A record of two; the line of one was corrected before that one was hidden."""
    one = recorded(corridor, hidden, other, **more)["transfer"]
    renamed = [{**of(hidden), "name": "神楽坂 金糸雀"}, {**of(other), "name": f"見本 {other}"}]
    correct(corridor, one, principals=renamed)
    assert exclude(corridor, one, principal=of(hidden)).status == 200
    return one


def versions(shown: dict[str, Any]) -> list[int]:
    return [one["version"] for one in shown["events"]]


def positions(shown: dict[str, Any]) -> list[int]:
    return [one["position"] for one in shown["events"]]


def settle(corridor: Corridor, transfer: str, version: int, key: str) -> int:
    body = {
        "codes": seen(corridor, transfer, key)["handling"]["findings"],
        "action": "reported",
        "reason": "報告した",
        "version": version,
    }
    path = f"/v1/transfers/{transfer}/findings/settled"
    return corridor.ask("POST", path, body, key=key).status


def test_versions_and_positions_have_no_gap_where_a_hidden_line_was_corrected(
    corridor: Corridor,
) -> None:
    one = hidden_in_between(corridor, "CNRY-V1", "CNRY-V2")
    correct(corridor, one, items=["氏名"])
    told = seen(corridor, one, officer(corridor))
    assert versions(told) == [1, 2]
    [entry] = corridor.history(("member", "CNRY-V2"))["provisions"]
    assert entry["positions"] == positions(told)
    whole = seen(corridor, one, chief(corridor))
    assert versions(whole) == [1, 2, 3]
    assert positions(told) == [positions(whole)[0], positions(whole)[2]]


def test_the_newest_version_that_is_shown_is_the_one_that_settles(corridor: Corridor) -> None:
    one = hidden_in_between(corridor, "CNRY-V3", "CNRY-V4", consent={"obtained": False})
    # Of the chief's findings the newest version is the whole transfer's.
    assert settle(corridor, one, 1, chief(corridor)) == 409
    newest = max(versions(seen(corridor, one, officer(corridor))))
    assert settle(corridor, one, newest + 1, officer(corridor)) == 409
    assert settle(corridor, one, newest, officer(corridor)) == 200
    assert versions(seen(corridor, one, officer(corridor))) == [1, 2]
    assert settle(corridor, one, 3, chief(corridor)) == 200


def test_a_record_without_anybody_hidden_is_told_as_before(corridor: Corridor) -> None:
    one = corridor.record(provision())["transfer"]
    correct(corridor, one, items=["氏名"])
    told = [seen(corridor, one, key) for key in (officer(corridor), chief(corridor))]
    assert [versions(one) for one in told] == [[1, 2], [1, 2]]
