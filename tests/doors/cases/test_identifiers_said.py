"""Identifiers that say nothing, and kinds that nobody has: through the doors."""

from dataclasses import replace

import pytest

from tests.database import Database
from tests.doors.cases.desk import ABSENT, begun, received, request
from tests.doors.cases.test_identified_alike import DOORS
from tests.doors.cases.test_names_compared import body, known, member
from tests.doors.corridor import SETTINGS, Corridor, open_doors

NOTHING = ("-", "ー", "\u200b", "\u2800", "\u3164", "\ufeff", "\u00ad", "\u2060", " \u3000")
_of_each_kind = pytest.mark.parametrize("kind", DOORS)
MADE_UP = {"scheme": "xyz", "id": "CNRY-1"}


@_of_each_kind
@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_says_nothing_is_no_second_kind(corridor: Corridor, kind: str, text: str) -> None:
    who = member()
    case = begun(corridor, kind=kind, identifiers=[who]).verified()
    nobody = {**body(who), "tried": [{"scheme": "account", "id": text}]}
    refused = case.ask(DOORS[kind], nobody)
    assert refused.status == 422
    assert refused.errors == {"/tried/0/id": "IDENTIFIES_NOBODY", "/tried": "TOO_FEW_TRIED"}
    japanese = case.ask(DOORS[kind], nobody, Accept_Language="ja")
    assert "文字も数字もない識別子です" in japanese.text
    case.do(DOORS[kind], {**nobody, "tried": [ABSENT]})


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_no_form_and_no_search_names_what_says_nothing(corridor: Corridor, text: str) -> None:
    blank = {"scheme": "phone", "id": text}
    taken = received(corridor, request(identifiers=[member(), blank]))
    assert (taken.status, taken.errors) == (422, {"/identifiers/1/id": "IDENTIFIES_NOBODY"})
    case = begun(corridor).verified()
    sought = case.ask("candidates", {"identifiers": [blank]})
    assert (sought.status, sought.errors) == (422, {"/identifiers/0/id": "IDENTIFIES_NOBODY"})


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u3164", "\u200d"], ids=ascii)
def test_nobody_is_searched_for_under_an_identifier_with_what_no_reader_sees(
    corridor: Corridor, hidden: str
) -> None:
    who = member()
    twin = {**who, "id": who["id"] + hidden}
    taken = received(corridor, request(identifiers=[who, twin]))
    assert (taken.status, taken.errors) == (422, {"/identifiers/1/id": "INVISIBLE_CHARACTER"})
    case = begun(corridor, identifiers=[who]).verified()
    sought = case.ask("candidates", {"identifiers": [twin]})
    assert (sought.status, sought.errors) == (422, {"/identifiers/0/id": "INVISIBLE_CHARACTER"})
    case.do(DOORS["provision_records"], {**body(who), "tried": [ABSENT]})


@_of_each_kind
def test_a_kind_that_nobody_has_is_no_second_kind(corridor: Corridor, kind: str) -> None:
    who = member()
    case = begun(corridor, kind=kind, identifiers=[who]).verified()
    refused = case.ask(DOORS[kind], body(who, tried=[MADE_UP]))
    assert refused.errors == {"/tried": "TOO_FEW_TRIED", "/tried/0/scheme": "KIND_UNKNOWN"}
    case.do(DOORS[kind], body(who, tried=[MADE_UP, ABSENT]))


def test_a_person_who_is_found_under_a_kind_that_is_not_set_up_is_found(corridor: Corridor) -> None:
    who = {**MADE_UP, "id": member()["id"]}
    known(corridor, who=who)
    case = begun(corridor, identifiers=[who]).verified()
    case.do("principal", {"identifiers": [who], "evidence": "番号と氏名が一致"})
    assert case.last["status"] == "review"


def test_an_operator_says_which_kinds_its_platforms_have(database: Database) -> None:
    settings = replace(SETTINGS, identifier_kinds={"xyz": "ポイント会員番号"})
    with open_doors(database.urls, settings) as corridor:
        for kind, door in DOORS.items():
            who = member()
            case = begun(corridor, kind=kind, identifiers=[who]).verified()
            case.do(door, body(who, tried=[MADE_UP]))
