"""Nothing that a door of a case says tells whether a record of the person is excluded."""

import re
from typing import Any, cast
from unittest.mock import patch

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.resources.cases.schemas import answers
from api.resources.cases.search import search
from api.web import padding_clock
from projections.names import Names, PersonsByName
from tests.canary import NAME, traces
from tests.doors.cases.desk import ABSENT, APPROVER, DESK, SENDER, begun, fits, request, today
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import SOURCE, provision, receipt
from tests.rounds import rounds

# What differs between any two cases: where they stand, what their random parts are, and when.
OWN = frozenset(
    (
        "case",
        "number",
        "position",
        "as_of",
        "at",
        "received_at",
        "ended_at",
        "content",
        "similar",
        "viewed_at_position",
        "id",
    )
)
COUNTS = "SELECT originator_id::text, count(*) FROM ledger.events GROUP BY 1"


def bare(value: object) -> object:
    """The answer without what differs between any two cases."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: bare(one) for name, one in members.items() if name not in OWN}
    return [bare(one) for one in cast("list[object]", value)] if isinstance(value, list) else value


def told(corridor: Corridor, *, excluded: bool) -> tuple[list[Any], list[int], int]:
    """What the doors say of a person without records, or with one that is excluded.

    Returns:
        the answers, the version after each step, and how many events the case has in the log.
    """
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    other = {"scheme": "phone", "id": "03-0000-0099"}
    if excluded:
        chief = corridor.key("events:write", "records:exclude", source=SOURCE, label="chief")
        data = provision(principals=[{**who, "name": NAME}])
        item = {"source": SOURCE, "id": fresh_id(), "order_11": "ii", "data": data}
        assert corridor.send(item, key=chief).status == 200
    case = begun(corridor, identifiers=[who])
    said, versions = list[Any](), list[int]()
    nobody = {"identifiers": [], "tried": [who, other], "evidence": "該当なし"}
    found = case.verified().ask("candidates", {"identifiers": [who]}, If_Match=None)
    said.append(found.body)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("principal", nobody),
        ("decisions", {}),
        ("submit", {}),
    ]
    for door, body in steps:
        said.append(case.do(door, body).last)
        versions.append(case.last["version"])
    said.append(case.approve().last)
    said.append(case.fetch("/reply.zip", scopes=SENDER, by="dispatcher").status)
    said.append(case.dispatch().last)
    said.append(case.do("delivery", {"delivered_on": today()}).last)
    said.append(case.read(APPROVER, "approver"))
    counts = dict(corridor.fetch(COUNTS))
    return [bare(one) for one in said], versions, counts[case.id]


def test_a_case_with_an_excluded_record_reads_as_one_without_any(corridor: Corridor) -> None:
    without, with_one = told(corridor, excluded=False), told(corridor, excluded=True)
    assert with_one == without


# -- Nobody else is in any answer about a case: transfers of several, every door on the way --


LETTERS = "KQVWX"
Sent = list[tuple[list[str], bool]]
"""Who is in each transfer, and whether it was received."""
_sent = st.lists(
    st.tuples(st.lists(st.sampled_from(LETTERS), min_size=1, unique=True), st.booleans()),
    max_size=4,
)


class People:
    """Persons whose identifiers and names are words that stand nowhere else."""

    def __init__(self) -> None:
        self.mark = fresh_id()

    def who(self, letter: str) -> dict[str, str]:
        return {"scheme": "member", "id": f"{letter}-{self.mark}"}

    def named(self, letter: str) -> dict[str, str]:
        return {**self.who(letter), "name": f"名{letter}{self.mark}"}

    def said(self, text: str) -> set[str]:
        """Who is named in it."""
        return {one for one in LETTERS if any(word in text for word in self.words(one))}

    def words(self, letter: str) -> tuple[str, str]:
        return self.who(letter)["id"], self.named(letter)["name"]


def recorded(corridor: Corridor, people: People, sent: Sent) -> None:
    for letters, is_received in sent:
        made = receipt if is_received else provision
        corridor.record(made(principals=[people.named(one) for one in letters]))


def told_of_nobody_else_said(corridor: Corridor, people: People, mine: str) -> list[str]:
    """The text of every answer on the way of a case of `mine`, and of what is looked up beside."""
    texts: list[str] = []
    ask = Corridor.ask

    def heard(self: Corridor, *given: object, **how: object) -> Answer:
        answer = ask(self, *given, **how)  # pyright: ignore[reportArgumentType] -- as they came
        texts.append(answer.text)
        return answer

    with patch.object(Corridor, "ask", heard):
        who = people.who(mine)
        form = {**request()["form"], "name": people.named(mine)["name"]}
        case = begun(corridor, identifiers=[who], form=form).verified()
        case.ask("candidates", {"name": people.named(mine)["name"]}, If_Match=None)
        case.identified(identifiers=[who], tried=[ABSENT])
        case.read()
        case.do("decisions", {}).do("submit")
        case.read()
        case.approve().dispatch().do("delivery", {"delivered_on": today()})
        case.read()
        key = corridor.key(*DESK, label="officer")
        corridor.ask("GET", "/v1/cases", key=key)
        corridor.ask("POST", "/v1/cases/search", {"identifiers": [who]}, key=key)
        corridor.history((who["scheme"], who["id"]))
    return texts


@given(sent=_sent)
@settings(
    max_examples=rounds(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(sent=[(list(LETTERS), False), (list(LETTERS), True)])
@example(sent=[(["K", "Q"], False), (["V"], False), (["W", "K"], True)])
def test_no_answer_about_a_case_names_another_person(corridor: Corridor, sent: Sent) -> None:
    people = People()
    recorded(corridor, people, sent)
    named = [people.said(text) for text in told_of_nobody_else_said(corridor, people, "K")]
    assert set().union(*named) == {"K"}


# -- Candidates by a name: whom it finds, how many, what is put on record, and what is not told --


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
    monkeypatch.setattr(search, "restart_padding", happened.append)
    corridor.record(provision(principals=[member(name_of("格子"))]))
    assert asked(corridor, name=name_of("格子")).status == 200
    assert happened == [padding_clock.NAME_STEPS, "name"]
