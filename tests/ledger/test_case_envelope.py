"""Two requests in one envelope: linked, and nothing passes over but what an officer takes over."""

from dataclasses import replace
from uuid import UUID

import pytest

from ledger.cases.case import check_same, envelope_of, taken_over
from ledger.cases.events.intake import Application
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake
from ledger.cases.steps import CheckDocuments, Verify
from ledger.errors import MalformedError
from tests.law.papers import ARRIVED, both, paper
from tests.ledger.case_given import (
    APPROVER,
    CASE,
    DAY,
    ENTRY,
    FORM,
    GOOD,
    Desk,
    application,
    defects,
    seen,
)

SISTER = application(kind="retained_data", same_envelope_as=CASE)
REFUSED: dict[str, tuple[Application, set[tuple[str, str]]]] = {
    "another day": (
        replace(SISTER, arrived_on=ARRIVED - DAY),
        {("/arrived_on", "NOT_THE_SAME_ENVELOPE")},
    ),
    "another person": (
        replace(SISTER, requester="mandated_agent"),
        {("/requester", "NOT_THE_SAME_ENVELOPE")},
    ),
    "another name": (
        replace(SISTER, form={**FORM, "name": "見本 太郎"}),
        {("/form/name", "NOT_THE_SAME_ENVELOPE")},
    ),
    "the same request": (replace(SISTER, kind="provision_records"), {("/kind", "KIND_TWICE")}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_have_come_in_that_envelope_is_named(name: str) -> None:
    asked, expected = REFUSED[name]
    with pytest.raises(MalformedError) as error:
        check_same(asked, Desk().receive().case)
    assert defects(error) == expected
    check_same(SISTER, Desk().receive().case)


@pytest.mark.parametrize("form", [{**FORM, "name": "見本　花子"}, {"address": FORM["address"]}])
def test_a_name_spelled_otherwise_or_left_out_is_no_other_person(form: dict[str, str]) -> None:
    check_same(replace(SISTER, form=form), Desk().receive().case)


@pytest.mark.parametrize("form", [{**FORM, "name": "見本 太郎"}, {"address": FORM["address"]}])
def test_papers_of_one_name_are_not_taken_over_for_another_name_or_none(
    form: dict[str, str],
) -> None:
    first = Desk().receive().do(CheckDocuments(GOOD)).case
    desk = Desk().receive(application(kind="retained_data", form=form))
    with pytest.raises(MalformedError) as error:
        taken_over(desk.case, first, form_checked=True)
    assert defects(error) == {("/application/form/name", "NOT_THE_SAME_ENVELOPE")}


def test_an_envelope_is_named_by_its_first_case() -> None:
    sister = replace(Desk().receive().case, application=SISTER)
    for other in (None, sister):
        with pytest.raises(MalformedError) as error:
            check_same(replace(SISTER, kind="provision_stop"), other)
        assert defects(error) == {("/same_envelope_as", "CASE_UNKNOWN")}


def test_an_envelope_is_not_named_by_a_case_that_is_said_to_be_a_mistake() -> None:
    desk = Desk().receive().do(ENTRY)
    for step in (None, ConfirmMistake()):
        if step is not None:
            desk.do(step, by=APPROVER)
        with pytest.raises(MalformedError) as error:
            check_same(SISTER, desk.case)
        assert defects(error) == {("/same_envelope_as", "CASE_IN_ERROR")}
    check_same(SISTER, Desk().receive().do(ENTRY, DismissMistake("別件")).case)


def test_all_cases_of_an_envelope_know_one_another_and_no_other() -> None:
    first = Desk().receive().case
    second = replace(first, case=UUID(int=2), application=SISTER)
    third = replace(second, case=UUID(int=3))
    stranger = replace(first, case=UUID(int=4))
    states = [first, second, third, stranger]
    found = [{one.case for one in envelope_of(states, state)} for state in states]
    ids = {first.case, second.case, third.case}
    assert found == [ids - {first.case}, ids - {second.case}, ids - {third.case}, set()]


def test_the_same_papers_verify_once_the_other_form_is_complete() -> None:
    first = Desk().receive().do(CheckDocuments(GOOD), Verify()).case
    for is_complete, outcome in ((False, None), (True, "verified")):
        desk = Desk().receive(application(kind="retained_data"))
        desk.do(taken_over(desk.case, first, form_checked=is_complete))
        check = desk.case.check
        assert check is not None
        assert check.outcome == outcome
        # A verification is no paper: somebody still has to say so.
        assert desk.case.reply_to is None
        papers = tuple(replace(one, covers_this_request=None) for one in GOOD.papers)
        assert check.examination.papers == papers


def test_another_address_on_the_other_form_is_judged_anew() -> None:
    first = Desk().receive().do(CheckDocuments(GOOD)).case
    form = {**FORM, "address": "大阪府大阪市北区梅田3-1-3"}
    desk = Desk().receive(application(kind="retained_data", form=form))
    look = taken_over(desk.case, first, form_checked=True).examination
    assert look.addresses.form_is_registered is None
    assert desk.do(CheckDocuments(look)).case.check is not None
    assert desk.case.check is not None
    assert desk.case.check.outcome is None


@pytest.mark.parametrize(("covers", "is_open"), [(None, True), (True, False)])
def test_a_mandate_is_looked_at_for_each_request(*, covers: bool | None, is_open: bool) -> None:
    mandate = paper("power_of_attorney", by_principal=True, seal_as_certified=True)
    mandate = replace(mandate, covers_this_request=True)
    look = seen(*both("principal"), *both("agent"), mandate)
    first = Desk().receive(application(requester="mandated_agent")).do(CheckDocuments(look)).case
    desk = Desk().receive(application(kind="retained_data", requester="mandated_agent"))
    desk.do(taken_over(desk.case, first, form_checked=True, covers_this_request=covers))
    assert desk.case.check is not None
    assert ("covers_this_request" in desk.case.check.open) is is_open


def test_papers_that_nobody_has_looked_at_are_not_taken_over() -> None:
    desk = Desk().receive(SISTER)
    for other in (None, Desk().receive().case):
        with pytest.raises(MalformedError) as error:
            taken_over(desk.case, other, form_checked=True)
        assert defects(error) == {("", "NO_PAPERS")}
