"""The list of acts beside a plain bag tells no auditor that somebody is hidden in a record.

Attack: a record is excluded for one of its persons (Order 11), so a plain bag leaves it out; an
auditor looks for it in the list of acts, and a keeper tries by a repair who stands in it.
Held off by: acts are listed, and repairs answered, of records alone that an export of all persons
shows (`Streams.hidden_in_part`).
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest

from api.auth import Scope
from ledger.accesses.acts import ActFilter, Acts, ActsPage
from ledger.service import Ledger
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.exporting import asked, fetched, inside_of, make_all, state
from tests.doors.samples import SOURCE, provision, today
from tests.doors.test_exclusions import chief, exclude
from tests.doors.test_exclusions_of_one import of, recorded, seen


def correct(corridor: Corridor, transfer: str, **changes: object) -> None:
    body = {"changes": changes, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", body)


def acts_of(corridor: Corridor, *, sees_all: bool) -> set[str]:
    """The records of all acts that are listed."""

    def page(ledger: Ledger, _: object) -> ActsPage:
        acts, head = Acts(ledger.streams), ledger.streams.reads.head()
        return acts.page(ActFilter(), 0, head, 500, includes_hidden=sees_all)

    return {str(one.transfer) for one in inside_of(corridor).group.call(page).acts}


def exported(corridor: Corridor) -> bytes:
    """What a plain bag of all records says."""
    export = asked(corridor, reason="x")["export"]
    make_all(corridor)
    assert state(corridor, export)["made"]
    with zipfile.ZipFile(io.BytesIO(fetched(corridor, export).content)) as bag:
        return b"".join(bag.read(name) for name in bag.namelist())


def test_no_act_is_listed_of_a_record_that_a_plain_bag_leaves_out(corridor: Corridor) -> None:
    hidden = recorded(corridor, "CNRY-A1", "CNRY-A2")["transfer"]
    moved = recorded(corridor, "CNRY-A3", "CNRY-A4")["transfer"]
    shown = recorded(corridor, "CNRY-A5", "CNRY-A6")["transfer"]
    for one in (hidden, shown):
        correct(corridor, one, items=["住所"])
    assert exclude(corridor, hidden, principal=of("CNRY-A1")).status == 200
    assert exclude(corridor, moved, principal=of("CNRY-A3")).status == 200
    # Who was hidden stands in it no more; the bag leaves it out all the same.
    key = chief(corridor)
    body = {"changes": {"principals": [of("CNRY-A4")]}, "reason": "取り違え"}
    answer = corridor.ask("POST", f"/v1/transfers/{moved}/corrections", body, key=key)
    assert answer.status == 200, answer.text
    assert {hidden, moved, shown} <= acts_of(corridor, sees_all=True)
    told, bag = acts_of(corridor, sees_all=False), exported(corridor)
    for one, is_told in ((hidden, False), (moved, False), (shown, True)):
        assert (one in told, one.encode() in bag) == (is_told, is_told)


def test_a_repair_tells_nobody_that_a_guess_of_all_persons_is_right(corridor: Corridor) -> None:
    data = provision(principals=[of("CNRY-G1"), of("CNRY-G2")])
    one = corridor.record(data)
    assert exclude(corridor, one["transfer"], principal=of("CNRY-G1")).status == 200
    sent = {"source": one["source"], "id": one["id"]}
    kept = corridor.send({**sent, "data": provision(items=[])}).body["quarantine"]
    key = corridor.key("quarantine:write", label="keeper")
    for people in (data["principals"], [of("CNRY-G2")], [of("CNRY-G2"), of("CNRY-G3")]):
        guess = {**sent, "data": {**data, "principals": people}}
        answer = corridor.ask("POST", f"/v1/quarantine/{kept}/repair", guess, key=key)
        assert (answer.status, answer.errors) == (422, {"/id": "REPAIR_KNOWN"})


MISSING, DIFFERENT = "OMISSION_BASE_NOT_RETAINED", "OMISSION_BASE_DIFFERENT"


def people(*ids: str) -> list[dict[str, Any]]:
    return [{**of(one), "name": f"見本 {one}"} for one in ids]


def taking(base: str, *ids: str) -> dict[str, Any]:
    """A record of some persons that leaves them out, for they stand in its base."""
    return provision(principals=people(*ids), base_record=base, omitted_items=["PRINCIPAL"])


def repaired(
    corridor: Corridor, malformed_item: dict[str, Any], data: dict[str, Any]
) -> Sequence[str]:
    """The findings of a malformed_item item in the form that a keeper gives it."""
    item: dict[str, Any] = {
        "source": SOURCE,
        "id": fresh_id(),
        "data": {**malformed_item, "items": []},
    }
    kept = corridor.send(item).body["quarantine"]
    key = corridor.key("quarantine:write", label="keeper")
    path = f"/v1/quarantine/{kept}/repair"
    answer = corridor.ask("POST", path, {**item, "data": data}, key=key)
    assert answer.status == 200, answer.text
    return answer.body["findings"]


def corrected(corridor: Corridor, transfer: str, *ids: str) -> Sequence[str]:
    """The findings of a record whose persons an officer has corrected."""
    body = {"changes": {"principals": people(*ids)}, "reason": "取り違え"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", body)
    key = corridor.key("records:write", label="officer")
    path = f"/v1/transfers/{transfer}?reason=inspection"
    return corridor.ask("GET", path, key=key).body["findings"]


def test_a_base_that_a_keeper_adds_is_not_there_when_it_is_hidden(corridor: Corridor) -> None:
    """Attack: a keeper repairs a rejected item, and an officer corrects a record, so that it leaves
    the persons out (`omitted_items`) and names a record as its base that is hidden from them
    (Order 11), and guesses the persons: the finding would say whether the guess is right.
    Held off by: a key that the emitter did not state finds no hidden record, and a value that
    the emitter did not state is compared with nothing that is hidden
    (`ledger.transfers.verdict_inputs`).
    """
    base = recorded(corridor, "CNRY-B1")
    exclude(corridor, base["transfer"])
    never = repaired(corridor, provision(), taking("never-was", "CNRY-B1"))
    assert MISSING in never
    for named in (base["id"], base["transfer"]):
        for guess in ("CNRY-B1", "CNRY-B9"):
            assert repaired(corridor, provision(), taking(named, guess)) == never


def test_persons_that_a_keeper_states_are_not_compared_with_hidden_ones(
    corridor: Corridor,
) -> None:
    base = recorded(corridor, "CNRY-B2", "CNRY-B3")
    exclude(corridor, base["transfer"], for_all_persons=True)
    malformed_item = taking(base["id"], "CNRY-B3")
    right, wrong = (
        repaired(corridor, malformed_item, taking(base["id"], guess))
        for guess in ("CNRY-B2", "CNRY-B9")
    )
    assert right == wrong
    # What the emitter itself stated is answered as to the emitter.
    assert repaired(corridor, malformed_item, malformed_item) == []
    own = taking(base["id"], "CNRY-B9")
    assert DIFFERENT in repaired(corridor, own, own)


def test_persons_that_an_officer_states_are_not_compared_with_hidden_ones(
    corridor: Corridor,
) -> None:
    base = recorded(corridor, "CNRY-B4", "CNRY-B5")
    taken = corridor.record(taking(base["id"], "CNRY-B5"))
    assert taken["findings"] == []
    exclude(corridor, base["transfer"], for_all_persons=True)
    told = [corrected(corridor, taken["transfer"], who) for who in ("CNRY-B9", "CNRY-B4")]
    assert told[0] == told[1]
    assert corrected(corridor, taken["transfer"], "CNRY-B5") == []


def test_a_base_with_one_hidden_person_answers_as_if_that_one_were_not_in_it(
    corridor: Corridor,
) -> None:
    base, plain = recorded(corridor, "CNRY-B6", "CNRY-B7"), recorded(corridor, "CNRY-B7")
    exclude(corridor, base["transfer"], principal=of("CNRY-B6"))
    guesses = ("CNRY-B6", "CNRY-B9", "CNRY-B7")
    told: list[list[Sequence[str]]] = []
    for one in (base, plain):
        taken = corridor.record(taking(one["id"], "CNRY-B7"))["transfer"]
        told.append([corrected(corridor, taken, guess) for guess in guesses])
    assert told[0] == told[1]
    assert [DIFFERENT in found for found in told[0]] == [True, True, False]


def test_persons_beside_a_hidden_one_are_compared_as_if_that_one_were_not_there(
    corridor: Corridor,
) -> None:
    """Attack: somebody is hidden (Order 11) in a record that takes its persons from a base, and in
    the base or not; an officer who knows of nobody hidden corrects the persons, and compares what
    the finding says with a record in which nobody is hidden.
    Held off by: who is not seen is compared with nothing (`ledger.policies.context`).
    """
    guesses = (("CNRY-C1", "CNRY-C9"), ("CNRY-C1", "CNRY-C3"), ("CNRY-C1",))
    plain = recorded(corridor, "CNRY-C1", "CNRY-C3")["id"]
    taken = corridor.record(taking(plain, "CNRY-C1"))["transfer"]
    expected = [corrected(corridor, taken, *guess) for guess in guesses]
    assert [DIFFERENT in found for found in expected] == [True, False, False]
    for is_hidden_in_base in (True, False):
        base = recorded(corridor, "CNRY-C1", "CNRY-C2", "CNRY-C3")
        taken = corridor.record(taking(base["id"], "CNRY-C1", "CNRY-C2"))["transfer"]
        for one in (taken, base["transfer"])[: 1 + is_hidden_in_base]:
            assert exclude(corridor, one, principal=of("CNRY-C2")).status == 200
        assert [corrected(corridor, taken, *guess) for guess in guesses] == expected


def test_a_change_of_nothing_is_refused_though_it_would_change_a_hidden_line(
    corridor: Corridor,
) -> None:
    """Attack: of a person who is hidden in a record (Order 11) a stop comes in late; an officer
    sends the items as they are, which is refused where nobody is hidden.
    Held off by: what would change hidden lines alone is refused alike
    (`ledger.transfers.correction`).
    """
    data = provision(principals=people("CNRY-N1", "CNRY-N2"))
    one = corridor.record(data)["transfer"]
    assert exclude(corridor, one, principal=of("CNRY-N1")).status == 200
    stop = {"principal": of("CNRY-N1"), "kind": "consent_withdrawn", "day": today()}
    corridor.officer("/v1/directives", stop)
    body = {"changes": {"items": data["items"]}, "reason": "誤記"}
    path = f"/v1/transfers/{one}/corrections"
    answer = corridor.ask("POST", path, body, key=officer(corridor))
    assert (answer.status, answer.body["code"]) == (409, "NOTHING_TO_CHANGE")
    # For who knows of the person, it is a change.
    assert corridor.ask("POST", path, body, key=chief(corridor)).status == 200


def officer(corridor: Corridor) -> str:
    return corridor.key("records:write", label="officer")


def hidden_in_between(corridor: Corridor, hidden: str, other: str, **more: Any) -> str:  # noqa: ANN401 -- members
    """A record of two; the line of one was corrected before that one was hidden."""
    one = recorded(corridor, hidden, other, **more)["transfer"]
    renamed = [{**of(hidden), "name": "神楽坂 金糸雀"}, {**of(other), "name": f"見本 {other}"}]
    correct(corridor, one, principals=renamed)
    assert exclude(corridor, one, principal=of(hidden)).status == 200
    return one


def versions(shown: dict[str, Any]) -> list[int]:
    return [one["version"] for one in shown["events"]]


def positions(shown: dict[str, Any]) -> list[int]:
    return [one["position"] for one in shown["events"]]


def settle(corridor: Corridor, transfer: str, version: int, key: str) -> int:
    body = {
        "codes": seen(corridor, transfer, key)["handling"]["findings"],
        "action": "reported",
        "reason": "報告した",
        "version": version,
    }
    path = f"/v1/transfers/{transfer}/findings/settled"
    return corridor.ask("POST", path, body, key=key).status


def test_versions_and_positions_have_no_gap_where_a_hidden_line_was_corrected(
    corridor: Corridor,
) -> None:
    """Attack: a person of a record is excluded (Order 11) after the record was corrected for that
    person; an officer compares versions, positions in histories and what a stated version is
    answered.
    Held off by: what happened is numbered after exclusion, and what officers send is compared
    with that (`ledger.exclusions.visible_events`).
    """
    one = hidden_in_between(corridor, "CNRY-V1", "CNRY-V2")
    correct(corridor, one, items=["氏名"])
    told = seen(corridor, one, officer(corridor))
    assert versions(told) == [1, 2]
    [entry] = corridor.history(("member", "CNRY-V2"))["provisions"]
    assert entry["positions"] == positions(told)
    whole = seen(corridor, one, chief(corridor))
    assert versions(whole) == [1, 2, 3]
    assert positions(told) == [positions(whole)[0], positions(whole)[2]]


def test_the_newest_version_that_is_shown_is_the_one_that_settles(corridor: Corridor) -> None:
    one = hidden_in_between(corridor, "CNRY-V3", "CNRY-V4", consent={"obtained": False})
    # Of the chief's findings the newest version is the whole transfer's.
    assert settle(corridor, one, 1, chief(corridor)) == 409
    newest = max(versions(seen(corridor, one, officer(corridor))))
    assert settle(corridor, one, newest + 1, officer(corridor)) == 409
    assert settle(corridor, one, newest, officer(corridor)) == 200
    assert versions(seen(corridor, one, officer(corridor))) == [1, 2]
    assert settle(corridor, one, 3, chief(corridor)) == 200


KEEPER = ("quarantine:write",)


def malformed_item(corridor: Corridor, **members: object) -> tuple[str, dict[str, Any]]:
    """Where a malformed item is kept, and the item."""
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[]), **members}
    given = {member: value for member, value in item.items() if value is not None}
    return corridor.send(given).body["quarantine"], given


def repair(corridor: Corridor, kept: str, item: object) -> Answer:
    key = corridor.key(*KEEPER, label="first")
    return corridor.ask("POST", f"/v1/quarantine/{kept}/repair", item, key=key)


def waits(corridor: Corridor, kept: str) -> bool:
    key = corridor.key(*KEEPER, label="first")
    page = corridor.ask("GET", "/v1/quarantine?limit=100", key=key).body
    assert page["cursor"] is None
    return kept in {one["id"] for one in page["items"]}


def test_an_item_is_not_repaired_as_another_transfer(corridor: Corridor) -> None:
    """Attack: a keeper of rejected items states another transfer in place of the item, one that
    stands already or one under another key; or tries by repairs, or by what leaves the list,
    whether a record is hidden (Order 11).
    Held off by: a repair keeps the source and id of the item, and what was recorded before lets
    go of no item that does not state its key; whoever may not exclude gets one answer for every
    key that is known, and an item leaves the list alike, and without the name of its transfer,
    whether that is shown or hidden (`api.resources.quarantine.repair`,
    `ledger.quarantine.recorded_since`).
    """
    stands = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    assert corridor.send(stands).status == 200
    for another in (stands, {**stands, "id": fresh_id()}):
        kept, _ = malformed_item(corridor)
        refused = repair(corridor, kept, another)
        assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_OF_ANOTHER"})
        assert waits(corridor, kept)


def test_an_item_without_an_id_is_not_let_go_for_a_transfer_that_stands(
    corridor: Corridor,
) -> None:
    stands = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    assert corridor.send(stands).status == 200
    kept, _ = malformed_item(corridor, id=None)
    refused = repair(corridor, kept, stands)
    assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_KNOWN"})
    assert waits(corridor, kept)
    assert repair(corridor, kept, {**stands, "id": fresh_id()}).body["status"] == "recorded"


def known(corridor: Corridor, item: dict[str, Any], how: str) -> None:
    """Something is recorded under the key of the item, and shown or hidden."""
    marker = corridor.key("events:write", "records:exclude", source=SOURCE, label="marker")
    mark = {"order_11": "ii"} if how == "marked" else {}
    body = {"items": [{**item, "data": provision(items=["氏名"]), **mark}]}
    answer = corridor.ask("POST", "/v1/transfers", body, key=marker)
    assert answer.status == 200, answer.text
    if how == "excluded":
        [result] = answer.body["results"]
        assert exclude(corridor, result["transfer"]).status == 200


KNOWN = ("shown", "marked", "excluded")


@pytest.mark.parametrize("items", [["氏名"], ["住所"]], ids=["the same", "other content"])
@pytest.mark.parametrize("when", ["before", "since"])
def test_a_repair_tells_alike_of_what_is_shown_and_of_what_is_hidden(
    corridor: Corridor, items: list[str], when: str
) -> None:
    for how in KNOWN:
        item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
        if when == "before":
            known(corridor, item, how)
        kept = corridor.send(item).body["quarantine"]
        if when == "since":
            known(corridor, item, how)
        refused = repair(corridor, kept, {**item, "data": provision(items=items)})
        assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_KNOWN"}), how
        assert not {"transfer", "position", "lawful"} & refused.body.keys(), how
        assert waits(corridor, kept) is (when == "before"), how


def test_the_lists_tell_alike_of_what_was_recorded_since_shown_or_hidden(
    corridor: Corridor,
) -> None:
    def since(*scopes: Scope) -> dict[str, Any]:
        key = corridor.key("quarantine:write", *scopes, label="since")
        items = corridor.ask("GET", "/v1/quarantine/recorded-since", key=key).body["items"]
        return {one["id"]: one for one in items}

    rest: list[dict[str, Any]] = []
    for how in KNOWN:
        kept, item = malformed_item(corridor)
        known(corridor, item, how)
        assert not waits(corridor, kept), how
        told = since()[kept]
        assert "transfer" in since("records:exclude")[kept], how
        rest.append({one: told[one] for one in told if one not in ("id", "received_at")})
    assert rest == [rest[0]] * len(KNOWN)
    assert rest[0].keys() == {"codes", "attempts", "state"}


def test_an_item_that_was_settled_is_listed_as_before_once_its_transfer_is_excluded(
    corridor: Corridor,
) -> None:
    kept, item = malformed_item(corridor)
    sent = corridor.send({**item, "data": provision()}).body["results"][0]
    assert not waits(corridor, kept)
    key = corridor.key(*KEEPER, label="first")
    before = corridor.ask("GET", "/v1/quarantine/recorded-since", key=key).body
    assert kept in {one["id"] for one in before["items"]}
    assert exclude(corridor, sent["transfer"]).status == 200
    assert corridor.ask("GET", "/v1/quarantine/recorded-since", key=key).body == before
