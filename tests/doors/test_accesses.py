"""Looks, as an auditor lists them: who saw what, under which case and why, and never whom."""

from typing import Any, cast

from api.auth import Scope
from api.resources.accesses.schemas import ACCESSES
from api.web.services import Services
from ledger.accesses.access import REASONS
from ledger.commands import ViewDocument
from ledger.crypto.pseudonyms import random_uuid
from tests.canary import MEMBER, traces
from tests.database import Database
from tests.doors.cases.desk import begun
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision, today
from tests.doors.test_histories import let_die
from tests.doors.test_openapi import check
from tests.matrix import every

WHO = ("member", MEMBER)


def asked(corridor: Corridor, query: str = "") -> Answer:
    return corridor.ask("GET", f"/v1/accesses{query}", key=corridor.key("audit:read"))


def listed(corridor: Corridor, query: str = "") -> dict[str, Any]:
    answer = asked(corridor, query)
    assert answer.status == 200, answer.text
    assert not traces(answer.text), "whom somebody looked at is not for an auditor"
    return answer.body


def test_a_look_is_listed_with_its_case_and_reason_and_without_the_person(
    corridor: Corridor,
) -> None:
    looked = corridor.history(WHO, ("email", "cnry@example.jp"), case="A-1", reason="照会への回答")
    [found] = listed(corridor, "?case=A-1")["accesses"]
    assert found["position"] == looked["viewed_at_position"]
    assert found["actor"]
    assert {name: found[name] for name in found if name not in ("position", "at", "actor")} == {
        "what": "history",
        "case": "A-1",
        "case_known": False,
        "reason": "照会への回答",
        "as_of": looked["as_of"],
        "identifiers": {"count": 2, "schemes": ["email", "member"]},
    }


def test_what_is_marked_under_order_11_is_not_counted(corridor: Corridor) -> None:
    marker = corridor.key("events:write", "records:exclude", source=SOURCE, label="marker")
    who = [{"scheme": "member", "id": "CNRY-COUNTED"}]
    corridor.record(provision(principals=who))
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(principals=who)}
    [marked] = corridor.send({**item, "order_11": "ii"}, key=marker).body["results"]
    assert marked["status"] == "recorded"
    corridor.history(("member", "CNRY-COUNTED"), case="A-8")
    [found] = listed(corridor, "?case=A-8")["accesses"]
    assert "entries" not in found, "two looks at one position would differ by what was hidden"
    key = corridor.key("audit:read", "records:exclude")
    [whole] = corridor.ask("GET", "/v1/accesses?case=A-8", key=key).body["accesses"]
    assert whole["entries"] == 1


def test_two_looks_at_one_position_are_told_alike_whatever_was_hidden_between_them(
    corridor: Corridor,
) -> None:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    transfer = corridor.record(provision(principals=[who]))["transfer"]
    position = corridor.head()
    asked_for = (who["scheme"], who["id"])
    corridor.history(asked_for, case="A-9", as_of=position)
    hiding = {"action": "exclude", "transfers": [transfer], "ground": "i", "reason": "危害"}
    answer = corridor.ask("POST", "/v1/exclusions", hiding, key=corridor.key("records:exclude"))
    assert answer.status == 200, answer.text
    corridor.history(asked_for, case="A-9", as_of=position)
    own = ("position", "at")
    told = [
        {name: one[name] for name in one if name not in own}
        for one in listed(corridor, "?case=A-9")["accesses"]
    ]
    assert len(told) == 2
    assert told[0] == told[1]
    key = corridor.key("audit:read", "records:exclude")
    whole = corridor.ask("GET", "/v1/accesses?case=A-9", key=key).body["accesses"]
    assert [one["entries"] for one in whole] == [1, 0], "the control: what was hidden counts"


def test_a_history_is_shown_to_nobody_who_does_not_say_why(corridor: Corridor) -> None:
    key, head = corridor.key("records:read"), corridor.head()
    body = {"identifiers": [{"scheme": "member", "id": MEMBER}], "case": "X-1"}
    answer = corridor.ask("POST", "/v1/histories", {**body, "limit": 0}, key=key)
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors == {"/limit": "SCHEMA", "/reason": "SCHEMA"}
    nothing = corridor.ask("POST", "/v1/histories", {**body, "reason": None}, key=key)
    assert (nothing.status, nothing.errors) == (422, {"/reason": "SCHEMA"})
    assert corridor.head() == head


def test_pages_go_on_as_of_the_first_one(corridor: Corridor) -> None:
    looks = [corridor.history(WHO, case="A-4")["viewed_at_position"] for _ in range(5)]
    first = listed(corridor, "?case=A-4&limit=2")
    corridor.history(WHO, case="A-4")
    pages = [first]
    while pages[-1]["cursor"]:
        pages.append(listed(corridor, f"?case=A-4&limit=2&cursor={pages[-1]['cursor']}"))
    assert [one["position"] for page in pages for one in page["accesses"]] == looks
    assert {page["as_of"] for page in pages} == {first["as_of"]}
    refused = asked(corridor, f"?case=A-5&limit=2&cursor={first['cursor']}")
    assert (refused.status, refused.errors) == (
        422,
        {"/query/cursor": "CURSOR_NOT_OF_THIS_QUESTION"},
    )


def test_a_look_at_a_letter_is_listed(corridor: Corridor) -> None:
    case = random_uuid()
    command = ViewDocument(random_uuid(), "f" * 32, case, "letter", 2, "reply.pdf", "再発行")
    group = cast("Services", corridor.app.state.services).group
    position = group.call(lambda ledger, at: ledger.view(command, at)).position
    whole = listed(corridor, f"?case={case}")
    [found] = whole["accesses"]
    assert found["position"] == position
    assert (found["what"], found["number"], found["document"]) == ("letter", 2, "reply.pdf")
    assert (found["case"], found["case_id"]) == (str(case), str(case))
    assert found["case_known"] is False
    check({"components": {}}, ACCESSES, whole)


def test_looks_whose_key_is_dead_are_counted_by_month(database: Database) -> None:
    with open_doors(database.urls) as corridor:
        position = corridor.history(WHO, case="A-7")["viewed_at_position"]
    let_die(database, position)
    with open_doors(database.urls) as corridor:
        for query in ("", "?case=A-7", "?case=nothing"):
            found = listed(corridor, query)
            assert (found["accesses"], found["expired"]) == ([], {today()[:7]: 1})
        assert listed(corridor, "?actor=somebody-else")["expired"] == {}


# -- Who looked at a transfer, or at a list that names persons: on record, with why and for what --


UNKNOWN = "/v1/transfers/00000000-0000-8000-8000-000000000000"
MADE_UP = "2026-999999"


def sent(corridor: Corridor, **changes: Any) -> str:  # noqa: ANN401 -- any member
    """The path of a transfer that was recorded."""
    return f"/v1/transfers/{corridor.record(provision(**changes))['transfer']}"


def asked_of_looking(corridor: Corridor, path: str, query: str, *more: Scope) -> Answer:
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
        seen = asked_of_looking(corridor, path, f"?reason={reason}")
        assert seen.status == 200, seen.text
        position = seen.body["viewed_at_position"]
        assert position == head + 1 == corridor.head()
        assert look_at(corridor, position) == {"what": "transfer", "reason": reason}


def test_a_request_is_looked_at_under_the_number_of_its_case(corridor: Corridor) -> None:
    path, number = sent(corridor), begun(corridor).last["number"]
    desks: tuple[tuple[Scope, ...], ...] = ((), ("cases:read",))
    for scopes in desks:
        seen = asked_of_looking(corridor, path, f"?reason=request&case={number}", *scopes)
        look = look_at(corridor, seen.body["viewed_at_position"])
        assert (look["what"], look["reason"]) == ("transfer", "request")
        assert (look["case"], look["case_known"]) == (number, True)
    key = corridor.key("audit:read", label="auditor")
    of_case = corridor.ask("GET", f"/v1/accesses?case={number}", key=key).body["accesses"]
    assert [one["what"] for one in of_case] == ["transfer"] * 2


def test_who_may_read_no_cases_is_not_told_which_numbers_there_are(corridor: Corridor) -> None:
    path, number = sent(corridor), begun(corridor).last["number"]
    known = asked_of_looking(corridor, path, f"?reason=inquiry&case={number}")
    unknown = asked_of_looking(corridor, path, f"?reason=inquiry&case={MADE_UP}")
    assert known.status == unknown.status == 200
    position = unknown.body.pop("viewed_at_position")
    assert known.body.pop("viewed_at_position") == position - 1
    assert known.body == unknown.body
    look = {"what": "transfer", "reason": "inquiry", "case": MADE_UP, "case_known": False}
    assert look_at(corridor, position) == look
    key = corridor.key("audit:read", label="auditor")
    listed = corridor.ask("GET", f"/v1/accesses?case={MADE_UP}", key=key).body["accesses"]
    assert position in {one["position"] for one in listed}


def test_which_transfer_it_was_is_told_to_who_may_see_hidden_ones(corridor: Corridor) -> None:
    path = sent(corridor)
    position = asked_of_looking(corridor, path, "?reason=inspection").body["viewed_at_position"]
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


@every("name", BROKEN)
def test_who_does_not_say_why_sees_nothing_and_learns_nothing(
    corridor: Corridor, name: str
) -> None:
    query, errors = BROKEN[name]
    path, head = sent(corridor), corridor.head()
    for one in (path, UNKNOWN):
        refused = asked_of_looking(corridor, one, query, "cases:read")
        assert (refused.status, refused.errors) == (422, errors)
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


@every("name", CHANGES)
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


@every("is_changed", [False, True])
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
    page = asked_of_looking(corridor, "/v1/reassessments", "?limit=200")
    assert any(one["persons"] for one in page.body["proposals"])
    assert page.body["viewed_at_position"] == head + 1 == corridor.head()
    assert look_at(corridor, head + 1) == {"what": "reassessments", "reason": "reassessment"}
