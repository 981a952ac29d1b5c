"""Emitters through the doors: registered, declared complete, heard of, and who is missing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.database import Database
from tests.doors.corridor import fresh_id, open_doors
from tests.doors.emitting import HOURS, NAME, Doors, opened
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision


@pytest.fixture
def doors(database: Database) -> Iterator[Doors]:
    with opened(database) as made:
        yield made


def test_an_emitter_is_registered_renamed_and_retired_and_the_past_keeps_its_name(
    doors: Doors,
) -> None:
    first = doors.register()
    assert first == {"emitter": "ads", "position": 1}
    assert doors.register() == first  # a repeat appends nothing
    assert doors.corridor.head() == 1
    assert doors.declare(10, 5).status == 200
    renamed = doors.register(name="広告システム", until=doors.day(1))
    assert renamed["position"] == 3
    [shown] = doors.corridor.ask("GET", "/v1/emitters", key=doors.corridor.key("audit:read")).body[
        "emitters"
    ]
    assert shown == {
        "emitter": "ads",
        "source": SOURCE,
        "name": "広告システム",
        "since": doors.day(30),
        "until": doors.day(1),
        "position": 3,
        "covered": [doors.period(10, 5)],
        "counts": [],
    }
    assert any("広告システム：" in line for line in doors.coverage()["lines"])
    before = doors.coverage("?as_of=2")
    assert any(f"{NAME}：" in line for line in before["lines"])
    assert doors.coverage("?as_of=1")["emitters"][0]["gaps"] == [doors.period(30, 1)]
    assert doors.coverage("?as_of=99", status=422)["errors"][0]["pointer"] == "/as_of"


def test_days_are_declared_counted_corrected_and_taken_back(doors: Doors) -> None:
    doors.register()
    declared = doors.declare(20, 1, expected_count=12_345)
    assert declared.body == {"emitter": "ads", "position": 2}
    assert doors.declare(20, 1, expected_count=12_345).body["position"] == 2
    assert doors.corridor.head() == 2
    own = doors.corridor.key("coverage:write", source=SOURCE)
    [shown] = doors.corridor.ask("GET", "/v1/emitters", key=own).body["emitters"]
    assert shown["counts"] == [{**doors.period(20, 1), "expected_count": 12_345}]
    query = f"?from={doors.day(20)}"
    assert doors.coverage(query)["complete"] == 1
    assert doors.declare(7, 6, complete=False).body["position"] == 3
    found = doors.coverage(query)
    assert (found["total"], found["complete"], found["is_complete"]) == (1, 0, False)
    assert found["emitters"][0]["gaps"] == [doors.period(7, 6)]
    assert found["letter"][1].startswith("記録を送信する1システムのうち0システム")
    assert NAME not in "".join(found["letter"])
    assert found["position"] == doors.corridor.head() == 3


def test_nothing_that_names_an_emitter_stands_in_a_header(doors: Doors) -> None:
    doors.register()
    doors.declare(20, 1, expected_count=12_345)
    headers = [
        bytes(state).decode()
        for (state,) in doors.corridor.fetch("SELECT state FROM ledger.events")
    ]
    assert len(headers) == 2
    for told in (SOURCE, NAME, "ads", "12345"):
        assert not any(told in header for header in headers)
    assert f'"last_day":"{doors.day(1)}"' in headers[1]
    classes = doors.corridor.fetch("SELECT key_class FROM ledger.data_keys")
    assert classes == [("register",)]


def test_a_key_speaks_for_the_emitters_of_its_own_source_alone(doors: Doors) -> None:
    doors.register()
    doors.register("crm", OTHER_SOURCE)
    corridor = doors.corridor
    assert doors.declare(3, 2, "crm").code == "SOURCE_NOT_ALLOWED"
    assert doors.beat("crm").code == "SOURCE_NOT_ALLOWED"
    assert doors.beat("crm", source=None).code == "SOURCE_NOT_ALLOWED"
    below = corridor.key("coverage:write", source=SOURCE + "/part")
    body = doors.period(3, 2)
    answer = corridor.ask("PUT", "/v1/emitters/ads/coverage", body, key=below)
    assert answer.code == "SOURCE_NOT_ALLOWED"
    own = corridor.key("coverage:write", source=SOURCE)
    shown = corridor.ask("GET", "/v1/emitters", key=own).body["emitters"]
    assert [one["emitter"] for one in shown] == ["ads"]
    shown = corridor.ask("GET", "/v1/emitters", key=corridor.key("coverage:write")).body
    assert shown == {"emitters": []}
    for unknown in (doors.declare(3, 2, "nobody"), doors.beat("nobody")):
        assert (unknown.status, unknown.code) == (404, "NOT_FOUND")
    assert corridor.head() == 2


def test_an_emitter_is_late_until_it_beats_or_sends_and_neither_is_an_event(doors: Doors) -> None:
    doors.register()
    [shown] = doors.coverage()["emitters"]
    assert (shown["heartbeat_at"], shown["accepted_at"], shown["late"]) == (None, None, False)
    doors.wait(HOURS + 1)
    found = doors.coverage()
    assert (found["late"], found["emitters"][0]["late"]) == (1, True)
    assert doors.metrics()["ledger_emitters_late"] == 1
    for _ in range(3):
        beaten = doors.beat()
        assert (beaten.status, beaten.text) == (204, "")
    found = doors.coverage()
    assert (found["late"], found["emitters"][0]["late"]) == (0, False)
    assert found["emitters"][0]["heartbeat_at"] is not None
    assert doors.corridor.head() == 1
    assert doors.corridor.fetch("SELECT count(*) FROM ledger.heartbeats") == [(1,)]
    doors.wait(HOURS + 1)
    doors.corridor.record(provision())
    found = doors.coverage()
    assert found["late"] == 0
    assert found["emitters"][0]["accepted_at"] > found["emitters"][0]["heartbeat_at"]
    numbers = doors.metrics()
    assert numbers == {
        "ledger_emitters": 1,
        "ledger_days_short": 0,
        "ledger_emitters_known": 1,
        "ledger_emitters_late": 0,
        "ledger_sources_unregistered": 0,
    }


def test_who_sends_without_being_registered_is_seen_and_breaks_the_statement(doors: Doors) -> None:
    corridor = doors.corridor
    doors.register()
    doors.declare(30, 1)
    assert doors.coverage()["is_complete"] is True
    item = {"source": OTHER_SOURCE + "/part", "id": fresh_id(), "data": provision()}
    stranger = corridor.key("events:write", source=OTHER_SOURCE)
    rejected = {**item, "data": {}}
    assert corridor.send(rejected, key=stranger).status == 422
    found = doors.coverage()
    assert (found["unregistered"], found["quarantine"]) == ([], 1)
    assert corridor.send(item, key=stranger).status == 200
    found = doors.coverage()
    assert [one["source"] for one in found["unregistered"]] == [OTHER_SOURCE]
    assert (found["complete"], found["total"], found["is_complete"]) == (1, 1, False)
    assert doors.metrics()["ledger_sources_unregistered"] == 1
    # An emitter that begins only tomorrow does not stand for what was sent today.
    tomorrow = doors.day(-1)
    doors.register("crm", OTHER_SOURCE, since=tomorrow)
    assert len(doors.coverage()["unregistered"]) == 1
    doors.register("crm", OTHER_SOURCE)
    found = doors.coverage()
    assert (found["unregistered"], found["total"]) == ([], 2)
    assert corridor.fetch("SELECT count(*) FROM ledger.accepted_sources") == [(1,)]


def test_what_was_accepted_is_seen_even_if_only_the_repeat_was_answered(
    database: Database,
) -> None:
    item = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    with open_doors(database.urls, followed=False) as corridor:
        corridor.send(item)
    # As a process leaves it that dies between the commit and the note.
    with psycopg.connect(database.urls.owner) as connection:
        connection.execute("DELETE FROM ledger.accepted_sources")
    with open_doors(database.urls, followed=False) as corridor:
        assert Doors(corridor).coverage()["unregistered"] == []
        assert corridor.send(item).body["counts"] == {"duplicate": 1}
        [seen] = Doors(corridor).coverage()["unregistered"]
        assert seen["source"] == SOURCE


def test_two_who_register_one_id_at_once_make_one_emitter(doors: Doors) -> None:
    doors.corridor.key("admin:config", label="operator")
    with ThreadPoolExecutor(4) as pool:
        names = [f"基盤{n}" for n in range(4)]
        for made in [pool.submit(doors.register, name=name) for name in names]:
            made.result()
    shown = doors.corridor.ask("GET", "/v1/emitters", key=doors.corridor.key("audit:read")).body
    assert len(shown["emitters"]) == 1
    streams = "SELECT count(DISTINCT originator_id), count(*) FROM ledger.events"
    assert doors.corridor.fetch(streams) == [(1, 4)]
