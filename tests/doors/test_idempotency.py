"""Idempotency-Key: what is sent again is carried out once, and answered as the first time."""

from typing import Any

from tests.canary import NAME
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, provision, today

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


def test_a_body_is_the_same_whatever_the_order_of_its_members(corridor: Corridor) -> None:
    body, key = name_of(), new_key()
    first = rename(corridor, body, key)
    turned = dict(reversed(body.items()))
    assert list(turned) != list(body)
    assert rename(corridor, turned, key).text == first.text


def test_without_a_key_a_repeat_is_judged_as_ever(corridor: Corridor) -> None:
    body = name_of()
    corridor.officer("/v1/renames", body)
    assert corridor.officer("/v1/renames", body, 409)["code"] == "ALREADY_STANDS"


def test_a_key_of_another_request_is_refused(corridor: Corridor) -> None:
    key = new_key()
    first = rename(corridor, name_of(), key)
    other = rename(corridor, name_of(), key)
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert other.body["retryable"] is False
    assert corridor.head() == first.body["position"]


def test_a_key_of_another_object_is_refused(corridor: Corridor) -> None:
    one, two = corridor.record(provision()), corridor.record(provision())
    key, body = new_key(), {"reason": "duplicate"}
    assert ask(corridor, f"/v1/transfers/{one['transfer']}/retraction", body, key).status == 200
    other = ask(corridor, f"/v1/transfers/{two['transfer']}/retraction", body, key)
    assert other.code == "IDEMPOTENCY_KEY_REUSED"


def test_other_clients_and_other_end_points_have_keys_of_their_own(corridor: Corridor) -> None:
    key, body = new_key(), name_of()
    assert rename(corridor, body, key).status == 200
    assert rename(corridor, name_of(), key, label="another").status == 200
    stop = {**name_of(), "kind": "opt_out_stop", "day": today()}
    del stop["name"]
    taken = [ask(corridor, path, stop, key) for path in ("/v1/directives", "/v1/directives/lifted")]
    assert [(one.status, replayed(one)) for one in taken] == [(200, False)] * 2


def test_transfers_and_reads_have_no_use_for_a_key(corridor: Corridor) -> None:
    item = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    before = len(corridor.fetch(ROWS))
    statuses = [
        corridor.send(item, **{"Idempotency-Key": '"t"'}).body["results"][0]["status"]
        for _ in range(2)
    ]
    assert statuses == ["recorded", "duplicate"]
    key = corridor.key("notices:write")
    read = corridor.ask("GET", "/v1/notices", key=key, headers={"Idempotency-Key": ""})
    assert read.status == 200
    assert len(corridor.fetch(ROWS)) == before


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


def test_a_corrected_body_may_keep_its_key(corridor: Corridor) -> None:
    key, body = new_key(), name_of()
    wrong = rename(corridor, {**body, "name": " "}, key)
    assert (wrong.status, wrong.errors) == (422, {"/name": "SCHEMA"})
    right = rename(corridor, body, key)
    assert (right.status, replayed(right)) == (200, False)
    assert rename(corridor, {**body, "name": " "}, key).code == "IDEMPOTENCY_KEY_REUSED"
