"""The records of a case and the decision on each of them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from ledger.case import Status, records_digest
from ledger.case.steps import (
    Decide,
    IdentifyRecords,
)
from ledger.errors import (
    MalformedError,
)
from ledger.events.case import (
    CaseDecided,
    Withholding,
)
from ledger.values import PrincipalRef
from tests.ledger.case_given import (
    ALL,
    DISCLOSE,
    HEAD,
    IDENTIFY,
    MEMBER,
    MY_NUMBER,
    PROVIDED,
    RECEIVED,
    Desk,
    defects,
    held,
)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"as_of": HEAD + 1}, "/as_of", "POSITION_BEYOND_HEAD"),
        ({"provided": (*PROVIDED, *RECEIVED)}, "/provided", "RECORD_TWICE"),
        ({"identifiers": ()}, "/identifiers", "RECORDS_OF_NOBODY"),
        ({"identifiers": (), "provided": (), "received": ()}, "/tried", "TOO_FEW_TRIED"),
        (
            {"identifiers": (), "provided": (), "received": (), "tried": (MEMBER, MEMBER)},
            "/tried",
            "TOO_FEW_TRIED",
        ),
        ({"evidence": MY_NUMBER}, "/evidence", "MY_NUMBER_SHOWN"),
    ],
)
def test_a_search_that_cannot_be_is_named(changes: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(MalformedError) as error:
        Desk().verified().do(replace(IDENTIFY, **changes))
    assert (pointer, code) in defects(error)


def test_who_is_not_found_by_two_kinds_of_identifiers_gets_the_letter_of_no_records() -> None:
    tried = (MEMBER, PrincipalRef("email", "hanako@example.jp"))
    desk = Desk().verified().do(IdentifyRecords(5, (), "該当なし", tried=tried), Decide())
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.outcome, decision.disclosed) == ("not_exist", 0)


@pytest.mark.parametrize(
    ("withheld", "outcome", "disclosed"),
    [
        ((), "full_disclosure", 3),
        ((held(ALL[0]),), "partial_disclosure", 2),
        ((held(ALL[0], items=("COUNTERPARTY",)),), "partial_disclosure", 3),
        (tuple(held(one) for one in ALL), "non_disclosure", 0),
        (tuple(held(one, items=("ITEMS",)) for one in ALL), "partial_disclosure", 3),
    ],
)
def test_every_record_is_disclosed_or_withheld_and_the_outcome_says_so(
    withheld: tuple[Withholding, ...], outcome: str, disclosed: int
) -> None:
    desk = Desk().verified().do(IDENTIFY, replace(DISCLOSE, withheld=withheld))
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    assert (decision.outcome, decision.disclosed, decision.as_of) == (outcome, disclosed, 5)


@pytest.mark.parametrize(
    ("step", "pointer", "code"),
    [
        (Decide(PROVIDED, ()), "/provided", "RECORDS_DIFFER"),
        (Decide(RECEIVED, PROVIDED), "/provided", "RECORDS_DIFFER"),
        (
            replace(DISCLOSE, withheld=(held(UUID(int=9)),)),
            "/withheld/0/record",
            "RECORD_UNKNOWN",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0]), held(ALL[0]))),
            "/withheld/1/record",
            "RECORD_TWICE",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0], ground="IDENTITY"),)),
            "/withheld/0/ground",
            "GROUND_NOT_ALLOWED",
        ),
        (
            replace(DISCLOSE, withheld=(held(ALL[0], reason=" "),)),
            "/withheld/0/reason",
            "REASON_MISSING",
        ),
        (replace(DISCLOSE, medium="stone"), "/medium", "SCHEMA"),
    ],
)
def test_a_decision_that_cannot_be_is_named(step: Decide, pointer: str, code: str) -> None:
    with pytest.raises(MalformedError) as error:
        Desk().verified().do(IDENTIFY, step)
    assert defects(error) == {(pointer, code)}


@pytest.mark.parametrize(
    ("causes", "is_enough"),
    [
        (("confidentiality_clause",), False),
        (("confidentiality_clause", "volume"), False),
        ((), False),
        (("confidentiality_clause", "repetition"), True),
    ],
)
def test_a_confidentiality_clause_is_no_hindrance_by_itself(
    causes: tuple[str, ...], *, is_enough: bool
) -> None:
    step = replace(DISCLOSE, withheld=(held(ALL[0], ground="ART33_2_II", causes=causes),))
    desk = Desk().verified().do(IDENTIFY)
    if is_enough:
        assert desk.do(step).status == Status.DECIDED
    else:
        with pytest.raises(MalformedError) as error:
            desk.do(step)
        assert defects(error) == {("/withheld/0/causes", "GROUND_II_ALONE")}


def test_the_digest_of_records_knows_the_sides_and_not_the_order() -> None:
    assert records_digest(PROVIDED, RECEIVED) == records_digest(PROVIDED[::-1], RECEIVED)
    assert records_digest(PROVIDED, RECEIVED) != records_digest(RECEIVED, PROVIDED)
    assert records_digest((*PROVIDED, *RECEIVED), ()) != records_digest(PROVIDED, RECEIVED)
