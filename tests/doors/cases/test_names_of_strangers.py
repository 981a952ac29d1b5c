"""No stranger is stopped or erased: whatever is recorded of a person is compared."""

from typing import Any

import pytest

from tests.doors.cases.desk import begun
from tests.doors.cases.test_names_compared import SISTER, body, known, looked, member, said
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
