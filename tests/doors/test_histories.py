"""Histories out: what is needed to ask, and pages that neither repeat nor leave out."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from api.resources.histories.endpoints import LISTS
from tests.canary import NAME
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import joint_use, notice, provision, receipt

ASKED = {"identifiers": [{"scheme": "member", "id": "CNRY-H1"}], "case": "C-2026-0031"}
ASKED["reason"] = "調査"


def person(id_: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": id_, "name": NAME}]


def entries(history: dict[str, Any]) -> list[Any]:
    return list(itertools.chain.from_iterable(history[name] for name in LISTS.values()))


def test_a_person_and_a_case_must_be_named(corridor: Corridor) -> None:
    for missing in ("identifiers", "case"):
        rest = {name: value for name, value in ASKED.items() if name != missing}
        empty: dict[str, object] = {"identifiers": [], "case": "  "}
        for body in (rest, {**rest, missing: empty[missing]}):
            answer = corridor.ask("POST", "/v1/histories", body, key=corridor.key("records:read"))
            assert (answer.status, answer.code) == (403, "SUBJECT_REQUIRED")
            assert answer.body["type"] == "/problems/subject-required"
            assert answer.body["parameter"] == missing


@pytest.mark.parametrize("case", ["\u200b", "\u3000\ufeff", "\u3164", "\u0301", "\u2800 \u2060"])
def test_a_case_in_which_nothing_can_be_seen_is_none(corridor: Corridor, case: str) -> None:
    body = {**ASKED, "case": case}
    answer = corridor.ask("POST", "/v1/histories", body, key=corridor.key("records:read"))
    assert (answer.status, answer.code) == (403, "SUBJECT_REQUIRED")
    assert answer.body["parameter"] == "case"


def test_every_entry_stands_under_its_heading_with_its_position(corridor: Corridor) -> None:
    corridor.ask("POST", "/v1/notices", notice(), key=corridor.key("notices:write"))
    whose = person("CNRY-HEADINGS")
    sent = {
        "provisions": provision(principals=whose),
        "receipts": receipt(principals=whose, acquisition="本人から取得", delivery="file"),
        "joint_uses": joint_use(principals=whose),
        "voluntary_entries": provision(principals=whose, basis="exempt_27_1_i"),
    }
    results = {name: corridor.record(data) for name, data in sent.items()}
    found = corridor.history(("member", "CNRY-HEADINGS"))
    for name in LISTS.values():
        shown = [entry["transfer"] for entry in found[name]]
        assert shown == ([results[name]["transfer"]] if name in sent else [])
    for name, result in results.items():
        [entry] = found[name]
        assert entry["position"] == result["position"]
        assert entry["duty"] == result["duty"]
    [taken] = found["receipts"]
    assert [one["code"] for one in taken["statutory"]] == taken["statutory_items"]
    assert {"code": "ACQUISITION", "value": "本人から取得"} in taken["statutory"]
    assert taken["rest"]["delivery"] == "file"
    assert found["joint_uses"][0]["statutory"] == []


def test_pages_neither_repeat_nor_leave_out(corridor: Corridor) -> None:
    whose = person("CNRY-PAGES")
    recorded = [corridor.record(provision(principals=whose))["transfer"] for _ in range(7)]
    whole = corridor.history(("member", "CNRY-PAGES"))
    assert [entry["transfer"] for entry in entries(whole)] == recorded
    assert whole["cursor"] is None
    seen: list[str] = []
    members: dict[str, object] = {"limit": 3, "as_of": whole["as_of"]}
    for size in (3, 3, 1):
        page = corridor.history(("member", "CNRY-PAGES"), **members)
        # What comes in meanwhile is not part of the answer as of that position.
        corridor.record(provision(principals=whose))
        assert page["as_of"] == whole["as_of"]
        assert len(entries(page)) == size
        seen += [entry["transfer"] for entry in entries(page)]
        members["cursor"] = page["cursor"]
    assert members["cursor"] is None
    assert seen == recorded


def test_a_cursor_goes_on_as_of_the_moment_of_its_page(corridor: Corridor) -> None:
    whose = person("CNRY-MOMENT")
    recorded = [corridor.record(provision(principals=whose))["transfer"] for _ in range(4)]
    page = corridor.history(("member", "CNRY-MOMENT"), limit=2)
    corridor.record(provision(principals=whose))
    for as_of in ({}, {"as_of": page["as_of"]}):
        rest = corridor.history(("member", "CNRY-MOMENT"), cursor=page["cursor"], **as_of)
        assert (rest["as_of"], rest["cursor"]) == (page["as_of"], None)
        assert [one["transfer"] for one in (*entries(page), *entries(rest))] == recorded
    refused = corridor.look(("member", "CNRY-MOMENT"), cursor=page["cursor"], as_of=1)
    assert (refused.status, refused.errors) == (422, {"/as_of": "CURSOR_NOT_OF_THIS_QUESTION"})


def test_a_cursor_goes_on_with_no_other_question(corridor: Corridor) -> None:
    for name in ("CNRY-ONE", "CNRY-OTHER"):
        for _ in range(3):
            corridor.record(provision(principals=person(name)))
    one, other = ("member", "CNRY-ONE"), ("member", "CNRY-OTHER")
    cursor = corridor.history(one, other, limit=2)["cursor"]
    assert len(entries(corridor.history(one, other, cursor=cursor))) == 4
    at = corridor.head()
    for asked in ((other, one), (one,), (other,), (one, other, other), (one, ("member", "X"))):
        refused = corridor.look(*asked, cursor=cursor)
        assert (refused.status, refused.code) == (422, "SCHEMA_VIOLATION")
        assert refused.errors == {"/cursor": "CURSOR_NOT_OF_THIS_QUESTION"}
    assert corridor.head() == at, "a look that was refused is no look"


BROKEN_CURSORS: dict[str, tuple[object, str]] = {
    "a position": (4, "SCHEMA"),
    "a short text": ("x", "SCHEMA"),
    "zeros": ("A" * 43, "CURSOR_NOT_OF_THIS_QUESTION"),
    "another alphabet": ("+" * 43, "CURSOR_NOT_OF_THIS_QUESTION"),
    "no ASCII": ("あ" * 43, "CURSOR_NOT_OF_THIS_QUESTION"),
}


@pytest.mark.parametrize("name", BROKEN_CURSORS)
def test_a_broken_cursor_is_refused(corridor: Corridor, name: str) -> None:
    cursor, code = BROKEN_CURSORS[name]
    refused = corridor.look(("member", "CNRY-H1"), cursor=cursor)
    assert (refused.status, refused.errors) == (422, {"/cursor": code})


def test_a_reader_sees_what_it_wrote(corridor: Corridor) -> None:
    for _ in range(20):
        result = corridor.record(provision(principals=person("CNRY-AFTER")))
        found = corridor.look(("member", "CNRY-AFTER"), after=result["position"]).body
        assert entries(found)[-1]["transfer"] == result["transfer"]
        assert found["as_of"] >= result["position"]


def test_a_position_beyond_the_head_is_refused(corridor: Corridor) -> None:
    for name in ("after", "as_of"):
        head = corridor.head()
        answer = corridor.look(("member", "CNRY-H1"), **{name: head + 10})
        assert (answer.status, answer.code) == (422, "POSITION_BEYOND_HEAD")
        assert answer.errors == {f"/{name}": "POSITION_BEYOND_HEAD"}
        assert (answer.body["position"], answer.body["head"]) == (head + 10, head)


def test_every_look_is_put_on_record(corridor: Corridor) -> None:
    before = corridor.head()
    found = corridor.history(("member", "CNRY-NOBODY"))
    assert entries(found) == []
    assert found["viewed_at_position"] == corridor.head() == before + 1
    [(topic,)] = corridor.fetch(
        "SELECT topic FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
    )
    assert topic == "history-viewed"
    corridor.look(("member", "CNRY-NOBODY"), after=corridor.head() + 1)
    assert corridor.head() == before + 1


def test_a_reader_of_a_late_projection_is_told_to_come_again(database: Database) -> None:
    impatient = replace(SETTINGS, projection_wait_s=0.1)
    with open_doors(database.urls, impatient, followed=False) as corridor:
        result = corridor.record(provision(principals=person("CNRY-LATE")))
        answer = corridor.look(("member", "CNRY-LATE"), after=result["position"])
        assert (answer.status, answer.code) == (503, "PROJECTION_BEHIND")
        assert answer.headers["retry-after"] == "1"
        # Who names no position gets the answer as of what was reached, and is told so.
        found = corridor.look(("member", "CNRY-LATE")).body
        assert (found["as_of"], found["provisions"]) == (0, [])
