"""Candidates by a name: whom it finds, how many, what is put on record, and what is not told."""

import re
from typing import Any

import psycopg
import pytest

from api.resources.cases.schemas import answers
from api.resources.cases.search import search
from api.web import padding_clock
from projections.names import Names, PersonsByName
from tests.canary import NAME, traces
from tests.doors.cases.desk import DESK, begun, fits, today
from tests.doors.cases.test_blind_cases import bare
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, provision, receipt

LOOK = """
    SELECT topic FROM ledger.events ORDER BY notification_id DESC LIMIT 1
"""


def member(name: str | None = None) -> dict[str, Any]:
    """Somebody new."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    return who if name is None else {**who, "name": name}


def name_of(word: str) -> str:
    """A name that nobody else of these tests bears."""
    return f"{NAME} {word}"


def asked(corridor: Corridor, **body: object) -> Answer:
    answer = begun(corridor).verified().ask("candidates", body, If_Match=None)
    if answer.status == 200:
        fits(answers.CANDIDATES, answer.body)
    return answer


def matched(answer: Answer) -> list[tuple[str, str]]:
    return sorted((one["matched"], one["asked"]["id"]) for one in answer.body["candidates"])


def test_a_name_finds_whoever_a_record_gives_it_under_any_spelling(corridor: Corridor) -> None:
    one, two = member(name_of("髙﨑")), member(name_of("高崎"))
    corridor.record(provision(principals=[one], transferred_on="2026-01-05"))
    corridor.record(receipt(principals=[one, two], transferred_on="2026-03-07"))
    answer = asked(corridor, name="神楽坂　金糸雀髙崎")
    assert answer.status == 200, answer.text
    assert matched(answer) == sorted(("name", who["id"]) for who in (one, two))
    found = next(c for c in answer.body["candidates"] if c["asked"]["id"] == one["id"])
    assert (found["provided"], found["received"]) == (1, 1)
    assert (found["first_day"], found["last_day"]) == ("2026-01-05", "2026-03-07")
    assert answer.body["more"] is False
    # Who bears the name stands in the answer by identifiers alone.
    assert NAME not in answer.text


def test_the_look_counts_whom_it_found_and_keeps_no_name(corridor: Corridor) -> None:
    one = member(name_of("記録"))
    corridor.record(provision(principals=[one]))
    case = begun(corridor).verified()
    answer = case.ask("candidates", {"name": name_of("記録")}, If_Match=None)
    assert answer.body["viewed_at_position"] == corridor.head()
    assert corridor.fetch(LOOK) == [("history-viewed",)]
    listed = corridor.ask("GET", "/v1/accesses", key=corridor.key("audit:read", label="auditor"))
    assert listed.status == 200, listed.text
    seeing = corridor.key("audit:read", "records:exclude", label="sees-all")
    whole = corridor.ask("GET", "/v1/accesses", key=seeing)
    at = answer.body["viewed_at_position"]
    [look], [counted] = (
        [one for one in told.body["accesses"] if one["position"] == at] for told in (listed, whole)
    )
    assert look["reason"] == counted["reason"] == "氏名による検索"
    assert not {"entries", "identifiers"} & set(look), "what a name finds may be hidden later"
    assert counted["entries"] == 1
    assert counted["identifiers"] == {"count": 1, "schemes": ["member"]}
    assert not traces(listed.text)


def test_beyond_fifty_it_asks_for_an_identifier(corridor: Corridor) -> None:
    name = name_of("多数")
    corridor.record(provision(principals=[member(name) for _ in range(50)]))
    answer = asked(corridor, name=name)
    assert (len(answer.body["candidates"]), answer.body["more"]) == (50, False)
    hidden(corridor, member(name))
    answer = asked(corridor, name=name)
    assert (len(answer.body["candidates"]), answer.body["more"]) == (50, False)
    last = member(name)
    corridor.record(provision(principals=[last]))
    answer = asked(corridor, name=name)
    assert (len(answer.body["candidates"]), answer.body["more"]) == (50, True)
    known = {"scheme": "member", "id": last["id"]}
    answer = asked(corridor, name=name, identifiers=[known])
    assert (len(answer.body["candidates"]), answer.body["more"]) == (51, False)


def hidden(corridor: Corridor, who: dict[str, Any]) -> None:
    """Record what its emitter marks, and what an officer excludes."""
    chief = corridor.key("events:write", "records:exclude", source=SOURCE, label="chief")
    item = {
        "source": SOURCE,
        "id": fresh_id(),
        "order_11": "ii",
        "data": provision(principals=[who]),
    }
    assert corridor.send(item, key=chief).status == 200
    transfer = corridor.record(provision(principals=[who]))["transfer"]
    body = {"action": "exclude", "transfers": [transfer], "ground": "ii", "reason": "危害のおそれ"}
    answer = corridor.ask("POST", "/v1/exclusions", body, key=chief)
    assert answer.status == 200, answer.text


def test_whom_only_excluded_records_name_is_told_as_one_whom_none_names(
    corridor: Corridor,
) -> None:
    nobody, only_hidden = name_of("不在"), name_of("存否")
    hidden(corridor, member(only_hidden))
    told = [asked(corridor, name=one) for one in (nobody, only_hidden)]
    assert told[0].status == told[1].status == 200
    assert bare(told[0].body) == bare(told[1].body)
    assert told[0].body["candidates"] == []
    # Positions grow between the two, and may get a digit more.
    assert [re.sub(r"[0-9]+", "0", one.text) for one in told] == [
        '{"as_of":0,"candidates":[],"more":false,"viewed_at_position":0}'
    ] * 2


def say_version(corridor: Corridor, version: str) -> None:
    with psycopg.connect(corridor.urls.projector) as connection:
        connection.execute("UPDATE projections.progress SET names = %s WHERE serving", (version,))


def test_names_that_are_not_indexed_are_not_searched_and_identifiers_are(
    corridor: Corridor,
) -> None:
    who = member(name_of("索引"))
    corridor.record(provision(principals=[who]))
    case = begun(corridor).verified()
    say_version(corridor, "name/1/0")
    try:
        answer = case.ask("candidates", {"name": name_of("索引")}, If_Match=None)
        assert (answer.status, answer.code) == (503, "NAMES_OUTDATED")
        known = {"scheme": "member", "id": who["id"]}
        assert case.ask("candidates", {"identifiers": [known]}, If_Match=None).status == 200
    finally:
        say_version(corridor, "name/1/1")


def test_nobody_is_looked_for_before_who_asks_is_verified_nor_without_a_search(
    corridor: Corridor,
) -> None:
    body = {"name": NAME}
    unverified = begun(corridor)
    others = [
        begun(corridor, kind="retained_data").verified(),
        begun(corridor).verified().do("withdrawal", gone()),
    ]
    for case in (unverified, *others):
        answer = case.ask("candidates", body, If_Match=None)
        assert (answer.status, answer.code) == (409, "CASE_STATUS")
        assert (answer.body["case_status"], answer.body["step"]) == (case.status, "candidates")
    readers = (*DESK, "records:read")
    assert unverified.ask("candidates", body, scopes=readers, If_Match=None).status == 200
    for case in others:
        assert case.ask("candidates", body, scopes=readers, If_Match=None).status == 409


def gone() -> dict[str, str]:
    return {"withdrawn_on": today(), "evidence": "取下書"}


def test_the_grid_has_begun_before_a_name_is_looked_up(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[object] = []
    called = Names.called

    def looked(names: Names, *asked: Any) -> PersonsByName:  # noqa: ANN401 -- handed on as it comes
        happened.append("name")
        return called(names, *asked)

    monkeypatch.setattr(Names, "called", looked)
    monkeypatch.setattr(search, "begin_again", happened.append)
    corridor.record(provision(principals=[member(name_of("格子"))]))
    assert asked(corridor, name=name_of("格子")).status == 200
    assert happened == [padding_clock.NAME_STEPS, "name"]
