"""Links, unlinks, stops, lifts and names; what they do to histories and verdicts."""

from typing import Any

from tests.canary import CONTRACT, EVIDENCE, NAME, OTHER_NAME
from tests.doors.corridor import Corridor
from tests.doors.samples import provision, today


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
