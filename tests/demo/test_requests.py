"""The demo's requests for disclosure: every state, believable days, nothing told that must not."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from api.demo.applicants import APPLICANTS
from api.demo.cases import cases
from api.demo.plan import DeskRequest, PlannedStep
from api.web.pages.words import REQUESTERS, STATES
from ledger.cases.case import CaseStatus
from ledger.clock import day_in_japan, now
from tests.demo.asking import Screen, paste, pasted, screen
from tests.serving.processes import Command

# A delivery closes the case: nobody finds one that is delivered and not closed.
STANDING = set(CaseStatus) - {CaseStatus.DELIVERED}
NOT_EXISTING = ("𠮷田 茂", "宮﨑 茜")


@pytest.fixture(scope="module")
def shown(demo: Command) -> Screen:
    return screen(demo)


@pytest.fixture(scope="module")
def wholes(shown: Screen) -> dict[str, dict[str, Any]]:
    return shown.cases()


def rows(demo: Command) -> list[list[str]]:
    """The cells of the printed work list, as it was before any test did anything."""
    lines = [line for line in demo.lines if re.match(r"│ \d{4}-\d{6} ", line)]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_a_case_stands_in_every_state_that_a_case_can_stand_in(demo: Command) -> None:
    listed = rows(demo)
    # One of the twenty was taken in twice.
    assert len(listed) == len(APPLICANTS) + 1 == 21
    assert {row[4] for row in listed} == {STATES[status][0] for status in STANDING}
    assert {row[3] for row in listed} == set(REQUESTERS.values())


def test_the_printed_list_masks_every_name(demo: Command) -> None:
    printed = "\n".join("".join(row) for row in rows(demo))
    assert printed.count("＊") == 2 * (len(APPLICANTS) + 1)
    for one in APPLICANTS.values():
        assert one.name not in printed
        assert one.person.name not in printed
        assert one.address not in demo.text


def test_replies_of_every_kind_went_out(wholes: dict[str, dict[str, Any]]) -> None:
    replies = {name: [one["outcome"] for one in case["replies"]] for name, case in wholes.items()}
    assert replies["見本 花子"] == ["full_disclosure"]
    assert replies["髙橋 さくら"] == ["partial_disclosure"]
    assert replies["服部 昇"] == ["procedural_refusal"]
    assert [replies[name] for name in NOT_EXISTING] == [["not_exist"], ["not_exist"]]


def test_each_step_was_put_down_on_its_day(wholes: dict[str, dict[str, Any]]) -> None:
    events = [event for case in wholes.values() for event in case["events"]]
    told = [datetime.fromisoformat(one["at"]) for one in sorted(events, key=place)]
    assert all(before <= after for before, after in pairwise(told))
    assert told[-1] <= now()
    for case in wholes.values():
        assert day_of(case["received_at"]) == case["application"]["arrived_on"]
        days = {day_of(event["at"]) for event in case["events"]}
        assert {reply["dispatched_on"] for reply in case["replies"]} <= days
    assert len(set(map(day_in_japan, told))) >= 30


def place(event: dict[str, Any]) -> int:
    return event["position"]


def day_of(instant: str) -> str:
    return day_in_japan(datetime.fromisoformat(instant)).isoformat()


def test_nothing_that_is_printed_tells_of_an_exclusion(demo: Command) -> None:
    told = demo.text.lower()
    for word in ("exclu", "order 11", "除外", "存否", "政令", "不存在", "not_exist", "hidden"):
        assert word not in told
    assert APPLICANTS["not-held"].person.member not in demo.text


def test_who_has_an_excluded_record_and_who_has_none_are_answered_alike(
    shown: Screen, wholes: dict[str, dict[str, Any]]
) -> None:
    # It does stand: the chief sees it, nobody else.
    [excluded] = shown.ask("/v1/exclusions", "chief")["exclusions"]
    assert excluded["transfer"]
    bare = [masked(wholes[name]) for name in NOT_EXISTING]
    assert bare[0] == bare[1]
    letters = [
        shown.content(f"/v1/cases/{wholes[name]['case']}/reply.pdf") for name in NOT_EXISTING
    ]
    assert abs(len(letters[0]) - len(letters[1])) < 2_000
    for name in NOT_EXISTING:
        asked = {"identifiers": wholes[name]["application"]["identifiers"], "case": "T-1"}
        asked["reason"] = "調査"
        history = shown.ask("/v1/histories", "officer", asked)
        assert history["provisions"] == history["receipts"] == []


def masked(case: dict[str, Any]) -> dict[str, Any]:
    """What of a case is not of the person, of its days or of where it stands in the ledger."""
    return {
        "status": case["status"],
        "version": case["version"],
        "check": case["check"],
        "search": {
            name: case["search"][name] for name in ("provided", "received", "evidence", "digest")
        },
        "decision": {name: one for name, one in case["decision"].items() if name != "as_of"},
        "replies": [(one["outcome"], one["supplementary"]) for one in case["replies"]],
        "events": [one["type"] for one in case["events"]],
        "next": case["next"],
        "similar": case["similar"],
        "members": sorted(case),
    }


def test_the_work_list_is_pasted_as_it_stands(demo: Command) -> None:
    printed = {row[0] for row in rows(demo)}
    # Whoever walks through a tutorial on the same demo takes in more.
    assert printed <= {one["number"] for one in paste(demo, 3)["cases"]}
    assert len(printed) == len(APPLICANTS) + 1


def test_a_letter_is_pasted_as_it_stands(demo: Command, tmp_path: Path) -> None:
    assert pasted(demo, 4, tmp_path) == b""
    text = PdfReader(tmp_path / "letter.pdf").pages[0].extract_text()
    assert "見本 花子 様" in text
    assert "第三者提供記録の開示について" in text
    assert "3システムのすべてから送信完了の申告" in re.sub(r"\s", "", text)


@pytest.mark.parametrize("today", [date(2026, 11, 26), date(2028, 2, 29), date(2027, 1, 3)])
def test_steps_of_a_case_are_planned_in_their_order_between_arrival_and_today(today: date) -> None:
    by_case: dict[str, list[PlannedStep]] = {}
    for one in cases(today):
        assert today - timedelta(days=60) <= one.day < today
        if not isinstance(one, DeskRequest):
            by_case.setdefault(one.case, []).append(one)
    assert set(by_case) == {*APPLICANTS, "double"}
    for steps in by_case.values():
        assert steps[0].door == ""
        assert steps[0].body["arrived_on"] == steps[0].day.isoformat()
        assert all(before.day <= after.day for before, after in pairwise(steps))
