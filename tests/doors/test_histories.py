"""Histories out: what is needed to ask, and pages that neither repeat nor leave out."""

import itertools
import time
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from fastapi.routing import APIRoute

from api.resources.histories.endpoints import LISTS
from api.web.latency_padding import EvenRoute
from tests.canary import NAME
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.matrix import every

ASKED = {"identifiers": [{"scheme": "member", "id": "CNRY-H1"}], "case": "C-2026-0031"}
ASKED["reason"] = "調査"


def person(id_: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": id_, "name": NAME}]


def entries(history: dict[str, Any]) -> list[Any]:
    return list(itertools.chain.from_iterable(history[name] for name in LISTS.values()))


def test_a_person_and_a_case_must_be_named(corridor: Corridor) -> None:
    for missing in ("identifiers", "case"):
        rest = {name: value for name, value in ASKED.items() if name != missing}
        empty: dict[str, object] = {"identifiers": [], "case": "\u3000\u200b"}
        for body in (rest, {**rest, missing: empty[missing]}):
            answer = corridor.ask("POST", "/v1/histories", body, key=corridor.key("records:read"))
            assert (answer.status, answer.code) == (403, "SUBJECT_REQUIRED")
            assert answer.body["type"] == "/problems/subject-required"
            assert answer.body["parameter"] == missing


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


@every("name", BROKEN_CURSORS)
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


# -- Records whose key is dead, as the doors tell of them --


def let_die(database: Database, position: int) -> None:
    """Take away what a purge takes away: the key and what is sealed under it."""
    with psycopg.connect(database.admin) as admin:
        admin.execute(
            "DELETE FROM ledger.data_keys WHERE key_id ="
            " (SELECT key_id FROM ledger.sealed_parts WHERE position = %s)",
            (position,),
        )
        admin.execute("DELETE FROM ledger.sealed_parts WHERE position = %s", (position,))


def test_an_expired_record_is_told_as_such_and_never_stored_again(database: Database) -> None:
    person = [{"scheme": "member", "id": "CNRY-EXPIRED"}]
    one = {"source": SOURCE, "id": fresh_id(), "data": provision(principals=person)}
    with open_doors(database.urls) as corridor:
        [first] = corridor.send(one).body["results"]
        corridor.history(("member", "CNRY-EXPIRED"))
    let_die(database, first["position"])
    # Another process: a key that dies is remembered for minutes where it was used.
    with open_doors(database.urls) as corridor:
        for data in (one["data"], provision(items=["住所"])):
            answer = corridor.send({**one, "data": data})
            assert answer.status == 200
            assert answer.body["results"] == [
                {
                    "status": "duplicate_expired",
                    "position": first["position"],
                    "transfer": first["transfer"],
                }
            ]
        path = f"/v1/transfers/{first['transfer']}"
        chief = corridor.key("records:write", "records:exclude", label="chief")
        gone = corridor.ask("GET", f"{path}?reason=inspection", key=chief)
        assert (gone.status, gone.code) == (410, "EXPIRED")
        assert gone.body["position"] == first["position"]
        stranger = corridor.key("events:read.own", "events:write", source=OTHER_SOURCE)
        assert corridor.ask("GET", path, key=stranger).status == 404
        change = {"changes": {"items": ["氏名"]}, "reason": "誤り"}
        corrected = corridor.ask("POST", f"{path}/corrections", change, key=chief)
        assert (corrected.status, corrected.code) == (410, "EXPIRED")
        # Whether it was hidden while it lived, nobody knows any more.
        assert (
            corridor.ask(
                "GET", f"{path}?reason=inspection", key=corridor.key("records:write")
            ).status
            == 404
        )
        corridor.officer(f"{path}/corrections", change, 404)
        assert corridor.history(("member", "CNRY-EXPIRED"))["provisions"] == []


def test_a_part_that_is_missing_while_its_key_stands_is_no_expired_record(
    database: Database,
) -> None:
    person = [{"scheme": "member", "id": "CNRY-MISSING"}]
    one = {"source": SOURCE, "id": fresh_id(), "data": provision(principals=person)}
    with open_doors(database.urls) as corridor:
        [first] = corridor.send(one).body["results"]
        assert len(corridor.history(("member", "CNRY-MISSING"))["provisions"]) == 1
        with psycopg.connect(database.urls.purger) as purger:
            purger.execute(
                "DELETE FROM ledger.sealed_parts WHERE position = %s", (first["position"],)
            )
        path = f"/v1/transfers/{first['transfer']}"
        broken = corridor.ask("GET", f"{path}?reason=inspection", key=corridor.key("records:write"))
        assert (broken.status, broken.code) == (500, "INTERNAL_ERROR")
        broken = corridor.look(("member", "CNRY-MISSING"))
        assert (broken.status, broken.code) == (500, "INTERNAL_ERROR")


# -- Which doors answer on the grid, and that they do, refusals too --


GRID_MS = 200
READ_RECORDS = (
    "POST /v1/histories",
    "GET /v1/transfers/{transfer}",
    "POST /v1/transfers/check",
    "POST /v1/transfers/{transfer}/corrections",
    "POST /v1/holds",
    "GET /v1/reassessments",
    "GET /v1/cases/{case}",
    "POST /v1/cases/{case}/candidates",
    "POST /v1/cases/{case}/principal",
    "POST /v1/cases/{case}/person",
    "POST /v1/cases/{case}/decisions",
    "POST /v1/cases/{case}/print-as",
    "POST /v1/cases/{case}/submit",
    "POST /v1/cases/{case}/approve",
    "POST /v1/cases/{case}/dispatch",
    "GET /v1/cases/{case}/preview.pdf",
    "GET /v1/cases/{case}/reply.pdf",
)


def test_what_reads_records_answers_on_the_grid(corridor: Corridor) -> None:
    even = {
        f"{method} {route.path}"
        for route in corridor.app.router.routes
        if isinstance(route, APIRoute) and isinstance(route, EvenRoute)
        for method in route.methods or ()
    }
    assert set(READ_RECORDS) <= even


@pytest.mark.parametrize("status", [200, 403, 422])
def test_an_answer_and_a_refusal_leave_on_the_grid(database: Database, status: int) -> None:
    settings = replace(SETTINGS, even_answers_ms=GRID_MS)
    with open_doors(database.urls, settings) as corridor:
        corridor.record(provision())
        asked: dict[int, dict[str, object]] = {200: {}, 403: {"case": ""}, 422: {"limit": 0}}
        key = corridor.key("records:read")
        person = [{"scheme": "member", "id": "M-1"}]
        body = {"identifiers": person, "case": "C-1", "reason": "調査", **asked[status]}
        began = time.monotonic()
        answer = corridor.ask("POST", "/v1/histories", body, key=key)
        # Never early; how much later the machine decides.
        assert time.monotonic() - began >= GRID_MS / 1000 - 0.01
        assert answer.status == status


def test_a_transfer_that_names_an_earlier_record_is_answered_on_the_grid(
    database: Database,
) -> None:
    settings = replace(SETTINGS, even_answers_ms=GRID_MS)
    with open_doors(database.urls, settings) as corridor:
        for named in (
            {"base_record": fresh_id(), "omitted_items": ["ITEMS"]},
            {"derived_from": [fresh_id()]},
        ):
            began = time.monotonic()
            corridor.record(provision(**named))
            assert time.monotonic() - began >= GRID_MS / 1000 - 0.01
