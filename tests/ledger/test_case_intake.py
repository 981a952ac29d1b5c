"""Taking a request in, and the identity of who asks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.events.case import CaseCorrectionRequested, CaseRefused
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
from ledger.errors import (
    MalformedError,
)
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.requests import KINDS
from tests.law.papers import ARRIVED, RESIDENCE, paper, read_with
from tests.ledger.case_given import (
    APPROVER,
    DAY,
    DISCLOSE,
    FORM,
    GOOD,
    IDENTIFY,
    MY_NUMBER,
    NOON,
    SHORT,
    Desk,
    application,
    seen,
)
from tests.ledger.given import malformed
from tests.matrix import every

# -- intake ---------------------------------------------------------------------------------------


@every(
    "changes, pointer, code",
    [
        ({"arrived_on": ARRIVED + DAY}, "/arrived_on", "DATE_IN_FUTURE"),
        ({"postmarked_on": ARRIVED + DAY}, "/postmarked_on", "POSTMARK_AFTER_ARRIVAL"),
        ({"birth_date": ARRIVED + DAY}, "/birth_date", "DATE_IN_FUTURE"),
        ({"kind": "other"}, "/kind", "SCHEMA"),
        ({"requester": "neighbour"}, "/requester", "SCHEMA"),
        ({"channel": "pigeon"}, "/channel", "SCHEMA"),
        ({"medium": "stone"}, "/medium", "SCHEMA"),
        ({"requester": "legal_representative"}, "/representation", "REPRESENTATION_UNCLEAR"),
        ({"representation": "parent_of_minor"}, "/representation", "REPRESENTATION_UNCLEAR"),
        ({"provided": False, "received": False}, "/provided", "NOTHING_ASKED"),
        (
            {"first_day": date(2026, 2, 1), "last_day": date(2026, 1, 31)},
            "/last_day",
            "DATE_RANGE_REVERSED",
        ),
        ({"form": {"Name": "見本 花子"}}, "/form", "SCHEMA"),
        ({"form": {"note": MY_NUMBER}}, "/form/note", "MY_NUMBER_SHOWN"),
        (
            {"requester": "mandated_agent", "reply_address": "representative_identity_document"},
            "/reply_address",
            "REPLY_ADDRESS_NOT_ALLOWED",
        ),
    ],
)
def test_what_may_not_be_on_a_form_is_named(
    changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert (pointer, code) in malformed(Desk().receive, application(**changes))


def test_a_request_of_today_in_japan_is_not_of_the_future() -> None:
    early = NOON.replace(hour=0)  # 09:00 in Japan
    assert Desk(now=early).receive().status == CaseStatus.RECEIVED
    late_evening = NOON.replace(hour=15)  # the next day has begun in Japan
    asked = application(arrived_on=ARRIVED + DAY)
    assert Desk(now=late_evening).receive(asked).status == CaseStatus.RECEIVED


def test_a_case_keeps_the_procedure_of_its_arrival() -> None:
    [first] = PUBLISHED
    # Another answer to an open question: either of the two papers is enough.
    later = replace(read_with(own_papers="any"), effective_from=ARRIVED + DAY)
    desk = Desk((first, later)).receive().later(5)
    desk.do(CheckDocuments(SHORT))
    assert desk.case.procedure == "2022-10-01"
    with pytest.raises(IdentityNotProvenError):
        desk.do(Verify())
    under_the_new = Desk((first, later), NOON + DAY).receive(application(arrived_on=ARRIVED + DAY))
    assert under_the_new.do(CheckDocuments(SHORT), Verify()).status == CaseStatus.SEARCH


AGENTS = "大阪府大阪市北区梅田3-1-3"


TOWER = "東京都港区芝一丁目2番3号芝ビル101"
IN_CARE = (
    "東京都港区芝1-2-3 気付 代理人太郎",
    "東京都港区芝1-2-3 代理人太郎様方",
    "港区芝1-2-3　代理人太郎方",
    "東京都港区芝1-2-3 c/o 代理人太郎",
    "東京都港区芝1-2-3 芝ビル 代理法律事務所内",
    "東京都港区芝1-2-3 芝ビル101号室 代理人太郎様方",
    "代理人太郎様方　東京都港区芝１－２－３",
)
"""A letter to the tower, handed to somebody there."""


def _by_agent(**form: str) -> Application:
    whole = {**FORM, "agent_name": "代理 次郎", "agent_address": AGENTS, **form}
    return application(requester="mandated_agent", form=whole, reply_address="billing")


@every("billing", [AGENTS, "大阪府大阪市北区梅田三丁目1番3号", f"{AGENTS} 代理次郎様方"])
def test_no_reply_goes_to_the_agents_own_address_as_a_billing_address(billing: str) -> None:
    expected = {("/reply_address", "REPLY_ADDRESS_NOT_ALLOWED")}
    assert malformed(Desk().receive, _by_agent(billing_address=billing)) == expected
    desk = Desk().receive(_by_agent()).do(CheckDocuments(SHORT), RequestCorrection())
    assert malformed(desk.do, Resubmit(desk.today, form={"billing_address": billing})) == expected


@every(
    "agents, billing",
    [
        ("大阪市北区梅田3-1-3", AGENTS),
        (AGENTS, "大阪市北区梅田3-1-3"),
        ("茨城県つくば市谷田部12", "茨城県つくば市大字谷田部12"),
        ("東京都千代田区霞が関1-2", "東京都千代田区霞ヶ関1-2"),
        ("千代田区霞が関1-2", "東京都千代田区霞ヶ関1-2"),
        *((TOWER, billing) for billing in IN_CARE),
        (AGENTS, f"代理次郎様方 {AGENTS}"),
        (AGENTS, "大阪市北区梅田3-1-3 代理次郎 気付"),
    ],
)
def test_no_reply_goes_to_what_may_be_the_agents_address(agents: str, billing: str) -> None:
    with pytest.raises(MalformedError) as error:
        Desk().receive(_by_agent(agent_address=agents, billing_address=billing))
    [defect] = error.value.defects
    assert (defect.pointer, defect.code) == ("/reply_address", "REPLY_ADDRESS_MAY_BE_AGENTS")
    for word in ("may be the agent's", "prefecture", "another address"):
        assert word in defect.detail
    for text in (agents, billing):
        assert text not in defect.detail


@every(
    "billing",
    [
        "東京都港区芝1-2-4 友人花子様方",
        "東京都港区芝浦1-2-3 友人花子様方",
        "東京都港区芝1-2-3 芝ビル505 友人花子様方",
        "大阪府枚方市岡東町12-3 芝ビル101",
        "芝ビル気付",
        "気付",
    ],
)
def test_in_the_care_of_somebody_who_lives_elsewhere_is_none_of_the_agents(billing: str) -> None:
    asked = _by_agent(agent_address=TOWER, billing_address=billing)
    assert Desk().receive(asked).status == "received"


def test_who_lives_in_the_care_of_the_agent_has_an_address_there() -> None:
    own = IN_CARE[1]
    asked = _by_agent(agent_address=TOWER, billing_address=own, address=own)
    assert Desk().receive(asked).status == "received"


@every(
    "agents, billing",
    [
        (FORM["address"].removeprefix("東京都"), FORM["address"]),
        (FORM["address"], FORM["address"].removeprefix("東京都")),
        (FORM["address"].removeprefix("東京都"), "東京都千代田区永田町二丁目11番1号"),
    ],
)
def test_the_principals_own_address_is_none_of_the_agents_alone(agents: str, billing: str) -> None:
    asked = _by_agent(agent_address=agents, billing_address=billing)
    assert Desk().receive(asked).status == "received"


def test_another_place_than_the_agents_is_a_billing_address() -> None:
    elsewhere = _by_agent(
        billing_address="広島県府中市宮町1-2", agent_address="東京都府中市宮町1-2"
    )
    assert Desk().receive(elsewhere).status == "received"
    unknown = _by_agent(agent_address="", billing_address=AGENTS)
    assert Desk().receive(unknown).status == "received"


# -- identity -------------------------------------------------------------------------------------


def test_a_case_is_verified_only_when_nothing_is_short_and_nothing_open() -> None:
    for examination, outcome in (
        (SHORT, "correction_requested"),
        (seen(form_checked=False), "open"),
        (seen(addresses=replace(GOOD.addresses, has_registered=False)), "alternative_path"),
    ):
        desk = Desk().receive().do(CheckDocuments(examination))
        with pytest.raises(IdentityNotProvenError) as refusal:
            desk.do(Verify())
        assert refusal.value.outcome == outcome
    assert Desk().verified().case.reply_to is not None


def test_a_form_that_lacks_something_is_told_from_a_person_in_question() -> None:
    desk = Desk().receive().do(CheckDocuments(seen(form_missing=("signature",))))
    assert desk.status == CaseStatus.COMPLETENESS_CHECK
    assert desk.do(CheckDocuments(SHORT)).status == CaseStatus.IDENTITY_CHECK


def test_a_correction_letter_names_everything_and_its_last_day() -> None:
    desk = Desk().receive().do(CheckDocuments(seen(RESIDENCE, form_missing=("date",))))
    desk.do(RequestCorrection())
    event = desk.facts[-1].event
    assert isinstance(event, CaseCorrectionRequested)
    assert event.reasons == ("FORM_INCOMPLETE", "SEAL_CERTIFICATE_MISSING")
    assert (event.sent_on, event.due_on) == (ARRIVED, ARRIVED + 30 * DAY)


def test_nothing_is_refused_before_the_last_day_of_the_correction_is_over() -> None:
    desk = Desk().receive().do(CheckDocuments(SHORT), RequestCorrection()).later(30)
    with pytest.raises(IdentityNotProvenError):
        desk.do(Refuse())
    desk.later(1).do(Refuse())
    decision = desk.case.decision
    assert isinstance(decision, CaseRefused)
    assert (decision.ground, decision.reasons) == ("IDENTITY", ("RESIDENCE_CERTIFICATE_MISSING",))


@every(
    "step, pointer, code",
    [
        (Resubmit(ARRIVED + DAY), "/arrived_on", "DATE_IN_FUTURE"),
        (Resubmit(ARRIVED - DAY), "/arrived_on", "BEFORE_THE_REQUEST"),
        (Resubmit(ARRIVED, MY_NUMBER), "/note", "MY_NUMBER_SHOWN"),
        (Resubmit(ARRIVED, form={"address": MY_NUMBER}), "/form/address", "MY_NUMBER_SHOWN"),
        (Resubmit(ARRIVED, form={"Address": "東京都"}), "/form", "SCHEMA"),
    ],
)
def test_further_papers_have_a_day_and_no_number(step: Resubmit, pointer: str, code: str) -> None:
    desk = Desk().receive().do(CheckDocuments(SHORT), RequestCorrection())
    assert malformed(desk.do, step) == {(pointer, code)}


def test_a_paper_of_the_future_and_a_number_in_a_note_are_named() -> None:
    odd = seen(paper("seal_certificate", issued_on=ARRIVED + DAY), note=MY_NUMBER)
    assert malformed(Desk().receive().do, CheckDocuments(odd)) == {
        ("/papers/0/issued_on", "DATE_IN_FUTURE"),
        ("/note", "MY_NUMBER_SHOWN"),
    }


# -- a verification that does not hold: the papers, the form and the person are looked at again ----

VERIFIED: Mapping[str, Callable[[], Desk]] = {
    "search": lambda: Desk().verified(),
    "review": lambda: Desk().verified().do(IDENTIFY),
    "decided": lambda: Desk().verified().do(IDENTIFY, DISCLOSE),
    "sent back": lambda: Desk().submitted().do(SendBack("宛名"), by=APPROVER),
    "taken back": lambda: Desk().approved().do(SendBack("宛名")),
    "reopened": lambda: Desk().sent().do(Reopen("訂正")),
}


@every("status", VERIFIED)
@every("step", [CheckDocuments(GOOD), Resubmit(Desk().today)])
def test_what_was_found_and_decided_is_void_after_a_new_look(status: str, step: Step) -> None:
    found = VERIFIED[status]().do(step).case
    assert (found.reply_to, found.complete_on, found.search, found.decision) == (None,) * 4
    assert (found.submission, found.approved_on) == (None, None)


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


@every("name", LACKING)
def test_a_form_that_no_reply_can_be_addressed_with_is_incomplete(name: str) -> None:
    asked, lacks = LACKING[name]
    desk = Desk().receive(asked).do(CheckDocuments(GOOD))
    assert desk.case.check is not None
    assert ("FORM_INCOMPLETE" in desk.case.check.reasons) is bool(lacks)
    assert judged_request(desk.case, PUBLISHED[-1], desk.today).form_missing == lacks


@every("kind", KINDS)
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
