"""A process dies after the append and before its answer is kept: whoever asks again is told what
stands, at every door that writes, and nothing is appended twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from api.auth import Scope
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, notice, provision, today
from tests.matrix import every

DIED = """
    UPDATE ledger.answers
       SET state = 'running', sealed = NULL, claimed_at = claimed_at - interval '3 minutes'
     WHERE state = 'done'
"""
"""What the process leaves: a claim of some time ago, and no answer."""


@dataclass(frozen=True)
class Request:
    path: str
    body: object
    scope: Scope = "records:write"
    label: str = "officer"


Door = Callable[[Corridor], Request]


def ask(corridor: Corridor, request: Request, key: str) -> Answer:
    headers = {"Idempotency-Key": key}
    credential = corridor.key(request.scope, label=request.label)
    return corridor.ask("POST", request.path, request.body, key=credential, headers=headers)


def died(corridor: Corridor) -> None:
    with psycopg.connect(corridor.urls.writer) as writer:
        assert writer.execute(DIED).rowcount == 1


def person() -> dict[str, Any]:
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def recorded(corridor: Corridor, **changes: object) -> str:
    return f"/v1/transfers/{corridor.record(provision(**changes))['transfer']}"


def correction(corridor: Corridor) -> Request:
    body = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    return Request(f"{recorded(corridor)}/corrections", body)


def reclassification(corridor: Corridor) -> Request:
    body = {"basis": "none", "reason": "同意書が見つからない"}
    return Request(f"{recorded(corridor)}/reclassifications", body)


def retraction(corridor: Corridor) -> Request:
    return Request(f"{recorded(corridor)}/retraction", {"reason": "duplicate"})


def reassessment(corridor: Corridor) -> Request:
    who = person()
    path = recorded(corridor, principals=[who])
    late = corridor.officer(
        "/v1/directives", {"principal": who, "kind": "consent_withdrawn", "day": today()}
    )
    body = {"cause_position": late["position"], "reason": "届出が遅れて届いた"}
    return Request(path.replace("transfers", "reassessments"), body)


def stop() -> dict[str, Any]:
    return {"principal": person(), "kind": "opt_out_stop", "day": today()}


def lifting(corridor: Corridor) -> Request:
    body = stop()
    corridor.officer("/v1/directives", body)
    return Request("/v1/directives/lifted", body)


def pair() -> dict[str, Any]:
    return {"a": person(), "b": person(), "evidence": "同一人"}


def unlinking(corridor: Corridor) -> Request:
    body = pair()
    corridor.officer("/v1/links", body)
    return Request("/v1/unlinks", body)


def published(corridor: Corridor) -> Request:
    del corridor
    return Request("/v1/notices", notice(notice_id=fresh_id()), "notices:write", "publisher")


def withdrawal(corridor: Corridor) -> Request:
    name = fresh_id()
    key = corridor.key("notices:write", label="publisher")
    assert corridor.ask("POST", "/v1/notices", notice(notice_id=name), key=key).status == 200
    body = {"day": today(), "reason": "共同利用の終了"}
    return Request(f"/v1/notices/{name}/withdrawal", body, "notices:write", "publisher")


def hold() -> dict[str, Any]:
    return {"identifiers": [person()], "reason": "訴訟の提起"}


def release(corridor: Corridor) -> Request:
    placed = corridor.officer("/v1/holds", hold())
    path = f"/v1/holds/{placed['hold']}/release"
    return Request(path, {"reason": "和解の成立"}, "records:exclude", "chief")


def plan(corridor: Corridor) -> Request:
    corridor.history(("member", "CNRY-NOBODY"))
    return Request("/v1/retention/plans", {}, "admin:config", "operator")


def rejected(corridor: Corridor) -> tuple[str, dict[str, Any]]:
    given = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
    return f"/v1/quarantine/{corridor.send(given).body['quarantine']}", given


def proposal(corridor: Corridor) -> Request:
    return Request(f"{rejected(corridor)[0]}/discard", None, "quarantine:write", "first")


def discarding(corridor: Corridor) -> Request:
    path = f"{rejected(corridor)[0]}/discard"
    assert ask(corridor, Request(path, None, "quarantine:write", "first"), fresh_id()).status == 200
    forget(corridor)
    return Request(path, None, "quarantine:write", "second")


def repair(corridor: Corridor) -> Request:
    path, given = rejected(corridor)
    return Request(f"{path}/repair", {**given, "data": provision()}, "quarantine:write", "first")


def forget(corridor: Corridor) -> None:
    with psycopg.connect(corridor.urls.purger) as purger:
        purger.execute("DELETE FROM ledger.answers")


APPENDING: dict[str, Door] = {
    "a correction": correction,
    "a reclassification": reclassification,
    "a retraction": retraction,
    "a reassessment": reassessment,
    "a stop": lambda _: Request("/v1/directives", stop()),
    "a lifting": lifting,
    "a link": lambda _: Request("/v1/links", pair()),
    "an unlinking": unlinking,
    "a new name": lambda _: Request("/v1/renames", {"principal": person(), "name": "新姓 花子"}),
    "a notice": published,
    "a withdrawal": withdrawal,
    "a hold": lambda _: Request("/v1/holds", hold()),
    "a release": release,
    "a discard that is proposed": proposal,
    "a discard": discarding,
}


@pytest.fixture(autouse=True)
def _no_answers_of_others(corridor: Corridor) -> None:
    forget(corridor)


@every("name", APPENDING)
def test_what_stands_is_told_by_whoever_takes_over(corridor: Corridor, name: str) -> None:
    forget(corridor)
    request, key = APPENDING[name](corridor), fresh_id()
    first = ask(corridor, request, key)
    assert first.status == 200, first.text
    head = corridor.head()
    repeated = ask(corridor, request, key)
    assert repeated.headers["idempotency-replayed"] == "true"
    assert (repeated.status, repeated.text) == (200, first.text)
    died(corridor)
    again = ask(corridor, request, key)
    assert (again.status, again.text) == (200, first.text)
    assert "idempotency-replayed" not in again.headers
    assert ask(corridor, request, key).headers["idempotency-replayed"] == "true"
    assert corridor.head() == head


def test_a_plan_that_stands_is_not_made_twice(corridor: Corridor) -> None:
    request, key = plan(corridor), fresh_id()
    first = ask(corridor, request, key)
    assert first.status == 200, first.text
    head = corridor.head()
    died(corridor)
    again = ask(corridor, request, key)
    told = ("plan", "position", "through")
    assert [again.body[name] for name in told] == [first.body[name] for name in told]
    assert corridor.head() == head


def test_a_repair_that_stands_is_told_as_a_duplicate(corridor: Corridor) -> None:
    request, key = repair(corridor), fresh_id()
    first = ask(corridor, request, key)
    head = corridor.head()
    died(corridor)
    again = ask(corridor, request, key)
    assert (first.body["status"], again.body["status"]) == ("recorded", "duplicate")
    assert {**again.body, "status": "recorded"} == first.body
    assert corridor.head() == head


def test_a_claim_that_nobody_carried_out_is_carried_out(corridor: Corridor) -> None:
    body, key = stop(), fresh_id()
    lifted = Request("/v1/directives/lifted", body)
    assert ask(corridor, lifted, key).code == "DOES_NOT_STAND"
    with psycopg.connect(corridor.urls.writer) as writer:
        writer.execute(
            "UPDATE ledger.answers SET state = 'running', claimed_at = now() - interval '3 minutes'"
        )
    corridor.officer("/v1/directives", body)
    head = corridor.head()
    assert ask(corridor, lifted, key).body["position"] == head + 1


def test_an_outcome_that_is_unknown_is_bound_to_its_request(corridor: Corridor) -> None:
    request, key = Request("/v1/links", pair()), fresh_id()
    first = ask(corridor, request, key)
    died(corridor)
    assert ask(corridor, Request("/v1/links", pair()), key).code == "IDEMPOTENCY_KEY_REUSED"
    assert ask(corridor, request, key).text == first.text


def test_a_fault_of_ours_leaves_the_claim_to_the_next_try(corridor: Corridor) -> None:
    request, key = Request("/v1/links", pair()), fresh_id()
    broken = "ALTER TABLE ledger.lookups RENAME TO lookups_away"
    mended = "ALTER TABLE ledger.lookups_away RENAME TO lookups"
    with psycopg.connect(corridor.urls.owner, autocommit=True) as owner:
        owner.execute(broken)
        try:
            assert ask(corridor, request, key).status in (500, 503)
        finally:
            owner.execute(mended)
    assert corridor.fetch("SELECT state FROM ledger.answers") == [("failed",)]
    assert ask(corridor, Request("/v1/links", pair()), key).code == "IDEMPOTENCY_KEY_REUSED"
    assert ask(corridor, request, key).status == 200
