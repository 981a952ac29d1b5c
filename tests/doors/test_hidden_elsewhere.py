"""What is hidden under Order 11 is told by no other door: repeats, findings, numbers, dead keys."""

from io import StringIO
from typing import Any

import pytest

from tests.database import Database
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.exporting import asked, fetched, make_all
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.doors.test_exclusions import exclude, lift
from tests.doors.test_histories import let_die

MISSING = "OMISSION_BASE_NOT_RETAINED"
UNKNOWN = "00000000-0000-8000-8000-000000000000"


def marking(corridor: Corridor) -> str:
    return corridor.key("events:write", "records:exclude", source=SOURCE)


def sent(corridor: Corridor, given: dict[str, Any], **member: object) -> Answer:
    return corridor.send({**given, **member}, key=marking(corridor))


def test_a_mark_that_comes_after_the_record_is_refused_and_not_dropped(corridor: Corridor) -> None:
    given = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    first = corridor.send(given).body["results"][0]
    refused = sent(corridor, given, order_11="i")
    assert (refused.status, refused.code) == (409, "MARK_DIFFERS")
    assert refused.errors == {"/items/0/order_11": "MARK_DIFFERS"}
    assert (refused.body["position"], refused.body["transfer"]) == (
        first["position"],
        first["transfer"],
    )
    assert "/v1/exclusions" in refused.body["detail"]
    # Who sends it without a mark, or may not mark, is told what was told before.
    for answer in (sent(corridor, given), corridor.send(given)):
        assert answer.body["results"][0]["status"] == "duplicate"
    assert corridor.send({**given, "order_11": "i"}).code == "SCOPE_MISSING"


# -- bases and sources -------------------------------------------------------------------------


def taking(base: str, *others: str) -> dict[str, Any]:
    return provision(
        base_record=base,
        omitted_items=["ITEMS"],
        derived_from=[base, *others] if others else [base],
    )


def findings(corridor: Corridor, data: dict[str, Any], source: str) -> list[str]:
    """What sending it would find, by check and by sending."""
    key = corridor.key("events:write", "events:read.own", source=source)
    items = {"items": [{"source": source, "id": fresh_id(), "data": data}]}
    checked = corridor.ask("POST", "/v1/transfers/check", items, key=key).body["results"][0]
    recorded = corridor.ask("POST", "/v1/transfers", items, key=key).body["results"][0]
    assert checked["findings"] == recorded["findings"]
    return recorded["findings"]


def test_a_hidden_record_is_no_base_for_another_emitter_and_stays_one_for_its_own(
    corridor: Corridor,
) -> None:
    base = corridor.record(provision())
    told = {
        source: findings(corridor, taking(base["transfer"]), source)
        for source in (SOURCE, SOURCE + "/part", OTHER_SOURCE)
    }
    assert MISSING not in told[OTHER_SOURCE]
    exclude(corridor, base["transfer"])
    unknown = findings(corridor, taking(UNKNOWN), OTHER_SOURCE)
    assert findings(corridor, taking(base["transfer"]), OTHER_SOURCE) == unknown
    assert MISSING in unknown
    # An answer that changed would tell the emitter that this one was excluded.
    for named in (base["transfer"], base["id"]):
        assert findings(corridor, taking(named), SOURCE) == told[SOURCE]
    lift(corridor, base["transfer"])
    assert findings(corridor, taking(base["transfer"]), OTHER_SOURCE) == told[OTHER_SOURCE]


def test_an_officer_does_not_learn_by_a_correction_that_a_hidden_record_is_there(
    corridor: Corridor,
) -> None:
    hidden = corridor.record(provision())["transfer"]
    exclude(corridor, hidden)
    named = {"base_record": hidden, "omitted_items": ["ITEMS"]}

    def told(key: str, base: str) -> list[str]:
        one = corridor.record(provision())["transfer"]
        body = {"changes": {**named, "base_record": base}, "reason": "省略した"}
        path = f"/v1/transfers/{one}"
        assert corridor.ask("POST", f"{path}/corrections", body, key=key).status == 200
        return corridor.ask("GET", f"{path}?reason=inspection", key=key).body["findings"]

    officer = corridor.key("records:write", label="officer")
    chief = corridor.key("records:write", "records:exclude", label="chief")
    assert told(officer, hidden) == told(officer, UNKNOWN) == [MISSING]
    assert MISSING not in told(chief, hidden)
    lift(corridor, hidden)


# -- dead records --------------------------------------------------------------------------------


def test_a_dead_record_is_gone_for_the_chief_and_unknown_to_everybody_else(
    database: Database,
) -> None:
    given = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    with open_doors(database.urls) as corridor:
        plain = corridor.send(given).body["results"][0]
        marked = sent(corridor, {**given, "id": fresh_id()}, order_11="i").body["results"][0]
    for one in (plain, marked):
        let_die(database, one["position"])
    with open_doors(database.urls) as corridor:
        officer = corridor.key("records:write", label="officer")
        chief = corridor.key("records:write", "records:exclude", label="chief")
        for one in (plain, marked):
            path = f"/v1/transfers/{one['transfer']}"
            assert corridor.ask("GET", f"{path}?reason=inspection", key=officer).status == 404
            assert corridor.ask("GET", f"{path}?reason=inspection", key=chief).status == 410
            corridor.officer(f"{path}/retraction", {"reason": "duplicate"}, 404)
            corridor.officer("/v1/holds", {"transfer": one["transfer"], "reason": "訴訟"}, 404)


# -- numbers and lines ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_number_and_no_line_tells_of_a_request_to_exclude(
    corridor: Corridor, log_lines: StringIO, method: str
) -> None:
    key = corridor.key("records:exclude", "records:write", label="chief")
    begin = len(log_lines.getvalue())
    body = {"action": "lift", "transfers": [UNKNOWN], "reason": "なし"}
    corridor.ask(method, "/v1/exclusions", body if method == "POST" else None, key=key)
    corridor.ask("GET", "/v1/exclusions", key=None)
    assert '"/v1/exclusions"' not in log_lines.getvalue()[begin:]
    metrics = corridor.client.get("/metrics").text
    assert "ledger_http_request_seconds" in metrics
    assert "/v1/exclusions" not in metrics


def test_a_bag_that_was_made_before_an_exclusion_is_handed_out_as_it_was(
    corridor: Corridor,
) -> None:
    """As docs/how-to/exclude-records.md says: it is to be treated as sent."""
    one = corridor.record(provision())["transfer"]
    export = asked(corridor, reason="x")["export"]
    make_all(corridor)
    before = fetched(corridor, export)
    assert before.status_code == 200
    exclude(corridor, one)
    assert fetched(corridor, export).content == before.content
