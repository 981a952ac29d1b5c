"""Idempotency-Key: what is sent again is carried out once, and answered as the first time."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from ledger.clock import now
from tests.canary import EVIDENCE, MEMBER, NAME, traces
from tests.database import Database
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.keeping import RECORDED, opened
from tests.doors.samples import today
from tests.store.proxy import Cut, proxied

ROWS = "SELECT state, sealed IS NULL FROM ledger.answers"


def name_of(person: str | None = None) -> dict[str, Any]:
    """A new name of somebody who had none."""
    return {"principal": {"scheme": "member", "id": person or f"CNRY-{fresh_id()}"}, "name": NAME}


def ask(corridor: Corridor, path: str, body: object, key: str, label: str = "officer") -> Answer:
    caller = corridor.key("records:write", "notices:write", label=label)
    return corridor.ask("POST", path, body, key=caller, headers={"Idempotency-Key": key})


def rename(corridor: Corridor, body: object, key: str, label: str = "officer") -> Answer:
    return ask(corridor, "/v1/renames", body, key, label)


def new_key() -> str:
    return f'"key-{fresh_id()}"'


def replayed(answer: Answer) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


# -- one request ----------------------------------------------------------------------------------


def test_the_same_request_again_is_answered_byte_for_byte_and_recorded_once(
    corridor: Corridor,
) -> None:
    body, key = name_of(), new_key()
    first = rename(corridor, body, key)
    assert first.status == 200
    assert not replayed(first)
    assert first.body["position"] == corridor.head()
    again = rename(corridor, body, key)
    assert replayed(again)
    assert (again.status, again.text) == (200, first.text)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["content-length"] == first.headers["content-length"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert corridor.head() == first.body["position"]


def test_a_key_of_another_request_is_refused(corridor: Corridor) -> None:
    key = new_key()
    first = rename(corridor, name_of(), key)
    other = rename(corridor, name_of(), key)
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert other.body["retryable"] is False
    assert corridor.head() == first.body["position"]


def test_other_clients_and_other_end_points_have_keys_of_their_own(corridor: Corridor) -> None:
    key, body = new_key(), name_of()
    assert rename(corridor, body, key).status == 200
    assert rename(corridor, name_of(), key, label="another").status == 200
    stop = {**name_of(), "kind": "opt_out_stop", "day": today()}
    del stop["name"]
    taken = [ask(corridor, path, stop, key) for path in ("/v1/directives", "/v1/directives/lifted")]
    assert [(one.status, replayed(one)) for one in taken] == [(200, False)] * 2


def test_who_may_not_learns_nothing_by_a_key(corridor: Corridor) -> None:
    body, key = name_of(), new_key()
    rename(corridor, body, key)
    reader = corridor.key("records:read", label="officer")
    for credential, status in ((None, 401), (reader, 403)):
        headers = {"Idempotency-Key": key}
        answer = corridor.ask("POST", "/v1/renames", body, key=credential, headers=headers)
        assert answer.status == status


# -- refusals -------------------------------------------------------------------------------------


def test_a_refusal_is_not_kept_and_frees_the_key(corridor: Corridor) -> None:
    key, person = new_key(), name_of()
    stop = {"principal": person["principal"], "kind": "opt_out_stop", "day": today()}
    refused = ask(corridor, "/v1/directives/lifted", stop, key)
    assert (refused.status, refused.code) == (409, "DOES_NOT_STAND")
    corridor.officer("/v1/directives", stop)
    lifted = ask(corridor, "/v1/directives/lifted", stop, key)
    assert (lifted.status, replayed(lifted)) == (200, False)
    assert ask(corridor, "/v1/directives/lifted", stop, key).text == lifted.text


# -- Two requests of one key at once, a process that loses its database, and what is kept of them --


# -- two at once, and what a process leaves that dies ---------------------------------------------


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_second_one_waits_outside_while_the_first_runs(database: Database) -> None:
    body, key, answers = name_of(), new_key(), list[Answer]()
    with open_doors(database.urls, followed=False) as corridor:
        with psycopg.connect(database.urls.writer) as holding:
            holding.execute("SELECT FROM ledger.head FOR UPDATE")
            first = threading.Thread(target=lambda: answers.append(rename(corridor, body, key)))
            first.start()
            wait_for(lambda: corridor.fetch(ROWS))
            second = rename(corridor, body, key)
            assert (second.status, second.code) == (409, "IDEMPOTENCY_KEY_IN_PROGRESS")
            assert second.headers["retry-after"] == "1"
            assert second.body["retryable"] is True
            assert rename(corridor, name_of(), key).code == "IDEMPOTENCY_KEY_REUSED"
        first.join(10)
        assert answers[0].status == 200
        again = rename(corridor, body, key)
        assert replayed(again)
        assert again.text == answers[0].text
        assert corridor.head() == 1


def test_a_process_that_lost_the_database_is_taken_over_and_both_answer_alike(
    database: Database,
) -> None:
    body, key, answers = name_of(), new_key(), list[Answer]()
    with (
        proxied(database.admin) as proxy,
        open_doors(database.urls, clock=lambda: now() + timedelta(minutes=3)) as later,
        open_doors(database.urls) as elsewhere,
        open_doors(replace(database.urls, writer=proxy.url(database.urls.writer))) as corridor,
    ):
        credential = elsewhere.key("records:write", label="officer")
        headers = {"Idempotency-Key": key}

        def send(doors: Corridor) -> Answer:
            return doors.ask("POST", "/v1/renames", body, key=credential, headers=headers)

        # The commit is carried out, its answer does not arrive, and the database is gone.
        # Until then new connections are let in: it may need one to get there.
        proxy.closes, proxy.cut = True, Cut.AFTER
        asking = threading.Thread(target=lambda: answers.append(send(corridor)))
        asking.start()
        wait_for(lambda: proxy.cuts)
        assert send(elsewhere).code == "IDEMPOTENCY_KEY_IN_PROGRESS"
        taken_over = send(later)
        assert (taken_over.status, replayed(taken_over)) == (200, False)
        assert taken_over.body["position"] == corridor.head() == 1
        assert replayed(send(elsewhere))
        proxy.closed = False
        asking.join(20)
        assert answers[0].text == taken_over.text
        assert replayed(send(corridor))
        assert corridor.head() == 1


def test_two_that_run_at_once_place_one_hold_and_answer_alike(database: Database) -> None:
    # Each decides by itself, on a random stream of its own, before either is recorded.
    body, key = {"identifiers": [name_of()["principal"]], "reason": "訴訟の提起"}, new_key()
    answers: list[Answer] = []
    waiting = """
        SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'ledger-writer'
           AND wait_event_type = 'Lock'
    """
    with (
        open_doors(database.urls, followed=False) as corridor,
        open_doors(
            database.urls, followed=False, clock=lambda: now() + timedelta(minutes=3)
        ) as later,
    ):
        credential = corridor.key("records:write", label="officer")

        def place(doors: Corridor) -> None:
            headers = {"Idempotency-Key": key}
            answers.append(doors.ask("POST", "/v1/holds", body, key=credential, headers=headers))

        threads = [threading.Thread(target=place, args=(doors,)) for doors in (corridor, later)]
        with (
            psycopg.connect(database.urls.writer) as holding,
            psycopg.connect(database.admin, autocommit=True) as admin,
        ):
            holding.execute("SELECT FROM ledger.head FOR UPDATE")
            for count, thread in enumerate(threads, 1):
                thread.start()
                wait_for(lambda count=count: len(admin.execute(waiting).fetchall()) == count)
        for thread in threads:
            thread.join(10)
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].text == answers[1].text
        assert corridor.head() == 1
        assert corridor.fetch("SELECT originator_id::text FROM ledger.events") == [
            (answers[0].body["hold"],)
        ]


# -- what is kept ---------------------------------------------------------------------------------


def test_nothing_that_is_kept_can_be_read_without_its_key(corridor: Corridor) -> None:
    body = {"a": {"scheme": "member", "id": MEMBER}, "b": {"scheme": "mail", "id": fresh_id()}}
    answer = ask(corridor, "/v1/links", {**body, "evidence": EVIDENCE}, f'"link of {MEMBER}"')
    assert answer.status == 200
    with psycopg.connect(corridor.urls.reader) as connection:
        rows = connection.execute("SELECT * FROM ledger.answers").fetchall()
        sealed = connection.execute("SELECT sealed FROM ledger.answers").fetchall()
    assert not traces(repr(rows))
    assert not traces(repr([bytes(one) for row in rows for one in row if isinstance(one, bytes)]))
    assert answer.body["stream"] not in repr(rows)
    assert not any(one and (b"position" in one or b"status" in one) for (one,) in sealed)
    commands = "SELECT count(*) FROM ledger.answers JOIN ledger.events USING (command)"
    assert corridor.fetch(commands)[0][0] > 0


def test_an_answer_dies_with_its_key_and_the_key_is_free_again(
    database: Database, tmp_path: Path
) -> None:
    key, person = new_key(), f"CNRY-{fresh_id()}"
    with opened(database, tmp_path / "journal") as kept:
        first = rename(kept.corridor, name_of(person), key)
        kept.on(RECORDED + timedelta(days=29))
        assert rename(kept.corridor, name_of(person), key).text == first.text
        kept.on(RECORDED + timedelta(days=30))
        # Its day has come: it is as good as gone, also before it is destroyed.
        other = rename(kept.corridor, name_of(), key)
        assert (other.status, replayed(other)) == (200, False)
        rename(kept.corridor, name_of(), new_key())
        assert kept.corridor.fetch(ROWS) == [("done", False)] * 2
        kept.on(RECORDED + timedelta(days=60))
        months = kept.told("GET", "")["ends"]
        assert sum(one["events"] for one in months if one["class"] == "draft") == 2
        kept.plan()
        kept.followed()
        kept.told("POST", "/expiries", {})
        assert kept.corridor.fetch(ROWS) == []


def test_the_report_of_a_destruction_can_be_asked_for_again(
    database: Database, tmp_path: Path
) -> None:
    with opened(database, tmp_path / "journal") as kept:
        rename(kept.corridor, name_of(), new_key())
        kept.on(RECORDED + timedelta(days=30))
        kept.plan()
        kept.followed()
        key, head = new_key(), kept.corridor.head()
        chief = kept.corridor.key("records:exclude", label="chief")
        first, again = (
            kept.corridor.ask(
                "POST", "/v1/retention/expiries", {}, key=chief, headers={"Idempotency-Key": key}
            )
            for _ in range(2)
        )
        assert [one["events"] for one in first.body["erasures"]] == [1]
        assert replayed(again)
        assert again.text == first.text
        assert kept.corridor.head() == head + 1
