"""Exclusions by HTTP: for the chief alone, at once, and unknown to everybody else."""

from typing import Any
from uuid import UUID

from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import provision

UNKNOWN = UUID(int=7, version=4)
REASON = "身体に危害が及ぶおそれ"


def person(id_: str) -> dict[str, Any]:
    return provision(principals=[{"scheme": "member", "id": id_}])


def chief(corridor: Corridor, label: str = "chief") -> str:
    return corridor.key("records:exclude", "records:write", label=label)


def send(corridor: Corridor, body: dict[str, Any], by: str = "chief", **headers: str) -> Answer:
    return corridor.ask("POST", "/v1/exclusions", body, key=chief(corridor, by), headers=headers)


def exclude(corridor: Corridor, *transfers: object, **members: object) -> Answer:
    body = {"action": "exclude", "transfers": list(transfers), "ground": "i", "reason": REASON}
    return send(corridor, {**body, **members})


def ask_to_lift(
    corridor: Corridor, *transfers: object, by: str = "chief", **members: object
) -> Answer:
    """One of the two requests that lift."""
    body = {"action": "lift", "transfers": list(transfers), "reason": "おそれがない"}
    return send(corridor, {**body, **members}, by=by)


def lift(corridor: Corridor, *transfers: object, **members: object) -> Answer:
    """Lift, as two chiefs ask for it; the second answer."""
    ask_to_lift(corridor, *transfers, by="chief", **members)
    return ask_to_lift(corridor, *transfers, by="second", **members)


def listed(corridor: Corridor) -> list[dict[str, Any]]:
    answer = corridor.ask("GET", "/v1/exclusions", key=chief(corridor))
    assert answer.status == 200, answer.text
    return answer.body["exclusions"]


def bare(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.body.items() if name != "instance"}


def test_an_excluded_transfer_is_unknown_at_every_door_until_it_is_lifted(
    corridor: Corridor,
) -> None:
    kept = corridor.record(person("CNRY-X1"))
    gone = corridor.record(person("CNRY-X1"))
    whole = corridor.history(("member", "CNRY-X1"))
    head = corridor.head()
    answer = exclude(corridor, gone["transfer"])
    assert answer.status == 200, answer.text
    where = {"first": gone["position"], "last": gone["position"]}
    named = [{"transfer": gone["transfer"], "persons": 1}]
    assert answer.body == {
        "positions": [where],
        "transfers": named,
        "waiting": [],
        "half_full": False,
    }
    assert corridor.head() == head
    shown = corridor.history(("member", "CNRY-X1"), as_of=head)
    assert [one["transfer"] for one in shown["provisions"]] == [kept["transfer"]]
    officer = corridor.key("records:write", label="officer")
    path = f"/v1/transfers/{gone['transfer']}"
    told = [
        corridor.ask("GET", f"{one}?reason=inspection", key=officer)
        for one in (path, f"/v1/transfers/{UNKNOWN}")
    ]
    assert [one.status for one in told] == [404, 404]
    assert bare(told[0]) == bare(told[1])
    corridor.officer(f"{path}/corrections", {"changes": {"items": ["氏名"]}, "reason": "誤記"}, 404)
    corridor.officer(f"{path}/retraction", {"reason": "duplicate"}, 404)
    decision = {"cause_position": 1, "reason": "遅れた停止"}
    corridor.officer(f"/v1/reassessments/{gone['transfer']}", decision, 404)
    corridor.officer("/v1/holds", {"transfer": gone["transfer"], "reason": "訴訟"}, 404)
    # Its own emitter would learn from an answer that changed that this one was excluded.
    assert corridor.ask("GET", f"{path}?reason=inspection", key=chief(corridor)).status == 200
    assert corridor.ask("GET", path, key=corridor.emitter).status == 200
    assert lift(corridor, gone["transfer"]).status == 200
    assert corridor.ask("GET", f"{path}?reason=inspection", key=officer).status == 200
    again = corridor.history(("member", "CNRY-X1"), as_of=whole["as_of"])
    assert again["provisions"] == whole["provisions"]


def test_a_hold_on_an_excluded_transfer_is_listed_to_the_chief_alone(corridor: Corridor) -> None:
    gone = corridor.record(person("CNRY-X2"))
    body = {"transfer": gone["transfer"], "reason": "訴訟"}
    hold = corridor.ask("POST", "/v1/holds", body, key=chief(corridor)).body["hold"]
    officer = corridor.key("records:write", label="officer")

    def seen(key: str) -> bool:
        holds = corridor.ask("GET", "/v1/holds?limit=100", key=key).body["holds"]
        return hold in {one["hold"] for one in holds}

    assert seen(officer)
    exclude(corridor, gone["transfer"])
    assert (seen(officer), seen(chief(corridor))) == (False, True)
    lift(corridor, gone["transfer"])
    assert seen(officer)


def test_the_chief_reads_what_stands_with_who_and_why(corridor: Corridor) -> None:
    found = [corridor.record(person("CNRY-X3")) for _ in range(2)]
    exclude(corridor, found[1]["transfer"], ground="iv", reason="捜査への支障")
    [one] = listed(corridor)
    assert one["transfer"] == found[1]["transfer"]
    assert (one["first"], one["last"]) == (found[1]["position"], found[1]["position"])
    assert (one["ground"], one["reason"]) == ("iv", "捜査への支障")
    assert len(one["actor"]) == 32
    both = [{"first": found[0]["position"], "last": found[1]["position"]}]
    # Nobody has counted the persons of what is recorded between two positions.
    refused = exclude(corridor, positions=both)
    assert (refused.status, refused.errors) == (422, {"/positions/0": "SEVERAL_PERSONS"})
    assert exclude(corridor, positions=both, for_all_persons=True).status == 200
    all_of_it, second = tuple(both[0].values()), (found[1]["position"],) * 2
    assert [(one["first"], one["last"]) for one in listed(corridor)] == [all_of_it, second]
    refused = ask_to_lift(corridor, positions=both)
    assert (refused.status, refused.errors) == (422, {"/positions/0": "SEVERAL_PERSONS"})
    assert lift(corridor, positions=both, for_all_persons=True).status == 200
    assert listed(corridor) == []


def test_it_is_told_what_stands_already_and_what_does_not(corridor: Corridor) -> None:
    gone = corridor.record(person("CNRY-X4"))["transfer"]
    assert lift(corridor, gone).code == "DOES_NOT_STAND"
    beyond = [{"first": 10**6, "last": 10**6}]
    assert ask_to_lift(corridor, positions=beyond).code == "DOES_NOT_STAND"
    exclude(corridor, gone)
    assert exclude(corridor, gone).code == "ALREADY_STANDS"
    assert lift(corridor, gone).status == 200


def test_a_transfer_of_several_persons_goes_only_when_the_chief_says_so(
    corridor: Corridor,
) -> None:
    people = [{"scheme": "member", "id": f"CNRY-X6-{n}"} for n in range(3)]
    alone = corridor.record(person("CNRY-X6"))
    shared = corridor.record(provision(principals=people))
    refused = exclude(corridor, alone["transfer"], shared["transfer"])
    assert (refused.status, refused.errors) == (422, {"/transfers/1": "SEVERAL_PERSONS"})
    where = {"first": shared["position"], "last": shared["position"]}
    by_place = exclude(corridor, positions=[where])
    assert (by_place.status, by_place.errors) == (422, {"/positions/0": "SEVERAL_PERSONS"})
    assert listed(corridor) == []
    answer = exclude(corridor, alone["transfer"], shared["transfer"], for_all_persons=True)
    assert answer.status == 200, answer.text
    assert answer.body["transfers"] == [
        {"transfer": alone["transfer"], "persons": 1},
        {"transfer": shared["transfer"], "persons": 3},
    ]
    for one in people:
        assert corridor.history((one["scheme"], one["id"]))["provisions"] == []
    lifted = lift(corridor, alone["transfer"], shared["transfer"])
    assert lifted.body["transfers"] == answer.body["transfers"]
