"""Looks, as an auditor lists them: who saw what, under which case and why, and never whom."""

from typing import Any, cast

import pytest

from api.resources.accesses.schemas import ACCESSES
from api.web.services import Services
from ledger.commands import ViewDocument
from ledger.crypto.pseudonyms import random_uuid
from tests.canary import MEMBER, traces
from tests.database import Database
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import SOURCE, provision, today
from tests.doors.test_expired import let_die
from tests.doors.test_openapi import check

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


def test_days_and_actors_choose(corridor: Corridor) -> None:
    corridor.history(WHO, case="A-6")
    actor = listed(corridor, "?case=A-6")["accesses"][0]["actor"]
    for query, count in (
        (f"from={today()}&to={today()}", 1),
        ("from=9999-12-31", 0),
        ("to=0001-01-01", 0),
        ("from=0001-01-01&to=9999-12-31", 1),
        (f"actor={actor}", 1),
        ("actor=somebody-else", 0),
    ):
        assert len(listed(corridor, f"?case=A-6&{query}")["accesses"]) == count, query


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


def test_reading_the_list_is_no_look(corridor: Corridor) -> None:
    head = corridor.head()
    listed(corridor)
    assert corridor.head() == head


def test_looks_whose_key_is_dead_are_counted_by_month(database: Database) -> None:
    with open_doors(database.urls) as corridor:
        position = corridor.history(WHO, case="A-7")["viewed_at_position"]
    let_die(database, position)
    with open_doors(database.urls) as corridor:
        for query in ("", "?case=A-7", "?case=nothing"):
            found = listed(corridor, query)
            assert (found["accesses"], found["expired"]) == ([], {today()[:7]: 1})
        assert listed(corridor, "?actor=somebody-else")["expired"] == {}


QUERIES: dict[str, tuple[str, dict[str, str]]] = {
    "a name as a case": ("case=%E5%B1%B1%E7%94%B0", {"/query/case": "SCHEMA"}),
    "a space in an actor": ("actor=a%20b", {"/query/actor": "SCHEMA"}),
    "a day that is none": ("from=2026-02-30", {"/query/from": "SCHEMA"}),
    "a number as a day": ("to=20260101", {"/query/to": "SCHEMA"}),
    "an end before its beginning": (
        "from=2026-02-02&to=2026-02-01",
        {"/query/to": "DATE_RANGE_REVERSED"},
    ),
    "no limit": ("limit=0", {"/query/limit": "SCHEMA"}),
    "a short cursor": ("cursor=x", {"/query/cursor": "SCHEMA"}),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_broken_question_is_refused(corridor: Corridor, name: str) -> None:
    query, errors = QUERIES[name]
    answer = asked(corridor, f"?{query}")
    assert (answer.status, answer.errors) == (422, errors)
