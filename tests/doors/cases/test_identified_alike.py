"""Who the person is: the same rules for a reply, a stop and an erasure; what is told of it."""

from dataclasses import replace
from typing import Any

import pytest

from api.resources.cases.schemas import answers
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import ABSENT, APPROVER, Case, begun, fits, received, request
from tests.doors.cases.test_blind_cases import bare
from tests.doors.cases.test_candidates_by_name import hidden
from tests.doors.cases.test_names_compared import SISTER, body, known, member
from tests.doors.corridor import SETTINGS, Corridor, open_doors

DOORS = {
    "provision_records": "principal",
    "provision_stop": "person",
    "utilization_cease": "person",
}
RELATIVE = "同居の家族の番号(電話で確認)"
_of_each_kind = pytest.mark.parametrize("kind", DOORS)
# What the database alone tells of a case: its events, and how large their sealed parts are.
SIZES = """
    SELECT e.topic, coalesce(sum(octet_length(s.part)), 0), count(s.part)
      FROM ledger.events AS e
      LEFT JOIN ledger.sealed_parts AS s
        ON s.partition = e.partition AND s.position = e.notification_id
     WHERE e.originator_id = '{}'
     GROUP BY e.topic, e.originator_version
     ORDER BY e.originator_version
"""


def found_in(case: Case) -> dict[str, Any]:
    whole = case.read(APPROVER, "approver")
    fits(answers.WHOLE, whole)
    return whole["search"] or whole["person"]


def decided(case: Case, kind: str) -> Case:
    if DOORS[kind] == "principal":
        return case.do("decisions", {})
    return case.do("measures", {"outcome": "not_taken", "reason": "事実が確認できないためです。"})


@_of_each_kind
def test_who_is_excluded_is_refused_and_warned_of_as_nobody_is(
    corridor: Corridor, kind: str
) -> None:
    def told(who: dict[str, str]) -> list[object]:
        case = begun(corridor, kind=kind, identifiers=[who]).verified()
        refused = case.ask(DOORS[kind], body(who, tried=[]))
        case.do(DOORS[kind], body(who))
        warned = decided(case, kind).do("submit").read(APPROVER, "approver")["warnings"]
        return [refused.status, refused.errors, len(refused.text), warned]

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": NAME})
    assert told(excluded) == told(nobody)
    assert told(excluded)[1] == {"/tried": "TOO_FEW_TRIED"}
    assert told(excluded)[-1] == ["NO_RECORDS_UNDER_IDENTIFIER"]


@_of_each_kind
def test_what_was_compared_tells_nothing_of_what_is_excluded(corridor: Corridor, kind: str) -> None:
    def told(who: dict[str, str], check: str) -> list[object]:
        case = begun(corridor, kind=kind, identifiers=[who]).verified().do(DOORS[kind], body(who))
        assert found_in(case)["name_checks"] == [check]
        shown = bare(decided(case, kind).do("submit").read(APPROVER, "approver"))
        sizes = corridor.fetch(SIZES.format(case.id))
        assert len(sizes) > 5
        assert all(size for _, size, _ in sizes)
        return [str(shown).replace(who["id"], ""), sizes]

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": NAME})
    assert told(excluded, "no_records") == told(nobody, "no_records")
    if kind != "provision_records":
        unnamed, lent = known(corridor, None), known(corridor, None)
        hidden(corridor, {**lent, "name": NAME})
        assert told(lent, "unnamed") == told(unnamed, "unnamed")


@_of_each_kind
def test_what_was_tried_and_has_records_is_the_persons_or_somebody_says_why_not(
    corridor: Corridor, kind: str
) -> None:
    mine, relative = known(corridor), known(corridor, SISTER)
    case = begun(corridor, kind=kind, identifiers=[mine, relative]).verified()
    door, tried = DOORS[kind], body(mine, tried=[relative])
    left_out = case.ask(door, body(mine))
    assert left_out.errors == {"/application/identifiers/1": "FORM_IDENTIFIER_LEFT_OUT"}
    assert case.ask(door, tried).errors == {"/tried/0": "TRIED_HAS_RECORDS"}
    link = {"a": mine, "b": relative, "evidence": "同じ住所"}
    corridor.officer("/v1/links", link)
    linked = case.ask(door, {**tried, "not_the_person": RELATIVE})
    assert linked.errors == {"/tried/0": "TRIED_IS_LINKED"}
    corridor.officer("/v1/unlinks", {**link, "evidence": "別人と判明"})
    case.do(door, {**tried, "not_the_person": RELATIVE})
    assert found_in(case)["not_the_person"] == RELATIVE


@_of_each_kind
def test_what_was_tried_and_is_excluded_is_as_if_it_had_no_records(
    corridor: Corridor, kind: str
) -> None:
    def told(who: dict[str, str]) -> list[object]:
        mine = member()
        case = begun(corridor, kind=kind, identifiers=[mine, who]).verified()
        case.do(DOORS[kind], body(mine, tried=[who, ABSENT]))
        sizes = corridor.fetch(SIZES.format(case.id))
        return [bare(case.last), bare(found_in(case)), sizes]

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": NAME})
    assert told(excluded) == told(nobody)


NOTHING = ("-", "ー", "\u200b", "\u2800", "\u3164", "\ufeff", "\u00ad", "\u2060", " \u3000")
MADE_UP = {"scheme": "xyz", "id": "CNRY-1"}


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_no_form_and_no_search_names_what_says_nothing(corridor: Corridor, text: str) -> None:
    blank = {"scheme": "phone", "id": text}
    taken = received(corridor, request(identifiers=[member(), blank]))
    assert (taken.status, taken.errors) == (422, {"/identifiers/1/id": "IDENTIFIES_NOBODY"})
    case = begun(corridor).verified()
    sought = case.ask("candidates", {"identifiers": [blank]})
    assert (sought.status, sought.errors) == (422, {"/identifiers/0/id": "IDENTIFIES_NOBODY"})


def test_an_operator_says_which_kinds_its_platforms_have(database: Database) -> None:
    settings = replace(SETTINGS, identifier_kinds={"xyz": "ポイント会員番号"})
    with open_doors(database.urls, settings) as corridor:
        for kind, door in DOORS.items():
            who = member()
            case = begun(corridor, kind=kind, identifiers=[who]).verified()
            case.do(door, body(who, tried=[MADE_UP]))
