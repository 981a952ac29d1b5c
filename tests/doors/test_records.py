"""Correcting, reclassifying, retracting; and what histories show afterwards."""

from datetime import timedelta
from typing import Any

from api.auth import Scope
from ledger.clock import day_in_japan, now
from tests.canary import CONTRACT, EVIDENCE, MEMBER, NAME, OTHER_NAME
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import PERSON, SOURCE, provision, today
from tests.doors.test_exclusions import exclude


def person(id_: str) -> dict[str, str]:
    return {"scheme": "member", "id": id_, "name": NAME}


def path(result: dict[str, Any], what: str = "corrections") -> str:
    return f"/v1/transfers/{result['transfer']}/{what}"


def shown(corridor: Corridor, result: dict[str, Any]) -> dict[str, Any]:
    return corridor.ask(
        "GET",
        f"/v1/transfers/{result['transfer']}?reason=inspection",
        key=corridor.key("records:write"),
    ).body


def test_a_correction_replaces_members_and_the_old_fact_stays(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-C1")]))
    change = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corrected = corridor.officer(path(first), change)
    assert corrected["position"] > first["position"]
    state = shown(corridor, first)
    assert state["data"]["items"] == ["氏名", "住所"]
    assert [one["type"] for one in state["events"]] == ["provision-recorded", "transfer-corrected"]
    [now] = corridor.history(("member", "CNRY-C1"))["provisions"]
    assert {"code": "ITEMS", "value": ["氏名", "住所"]} in now["statutory"]
    assert now["positions"] == [first["position"], corrected["position"]]
    assert now["position"] == first["position"]
    [then] = corridor.history(("member", "CNRY-C1"), as_of=first["position"])["provisions"]
    assert {"code": "ITEMS", "value": ["氏名", "ご利用履歴"]} in then["statutory"]
    assert then["positions"] == [first["position"]]


def test_a_wrong_person_is_corrected_and_loses_the_record(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-WRONG"), person("CNRY-OTHER")]))
    right = [person("CNRY-RIGHT"), person("CNRY-OTHER")]
    corridor.officer(path(first), {"changes": {"principals": right}, "reason": "人違い"})
    assert corridor.history(("member", "CNRY-WRONG"))["provisions"] == []
    [entry] = corridor.history(("member", "CNRY-RIGHT"))["provisions"]
    assert entry["transfer"] == first["transfer"]
    assert "CNRY-OTHER" not in str(entry)
    [before] = corridor.history(("member", "CNRY-WRONG"), as_of=first["position"])["provisions"]
    assert before["transfer"] == first["transfer"]
    assert corridor.history(("member", "CNRY-RIGHT"), as_of=first["position"])["provisions"] == []


def test_a_reclassification_moves_a_record_to_another_heading(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-RECLASSIFIED")]))
    what = {"basis": "entrustment_27_5_i", "changes": {"consent": None}, "reason": "委託だった"}
    corridor.officer(path(first, "reclassifications"), what)
    found = corridor.history(("member", "CNRY-RECLASSIFIED"))
    assert found["provisions"] == []
    [entry] = found["voluntary_entries"]
    assert entry["duty"] == "none"
    assert entry["statutory"] == []
    body = corridor.officer(
        path(first, "reclassifications"), {"basis": "hope", "reason": "誤り"}, 422
    )
    assert body["errors"][0]["pointer"] == "/basis"


def test_a_retracted_record_stands_apart_and_takes_nothing_more(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-RETRACTED")]))
    retraction = {"reason": "not_occurred", "note": "送らなかった"}
    corridor.officer(path(first, "retraction"), retraction)
    found = corridor.history(("member", "CNRY-RETRACTED"))
    assert found["provisions"] == []
    [entry] = found["retracted_entries"]
    assert entry["retracted"] == "not_occurred"
    assert corridor.officer(path(first, "retraction"), retraction, 409)["code"] == (
        "ALREADY_RETRACTED"
    )
    change = {"changes": {"items": ["氏名"]}, "reason": "誤り"}
    assert corridor.officer(path(first), change, 409)["code"] == "ALREADY_RETRACTED"
    [then] = corridor.history(("member", "CNRY-RETRACTED"), as_of=first["position"])["provisions"]
    assert then["transfer"] == first["transfer"]


# -- Settling findings: who may, what is refused, and that no answer but the work list changes --


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


def shown_of_settling(corridor: Corridor, transfer: str) -> dict[str, Any]:
    path = f"/v1/transfers/{transfer}?reason=inspection"
    return corridor.ask("GET", path, key=corridor.key("records:write", label="officer")).body


def stopped(corridor: Corridor, who: str) -> None:
    body = {"principal": person(who), "kind": "consent_withdrawn", "day": "2026-01-01"}
    corridor.officer("/v1/directives", {**body, "principal": {"scheme": "member", "id": who}})


def test_what_was_done_stands_in_the_transfer_and_in_no_history(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-F1")], **LAWLESS))
    before = corridor.history(("member", "CNRY-F1"))
    answer = settle(corridor, first["transfer"], REPORTED)
    assert answer.status == 200, answer.text
    position = answer.body["position"]
    now = shown_of_settling(corridor, first["transfer"])
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
    assert shown_of_settling(corridor, first["transfer"])["handling"]["open"] == [
        "CONSENT_WITHDRAWN"
    ]
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
    seen = shown_of_settling(corridor, transfer)["events"][-1]["version"]
    change = {"changes": {"items": ["氏名"]}, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", change)
    answer = settle(corridor, transfer, {**REPORTED, "version": seen})
    assert (answer.status, answer.code) == (409, "STREAM_MOVED")
    assert shown_of_settling(corridor, transfer)["handling"]["open"] == [CODE]
    newest = shown_of_settling(corridor, transfer)["events"][-1]["version"]
    assert settle(corridor, transfer, {**REPORTED, "version": newest}).status == 200


# -- A collective record at the doors: no answer tells of a message that is hidden (Order 11) --


def day(n: int) -> str:
    return (day_in_japan(now()) - timedelta(days=20 - n)).isoformat()


def message(series: str, who: str, **days: object) -> dict[str, Any]:
    members = {"method": "collective", "series_id": series, "transferred_on": None, **days}
    data = provision(principals=[{"scheme": "member", "id": who}], **members)
    return {name: value for name, value in data.items() if name == "transferred_to" or value}


def answers(corridor: Corridor, *, hidden: bool, own: bool = False, sent: bool = True) -> str:
    """All that is told of a person's messages, beside a closing that may be hidden.

    Args:
        own: whether it is a message of the same person.
    """
    name = f"s-{fresh_id()}"
    who = f"CNRY-{name}"
    opened = corridor.record(message(name, who, transferred_from=day(0), transferred_to=None))
    if sent:
        whose = who if own else f"{who}-2"
        closing = message(name, whose, transferred_from=day(0), transferred_to=day(2))
        key = corridor.key("events:write", "records:exclude", source=SOURCE)
        mark = {"order_11": "ii"} if hidden else {}
        item = {"source": SOURCE, "id": fresh_id(), "data": closing, **mark}
        assert corridor.send(item, key=key).status == 200
    later = message(name, who, transferred_on=day(4))
    checked = corridor.ask(
        "POST",
        "/v1/transfers/check",
        {"items": [{"source": SOURCE, "id": fresh_id(), "data": later}]},
        key=corridor.emitter,
    ).body["results"][0]
    second = corridor.record(later)
    [entry] = corridor.history(("member", who))["provisions"]
    officer = corridor.key("records:write")
    told: list[object] = [entry["statutory"], entry["rest"], entry["retain_through"]]
    for one in (opened, second):
        shown = corridor.ask(
            "GET", f"/v1/transfers/{one['transfer']}?reason=inspection", key=officer
        ).body
        told += [shown["retain_through"], [event["type"] for event in shown["events"]]]
    told += [checked["retain_through"], second["retain_through"]]
    return str(told).replace(name, "NAME")


def test_no_answer_tells_whether_a_closing_of_another_is_hidden(corridor: Corridor) -> None:
    assert answers(corridor, hidden=True) == answers(corridor, hidden=False)


def test_a_hidden_closing_of_the_person_changes_no_answer(corridor: Corridor) -> None:
    found = answers(corridor, hidden=True, own=True)
    assert found == answers(corridor, hidden=True, sent=False)


# -- Holds: placed by officers, released by the chief, and their persons for few eyes --


REASON = "訴訟の提起"
REFERENCE = "令和8年(ワ)第1234号"
WHO = {"scheme": PERSON["scheme"], "id": MEMBER}


def place(corridor: Corridor, body: object, status: int = 200) -> dict[str, Any]:
    return corridor.officer("/v1/holds", body, status)


def release(corridor: Corridor, hold: object, **headers: str) -> Answer:
    key = corridor.key("records:exclude", label="chief")
    body = {"reason": "和解の成立"}
    return corridor.ask("POST", f"/v1/holds/{hold}/release", body, key=key, headers=headers)


def listed(corridor: Corridor, *scopes: Scope, query: str = "") -> dict[str, Any]:
    answer = corridor.ask("GET", f"/v1/holds{query}", key=corridor.key(*scopes))
    assert answer.status == 200, answer.text
    return answer.body


def one(corridor: Corridor, hold: object, *scopes: Scope) -> dict[str, Any]:
    [found] = [h for h in listed(corridor, *scopes)["holds"] if h["hold"] == hold]
    return found


def test_a_transfer_is_held_and_released(corridor: Corridor) -> None:
    transfer = corridor.record(provision())["transfer"]
    body = {"transfer": transfer, "reason": REASON, "reference": REFERENCE}
    placed = place(corridor, body)
    assert place(corridor, body, 409)["code"] == "ALREADY_STANDS"
    found = one(corridor, placed["hold"], "records:write")
    assert found["kind"] == "transfer"
    assert found["released_at"] is None
    assert (found["transfer"], found["reason"]) == (transfer, REASON)
    assert found["reference"] == REFERENCE
    released = release(corridor, placed["hold"])
    assert released.status == 200
    assert released.body["position"] > placed["position"]
    assert one(corridor, placed["hold"], "records:write")["released_at"] is not None
    assert release(corridor, placed["hold"]).code == "DOES_NOT_STAND"


def test_persons_are_named_to_officers_alone_and_that_look_is_on_record(
    corridor: Corridor,
) -> None:
    placed = place(corridor, {"identifiers": [WHO], "reason": REASON})
    told = listed(corridor, "audit:read")
    [seen] = [h for h in told["holds"] if h["hold"] == placed["hold"]]
    assert set(seen) == {"hold", "position", "placed_at", "released_at", "kind"}
    assert seen["kind"] == "persons"
    assert "viewed_at_position" not in told
    head = corridor.head()
    whole = listed(corridor, "records:write")
    [seen] = [h for h in whole["holds"] if h["hold"] == placed["hold"]]
    assert seen["identifiers"] == [WHO]
    assert whole["viewed_at_position"] == head + 1
    newest = "SELECT topic FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
    assert corridor.fetch(newest) == [("history-viewed",)]


def test_holds_come_in_pages_newest_first_and_all_of_them(corridor: Corridor) -> None:
    placed = [place(corridor, {"identifiers": [WHO], "reason": f"第{n}号"}) for n in range(3)]
    everything = [h["hold"] for h in listed(corridor, "audit:read")["holds"]]
    assert everything[:3] == [h["hold"] for h in reversed(placed)]
    found: list[str] = []
    query = "?limit=1"
    while True:
        page = listed(corridor, "audit:read", query=query)
        found += [h["hold"] for h in page["holds"]]
        if page["cursor"] is None:
            break
        query = f"?limit=1&cursor={page['cursor']}"
    assert found == everything
    release(corridor, placed[0]["hold"])
    standing = listed(corridor, "audit:read", query="?standing=true&limit=100")["holds"]
    assert placed[0]["hold"] not in {h["hold"] for h in standing}
    assert placed[1]["hold"] in {h["hold"] for h in standing}


# -- Links, unlinks, stops, lifts and names; what they do to histories and verdicts --


def ref(scheme: str, id_: str) -> dict[str, str]:
    return {"scheme": scheme, "id": id_}


def pair(a: tuple[str, str], b: tuple[str, str]) -> dict[str, Any]:
    return {"a": ref(*a), "b": ref(*b), "evidence": EVIDENCE}


def recorded(corridor: Corridor, scheme: str, id_: str) -> dict[str, Any]:
    return corridor.record(provision(principals=[{**ref(scheme, id_), "name": NAME}]))


def transfers(history: dict[str, Any]) -> set[str]:
    return {entry["transfer"] for entry in history["provisions"]}


def test_linked_identifiers_are_one_person_until_they_are_unlinked(corridor: Corridor) -> None:
    member, contract = ("member", "CNRY-L1"), ("contract", CONTRACT)
    one, two = recorded(corridor, *member), recorded(corridor, *contract)
    assert transfers(corridor.history(member)) == {one["transfer"]}
    linked = corridor.officer("/v1/links", pair(member, contract))
    for asked in (member, contract):
        found = corridor.history(asked)
        assert transfers(found) == {one["transfer"], two["transfer"]}
        assert {one["id"] for one in found["identifiers"]} == {member[1], contract[1]}
    before = corridor.history(member, as_of=linked["position"] - 1)
    assert transfers(before) == {one["transfer"]}
    assert CONTRACT not in str(before)
    assert corridor.officer("/v1/links", pair(contract, member), 409)["code"] == "ALREADY_STANDS"
    unlinked = corridor.officer("/v1/unlinks", pair(contract, member))
    assert unlinked["stream"] == linked["stream"]
    assert transfers(corridor.history(member)) == {one["transfer"]}
    assert transfers(corridor.history(member, as_of=linked["position"])) == {
        one["transfer"],
        two["transfer"],
    }
    assert corridor.officer("/v1/unlinks", pair(member, contract), 409)["code"] == "DOES_NOT_STAND"


def test_a_stop_finds_fault_with_later_transfers_until_it_is_lifted(corridor: Corridor) -> None:
    stop = {"principal": ref("member", "CNRY-STOP"), "kind": "consent_withdrawn", "day": today()}
    assert recorded(corridor, "member", "CNRY-STOP")["findings"] == []
    first = corridor.officer("/v1/directives", {**stop, "reference": "受付 17"})
    assert recorded(corridor, "member", "CNRY-STOP")["persons_with_findings"] == 1
    assert corridor.officer("/v1/directives", stop, 409)["code"] == "ALREADY_STANDS"
    lifted = corridor.officer("/v1/directives/lifted", stop)
    assert lifted["stream"] == first["stream"]
    assert "persons_with_findings" not in recorded(corridor, "member", "CNRY-STOP")
    assert corridor.officer("/v1/directives/lifted", stop, 409)["code"] == "DOES_NOT_STAND"


def test_a_new_name_stands_beside_the_records_which_keep_theirs(corridor: Corridor) -> None:
    recorded(corridor, "member", "CNRY-NAME")
    renamed = {"principal": ref("member", "CNRY-NAME"), "name": OTHER_NAME}
    corridor.officer("/v1/renames", renamed)
    found = corridor.history(("member", "CNRY-NAME"))
    assert found["names_since"] == [OTHER_NAME]
    [entry] = found["provisions"]
    principal = next(one["value"] for one in entry["statutory"] if one["code"] == "PRINCIPAL")
    assert principal == [{**ref("member", "CNRY-NAME"), "name": NAME}]
    assert corridor.officer("/v1/renames", renamed, 409)["code"] == "ALREADY_STANDS"
