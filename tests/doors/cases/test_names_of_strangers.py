"""No stranger is stopped or erased: whatever is recorded of a person is compared."""

from typing import Any

import pytest

from api.resources.cases.schemas import answers
from tests.doors.cases.desk import begun, fits, received, request
from tests.doors.cases.test_blind_cases import bare
from tests.doors.cases.test_candidates_by_name import hidden
from tests.doors.cases.test_names_compared import MARRIED, SISTER, body, known, looked, member, said
from tests.doors.corridor import Corridor
from tests.doors.samples import REMOVED, provision

STOPS = ("provision_stop", "utilization_cease")
NO_DUTY: dict[str, Any] = {"basis": "entrustment_27_5_i", "consent": REMOVED}


@pytest.mark.parametrize("kind", STOPS)
def test_a_stranger_of_whom_nothing_had_to_be_recorded_is_not_stopped(
    corridor: Corridor, kind: str
) -> None:
    who = member()
    corridor.record(provision(**NO_DUTY, principals=[{**who, "name": SISTER}]))
    history = corridor.history((who["scheme"], who["id"]))
    assert len(history["voluntary_entries"]) == 1
    assert history["provisions"] == history["receipts"] == []
    case = begun(corridor, kind=kind, identifiers=[who]).verified()
    assert case.ask("person", body(who)).errors == {"/identifiers/0": "NAME_DIFFERS"}
    case.do("person", body(who, names_differ=[said(who)]))


def test_a_request_for_records_compares_what_was_asked_for(corridor: Corridor) -> None:
    who = member()
    corridor.record(provision(**NO_DUTY, principals=[{**who, "name": SISTER}]))
    begun(corridor, identifiers=[who]).verified().do("principal", body(who))


@pytest.mark.parametrize("kind", STOPS)
def test_a_request_for_measures_chooses_no_records(corridor: Corridor, kind: str) -> None:
    refused = {
        ("provided",): {"provided": False},
        ("received",): {"received": False},
        ("provided", "received"): {"provided": False, "received": False},
    }
    for names, changes in refused.items():
        answer = received(corridor, request(kind=kind, **changes))
        assert answer.status == 422
        assert answer.errors == {f"/{name}": "NOT_OF_THIS_KIND" for name in names}
    assert received(corridor, request(kind=kind, provided=True, received=True)).status == 201


@pytest.mark.parametrize(("kind", "door"), [("provision_stop", "person"), (None, "principal")])
def test_a_link_to_a_stranger_needs_the_reason_at_each_identifier_that_is_named(
    corridor: Corridor, kind: str | None, door: str
) -> None:
    mine, hers = known(corridor), known(corridor, SISTER)
    corridor.officer("/v1/links", {"a": mine, "b": hers, "evidence": "同じ住所"})
    changes = {} if kind is None else {"kind": kind}
    case = begun(corridor, identifiers=[mine], **changes).verified()
    for who in (mine, hers):
        assert case.ask(door, body(who)).errors == {"/identifiers/0": "NAME_DIFFERS"} | (
            {"/application/identifiers/0": "FORM_IDENTIFIER_LEFT_OUT"} if who == hers else {}
        )
    both = {"/identifiers/0": "NAME_DIFFERS", "/identifiers/1": "NAME_DIFFERS"}
    assert case.ask(door, body(mine, hers)).errors == both
    unlinked = {"a": mine, "b": hers, "evidence": "別人と判明"}
    corridor.officer("/v1/unlinks", unlinked)
    case.do(door, body(mine))


@pytest.mark.parametrize("kind", STOPS)
def test_candidates_are_open_to_a_request_for_measures_once_somebody_is_verified(
    corridor: Corridor, kind: str
) -> None:
    mine, hers = known(corridor), known(corridor, SISTER)
    corridor.officer("/v1/links", {"a": mine, "b": hers, "evidence": "同じ住所"})
    case = begun(corridor, kind=kind, identifiers=[mine])
    early = case.ask("candidates", {"identifiers": [mine]}, If_Match=None)
    assert (early.status, early.code) == (409, "CASE_STATUS")
    [found] = looked(case.verified(), mine).body["candidates"]
    assert found["name_check"] == "mixed"
    each = {one["id"]: one["name_check"] for one in found["identifiers"]}
    assert each == {mine["id"]: "matches", hers["id"]: "differs"}
    retained = begun(corridor, kind="retained_data", identifiers=[mine]).verified()
    asked = retained.ask("candidates", {"identifiers": [mine]}, If_Match=None)
    assert (asked.status, asked.code) == (409, "CASE_STATUS")


def test_candidates_of_a_stop_tell_nothing_of_what_is_excluded(corridor: Corridor) -> None:
    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": SISTER})
    told: list[object] = []
    for who in (nobody, excluded):
        case = begun(corridor, kind="provision_stop", identifiers=[who]).verified()
        answer = looked(case, who)
        fits(answers.CANDIDATES, answer.body)
        shown = str(bare(answer.body)).replace(who["id"], "")
        refused = case.ask("person", body(who, names_differ=[said(who, MARRIED)]))
        told.append((shown, refused.errors, bare(case.do("person", body(who)).last)))
    assert told[0] == told[1]
