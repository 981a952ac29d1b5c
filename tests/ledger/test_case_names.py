"""Who the person is, when the records found bear another name than the form."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.case.identifying import name_defects
from ledger.case.measuring import IdentifyPerson
from ledger.case.steps import IdentifyRecords
from ledger.errors import MalformedError
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

OLD = PrincipalRef("member", "M-0002")
MARRIED = "婚姻により改姓(戸籍謄本で確認)"
STEPS: dict[str, IdentifyRecords | IdentifyPerson] = {
    "provision_records": replace(IDENTIFY, identifiers=(MEMBER, OLD)),
    "provision_stop": replace(PERSON, identifiers=(MEMBER, OLD)),
}

pytestmark = pytest.mark.parametrize("kind", STEPS)


def taken(kind: str, **changes: Any) -> str | None:  # noqa: ANN401 -- members of a step
    """Take the step; the reason that the case then keeps."""
    step: Any = STEPS[kind]
    step = replace(step, **changes)
    state = Desk().verified(application(kind=kind)).do(step).case
    found = state.search or state.person
    assert found is not None
    return found.name_differs_because


@pytest.mark.parametrize("because", [None, "", " \u3000"])
@pytest.mark.parametrize("places", [(0,), (1,), (0, 1)])
def test_each_identifier_of_another_name_is_refused_by_its_place(
    kind: str, places: tuple[int, ...], because: str | None
) -> None:
    with pytest.raises(MalformedError) as error:
        taken(kind, names_differ=places, name_differs_because=because)
    assert defects(error) == {(f"/identifiers/{n}", "NAME_DIFFERS") for n in places}


def test_a_reason_lets_them_pass_and_is_kept(kind: str) -> None:
    assert taken(kind, names_differ=(1,), name_differs_because=MARRIED) == MARRIED
    assert taken(kind) is None


@pytest.mark.parametrize("because", [MARRIED, ""])
def test_a_reason_for_nothing_is_refused(kind: str, because: str) -> None:
    with pytest.raises(MalformedError) as error:
        taken(kind, name_differs_because=because)
    assert defects(error) == {("/name_differs_because", "NOTHING_DIFFERS")}


def test_no_individual_number_stands_in_the_reason(kind: str) -> None:
    with pytest.raises(MalformedError) as error:
        taken(kind, names_differ=(0,), name_differs_because=f"改姓 {MY_NUMBER}")
    assert defects(error) == {("/name_differs_because", "MY_NUMBER_SHOWN")}


@given(places=st.sets(st.integers(0, 49)), because=st.none() | st.text(max_size=4))
def test_there_is_a_reason_exactly_where_something_differs(
    kind: str, places: set[int], because: str | None
) -> None:
    del kind
    is_said = because is not None and because.strip() != ""
    is_good = is_said if places else because is None
    assert (not list(name_defects(sorted(places), because))) == is_good
