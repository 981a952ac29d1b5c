"""Settling findings: who may, what is refused, and that no answer but the work list changes."""

from typing import Any

from tests.canary import NAME
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, provision
from tests.doors.test_exclusions import exclude

LAWLESS = {"consent": {"obtained": False}}
CODE = "CONSENT_NOT_OBTAINED"
REPORTED = {"codes": [CODE], "action": "reported", "reason": "委員会に報告した"}
UNKNOWN = "00000000-0000-8000-8000-000000000000"


def settle(
    corridor: Corridor, transfer: str, body: object, key: str | None = None, **headers: str
) -> Answer:
    return corridor.ask(
        "POST",
        f"/v1/transfers/{transfer}/findings/settled",
        body,
        key=key or corridor.key("records:write", label="officer"),
        headers=headers,
    )


def shown(corridor: Corridor, transfer: str) -> dict[str, Any]:
    path = f"/v1/transfers/{transfer}?reason=inspection"
    return corridor.ask("GET", path, key=corridor.key("records:write", label="officer")).body


def person(id_: str) -> dict[str, str]:
    return {"scheme": "member", "id": id_, "name": NAME}


def stopped(corridor: Corridor, who: str) -> None:
    body = {"principal": person(who), "kind": "consent_withdrawn", "day": "2026-01-01"}
    corridor.officer("/v1/directives", {**body, "principal": {"scheme": "member", "id": who}})


def test_what_was_done_stands_in_the_transfer_and_in_no_history(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-F1")], **LAWLESS))
    before = corridor.history(("member", "CNRY-F1"))
    answer = settle(corridor, first["transfer"], REPORTED)
    assert answer.status == 200, answer.text
    position = answer.body["position"]
    now = shown(corridor, first["transfer"])
    assert [one["type"] for one in now["events"]] == [
        "provision-recorded",
        "transfer-findings-settled",
    ]
    assert (now["findings"], now["lawful"]) == ([CODE], False)
    assert now["handling"] == {
        "findings": [CODE],
        "open": [],
        "settled": [{"position": position, **REPORTED}],
    }
    after = corridor.history(("member", "CNRY-F1"))
    looks = {"as_of": 0, "viewed_at_position": 0}
    assert {**after, **looks} == {**before, **looks}


def test_a_finding_of_one_person_must_be_seen_and_is_told_to_no_emitter(
    corridor: Corridor,
) -> None:
    stopped(corridor, "CNRY-F2")
    first = corridor.record(provision(principals=[person("CNRY-F2"), person("CNRY-F3")]))
    assert first["findings"] == []
    assert shown(corridor, first["transfer"])["handling"]["open"] == ["CONSENT_WITHDRAWN"]
    emitter = corridor.key("events:write", "events:read.own", source=SOURCE)
    own = corridor.ask("GET", f"/v1/transfers/{first['transfer']}", key=emitter)
    assert own.status == 200
    assert "CONSENT_WITHDRAWN" not in own.text
    assert "handling" not in own.body
    done = {**REPORTED, "codes": ["CONSENT_WITHDRAWN"]}
    assert settle(corridor, first["transfer"], done).status == 200
    # Somebody else spoke of it, so that it was read back is put on record.
    again = corridor.ask("GET", f"/v1/transfers/{first['transfer']}", key=emitter)
    assert "viewed_at_position" in again.body
    assert "CONSENT_WITHDRAWN" not in again.text


def test_what_is_hidden_is_settled_by_nobody_who_may_not_see_it(corridor: Corridor) -> None:
    marking = corridor.key("events:write", "records:exclude", source=SOURCE)
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(**LAWLESS), "order_11": "iv"}
    marked = corridor.send(item, key=marking).body["results"][0]["transfer"]
    excluded = corridor.record(provision(**LAWLESS))["transfer"]
    exclude(corridor, excluded)
    unknown = settle(corridor, UNKNOWN, REPORTED)
    for transfer in (marked, excluded):
        for body in (REPORTED, {**REPORTED, "codes": ["DATE_MISSING"]}):
            refused = settle(corridor, transfer, body)
            assert (refused.status, refused.code) == (404, "NOT_FOUND")
            assert refused.body["detail"] == unknown.body["detail"]
    chief = corridor.key("records:write", "records:exclude", label="chief")
    for transfer in (marked, excluded):
        assert settle(corridor, transfer, REPORTED, chief).status == 200


def test_the_same_code_of_another_person_is_not_settled_unseen(corridor: Corridor) -> None:
    persons = [person("CNRY-F71"), person("CNRY-F72")]
    transfer = corridor.record(provision(principals=persons, **LAWLESS))["transfer"]
    seen = shown(corridor, transfer)["events"][-1]["version"]
    change = {"changes": {"items": ["氏名"]}, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", change)
    answer = settle(corridor, transfer, {**REPORTED, "version": seen})
    assert (answer.status, answer.code) == (409, "STREAM_MOVED")
    assert shown(corridor, transfer)["handling"]["open"] == [CODE]
    newest = shown(corridor, transfer)["events"][-1]["version"]
    assert settle(corridor, transfer, {**REPORTED, "version": newest}).status == 200
