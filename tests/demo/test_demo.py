"""`ledger demo` as a newcomer runs it: to `ready`, the table, and the commands."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from api.demo.applicants import APPLICANTS
from api.demo.cases import cases
from api.demo.plan import DeskRequest, PlannedStep
from api.web.pages.words import REQUESTERS, STATES
from ledger.cases.case import CaseStatus
from ledger.clock import day_in_japan, now
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder
from tests.browser.chromium import executable
from tests.browser.looking import WAITS_MS
from tests.browser.pictures import PICTURES, WIDE, taken, width
from tests.demo.asking import COMMANDS, Screen, paste, pasted, screen
from tests.demo.walking import walk
from tests.docs.markdown import DOCS, Fence, fences_of
from tests.serving.processes import Command, command, environment, run


def test_nothing_before_the_last_line_looks_like_it(demo: Command) -> None:
    assert demo.line(r"^ready: http://127\.0\.0\.1:(\d+) ")[1] != "8000", "which is taken"
    ready = [line for line in demo.lines if "ready" in line.lower()]
    assert len(ready) == 1
    assert demo.lines[-1] == ready[0]
    assert "Demo keys are used" in demo.lines[0]


def test_the_year_brings_findings_a_duplicate_a_conflict_and_rejected_items(demo: Command) -> None:
    demo.line(r"over HTTP: \d+ recorded, \d+ duplicate, 2 rejected, 1 conflict")
    demo.line(r"Recorded with findings: .*; [1-9]\d* persons after their stop")


def test_the_history_of_one_person_is_shown_as_a_table(demo: Command) -> None:
    demo.line("見本 花子 さん.現在の氏名: 例示 花子. — member M-0042-7781、account A20431187")
    for heading in ("提供", "受領", "共同利用", "任意の記録", "取消"):
        demo.line(rf"│ {heading} +│ \d{{4}}-\d\d-\d\d │")
    for told in ("提供停止後の提供", "項目の範囲外", "Specimen Analytics", "(契約書等)"):
        assert told in demo.text
    # Corrected, and the record of three messages: each stands once.
    demo.line(r"│ \d+, \d+ +│ 提供")
    demo.line(r"│ \d+ \(3件\) +│ 提供")


def test_the_printed_commands_work_as_they_stand(demo: Command) -> None:
    statuses = [paste(demo, 0)["results"][0]["status"] for _ in range(2)]
    assert statuses == ["recorded", "duplicate"]
    history = paste(demo, 1)
    assert len(history["provisions"]) == 8
    assert len(history["receipts"]) == 1
    assert len(history["joint_uses"]) == 1
    refused = paste(demo, 2)["items"]
    assert {error["code"] for one in refused for error in one["errors"]} == {
        "SCHEMA",
        "CORPORATE_NUMBER_CHECK_DIGIT",
        "DATE_IN_FUTURE",
    }


def test_an_export_that_is_asked_for_is_made(demo: Command) -> None:
    shown, today = screen(demo), day_in_japan(now())
    period = {"first": str(today - timedelta(days=30)), "last": str(today)}
    asked = shown.ask("/v1/exports", "auditor", period)
    deadline = time.monotonic() + 60
    while asked["state"] in ("waiting", "making") and time.monotonic() < deadline:
        time.sleep(0.2)
        asked = shown.ask(f"/v1/exports/{asked['export']}", "auditor")
    assert asked["state"] == "ready", asked
    assert asked["made"]["records"] > 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's user can reach, also when root runs the tests."""
    with temporary_folder(EmbeddedSettings()) as made:
        yield made


def test_an_interrupt_ends_everything_and_a_kept_demo_goes_on(folder: Path) -> None:
    arguments = ("demo", "--persons", "10", "--port", "0", "--home", str(folder / "kept"), "--keep")
    said: list[str] = []
    for _ in range(2):
        with command(*arguments, given=environment()) as running:
            running.line(r"^ready: ")
            running.interrupt()
            assert running.end() == 0, running.text
            assert running.lines[-1] == "ended"
            assert not re.search("did not end in time|timeout graceful", running.text)
            said.append(running.text)
    assert ["Sent in" in text for text in said] == [True, False]
    for text in said:
        assert "見本 花子" in text
        assert "開示請求の一覧" in text
        assert len([line for line in text.splitlines() if line.startswith("curl ")]) == COMMANDS
        assert "not signed" not in text
        assert "not cosigned" not in text
    # The log goes on under its key, and the witness remembers it.
    keys = [set(re.findall(r"ledger\.demo\.example\.jp/demo\+\S+", text)) for text in said]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 1


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    code, printed = run("demo", "--home", str(tmp_path), given=environment())
    assert code == 1
    assert "is not empty" in printed
    assert (tmp_path / "mine").exists()


# A delivery closes the case: nobody finds one that is delivered and not closed.
STANDING = set(CaseStatus) - {CaseStatus.DELIVERED}
NOT_EXISTING = ("𠮷田 茂", "宮﨑 茜")


@pytest.fixture(scope="module")
def desk_screen(demo: Command) -> Screen:
    return screen(demo)


@pytest.fixture(scope="module")
def wholes(desk_screen: Screen) -> dict[str, dict[str, Any]]:
    return desk_screen.cases()


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
    desk_screen: Screen, wholes: dict[str, dict[str, Any]]
) -> None:
    # It does stand: the chief sees it, nobody else.
    [excluded] = desk_screen.ask("/v1/exclusions", "chief")["exclusions"]
    assert excluded["transfer"]
    bare = [masked(wholes[name]) for name in NOT_EXISTING]
    assert bare[0] == bare[1]
    letters = [
        desk_screen.content(f"/v1/cases/{wholes[name]['case']}/reply.pdf") for name in NOT_EXISTING
    ]
    assert abs(len(letters[0]) - len(letters[1])) < 2_000
    for name in NOT_EXISTING:
        asked = {"identifiers": wholes[name]["application"]["identifiers"], "case": "T-1"}
        asked["reason"] = "調査"
        history = desk_screen.ask("/v1/histories", "officer", asked)
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
        assert steps[0].endpoint == ""
        assert steps[0].body["arrived_on"] == steps[0].day.isoformat()
        assert all(before.day <= after.day for before, after in pairwise(steps))


PAGE = DOCS / "tutorial" / "first-request.md"
_SET = re.compile(r"^(?:[A-Z]+=|[a-z]+\(\)).*$", re.MULTILINE)
# What is another one each time.
_OWN = {"case", "number", "position", "as_of", "arrived_on", "on", "clock"}


def test_the_commands_of_the_page_approve_post_and_close_a_case(
    demo: Command, tmp_path: Path
) -> None:
    desk_screen = screen(demo)
    [waiting] = desk_screen.ask("/v1/cases?status=submitted")["cases"]
    own = {
        "LEDGER": desk_screen.url,
        "OFFICER": desk_screen.keys["officer"],
        "APPROVER": desk_screen.keys["approver"],
        "CASE": waiting["case"],
    }
    known, answers = "", list[Any]()
    for fence in fences_of(PAGE):
        if fence.language == "sh" and not fence.text.startswith("./dev"):
            text = filled(fence, own)
            known += "".join(f"{line}\n" for line in _SET.findall(text))
            answers = shell(known + _SET.sub("", text), tmp_path)
        elif fence.mark.startswith("answer"):
            assert bare(answers[-1]) == bare(json.loads(fence.text)), fence.label
    for name in ("preview.pdf", "reply.pdf"):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    assert answers[-1]["case"] == waiting["case"]
    assert answers[-1]["status"] == "closed"


def filled(fence: Fence, own: dict[str, str]) -> str:
    """The block with what the reader copies from the screen."""
    return re.sub(
        r"^([A-Z]+)=(?!\$).*$",
        lambda found: f"{found[1]}={own[found[1]]}",
        fence.text,
        flags=re.MULTILINE,
    )


def shell(script: str, folder: Path) -> list[Any]:
    """The answers that a block prints, one a line."""
    done = subprocess.run(
        ["/bin/sh", "-eu"], input=script.encode(), capture_output=True, check=True, cwd=folder
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def bare(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """The answer without what is another one each time."""
    match value:
        case dict():
            members = cast("dict[str, Any]", value)
            return {name: bare(one) for name, one in members.items() if name not in _OWN}
        case list():
            return [bare(one) for one in cast("list[Any]", value)]
        case _:
            return value


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(
            executable_path=executable(), args=arguments, timeout=WAITS_MS
        )
        yield launched
        launched.close()


def test_the_tutorial_leads_from_an_envelope_to_a_closed_request(
    demo: Command, browser: Browser
) -> None:
    desk_screen = screen(demo)
    pictures: dict[str, int] = {}

    def seen(name: str, page: Page) -> None:
        assert page.get_by_role("complementary", name="デモ").is_visible()
        pictures[name] = width(taken(page))

    case = walk(browser, desk_screen.url, seen)
    assert pictures == dict.fromkeys(PICTURES, WIDE["width"])
    told = desk_screen.ask(f"/v1/cases/{case}")
    assert told["status"] == "closed"
    assert [one["outcome"] for one in told["replies"]] == ["full_disclosure"]
