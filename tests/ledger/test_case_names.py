"""Who the person is, when the records found bear another name than the form."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.case.measuring import IdentifyPerson
from ledger.case.naming import NameExplained, NamesCompared, name_defects, names_differ
from ledger.case.steps import IdentifyRecords
from ledger.errors import MalformedError
from ledger.events.naming import NameDiffers
from ledger.policies.naming import CHECKS, DIFFERS, MATCHES, MIXED
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    IDENTIFY,
    MEMBER,
    MY_NUMBER,
    PERSON,
    Desk,
    application,
    defects,
)

OLD, PHONE = PrincipalRef("member", "M-0002"), PrincipalRef("phone", "+81300000000")
WHO = (MEMBER, OLD, PHONE)
MARRIED = "婚姻により改姓(戸籍謄本で確認)"
STEPS: dict[str, IdentifyRecords | IdentifyPerson] = {
    "provision_records": replace(IDENTIFY, identifiers=WHO),
    "provision_stop": replace(PERSON, identifiers=WHO),
}
_of_each_kind = pytest.mark.parametrize("kind", STEPS)


def compared(*checks: str | None, **because: str) -> NamesCompared:
    """What the records say of each of `WHO`, and why; reasons are named `of_1` by their places."""
    said = ((WHO[int(name[-1])], text) for name, text in because.items())
    return NamesCompared(checks, tuple(NameExplained(*one) for one in said))


def taken(kind: str, names: NamesCompared) -> tuple[NameDiffers, ...] | None:
    """Take the step; the reasons that the case then keeps."""
    step: Any = replace(STEPS[kind], names=names)
    state = Desk().verified(application(kind=kind)).do(step).case
    found = state.search or state.person
    assert found is not None
    return found.names_differ


def refused(kind: str, names: NamesCompared) -> set[tuple[str, str]]:
    with pytest.raises(MalformedError) as error:
        taken(kind, names)
    return defects(error)


@_of_each_kind
@pytest.mark.parametrize("check", [DIFFERS, MIXED])
@pytest.mark.parametrize("places", [(0,), (1,), (0, 2)])
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
    assert taken(kind, compared(MATCHES, None, MATCHES)) is None


@_of_each_kind
@pytest.mark.parametrize("check", [MATCHES, None])
def test_a_reason_for_nothing_is_refused(kind: str, check: str | None) -> None:
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
@pytest.mark.parametrize(
    ("because", "code"),
    [("", "SCHEMA"), (" \u3000", "SCHEMA"), (f"改姓 {MY_NUMBER}", "MY_NUMBER_SHOWN")],
)
def test_a_reason_says_something_and_holds_no_individual_number(
    kind: str, because: str, code: str
) -> None:
    names = compared(DIFFERS, None, None, of_0=because)
    assert refused(kind, names) == {("/names_differ/0/because", code)}


@example(checks=["differs", "mixed", None], said=[(MEMBER, "改姓")])
@example(checks=["differs", "mixed", None], said=[(PHONE, "改姓"), (MEMBER, "改姓")])
@example(checks=["matches", "mixed", None], said=[(OLD, "共用"), (OLD, "改姓")])
@given(
    checks=st.lists(st.none() | st.sampled_from(CHECKS), min_size=3, max_size=3),
    said=st.lists(
        st.tuples(st.sampled_from([*WHO, PrincipalRef("member", "M-0003")]), st.text(max_size=3)),
        max_size=4,
    ),
)
def test_a_step_passes_exactly_with_one_reason_for_each_identifier_that_differs(
    checks: list[str | None], said: Sequence[tuple[PrincipalRef, str]]
) -> None:
    names = NamesCompared(tuple(checks), tuple(NameExplained(*one) for one in said))
    owed = sorted(str(one) for one, c in zip(WHO, checks, strict=True) if c in ("differs", "mixed"))
    is_good = sorted(str(one) for one, _ in said) == owed and all(text.strip() for _, text in said)
    assert (not list(name_defects(WHO, names))) == is_good
    if is_good:
        kept = names_differ(WHO, names)
        assert [(one.identifier, one.because) for one in kept or ()] == list(said)
        assert all(one.name_check == checks[WHO.index(one.identifier)] for one in kept or ())
