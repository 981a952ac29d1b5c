"""Stories of our own, for the steps and the expectations that no public case has."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.folders import STEPS
from tests.acceptance.reading import OWN_FOLDER, Case, CaseError, read_folder
from tests.acceptance.through_http.comparing import differences
from tests.acceptance.through_http.mutating import wrong
from tests.acceptance.through_http.playing import played
from tests.database import Database, Server, cloned_database

Step = dict[str, Any]
PUBLIC = {case.id: case for case in read_folder(OWN_FOLDER).stories}
P1, P2 = {"scheme": "member", "id": "P1"}, {"scheme": "account", "id": "D-1"}


def on(day: str, do: str, **members: Any) -> Step:  # noqa: ANN401 -- JSON
    return {"at": f"{day}T10:00:00+09:00", "do": do, **members}


def record(day: str, key: str, **changes: Any) -> Step:  # noqa: ANN401 -- as above
    """A lawful provision of that day on consent, with some members changed."""
    order11 = {"order11": changes.pop("order11")} if "order11" in changes else {}
    base: Mapping[str, Any] = PUBLIC["D21"].given["steps"][0]["transfer"]
    named = {**base["counterparty"], "party_id": key.lower(), "name": f"{key}株式会社"}
    content = {**base, "transferred_on": day, "recorded_on": day, "counterparty": named, **changes}
    return on(day, "record", key=key, transfer=content, **order11)


def reply(case: str, n: int, decision: str, lines: list[str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- as above
    shown = {"case": case, "n": n, "decision": decision, "template": "FULL", "lines": lines}
    return {**shown, "supplementary": n > 1, **more}


RECEIVED = {"direction": "received", "acquisition": "本人から申込書により直接取得"}
STORIES: dict[str, tuple[list[Step], dict[str, Any]]] = {
    "one side, a period, what was retracted, and a letter that came back": (
        [
            record("2023-04-01", "R1"),
            record("2023-05-01", "R2", **RECEIVED),
            record("2024-04-01", "R3", **RECEIVED),
            record("2024-04-02", "R4", **RECEIVED),
            on("2024-04-03", "retract", key="R4", reason="not_occurred"),
            on(
                "2024-05-01",
                "request",
                case="C1",
                principal=P1,
                direction="received",
                period={"from": "2024-01-01", "to": "2024-12-31"},
                form="electronic",
            ),
            on("2024-05-02", "decide", case="C1"),
            on("2024-05-03", "dispatch", case="C1"),
            on("2024-05-20", "returned", case="C1"),
            on("2024-05-21", "decide", case="C1"),
            on("2024-05-22", "dispatch", case="C1"),
            on("2024-06-01", "close", case="C1"),
        ],
        {
            "replies": [
                reply("C1", 1, "full_disclosure", ["R3"], not_lines=["R1", "R2", "R4"]),
                reply("C1", 2, "full_disclosure", ["R3"]),
            ],
            "dispatches": [
                {"at": "2024-05-03T10:00:00+09:00", "dispatched": True},
                {"at": "2024-05-22T10:00:00+09:00", "dispatched": True},
            ],
            "flags": [{"case": "C1", "as_of": "end", "flags": ["SUPERSEDED"]}],
        },
    ),
    "a hold of a person and one of a record, and transfers after a stop": (
        [
            record("2021-04-01", "R1"),
            record("2021-04-01", "R2", principals=[P2]),
            record("2021-04-01", "R3", principals=[{"scheme": "member", "id": "P3"}]),
            on("2021-04-02", "hold", hold="H1", reason="訴訟", principal=P1),
            on("2021-04-02", "hold", hold="H2", reason="監査", key="R2"),
            on("2021-05-01", "stop", principal=P1, kind="provision_stopped"),
            record("2021-05-02", "R4"),
            on("2024-04-02", "purge"),
            on("2024-04-03", "release", hold="H1"),
            on("2024-04-04", "purge"),
        ],
        {
            "replies": [],
            "purges": [
                {"at": "2024-04-02T10:00:00+09:00", "purged": ["R3"]},
                {"at": "2024-04-04T10:00:00+09:00", "purged": ["R1"]},
            ],
            "held": ["R2", "R4"],
            "exceptions": ["R4"],
        },
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_and_a_wrong_one_fails(
    name: str, database: Database, server: Server, folder: Path
) -> None:
    steps, expect = STORIES[name]
    case = replace(PUBLIC["D21"], id=name, given={"steps": steps}, expect=expect)
    told = played(case, database, partial(cloned_database, server), folder)
    assert not differences(case, expect, told)
    for what, other in wrong(expect):
        assert differences(case, other, told), f"{what} was taken for what is expected"


NUMBERED = [
    record("2024-04-01", "R1"),
    record("2024-04-02", "R2"),
    record("2024-04-03", "R3"),
    on("2024-04-04", "exclude_order11", key="R2", item="ii"),
    on("2024-05-01", "request", case="C1", principal=P1),
    on("2024-05-02", "withhold", case="C1", key="R1", part="record", ground="ART33_2_II"),
    on("2024-05-03", "decide", case="C1"),
]


def test_lines_are_numbered_and_counted_without_what_is_excluded(
    database: Database, server: Server, folder: Path
) -> None:
    expect = {
        "line_numbers": [1],
        "lines": ["R3"],
        "officer_count": 2,
        "absent": ["R1株式会社", "R2株式会社"],
        "present": ["R3株式会社"],
    }
    given = {"property": "numbering", "steps": NUMBERED, "case": "C1"}
    case = replace(PUBLIC["F19"], id="numbering", given=given, expect=expect)
    told = played(case, database, partial(cloned_database, server), folder)
    assert not differences(case, expect, told)
    for what, other in wrong(expect):
        assert differences(case, other, told), f"{what} was taken for what is expected"


def test_a_step_that_is_refused_is_an_error_of_the_case(
    database: Database, server: Server, folder: Path
) -> None:
    steps = [record("2024-04-01", "R1"), on("2024-04-02", "lift_order11", key="R1")]
    case: Case = replace(PUBLIC["D21"], given={"steps": steps}, expect={"replies": []})
    with pytest.raises(CaseError, match="DOES_NOT_STAND"):
        played(case, database, partial(cloned_database, server), folder)


@pytest.mark.parametrize(("id_", "code"), [("N24-1", "CANDIDATE_NOT_DECIDED"), ("N24-7", "POINT_")])
def test_a_decision_that_is_refused_is_an_error_where_the_case_expects_none(
    id_: str, code: str, database: Database, server: Server, folder: Path
) -> None:
    case: Case = replace(PUBLIC[id_], expect={"replies": []})
    with pytest.raises(CaseError, match=code):
        played(case, database, partial(cloned_database, server), folder)


def test_every_step_is_in_a_story() -> None:
    told = [steps for steps, _ in STORIES.values()] + [NUMBERED]
    told += [case.given["steps"] for case in PUBLIC.values() if "steps" in case.given]
    assert {step["do"] for steps in told for step in steps} == STEPS
