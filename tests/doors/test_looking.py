"""Who looked at a transfer, or at a list that names persons: on record, with why and for what."""

from typing import Any

import pytest

from api.auth import Scope
from ledger.accesses.access import REASONS
from tests.canary import traces
from tests.doors.cases.desk import begun
from tests.doors.cases.test_reading_cases import MY_NUMBER
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision, today

UNKNOWN = "/v1/transfers/00000000-0000-8000-8000-000000000000"
MADE_UP = "2026-999999"


def sent(corridor: Corridor, **changes: Any) -> str:  # noqa: ANN401 -- any member
    """The path of a transfer that was recorded."""
    return f"/v1/transfers/{corridor.record(provision(**changes))['transfer']}"


def asked(corridor: Corridor, path: str, query: str, *more: Scope) -> Answer:
    """An officer asks, who holds `more` too."""
    key = corridor.key("records:write", *more, label="officer")
    return corridor.ask("GET", f"{path}{query}", key=key)


def look_at(corridor: Corridor, position: int, *more: Any) -> dict[str, Any]:  # noqa: ANN401 -- scopes
    """The look at that position, as an auditor lists it."""
    key = corridor.key("audit:read", *more, label="auditor")
    listed = corridor.ask("GET", "/v1/accesses?limit=500", key=key)
    assert listed.status == 200, listed.text
    assert not traces(listed.text)
    [found] = [one for one in listed.body["accesses"] if one["position"] == position]
    return {name: found[name] for name in found if name not in ("position", "at", "actor")}


def test_an_officer_who_looks_at_a_transfer_is_on_record_with_why(corridor: Corridor) -> None:
    path = sent(corridor)
    for reason in set(REASONS) - {"request"}:
        head = corridor.head()
        seen = asked(corridor, path, f"?reason={reason}")
        assert seen.status == 200, seen.text
        position = seen.body["viewed_at_position"]
        assert position == head + 1 == corridor.head()
        assert look_at(corridor, position) == {"what": "transfer", "reason": reason}


def test_a_request_is_looked_at_under_the_number_of_its_case(corridor: Corridor) -> None:
    path, number = sent(corridor), begun(corridor).last["number"]
    desks: tuple[tuple[Scope, ...], ...] = ((), ("cases:read",))
    for scopes in desks:
        seen = asked(corridor, path, f"?reason=request&case={number}", *scopes)
        look = look_at(corridor, seen.body["viewed_at_position"])
        assert (look["what"], look["reason"]) == ("transfer", "request")
        assert (look["case"], look["case_known"]) == (number, True)
    key = corridor.key("audit:read", label="auditor")
    of_case = corridor.ask("GET", f"/v1/accesses?case={number}", key=key).body["accesses"]
    assert [one["what"] for one in of_case] == ["transfer"] * 2


def test_who_may_read_no_cases_is_not_told_which_numbers_there_are(corridor: Corridor) -> None:
    path, number = sent(corridor), begun(corridor).last["number"]
    known = asked(corridor, path, f"?reason=inquiry&case={number}")
    unknown = asked(corridor, path, f"?reason=inquiry&case={MADE_UP}")
    assert known.status == unknown.status == 200
    position = unknown.body.pop("viewed_at_position")
    assert known.body.pop("viewed_at_position") == position - 1
    assert known.body == unknown.body
    look = {"what": "transfer", "reason": "inquiry", "case": MADE_UP, "case_known": False}
    assert look_at(corridor, position) == look
    key = corridor.key("audit:read", label="auditor")
    listed = corridor.ask("GET", f"/v1/accesses?case={MADE_UP}", key=key).body["accesses"]
    assert position in {one["position"] for one in listed}


def test_a_number_that_is_an_individual_one_is_not_kept(corridor: Corridor) -> None:
    path, head = sent(corridor), corridor.head()
    for one in (path, UNKNOWN):
        refused = asked(corridor, one, f"?reason=inquiry&case=2026-{MY_NUMBER}")
        assert (refused.status, refused.errors) == (422, {"/query/case": "MY_NUMBER_SHOWN"})
    assert corridor.head() == head


def test_which_transfer_it_was_is_told_to_who_may_see_hidden_ones(corridor: Corridor) -> None:
    path = sent(corridor)
    position = asked(corridor, path, "?reason=inspection").body["viewed_at_position"]
    assert "transfer" not in look_at(corridor, position)
    assert "transfer" not in look_at(corridor, position, "records:write")
    assert look_at(corridor, position, "records:exclude")["transfer"] == path[-36:]


BROKEN: dict[str, tuple[str, dict[str, str]]] = {
    "no reason": ("", {"/query/reason": "SCHEMA"}),
    "a case without a reason": (
        "?case=2026-999999",
        {"/query/reason": "SCHEMA", "/query/case": "CASE_UNKNOWN"},
    ),
    "a reason in words": ("?reason=%E8%AA%BF%E6%9F%BB", {"/query/reason": "SCHEMA"}),
    "a request without its case": ("?reason=request", {"/query/case": "SCHEMA"}),
    "a case that there is not": (
        "?reason=request&case=2026-999999",
        {"/query/case": "CASE_UNKNOWN"},
    ),
    "a case that was made up": ("?reason=request&case=X-1", {"/query/case": "SCHEMA"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_who_does_not_say_why_sees_nothing_and_learns_nothing(
    corridor: Corridor, name: str
) -> None:
    query, errors = BROKEN[name]
    path, head = sent(corridor), corridor.head()
    for one in (path, UNKNOWN):
        refused = asked(corridor, one, query, "cases:read")
        assert (refused.status, refused.errors) == (422, errors)
    assert corridor.head() == head


def test_what_nobody_sees_leaves_no_look(corridor: Corridor) -> None:
    head = corridor.head()
    assert asked(corridor, UNKNOWN, "?reason=inspection").status == 404
    assert corridor.head() == head


def test_an_emitter_that_reads_back_what_it_sent_leaves_nothing(corridor: Corridor) -> None:
    path = sent(corridor)
    head = corridor.head()
    seen = corridor.ask("GET", path, key=corridor.emitter)
    assert seen.status == 200
    assert "viewed_at_position" not in seen.body
    stranger = corridor.key("events:read.own", source=OTHER_SOURCE)
    assert corridor.ask("GET", path, key=stranger).status == 404
    assert corridor.head() == head


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "corrected": ("corrections", {"changes": {"items": ["氏名"]}, "reason": "誤記"}),
    "reclassified": ("reclassifications", {"basis": "none", "reason": "同意書がない"}),
    "retracted": ("retraction", {"reason": "duplicate"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_emitter_that_reads_what_others_changed_is_on_record(
    corridor: Corridor, name: str
) -> None:
    door, body = CHANGES[name]
    path = sent(corridor, items=["氏名", "住所"])
    corridor.officer(f"{path}/{door}", body)
    head = corridor.head()
    seen = corridor.ask("GET", path, key=corridor.emitter)
    assert seen.status == 200, seen.text
    assert seen.body["viewed_at_position"] == head + 1 == corridor.head()
    assert look_at(corridor, head + 1) == {"what": "transfer", "reason": "read_back"}


@pytest.mark.parametrize("is_changed", [False, True])
def test_an_emitter_gives_no_reason_and_no_case(corridor: Corridor, *, is_changed: bool) -> None:
    path, number = sent(corridor), begun(corridor).last["number"]
    if is_changed:
        corridor.officer(f"{path}/retraction", {"reason": "duplicate"})
    head = corridor.head()
    for place in (path, UNKNOWN):
        for case in (number, MADE_UP):
            refused = corridor.ask("GET", f"{place}?case={case}", key=corridor.emitter)
            assert (refused.status, refused.errors) == (422, {"/query/case": "SCHEMA"})
            query = f"?reason=request&case={case}"
            refused = corridor.ask("GET", f"{place}{query}", key=corridor.emitter)
            errors = {"/query/reason": "SCHEMA", "/query/case": "SCHEMA"}
            assert (refused.status, refused.errors) == (422, errors)
        refused = corridor.ask("GET", f"{place}?reason=request", key=corridor.emitter)
        assert (refused.status, refused.errors) == (422, {"/query/reason": "SCHEMA"})
    assert corridor.head() == head


def test_a_page_of_rejected_items_is_on_record(corridor: Corridor) -> None:
    malformed = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
    assert corridor.send(malformed).status == 422
    head = corridor.head()
    keeper = corridor.key("quarantine:write", label="keeper")
    page = corridor.ask("GET", "/v1/quarantine?limit=1", key=keeper)
    assert len(page.body["items"]) == 1
    assert page.body["viewed_at_position"] == head + 1 == corridor.head()
    assert look_at(corridor, head + 1) == {"what": "rejected_items", "reason": "repair"}


def test_proposals_that_name_persons_are_on_record(corridor: Corridor) -> None:
    who = {"scheme": "member", "id": "CNRY-PROPOSED"}
    corridor.record(provision(principals=[who]))
    stop = {"principal": who, "kind": "consent_withdrawn", "day": today()}
    corridor.officer("/v1/directives", stop)
    corridor.history(("member", "CNRY-NOBODY"))
    head = corridor.head()
    page = asked(corridor, "/v1/reassessments", "?limit=200")
    assert any(one["persons"] for one in page.body["proposals"])
    assert page.body["viewed_at_position"] == head + 1 == corridor.head()
    assert look_at(corridor, head + 1) == {"what": "reassessments", "reason": "reassessment"}
