"""What a version of before accepted stays accepted: sent again, and where a correction keeps it."""

from typing import Any
from uuid import UUID

import orjson

from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.policies.wellformedness import CHARACTERS_MAX, with_short_texts
from ledger.values import CheckedTransfer, Json
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.exporting import inside_of
from tests.doors.samples import OTHER_SOURCE, PERSON, SOURCE, provision
from tests.doors.test_events import BATCH, event
from tests.doors.test_quarantine import waiting
from tests.ledger.given import ACTOR
from tests.matrix import every

LONG = [f"{n:02}{'あ' * 997}" for n in range(CHARACTERS_MAX // 1_000 + 1)]
OLD: dict[str, dict[str, Any]] = {
    "texts beyond the bound": {"items": LONG},
    "a character that no reader sees": {"principals": [{**PERSON, "name": "神楽坂\u200b金糸雀"}]},
    "no items": {"items": []},
}


def recorded(corridor: Corridor, mark: int = 0, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Record what a version of before accepted; the item as its sender states it."""
    given: dict[str, Any] = {"source": SOURCE, "id": fresh_id(), "data": provision(**changes)}
    content = CheckedTransfer(given["data"])
    command = RecordTransfer(random_uuid(), ACTOR, SOURCE, given["id"], content, mark)
    [outcome] = inside_of(corridor).group.call(lambda ledger, at: ledger.record([command], at))
    assert outcome.status == "recorded"
    return {**given, "transfer": str(outcome.transfer), "position": outcome.position}


def item_of(one: dict[str, Any], **changes: object) -> dict[str, Any]:
    item = {name: one[name] for name in ("source", "id", "data")}
    return {**item, "data": {**item["data"], **changes}}


@every("name", OLD)
def test_an_item_that_was_recorded_is_a_duplicate_whatever_the_contract_says_today(
    corridor: Corridor, name: str
) -> None:
    one = recorded(corridor, **OLD[name])
    kept = waiting(corridor).keys()
    again = corridor.send(item_of(one))
    assert again.status == 200, again.text
    [result] = again.body["results"]
    told = (result["status"], result["transfer"], result["position"])
    assert told == ("duplicate", one["transfer"], one["position"])
    # In a batch beside others, each in its place; and as an event.
    fresh = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    bad = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
    batch = corridor.send(bad, item_of(one), fresh, item_of(one)).body
    statuses = [one["status"] for one in batch["results"]]
    assert statuses == ["rejected", "duplicate", "recorded", "duplicate"]
    assert "quarantine" in batch["results"][0]
    events = [event(id=one["id"], data=one["data"]), event(id=one["id"], data={})]
    answer = corridor.ask(
        "POST",
        "/v1/events",
        key=corridor.emitter,
        content=orjson.dumps(events),
        headers={"Content-Type": BATCH},
    )
    assert [one["status"] for one in answer.body["results"]] == ["duplicate", "rejected"]
    assert len(waiting(corridor).keys() - kept) == 2, "the malformed ones alone"


def test_other_content_under_the_key_and_items_of_others_are_malformed_as_before(
    corridor: Corridor,
) -> None:
    one = recorded(corridor, items=LONG)
    for item in (
        item_of(one, items=[*LONG, "住所"]),
        {**item_of(one), "id": fresh_id()},
        {**item_of(one), "more": 1},
    ):
        assert corridor.send(item).status == 422
    other = corridor.key("events:write", source=OTHER_SOURCE)
    assert corridor.send(item_of(one), key=other).status == 403


def test_a_mark_of_an_old_item_is_compared_for_who_may_mark_alone(corridor: Corridor) -> None:
    one = recorded(corridor, mark=1, items=LONG)
    marking = corridor.key("events:write", "records:exclude", source=SOURCE)
    assert corridor.send(item_of(one)).body["results"][0]["status"] == "duplicate"
    same = corridor.send({**item_of(one), "order_11": "i"}, key=marking)
    assert same.body["results"][0]["status"] == "duplicate"
    differs = corridor.send({**item_of(one), "order_11": "ii"}, key=marking)
    assert (differs.status, differs.code) == (409, "MARK_DIFFERS")
    for mark in ("i", "ii"):  # who may not mark learns nothing of it
        answer = corridor.send({**item_of(one), "order_11": mark})
        assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")


def corrected(corridor: Corridor, transfer: str, **changes: object) -> Any:  # noqa: ANN401 -- an answer
    key = corridor.key("records:write")
    body = {"changes": changes, "reason": "誤記"}
    return corridor.ask("POST", f"/v1/transfers/{transfer}/corrections", body, key=key)


def test_a_correction_keeps_the_long_texts_that_it_does_not_change(corridor: Corridor) -> None:
    people = [{**PERSON, "name": "あ" * 2_000}]
    one = recorded(corridor, items=LONG, principals=people)["transfer"]
    for changes in ({"recorded_on": "2026-01-07"}, {"purpose": "い" * 900}):
        answer = corrected(corridor, one, **changes)
        assert answer.status == 200, answer.text
    for changes in ({"items": [*LONG, "住所"]}, {"purpose": "い" * 1_001}, {"basis": "nothing"}):
        assert corrected(corridor, one, **changes).status == 422
    longer = corrected(corridor, one, principals=[{**PERSON, "name": "あ" * 1_001}])
    assert longer.status == 422
    # Once it is shortened the bound is that of every record.
    assert corrected(corridor, one, items=["住所"], principals=[PERSON]).status == 200
    assert corrected(corridor, one, items=LONG).status == 422
    state = inside_of(corridor).group.call(
        lambda ledger, _: ledger.streams.transfer_state(UUID(one))
    )
    assert state is not None
    assert state.record is not None
    assert state.record.data["purpose"] == "い" * 900


Kept = dict[str, Json]


def test_what_a_change_keeps_is_cut_for_the_check_alone() -> None:
    before: Kept = {"items": list(LONG), "purpose": "い" * 30_000, "direction": "provided"}
    after: Kept = {**before, "direction": "received"}
    looked_at = with_short_texts(before, after, {"direction"})
    assert looked_at["direction"] == "received"
    assert len(orjson.dumps(looked_at)) < CHARACTERS_MAX
    assert after["items"] == LONG
    assert with_short_texts(before, {**after, "items": [*LONG, "住所"]}, {"items"}) != looked_at
    short: Kept = {"items": ["住所"], "purpose": "い" * 600}
    assert with_short_texts(short, short, ()) == short
