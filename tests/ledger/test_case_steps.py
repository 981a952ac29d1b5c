"""The state machine of a case: every step in every status, written out once more."""

from collections.abc import Callable, Mapping

import pytest

from ledger.cases import case
from ledger.cases.case import ENDED, CaseStatus
from ledger.cases.refusals import CaseStatusError, IdentityNotProvenError
from ledger.cases.steps import CheckDocuments, RequestCorrection, Resubmit, SendBack, Verify
from tests.law.papers import read_with
from tests.ledger.case_given import (
    APPROVER,
    DISCLOSE,
    ENTRY,
    GOOD,
    IDENTIFY,
    SHORT,
    Desk,
    application,
    dispatched,
    refused,
    samples,
    seen,
)
from tests.matrix import every

NOT_PROVEN = "not proven"
_ENDS = {"withdraw": "withdrawn", "record_death": "principal_deceased"}
_FINDING = {"identify_records": "review", "decide": "decided", **_ENDS}
_AGAIN = {"check_documents": "completeness_check", "resubmit": "resubmitted"}


def _as_it_is(status: str) -> Mapping[str, str]:
    """What may be said of a case that is worked on, without moving it."""
    return {"report_entry": status, "print_as": status}


# Status → step → the status after it. What is not here is refused.
TABLE: Mapping[str, Mapping[str, str]] = {
    "received": {"check_documents": "completeness_check", **_ENDS, **_as_it_is("received")},
    "identity_check": {
        "check_documents": "completeness_check",
        "request_correction": "correction_requested",
        "verify": NOT_PROVEN,
        "refuse": NOT_PROVEN,
        **_ENDS,
        **_as_it_is("identity_check"),
    },
    "completeness_check": {
        "check_documents": "completeness_check",
        "request_correction": NOT_PROVEN,
        "verify": "search",
        "refuse": NOT_PROVEN,
        **_ENDS,
        **_as_it_is("completeness_check"),
    },
    "correction_requested": {
        "resubmit": "resubmitted",
        "refuse": NOT_PROVEN,
        **_ENDS,
        **_as_it_is("correction_requested"),
    },
    "resubmitted": {"check_documents": "completeness_check", **_ENDS, **_as_it_is("resubmitted")},
    "search": {"identify_records": "review", **_AGAIN, **_ENDS, **_as_it_is("search")},
    "review": {**_FINDING, **_AGAIN, **_as_it_is("review")},
    "decided": {"submit": "submitted", **_FINDING, **_AGAIN, **_as_it_is("decided")},
    "submitted": {
        "approve": "notice_ready",
        "send_back": "sent_back",
        **_FINDING,
        "print_as": "decided",
    },
    "sent_back": {"submit": "submitted", **_FINDING, **_AGAIN, **_as_it_is("sent_back")},
    "notice_ready": {"send_back": "sent_back", "dispatch": "dispatched", **_ENDS},
    "dispatched": {
        "post_password": "dispatched",
        "deliver": "closed",
        "return": "returned",
        "close": "closed",
        "reopen": "reopened",
        "record_death": "principal_deceased",
    },
    "delivered": {},
    "returned": {
        "post_password": "returned",
        **_AGAIN,
        "close": "closed",
        "reopen": "reopened",
        "record_death": "principal_deceased",
    },
    "closed": {"post_password": "closed", "reopen": "reopened", "return": "returned"},
    "closed_procedural": {"return": "returned"},
    "reopened": {
        "post_password": "reopened",
        "return": "returned",
        "identify_records": "review",
        "close": "closed",
        **_AGAIN,
        **_ENDS,
        "print_as": "reopened",
    },
    # What is reported changes nothing yet: `test_case_mistakes` tells what a confirmation does.
    "withdrawn": {"report_end": "withdrawn"},
    "principal_deceased": {"report_end": "principal_deceased"},
    "entered_in_error": {},
}


def _step(desk: Desk, *names: str) -> Desk:
    for name in names:
        desk.do(samples(desk.today)[name], by=APPROVER)
    return desk


def _delivered() -> Desk:
    """A case between the report of the post and its closing, which always come together."""
    desk = _step(Desk().sent(), "deliver")
    desk.state = case.fold(None, desk.facts[:-1])
    return desk


PATHS: Mapping[str, Callable[[], Desk]] = {
    "received": lambda: Desk().receive(),
    "identity_check": lambda: Desk().receive().do(CheckDocuments(SHORT)),
    "completeness_check": lambda: Desk().receive().do(CheckDocuments(GOOD)),
    "correction_requested": lambda: PATHS["identity_check"]().do(RequestCorrection()),
    "resubmitted": lambda: _step(PATHS["correction_requested"](), "resubmit"),
    "search": lambda: Desk().verified(),
    "review": lambda: Desk().verified().do(IDENTIFY),
    "decided": lambda: Desk().verified().do(IDENTIFY, DISCLOSE),
    "submitted": lambda: Desk().submitted(),
    "sent_back": lambda: Desk().submitted().do(SendBack("宛名"), by=APPROVER),
    "notice_ready": lambda: Desk().approved(),
    "dispatched": lambda: Desk().sent(),
    "delivered": _delivered,
    "returned": lambda: _step(Desk().sent(), "return"),
    "closed": lambda: _step(Desk().sent(), "deliver"),
    "closed_procedural": lambda: _step(refused(), "submit").do(
        samples(Desk().today)["approve"], by="approver-2"
    ),
    "reopened": lambda: _step(Desk().sent(), "reopen"),
    "withdrawn": lambda: _step(Desk().receive(), "withdraw"),
    "principal_deceased": lambda: _step(Desk().receive(), "record_death"),
    "entered_in_error": lambda: (
        Desk().receive().do(ENTRY).do(samples(Desk().today)["confirm_mistake"], by=APPROVER)
    ),
}


def _in(status: str) -> Desk:
    desk = PATHS[status]()
    if status == "closed_procedural":
        desk.do(dispatched(desk.today))
        _step(desk, "close")
    return desk


STEPS = tuple(samples(Desk().today))


def test_the_table_knows_every_status_and_every_step() -> None:
    assert set(TABLE) == set(PATHS) == {status.value for status in CaseStatus}
    assert len(STEPS) == len(case.OPEN_TO)


@every("step", STEPS)
@every("status", TABLE)
def test_a_step_leads_where_the_table_says_or_is_refused(status: str, step: str) -> None:
    desk = _in(status)
    assert desk.status.value == status
    before = desk.state
    after = TABLE[status].get(step)
    if after is None:
        with pytest.raises(CaseStatusError) as refusal:
            _step(desk, step)
        assert (refusal.value.case_status, refusal.value.step) == (status, step)
        assert desk.state is before
    elif after == NOT_PROVEN:
        with pytest.raises(IdentityNotProvenError):
            _step(desk, step)
    else:
        _step(desk, step)
        assert desk.status.value == after
        assert desk.case.version == len(desk.facts)


@every("status", TABLE)
def test_a_case_is_open_until_one_of_its_ends(status: str) -> None:
    found = _in(status).case
    assert found.is_open == (found.ended_at is None) == (CaseStatus(status) not in ENDED)


def test_a_refusal_for_identity_takes_the_same_way_out_and_ends_by_itself() -> None:
    desk = refused()
    assert (desk.status, desk.case.is_refusal) == (CaseStatus.DECIDED, True)
    _step(desk, "submit").do(samples(desk.today)["approve"], by="approver-2")
    desk.do(dispatched(desk.today))
    _step(desk, "deliver")
    assert desk.status == CaseStatus.CLOSED_PROCEDURAL
    with pytest.raises(CaseStatusError):
        _step(desk, "reopen")


@pytest.mark.parametrize("step", ["identify_records", "decide"])
def test_no_search_is_made_for_a_request_that_is_refused(step: str) -> None:
    with pytest.raises(CaseStatusError):
        _step(refused(), step)


@pytest.mark.parametrize("way", [(), ("submit",)])
def test_papers_that_come_while_a_refusal_is_prepared_are_looked_at(way: tuple[str, ...]) -> None:
    desk = _step(refused(), *way)
    _step(desk, "resubmit")
    assert (desk.status, desk.case.decision) == (CaseStatus.RESUBMITTED, None)


def test_a_request_for_retained_data_is_tracked_and_answered_elsewhere() -> None:
    desk = Desk().verified(application(kind="retained_data"))
    with pytest.raises(CaseStatusError):
        _step(desk, "identify_records")
    assert _step(desk, "close").status == CaseStatus.CLOSED


@pytest.mark.parametrize(
    ("reading", "goes"), [("send_again", True), ("identity_check_again", False)]
)
def test_returned_mail_goes_out_again_only_if_the_procedure_says_so(
    reading: str, *, goes: bool
) -> None:
    desk = _step(Desk((read_with(returned_mail=reading),)).sent(), "return")
    if goes:
        desk.do(dispatched(desk.today))
        assert [one.superseded for one in desk.case.replies] == [True, False]
    else:
        with pytest.raises(CaseStatusError):
            desk.do(dispatched(desk.today))


def _looked(form: str, **written: str) -> Desk:
    """A desk at which the addresses were judged to be one, of a form with that address."""
    asked = application(form={"name": "見本 花子", "address": form})
    return Desk().receive(asked).do(CheckDocuments(seen(**written)))


HERE, THERE = "東京都千代田区永田町2-11-1", "大阪府大阪市北区梅田3-1-3"


@pytest.mark.parametrize("spelled", [HERE, "東京都千代田区永田町二丁目11番1号 見本ビル"])
def test_addresses_that_are_of_one_place_in_two_spellings_are_the_officers_to_judge(
    spelled: str,
) -> None:
    desk = _looked(HERE, registered_address=spelled, identity_address=spelled).do(Verify())
    assert desk.status == CaseStatus.SEARCH


def test_a_corrected_address_is_looked_at_anew_and_is_where_the_reply_goes() -> None:
    desk = _step(_looked(HERE, registered_address=HERE).do(Verify(), IDENTIFY, DISCLOSE), "submit")
    desk.do(samples(desk.today)["approve"], by="approver-2").do(dispatched(desk.today))
    desk = _step(desk, "return").do(Resubmit(desk.today, form={"address": THERE}))
    assert (desk.status, desk.case.reply_to, desk.case.check) == (
        CaseStatus.RESUBMITTED,
        None,
        None,
    )
    with pytest.raises(IdentityNotProvenError):
        desk.do(CheckDocuments(seen(registered_address=HERE)), Verify())
    desk.do(CheckDocuments(seen(registered_address=THERE)), Verify())
    assert desk.case.application.form["address"] == THERE


def test_a_representative_is_answered_after_a_death_only_if_the_procedure_says_so() -> None:
    asked = application(requester="legal_representative", representation="guardian_of_adult")
    for reading, status in (("close", "principal_deceased"), ("answer_representative", "received")):
        desk = _step(Desk((read_with(after_death=reading),)).receive(asked), "record_death")
        assert desk.status.value == status
        assert desk.case.deceased_on == desk.today
