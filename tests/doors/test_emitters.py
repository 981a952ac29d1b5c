"""Emitters through the doors: registered, declared complete, heard of, and who is missing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any, Final, cast

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.auth import Scope
from api.web.items import MARKING
from ledger.emitters.id_set import hash_of, product_of
from ledger.postgres.roles import ROLES, role_urls
from tests.database import Database
from tests.doors.cases.desk import begun
from tests.doors.corridor import Answer, fresh_id, open_doors
from tests.doors.emitting import HOURS, NAME, Doors, opened
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.doors.test_every_scope import ON_LOOPBACK, TABLE, filled


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


# -- The daily close through the doors: found, named, corrected, late, refused --


LOST, LATE = "t-lost", "t-late"


@pytest.fixture
def doors_of_closing(database: Database) -> Iterator[Doors]:
    with opened(database, followed=True) as made:
        made.register()
        yield made


def send(
    doors_of_closing: Doors, *ids: str, back: int = 1, source: str = SOURCE, **changes: object
) -> None:
    data = provision(**{"transferred_on": doors_of_closing.day(back), **changes})
    items = [{"source": source, "id": one, "data": data} for one in ids]
    answer = doors_of_closing.corridor.send(*items)
    assert answer.status == 200, answer.text


def body(*ids: str, given: tuple[str, ...] | None = None) -> dict[str, Any]:
    id_hash = hash_of(product_of((SOURCE, one) for one in ids))
    named = {} if given is None else {"ids": [{"id": one} for one in given]}
    return {"count": len(ids), "hash": id_hash, **named}


def close(doors_of_closing: Doors, close_: dict[str, Any], back: int = 1, **asked: Any) -> Answer:  # noqa: ANN401 -- a request's own
    key = doors_of_closing.corridor.key("coverage:write", source=asked.get("source", SOURCE))
    emitter = asked.get("emitter", "ads")
    where = f"/v1/emitters/{emitter}/days/{asked.get('day', doors_of_closing.day(back))}"
    return doors_of_closing.corridor.ask("PUT", where, close_, key=key)


def standing(doors_of_closing: Doors, back: int = 1) -> Any:  # noqa: ANN401 -- a body
    key = doors_of_closing.corridor.key("coverage:write", source=SOURCE)
    return doors_of_closing.corridor.ask(
        "GET", f"/v1/emitters/ads/days/{doors_of_closing.day(back)}", key=key
    ).body


def state_of(doors_of_closing: Doors, *further: Scope, back: int = 1) -> dict[str, Any]:
    key = doors_of_closing.corridor.key("cases:read", *further)
    [own] = doors_of_closing.corridor.ask("GET", "/v1/coverage", key=key).body["emitters"]
    return next(one for one in own["days"] if one["day"] == doors_of_closing.day(back))


def test_a_day_with_one_lost_event_is_found_and_named_at_the_close(doors_of_closing: Doors) -> None:
    send(doors_of_closing, "t-1", "t-2", "t-3")
    said = ("t-1", "t-2", LOST, "t-3")
    found = close(doors_of_closing, body(*said))
    assert found.status == 200, found.text
    assert (found.body["state"], found.body["ids_wanted"]) == ("differs", True)
    named = close(doors_of_closing, body(*said, given=said)).body
    assert named["named"] == [{"source": SOURCE, "id": LOST, "found": "missing"}]
    assert (named["state"], named["missing"], named["unnamed"]) == ("gap", 1, 0)
    assert (named["recorded"], named["ids_wanted"]) == (3, False)
    # Everybody who relies on it is told.
    assert state_of(doors_of_closing) == {"day": doors_of_closing.day(1), "state": "gap", "lost": 1}
    coverage = doors_of_closing.coverage(
        f"?from={doors_of_closing.day(1)}&to={doors_of_closing.day(1)}"
    )
    assert coverage["is_complete"] is False
    assert coverage["letter"][-1].endswith("一部の記録を受信していないことを確認しています。")
    assert coverage["lines"][-1].endswith("の締めで1件の未受信")
    assert LOST not in str(coverage)
    assert doors_of_closing.metrics()["ledger_days_short"] == 1


def test_a_transfer_after_the_close_is_recorded_and_the_day_is_late(
    doors_of_closing: Doors,
) -> None:
    send(doors_of_closing, "t-1")
    close(doors_of_closing, body("t-1"))
    send(doors_of_closing, LATE)
    told = standing(doors_of_closing)
    assert (told["state"], told["recorded"], told["held"]) == ("late", 1, 2)
    # That there is more than may be known is told to those alone who may know of all.
    assert state_of(doors_of_closing, MARKING)["state"] == "late"
    assert state_of(doors_of_closing)["state"] == "match"
    assert close(doors_of_closing, body("t-1", LATE)).body["state"] == "match"


def test_a_marked_record_of_a_closed_day_changes_nothing_that_others_read(
    doors_of_closing: Doors,
) -> None:
    send(doors_of_closing, "t-1")
    assert close(doors_of_closing, body("t-1")).body["matches"]
    before = doors_of_closing.coverage()
    marking = doors_of_closing.corridor.key("events:write", MARKING, source=SOURCE, label="marking")
    data = provision(transferred_on=doors_of_closing.day(1))
    item = {"source": SOURCE, "id": "t-hidden", "data": data, "order_11": "i"}
    assert doors_of_closing.corridor.send(item, key=marking).status == 200
    assert standing(doors_of_closing)["state"] == "late"
    after = doors_of_closing.coverage()
    told = ("days", "gaps", "period")
    assert [[one[name] for name in told] for one in after["emitters"]] == [
        [one[name] for name in told] for one in before["emitters"]
    ]
    assert (after["lines"], after["letter"]) == (before["lines"], before["letter"])
    # Whoever counts it as all others closes anew, and nothing of it is to be seen.
    assert close(doors_of_closing, body("t-1", "t-hidden")).body["state"] == "match"
    assert doors_of_closing.coverage()["emitters"][0]["days"] == before["emitters"][0]["days"]


# -- A server, a database or a login whose time zone is another one: every answer is in UTC --


ZONES: Final = ("Asia/Tokyo", "America/St_Johns", "Etc/UTC")
"""The last one is the default of PostgreSQL's container image."""
BOUNDS: Final = ("first_at", "last_at")


@pytest.mark.parametrize("zone", ZONES)
def test_emitters_coverage_and_all_that_is_read_answer_whatever_the_zone_of_the_database(
    database: Database, zone: str
) -> None:
    statement = sql.SQL("ALTER DATABASE {} SET timezone = {}")
    with psycopg.connect(database.admin, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(database.name), sql.Literal(zone)))
    with open_doors(database.urls) as corridor:
        doors = Doors(corridor)
        doors.register()
        assert doors.beat().status == 204
        case = begun(corridor)
        transfer = corridor.record(provision())["transfer"]
        stranger = corridor.key("events:write", source=OTHER_SOURCE)
        item = {"source": OTHER_SOURCE, "id": fresh_id(), "data": provision()}
        assert corridor.send(item, key=stranger).status == 200
        answer = corridor.ask("GET", "/v1/emitters", key=corridor.key("audit:read"))
        assert answer.status == 200, answer.text
        found = doors.coverage()
        [told] = found["emitters"]
        [unknown] = found["unregistered"]
        instants = [told["heartbeat_at"], told["accepted_at"], *map(unknown.get, BOUNDS)]
        assert [at[-1] for at in instants] == ["Z"] * 4
        ids = {"case": case.id, "transfer": transfer}
        failed: list[tuple[str, int]] = []
        for (method, path), scopes in TABLE.items():
            if method != "GET" or path == ON_LOOPBACK:
                continue
            for scope in scopes:
                key = corridor.key(cast("Scope", scope), source=SOURCE)
                status = corridor.ask(method, filled(path, ids), key=key).status
                if status >= 500:
                    failed.append((path, status))
        assert failed == []


def test_every_role_reads_instants_in_utc_whatever_the_options_of_the_url_say(
    database: Database,
) -> None:
    urls = role_urls(make_conninfo(database.login, options="-c timezone=Asia/Tokyo"))
    zones = [_zone_of(getattr(urls, one.name)) for one in fields(urls)]
    assert zones == ["UTC"] * len(ROLES)


def _zone_of(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        return connection.info.parameter_status("TimeZone")
