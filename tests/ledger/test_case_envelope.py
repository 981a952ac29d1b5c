"""Two requests in one envelope: linked, and nothing passes over but what an officer takes over."""

from dataclasses import replace
from uuid import UUID

import pytest

from ledger.cases.case import State, check_same, copy_check, envelope_of
from ledger.cases.events.intake import Application
from ledger.cases.letters.addressee import is_known
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake
from ledger.cases.papers import judged_request
from ledger.cases.refusals import IdentityNotProvenError
from ledger.cases.steps import CheckDocuments, RequestCorrection, Resubmit, Verify
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.policies.identity.request import AddressJudgement, IdentityVerdict, OpenFact
from ledger.policies.identity.verdict import decide_identity
from tests.law.papers import AGREEING, ARRIVED, both, paper
from tests.ledger.case_given import (
    APPROVER,
    CASE,
    DAY,
    ENTRY,
    FORM,
    GOOD,
    MY_NUMBER,
    Desk,
    application,
    seen,
)
from tests.ledger.given import malformed
from tests.matrix import every

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


@every("name", REFUSED)
def test_what_cannot_have_come_in_that_envelope_is_named(name: str) -> None:
    asked, expected = REFUSED[name]
    assert malformed(check_same, asked, Desk().receive().case) == expected
    check_same(SISTER, Desk().receive().case)


@every("form", [{**FORM, "name": "見本　花子"}, {"address": FORM["address"]}])
def test_a_name_spelled_otherwise_or_left_out_is_no_other_person(form: dict[str, str]) -> None:
    check_same(replace(SISTER, form=form), Desk().receive().case)


@every("form", [{**FORM, "name": "見本 太郎"}, {"address": FORM["address"]}])
def test_papers_of_one_name_are_not_taken_over_for_another_name_or_none(
    form: dict[str, str],
) -> None:
    first = Desk().receive().do(CheckDocuments(GOOD)).case
    desk = Desk().receive(application(kind="retained_data", form=form))
    assert malformed(copy_check, desk.case, first, form_checked=True) == {
        ("/application/form/name", "NOT_THE_SAME_ENVELOPE")
    }


def test_an_envelope_is_named_by_its_first_case() -> None:
    sister = replace(Desk().receive().case, application=SISTER)
    for other in (None, sister):
        assert malformed(check_same, replace(SISTER, kind="provision_stop"), other) == {
            ("/same_envelope_as", "CASE_UNKNOWN")
        }


def test_an_envelope_is_not_named_by_a_case_that_is_said_to_be_a_mistake() -> None:
    desk = Desk().receive().do(ENTRY)
    for step in (None, ConfirmMistake()):
        if step is not None:
            desk.do(step, by=APPROVER)
        assert malformed(check_same, SISTER, desk.case) == {("/same_envelope_as", "CASE_IN_ERROR")}
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
        desk.do(copy_check(desk.case, first, form_checked=is_complete))
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
    look = copy_check(desk.case, first, form_checked=True).examination
    assert look.addresses.form_is_registered is None
    assert desk.do(CheckDocuments(look)).case.check is not None
    assert desk.case.check is not None
    assert desk.case.check.outcome is None


@every("covers, is_open", [(None, True), (True, False)])
def test_a_mandate_is_looked_at_for_each_request(*, covers: bool | None, is_open: bool) -> None:
    mandate = paper("power_of_attorney", by_principal=True, seal_as_certified=True)
    mandate = replace(mandate, covers_this_request=True)
    look = seen(*both("principal"), *both("agent"), mandate)
    first = Desk().receive(application(requester="mandated_agent")).do(CheckDocuments(look)).case
    desk = Desk().receive(application(kind="retained_data", requester="mandated_agent"))
    desk.do(copy_check(desk.case, first, form_checked=True, covers_this_request=covers))
    assert desk.case.check is not None
    assert ("covers_this_request" in desk.case.check.open) is is_open


def test_papers_that_nobody_has_looked_at_are_not_taken_over() -> None:
    desk = Desk().receive(SISTER)
    for other in (None, Desk().receive().case):
        assert malformed(copy_check, desk.case, other, form_checked=True) == {("", "NO_PAPERS")}


# -- two addresses that are written so differently that the machine takes them for two: ------------

HERE, THERE = "東京都千代田区永田町2-11-1", "大阪府大阪市北区梅田3-1-3"
TOWER = "東京都港区芝1-2-3 THE TOWER 芝 1001"
TOWER_REGISTERED = "東京都港区芝1丁目2番3号 ザ・タワー芝1001"
# Form, and the same place as the register or the papers write it.
SPELLED = {
    "a building in Latin letters": (TOWER, TOWER_REGISTERED),
    "a building cut short": (
        "東京都港区芝1-2-3 パークハイツA棟101",
        "東京都港区芝1丁目2番3号 パークハイツ芝A棟101",
    ),
    "a street of Kyoto": (
        "京都市中京区上本能寺前町488",
        "京都府京都市中京区寺町通御池上る上本能寺前町488番地",
    ),
    "a 地割": ("岩手県盛岡市内丸第10地割12番地", "岩手県盛岡市内丸10地割12"),
}
WHY = "建物名の表記の違い(登録原本で確認)"
REGISTERED, ON_PAPERS = "form_is_registered_because", "identity_is_form_because"
PAIRS = {"registered_address": REGISTERED, "identity_address": ON_PAPERS}


def looked(form: str, judged: AddressJudgement = AGREEING, **written: str) -> Desk:
    """A desk at which the addresses were judged to be one, of a form with that address."""
    asked = application(form={"name": "見本 花子", "address": form})
    return Desk().receive(asked).do(CheckDocuments(seen(addresses=judged, **written)))


def checked(desk: Desk) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    assert desk.case.check is not None
    return desk.case.check.outcome, desk.case.check.reasons, desk.case.check.open


@every("pair", PAIRS)
@every("form, other", SPELLED.values())
def test_a_rightful_person_whose_address_is_spelled_otherwise_is_verified_with_a_reason(
    form: str, other: str, pair: str
) -> None:
    desk = looked(form, AGREEING, **{pair: other})
    assert checked(desk) == (None, (), (PAIRS[pair],))
    judged = replace(AGREEING, **{PAIRS[pair]: WHY})
    desk.do(CheckDocuments(seen(addresses=judged, **{pair: other})))
    assert checked(desk) == ("verified", (), ())
    assert desk.do(Verify()).status == "search"


def test_without_a_reason_nobody_is_verified_asked_to_correct_anything_or_refused() -> None:
    desk = looked(HERE, registered_address=THERE, identity_address=THERE)
    assert checked(desk) == (None, (), (REGISTERED, ON_PAPERS))
    for step in (Verify(), RequestCorrection()):
        with pytest.raises(IdentityNotProvenError) as error:
            desk.do(step)
        assert (error.value.outcome, error.value.reasons) == ("open", [])
        assert error.value.open == [REGISTERED, ON_PAPERS]


@every("because", [None, WHY])
def test_an_officer_who_says_that_they_differ_is_not_contradicted(because: str | None) -> None:
    differs = replace(AGREEING, form_is_registered=False, form_is_registered_because=because)
    for other in (HERE, TOWER_REGISTERED):
        desk = looked(HERE, differs, registered_address=other)
        assert checked(desk) == ("correction_requested", ("REGISTERED_ADDRESS_DIFFERS",), ())
    differs = replace(AGREEING, identity_is_form=False, identity_is_form_because=because)
    desk = looked(HERE, differs, identity_address=THERE)
    assert checked(desk) == ("correction_requested", ("IDENTITY_ADDRESS_DIFFERS",), ())


def test_what_the_papers_say_is_asked_for_beside_what_the_register_says() -> None:
    differs = replace(AGREEING, identity_is_form=False)
    desk = looked(HERE, differs, registered_address=THERE)
    assert checked(desk) == (None, ("IDENTITY_ADDRESS_DIFFERS",), (REGISTERED,))
    unseen = replace(AGREEING, identity_is_form=None)
    desk = looked(HERE, unseen, registered_address=THERE, identity_address=THERE)
    assert checked(desk) == (None, (), (REGISTERED, "identity_is_form"))


@every(
    "form, other",
    [
        (HERE, HERE),
        (HERE, "東京都千代田区永田町二丁目11番1号 見本ビル"),
        (HERE, HERE.removeprefix("東京都")),
        ("見本町", "見本町"),
        ("1-2-3", "1-2-3"),
    ],
)
def test_the_tick_stands_alone_where_the_machine_does_not_propose_two_addresses(
    form: str, other: str
) -> None:
    desk = looked(form, registered_address=other, identity_address=other)
    assert checked(desk) == ("verified", (), ())


@every("because", ["", " ", "　"])
def test_a_reason_that_says_nothing_is_none(because: str) -> None:
    judged = replace(AGREEING, form_is_registered_because=because)
    assert malformed(looked, HERE, judged, registered_address=THERE) == {
        (f"/addresses/{REGISTERED}", "SCHEMA")
    }


def test_a_reason_holds_no_individual_number() -> None:
    judged = replace(AGREEING, identity_is_form_because=f"番号 {MY_NUMBER}")
    assert malformed(looked, HERE, judged) == {(f"/addresses/{ON_PAPERS}", "MY_NUMBER_SHOWN")}


def test_a_tick_of_before_the_form_changed_counts_for_nothing() -> None:
    explained = replace(AGREEING, form_is_registered_because=WHY)
    desk = looked(TOWER, explained, registered_address=TOWER_REGISTERED)
    desk.do(Verify(), Resubmit(desk.today, form={"address": THERE}))
    assert decided_today(desk.case).open == (
        OpenFact("form_checked"),
        OpenFact("form_is_registered"),
    )
    # The same line of the register is looked at, and ticked by habit.
    desk.do(CheckDocuments(seen(registered_address=TOWER_REGISTERED)))
    assert checked(desk) == (None, (), (REGISTERED,))


@every("address", [TOWER, THERE])
def test_the_reasons_go_with_the_papers_as_far_as_both_forms_write_one_address(
    address: str,
) -> None:
    judged = replace(AGREEING, form_is_registered_because=WHY, identity_is_form_because=WHY)
    first = looked(
        TOWER, judged, registered_address=TOWER_REGISTERED, identity_address=TOWER_REGISTERED
    )
    form = {"name": "見本 花子", "address": address}
    desk = Desk().receive(application(kind="retained_data", form=form))
    desk.do(copy_check(desk.case, first.case, form_checked=True))
    if address == TOWER:
        assert checked(desk) == ("verified", (), ())
    else:
        assert checked(desk) == (None, (), ("form_is_registered",))
        assert desk.case.check is not None
        addresses = desk.case.check.examination.addresses
        assert addresses.form_is_registered_because is None
        assert addresses.identity_is_form_because is None


def test_an_address_that_waits_for_a_reason_is_not_taken_for_the_persons() -> None:
    """A letter on the way to it says nothing of what was asked."""
    assert not is_known(looked(TOWER, registered_address=TOWER_REGISTERED).case)
    explained = replace(AGREEING, form_is_registered_because=WHY)
    assert is_known(looked(TOWER, explained, registered_address=TOWER_REGISTERED).case)
    assert is_known(looked(TOWER, registered_address=TOWER).case)


def test_a_look_that_was_once_decided_against_the_officer_waits_for_the_reason() -> None:
    desk = looked(TOWER, registered_address=TOWER_REGISTERED)
    assert desk.case.check is not None
    reasons = ("REGISTERED_ADDRESS_DIFFERS",)
    old = replace(desk.case.check, outcome="correction_requested", reasons=reasons, open=())
    verdict = decided_today(replace(desk.case, check=old))
    assert (verdict.outcome, verdict.reasons, verdict.open_facts) == (None, (), (REGISTERED,))


def decided_today(state: State) -> IdentityVerdict:
    return decide_identity(judged_request(state, PUBLISHED[-1], ARRIVED), PUBLISHED[-1])
