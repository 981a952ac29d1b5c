"""Who the person is, when the records found bear another name than the form."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.cases.events.name_difference import NameDiffers
from ledger.cases.identification import MINOR_IN_OWN_NAME, WARNINGS, warnings
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.name_differences import NameExplained, NamesCompared, name_defects, names_differ
from ledger.cases.steps import IdentifyRecords, SendBack
from ledger.errors import MalformedError
from ledger.policies.name_comparison import DIFFERS, MATCHES, MIXED, NO_RECORDS, OUTCOMES, UNNAMED
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DISCLOSE,
    IDENTIFY,
    MEMBER,
    MY_NUMBER,
    OFFICER,
    PERSON,
    SUBMIT,
    Desk,
    application,
    defects,
    dispatched,
)
from tests.ledger.given import malformed
from tests.matrix import every

OLD, PHONE = PrincipalRef("member", "M-0002"), PrincipalRef("phone", "+81300000000")
WHO = (MEMBER, OLD, PHONE)
MARRIED = "婚姻により改姓(戸籍謄本で確認)"
STEPS: dict[str, IdentifyRecords | IdentifyPerson] = {
    "provision_records": replace(IDENTIFY, identifiers=WHO),
    "provision_stop": replace(PERSON, identifiers=WHO),
}
_of_each_kind = every("kind", STEPS)


def compared(*checks: str, **because: str) -> NamesCompared:
    """What the records say of each of `WHO`, and why; reasons are named `of_1` by their places."""
    said = ((WHO[int(name[-1])], text) for name, text in because.items())
    return NamesCompared(checks, tuple(NameExplained(*one) for one in said))


def step(kind: str, names: NamesCompared) -> IdentifyRecords | IdentifyPerson:
    return replace(STEPS[kind], names=names)


def taken(kind: str, names: NamesCompared) -> tuple[NameDiffers, ...] | None:
    """Take the step; the reasons that the case then keeps."""
    state = Desk().verified(application(kind=kind)).do(step(kind, names)).case
    found = state.search or state.person
    assert found is not None
    return found.names_differ


def refused(kind: str, names: NamesCompared) -> set[tuple[str, str]]:
    with pytest.raises(MalformedError) as error:
        taken(kind, names)
    return defects(error)


@_of_each_kind
@every("check", [DIFFERS, MIXED])
@every("places", [(0,), (1,), (0, 2)])
def test_each_identifier_of_another_name_is_refused_by_its_place(
    kind: str, places: tuple[int, ...], check: str
) -> None:
    names = compared(*(check if n in places else MATCHES for n in range(3)))
    assert refused(kind, names) == {(f"/identifiers/{n}", "NAME_DIFFERS") for n in places}


@_of_each_kind
def test_a_reason_lets_its_identifier_pass_and_no_other_one(kind: str) -> None:
    names = compared(MATCHES, DIFFERS, MIXED, of_1=MARRIED)
    assert refused(kind, names) == {("/identifiers/2", "NAME_DIFFERS")}
    names = compared(MATCHES, DIFFERS, MIXED, of_2="家族と共用の番号", of_1=MARRIED)
    assert taken(kind, names) == (
        NameDiffers(PHONE, "家族と共用の番号", MIXED),
        NameDiffers(OLD, MARRIED, DIFFERS),
    )
    assert taken(kind, compared(MATCHES, UNNAMED, NO_RECORDS)) is None


@_of_each_kind
@every("check", [MATCHES, UNNAMED, NO_RECORDS])
def test_a_reason_for_nothing_is_refused(kind: str, check: str) -> None:
    names = compared(MATCHES, check, MATCHES, of_1=MARRIED)
    assert refused(kind, names) == {("/names_differ/0", "NOTHING_DIFFERS")}


@_of_each_kind
def test_a_reason_for_what_is_not_named_and_a_second_one_are_refused(kind: str) -> None:
    twice = NameExplained(OLD, "旧会員番号")
    names = compared(MATCHES, DIFFERS, MATCHES, of_1=MARRIED)
    other = NameExplained(PrincipalRef("account", OLD.id), MARRIED)
    names = replace(names, explained=(*names.explained, twice, other))
    assert refused(kind, names) == {
        ("/names_differ/1/identifier", "IDENTIFIER_TWICE"),
        ("/names_differ/2/identifier", "IDENTIFIER_NOT_NAMED"),
    }


@_of_each_kind
@every(
    "because, code",
    [("", "SCHEMA"), (" \u3000", "SCHEMA"), (f"改姓 {MY_NUMBER}", "MY_NUMBER_SHOWN")],
)
def test_a_reason_says_something_and_holds_no_individual_number(
    kind: str, because: str, code: str
) -> None:
    names = compared(DIFFERS, NO_RECORDS, NO_RECORDS, of_0=because)
    assert refused(kind, names) == {("/names_differ/0/because", code)}


@_of_each_kind
@every("check", OUTCOMES)
def test_an_identifier_that_nobody_could_compare_warns_whoever_approves(
    kind: str, check: str
) -> None:
    said = {"of_1": MARRIED} if check in (DIFFERS, MIXED) else {}
    case = (
        Desk()
        .verified(application(kind=kind))
        .do(step(kind, compared(MATCHES, check, MATCHES, **said)))
    )
    expected = {UNNAMED: "NAMES_NOT_COMPARED", NO_RECORDS: "NO_RECORDS_UNDER_IDENTIFIER"}
    assert warnings(case.case) == ((expected[check],) if check in expected else ())
    assert {*expected.values(), MINOR_IN_OWN_NAME} == set(WARNINGS)


@_of_each_kind
@every("names", [NamesCompared((NO_RECORDS,) * 2), NamesCompared()])
def test_two_kinds_are_searched_for_before_it_is_said_that_nothing_is_recorded(
    kind: str, names: NamesCompared
) -> None:
    """An identifier that is named as the person's and meets nobody proves nothing."""
    alone = replace(step(kind, names), identifiers=(MEMBER, OLD))
    if isinstance(alone, IdentifyRecords):
        alone = replace(alone, provided=(), received=())
    for few in (alone, replace(alone, tried=(PrincipalRef("member", "M-0009"),))):
        assert malformed(Desk().verified(application(kind=kind)).do, few) == {
            ("/tried", "TOO_FEW_TRIED")
        }
    for enough in (replace(alone, tried=(PHONE,)), replace(alone, identifiers=(MEMBER, PHONE))):
        state = Desk().verified(application(kind=kind)).do(enough).case
        assert (state.search or state.person) is not None


@_of_each_kind
@every("check", [MATCHES, UNNAMED])
def test_one_kind_is_enough_where_anything_is_found(kind: str, check: str) -> None:
    one = replace(step(kind, NamesCompared((NO_RECORDS, check))), identifiers=(MEMBER, OLD))
    case = Desk().verified(application(kind=kind)).do(one).case
    assert warnings(case)[-1:] == ("NO_RECORDS_UNDER_IDENTIFIER",)


@_of_each_kind
def test_nobody_has_nothing_to_compare(kind: str) -> None:
    who = replace(step(kind, NamesCompared()), identifiers=(), tried=(MEMBER, PHONE))
    nobody = replace(who, provided=(), received=()) if isinstance(who, IdentifyRecords) else who
    desk = Desk().verified(application(kind=kind)).do(nobody)
    found = desk.case.search or desk.case.person
    assert found is not None
    assert found.name_checks is None
    assert not warnings(desk.case)


def test_an_answer_rests_on_an_identifier_until_it_is_in_the_post() -> None:
    unnamed = replace(IDENTIFY, names=NamesCompared((UNNAMED,)))
    desk = Desk().verified()
    assert not warnings(desk.case)
    for one, by in (
        *((unnamed, OFFICER), (DISCLOSE, OFFICER), (SUBMIT, OFFICER), (SendBack("宛名"), APPROVER)),
        *((SUBMIT, OFFICER), (APPROVE, APPROVER)),
    ):
        assert warnings(desk.do(one, by=by).case) == ("NAMES_NOT_COMPARED",), one
    posted = desk.later(1).do(dispatched(desk.today))
    assert not warnings(posted.case)
    named = replace(IDENTIFY, names=NamesCompared((MATCHES,)))
    again = Desk().verified().do(unnamed, named)
    assert not warnings(again.case), "the newest search is the one that counts"


@_of_each_kind
def test_who_the_person_is_has_the_same_rules_whatever_is_asked_for(kind: str) -> None:
    asked = application(kind=kind, identifiers=(MEMBER, OLD))
    few = replace(step(kind, NamesCompared()), identifiers=(), tried=(PHONE,))
    if isinstance(few, IdentifyRecords):
        few = replace(few, provided=(), received=())
    numbered = replace(few, evidence=MY_NUMBER, not_the_person=f"家族 {MY_NUMBER}")
    assert malformed(Desk().verified(asked).do, numbered) == {
        ("/evidence", "MY_NUMBER_SHOWN"),
        ("/not_the_person", "MY_NUMBER_SHOWN"),
        ("/application/identifiers/0", "FORM_IDENTIFIER_LEFT_OUT"),
        ("/application/identifiers/1", "FORM_IDENTIFIER_LEFT_OUT"),
        ("/tried", "TOO_FEW_TRIED"),
    }
    mine = replace(step(kind, NamesCompared((MATCHES,))), identifiers=(MEMBER,), tried=(OLD,))
    told = replace(mine, not_the_person="同居の家族の番号(電話で確認)")
    case = Desk().verified(asked).do(told).case
    found = case.search or case.person
    assert found is not None
    assert found.not_the_person == "同居の家族の番号(電話で確認)"


@example(checks=["differs", "mixed", "unnamed"], said=[(MEMBER, "改姓")])
@example(checks=["differs", "mixed", "no_records"], said=[(PHONE, "改姓"), (MEMBER, "改姓")])
@example(checks=["matches", "mixed", None], said=[(OLD, "共用"), (OLD, "改姓")])
@given(
    checks=st.lists(st.sampled_from(OUTCOMES), min_size=3, max_size=3),
    said=st.lists(
        st.tuples(st.sampled_from([*WHO, PrincipalRef("member", "M-0003")]), st.text(max_size=3)),
        max_size=4,
    ),
)
def test_a_step_passes_exactly_with_one_reason_for_each_identifier_that_differs(
    checks: list[str], said: Sequence[tuple[PrincipalRef, str]]
) -> None:
    names = NamesCompared(tuple(checks), tuple(NameExplained(*one) for one in said))
    owed = sorted(str(one) for one, c in zip(WHO, checks, strict=True) if c in ("differs", "mixed"))
    is_good = sorted(str(one) for one, _ in said) == owed and all(text.strip() for _, text in said)
    assert (not list(name_defects(WHO, names))) == is_good
    if is_good:
        kept = names_differ(WHO, names)
        assert [(one.identifier, one.because) for one in kept or ()] == list(said)
        assert all(one.name_check == checks[WHO.index(one.identifier)] for one in kept or ())
