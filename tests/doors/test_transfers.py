"""Transfers in and looked at, over HTTP."""

from api.resources.histories.endpoints import LISTS
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import OTHER_SOURCE, PERSON, SOURCE, joint_use, provision, receipt, today

UNKNOWN = "00000000-0000-8000-8000-000000000000"


def item(**members: object) -> dict[str, object]:
    return {"source": SOURCE, "id": fresh_id(), "data": provision(), **members}


def test_a_transfer_is_recorded_and_a_repeat_answers_the_first_receipt(corridor: Corridor) -> None:
    one = item()
    first = corridor.send(one)
    assert first.status == 200, first.text
    [result] = first.body["results"]
    assert result["status"] == "recorded"
    assert result["duty"] == "art29"
    assert result["statutory_items"] == ["CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS"]
    assert result["findings"] == []
    assert result["retain_through"] > today()
    assert first.body["counts"] == {"recorded": 1}
    again = corridor.send(one).body
    assert again["results"] == [{**result, "status": "duplicate"}]
    assert again["position"] == first.body["position"]


def test_a_batch_answers_a_result_for_each_item_in_their_order(corridor: Corridor) -> None:
    one = item()
    sent = [one, item(data=receipt()), one, item(data=joint_use())]
    answer = corridor.send(*sent).body
    assert [r["status"] for r in answer["results"]] == ["recorded"] * 2 + ["duplicate", "recorded"]
    assert [r["duty"] for r in answer["results"]] == ["art29", "art30", "art29", "art29"]
    assert answer["counts"] == {"recorded": 3, "duplicate": 1}
    assert answer["results"][2]["position"] == answer["results"][0]["position"]
    assert answer["results"][3]["findings"] == ["JU_NO_NOTICE"]
    assert answer["position"] == corridor.head()


def test_a_thousand_transfers_are_taken_at_once_and_one_more_is_too_many(
    corridor: Corridor,
) -> None:
    answer = corridor.send(*[item() for _ in range(1_000)])
    assert answer.body["counts"] == {"recorded": 1_000}
    before = corridor.head()
    refused = corridor.send(*[item() for _ in range(1_001)])
    assert (refused.status, refused.code) == (413, "BATCH_TOO_LARGE")
    assert refused.errors == {"/items": "BATCH_TOO_LARGE"}
    assert (refused.body["items_max"], refused.body["bytes_max"]) == (1_000, 5 << 20)
    assert corridor.head() == before


def test_an_unlawful_transfer_is_recorded_with_its_findings(corridor: Corridor) -> None:
    result = corridor.record(provision(basis="none", consent={"obtained": False}))
    assert result["findings"] == ["NO_VALID_BASIS"]
    assert result["lawful"] is False
    assert result["duty"] == "art29"


def test_a_dry_run_gives_the_same_verdict_and_stores_nothing(corridor: Corridor) -> None:
    before = corridor.head()
    sent = [item(data=receipt()), item(data=provision(items=[])), item(source=OTHER_SOURCE)]
    answer = corridor.ask("POST", "/v1/transfers/check", {"items": sent}, key=corridor.emitter)
    assert answer.status == 200
    checked, malformed, foreign = answer.body["results"]
    assert checked["status"] == "checked"
    assert checked["duty"] == "art30"
    assert checked["judged_at"] == before
    assert malformed["problem"]["errors"][0]["pointer"] == "/items/1/data/items"
    assert "quarantine" not in malformed
    assert foreign["problem"]["code"] == "SOURCE_NOT_ALLOWED"
    assert corridor.head() == before
    assert corridor.send(sent[0]).body["results"][0]["status"] == "recorded"


def test_an_emitter_sees_its_own_transfers_and_nobody_elses(corridor: Corridor) -> None:
    result = corridor.record(provision())
    path = f"/v1/transfers/{result['transfer']}"
    own = corridor.ask("GET", path, key=corridor.emitter)
    assert own.status == 200
    assert own.body["data"]["principals"] == [PERSON]
    assert (own.body["source"], own.body["id"]) == (SOURCE, result["id"])
    assert [event["type"] for event in own.body["events"]] == ["provision-recorded"]
    assert own.body["position"] == result["position"]
    officer = corridor.ask("GET", f"{path}?reason=inspection", key=corridor.key("records:write"))
    # What is to be done about findings is told to who may correct.
    handling: dict[str, list[str]] = {"findings": [], "open": [], "settled": []}
    looked: dict[str, object] = {"viewed_at_position": corridor.head(), "handling": handling}
    assert officer.body == {**own.body, **looked}
    stranger = corridor.key("events:write", "events:read.own", source=OTHER_SOURCE)
    foreign = corridor.ask("GET", path, key=stranger)
    unknown = corridor.ask("GET", f"/v1/transfers/{UNKNOWN}", key=stranger)
    assert foreign.status == unknown.status == 404
    assert without_instance(foreign.body) == without_instance(unknown.body)


def without_instance(problem: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in problem.items() if name != "instance"}


def test_a_stream_of_something_else_is_no_transfer(corridor: Corridor) -> None:
    pair = {
        "a": {"scheme": "member", "id": "CNRY-LINK-A"},
        "b": {"scheme": "member", "id": "CNRY-LINK-B"},
        "evidence": "同じ人です",
    }
    stream = corridor.officer("/v1/links", pair)["stream"]
    key = corridor.key("records:write")
    assert corridor.ask("GET", f"/v1/transfers/{stream}?reason=inspection", key=key).status == 404
    change = {"changes": {"items": ["氏名"]}, "reason": "誤り"}
    corridor.officer(f"/v1/transfers/{stream}/corrections", change, 404)
    corridor.officer(f"/v1/transfers/{stream}/retraction", {"reason": "duplicate"}, 404)
    named = provision(base_record=stream, omitted_items=["ITEMS"], derived_from=[stream])
    assert corridor.record(named)["findings"] == ["OMISSION_BASE_NOT_RETAINED"]


def test_order_11_is_marked_only_by_a_key_that_may(corridor: Corridor) -> None:
    person = {"scheme": "member", "id": "CNRY-EXCLUDED"}
    marked = item(data=provision(principals=[person]), order_11="iii")
    refused = corridor.send(marked)
    assert (refused.status, refused.code) == (403, "SCOPE_MISSING")
    assert refused.errors == {"/items/0/order_11": "SCOPE_MISSING"}
    key = corridor.key("events:write", "records:exclude", source=SOURCE)
    assert corridor.send(marked, key=key).body["results"][0]["status"] == "recorded"
    shown = corridor.history(("member", "CNRY-EXCLUDED"))
    assert [shown[name] for name in LISTS.values()] == [[]] * len(LISTS)
    assert "expired" not in shown
    # The mark is not part of what makes a repeat.
    unmarked = {name: value for name, value in marked.items() if name != "order_11"}
    assert corridor.send(unmarked).body["results"][0]["status"] == "duplicate"


def test_a_marked_transfer_is_unknown_to_officers_who_may_not_mark(corridor: Corridor) -> None:
    person = {"scheme": "member", "id": "CNRY-UNKNOWN"}
    key = corridor.key("events:write", "events:read.own", "records:exclude", source=SOURCE)
    sent = corridor.send(item(data=provision(principals=[person]), order_11="i"), key=key)
    path = f"/v1/transfers/{sent.body['results'][0]['transfer']}"
    missing = "/v1/transfers/00000000-0000-8000-8000-000000000000"
    officer = corridor.key("records:write", label="officer")
    answers = [
        corridor.ask("GET", f"{one}?reason=inspection", key=officer) for one in (path, missing)
    ]
    alike = [
        {name: value for name, value in answer.body.items() if name != "instance"}
        for answer in answers
    ]
    assert alike[0] == alike[1]
    assert [answer.status for answer in answers] == [404, 404]
    corridor.officer(f"{path}/corrections", {"changes": {"items": ["氏名"]}, "reason": "誤記"}, 404)
    corridor.officer(f"{path}/retraction", {"reason": "duplicate"}, 404)
    corridor.officer(
        f"/v1/reassessments/{path[-36:]}", {"cause_position": 1, "reason": "遅れた停止"}, 404
    )
    assert corridor.ask("GET", path, key=key).status == 200
    chief = corridor.key("records:write", "records:exclude", label="chief")
    assert corridor.ask("GET", f"{path}?reason=inspection", key=chief).status == 200
