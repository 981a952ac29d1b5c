"""Who the person is: the same rules for a reply, a stop and an erasure; what is told of it."""

from typing import Any

import pytest

from api.resources.cases.schemas import answers
from tests.canary import NAME, OTHER_NAME
from tests.doors.cases.desk import ABSENT, APPROVER, Case, begun, fits
from tests.doors.cases.test_blind_cases import bare
from tests.doors.cases.test_candidates_by_name import hidden
from tests.doors.cases.test_names_compared import SISTER, body, known, member, said
from tests.doors.corridor import Corridor, fresh_id

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
def test_the_approver_sees_that_no_name_was_compared_until_the_letter_left(
    corridor: Corridor, kind: str
) -> None:
    unnamed, named, old, nobody = (
        known(corridor, None),
        known(corridor),
        known(corridor, OTHER_NAME),
        member(),
    )
    case = begun(corridor, kind=kind, identifiers=[unnamed]).verified()
    case.do(DOORS[kind], body(nobody, unnamed, named, old, names_differ=[said(old)]))
    assert found_in(case)["name_checks"] == ["no_records", "unnamed", "matches", "differs"]
    decided(case, kind).do("submit")
    both = ["NAMES_NOT_COMPARED", "NO_RECORDS_UNDER_IDENTIFIER"]
    assert case.read(APPROVER, "approver")["warnings"] == both
    case.approve()
    assert case.read()["warnings"] == both
    case.dispatch()
    assert case.read()["warnings"] == []


@_of_each_kind
def test_a_name_that_was_compared_warns_of_nothing(corridor: Corridor, kind: str) -> None:
    who = known(corridor)
    case = begun(corridor, kind=kind, identifiers=[who]).verified().do(DOORS[kind], body(who))
    assert found_in(case)["name_checks"] == ["matches"]
    assert decided(case, kind).do("submit").read()["warnings"] == []


@_of_each_kind
def test_a_digit_typed_wrong_that_meets_nobody_is_no_persons_until_another_kind_was_tried(
    corridor: Corridor, kind: str
) -> None:
    typed = {**known(corridor), "id": f"CNRY-{fresh_id()}-9"}
    case = begun(corridor, kind=kind, identifiers=[typed]).verified()
    head, alone = corridor.head(), body(typed, tried=[])
    for few in (alone, {**alone, "tried": [member()]}, {**alone, "identifiers": [typed, member()]}):
        refused = case.ask(DOORS[kind], few)
        assert (refused.status, refused.errors) == (422, {"/tried": "TOO_FEW_TRIED"})
    japanese = case.ask(DOORS[kind], alone, Accept_Language="ja")
    assert "2種類以上の識別子で探してください" in japanese.text
    assert corridor.head() == head, "nothing is on record"
    case.do(DOORS[kind], {**alone, "identifiers": [typed, ABSENT]})
    case.do(DOORS[kind], {**alone, "tried": [ABSENT]})


@_of_each_kind
def test_the_approver_sees_that_no_record_stands_under_an_identifier_until_the_letter_left(
    corridor: Corridor, kind: str
) -> None:
    typed, right = member(), known(corridor)
    for who in ((typed,), (right, typed)):
        case = begun(corridor, kind=kind, identifiers=list(who)).verified()
        case.do(DOORS[kind], body(*who))
        assert found_in(case)["name_checks"][-1] == "no_records"
        decided(case, kind).do("submit")
        for _ in range(2):
            warned = case.read(APPROVER, "approver")["warnings"]
            assert warned == ["NO_RECORDS_UNDER_IDENTIFIER"]
            if case.status == "submitted":
                case.approve()
        assert case.dispatch().read()["warnings"] == []


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
def test_two_kinds_are_tried_before_nobody_is_found(corridor: Corridor, kind: str) -> None:
    one, other = member(), {"scheme": "phone", "id": "03-0000-0099"}
    case = begun(corridor, kind=kind, identifiers=[one]).verified()
    nobody = {"identifiers": [], "evidence": "該当なし", "tried": [one]}
    assert case.ask(DOORS[kind], nobody).errors == {"/tried": "TOO_FEW_TRIED"}
    known(corridor, NAME, one)
    both = {**nobody, "tried": [one, other]}
    assert case.ask(DOORS[kind], both).errors == {"/tried/0": "TRIED_HAS_RECORDS"}
    case.do(DOORS[kind], {**both, "not_the_person": RELATIVE})
    assert "name_checks" not in found_in(case)


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
