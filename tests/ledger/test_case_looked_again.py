"""A verification that does not hold: the papers, the form and the person are looked at again."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.events.intake import Application
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.papers import judged_request
from ledger.cases.refusals import IdentityNotProvenError
from ledger.cases.steps import (
    CheckDocuments,
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
    SendBack,
    Step,
    Verify,
)
from ledger.errors import MalformedError
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.requests import KINDS
from tests.ledger.case_given import (
    APPROVER,
    DISCLOSE,
    FORM,
    GOOD,
    IDENTIFY,
    SHORT,
    SUBMIT,
    Desk,
    application,
    seen,
)

VERIFIED: Mapping[str, Callable[[], Desk]] = {
    "search": lambda: Desk().verified(),
    "review": lambda: Desk().verified().do(IDENTIFY),
    "decided": lambda: Desk().verified().do(IDENTIFY, DISCLOSE),
    "sent back": lambda: Desk().submitted().do(SendBack("宛名"), by=APPROVER),
    "taken back": lambda: Desk().approved().do(SendBack("宛名")),
    "reopened": lambda: Desk().sent().do(Reopen("訂正")),
}


@pytest.mark.parametrize("status", VERIFIED)
@pytest.mark.parametrize("step", [CheckDocuments(GOOD), Resubmit(Desk().today)])
def test_what_was_found_and_decided_is_void_after_a_new_look(status: str, step: Step) -> None:
    found = VERIFIED[status]().do(step).case
    assert (found.reply_to, found.complete_on, found.search, found.decision) == (None,) * 4
    assert (found.submission, found.approved_on) == (None, None)


@pytest.mark.parametrize("status", VERIFIED)
def test_a_name_that_cannot_be_printed_is_written_anew(status: str) -> None:
    desk = VERIFIED[status]().do(Resubmit(Desk().today, form={"name": "見本 華子"}))
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    assert addressee_of(desk.case).name == "見本 華子"


def test_who_cannot_be_found_is_asked_for_what_is_needed_to_find_them() -> None:
    desk = Desk().verified().do(CheckDocuments(seen(form_missing=("identifier",))))
    desk.do(RequestCorrection())
    assert desk.case.correction is not None
    assert desk.case.correction.reasons == ("FORM_INCOMPLETE",)


def test_nobody_is_refused_for_what_was_found_after_the_verification_without_being_asked() -> None:
    desk = Desk().receive().do(CheckDocuments(SHORT), RequestCorrection(), Resubmit(Desk().today))
    desk.do(CheckDocuments(GOOD), Verify()).later(31).do(CheckDocuments(SHORT))
    with pytest.raises(IdentityNotProvenError) as error:
        desk.do(Refuse())
    assert error.value.outcome == "correction_requested"
    desk.do(RequestCorrection()).later(31).do(Refuse())
    assert desk.case.is_refusal


_PARENT: dict[str, Any] = {
    "requester": "legal_representative",
    "representation": "guardian_of_adult",
}
_OF_PARENT = {"representative_name": "見本 太郎", "representative_address": FORM["address"]}
LACKING: dict[str, tuple[Application, tuple[str, ...]]] = {
    "nothing": (application(), ()),
    "a name": (application(form={"address": FORM["address"]}), ("name",)),
    "an address": (application(form={"name": FORM["name"], "address": "  "}), ("address",)),
    "all": (application(form={}), ("name", "address")),
    "an address to send it to": (application(reply_address="billing"), ("billing_address",)),
    "who represents": (
        application(form=FORM, **_PARENT),
        ("representative_name", "representative_address"),
    ),
    "who is represented": (application(form=_OF_PARENT, **_PARENT), ("name",)),
    "nothing of a representative's": (application(form={**FORM, **_OF_PARENT}, **_PARENT), ()),
}


@pytest.mark.parametrize("name", LACKING)
def test_a_form_that_no_reply_can_be_addressed_with_is_incomplete(name: str) -> None:
    asked, lacks = LACKING[name]
    desk = Desk().receive(asked).do(CheckDocuments(GOOD))
    assert desk.case.check is not None
    assert ("FORM_INCOMPLETE" in desk.case.check.reasons) is bool(lacks)
    assert judged_request(desk.case, PUBLISHED[-1], desk.today).form_missing == lacks


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_without_an_address_is_completed_before_anybody_is_verified(kind: str) -> None:
    desk = Desk().receive(application(kind=kind, form={"name": "見本 花子"}))
    desk.do(CheckDocuments(GOOD))
    with pytest.raises(MalformedError):
        addressee_of(desk.case)
    with pytest.raises(IdentityNotProvenError) as error:
        desk.do(Verify())
    assert error.value.reasons == ["FORM_INCOMPLETE"]
    desk.do(RequestCorrection(), Resubmit(desk.today, form={"address": FORM["address"]}))
    desk.do(CheckDocuments(GOOD), Verify())
    first = CaseStatus.SEARCH if desk.case.is_searched else CaseStatus.REVIEW
    assert (desk.status, addressee_of(desk.case).address) == (first, FORM["address"])
