"""The state machine of a case: every step in every status, written out once more."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import ENDED, CaseStatus, open_steps
from ledger.cases.clocks import all_clocks, days_of, next_due, running
from ledger.cases.refusals import CaseStatusError, IdentityNotProvenError, MistakeReportedError
from ledger.cases.steps import (
    CheckDocuments,
    Decide,
    RequestCorrection,
    Resubmit,
    SendBack,
    Verify,
)
from ledger.cases.transitions import in_charge
from ledger.errors import LedgerError
from ledger.format.events import CaseEvent, Fact, ReviewSealed
from tests.law.papers import PUBLISHED_2022, read_with
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    ARRIVED,
    CASE,
    COMMAND,
    DISCLOSE,
    ENTRY,
    GOOD,
    HEAD,
    IDENTIFY,
    OFFICER,
    SHORT,
    SUBMIT,
    Desk,
    application,
    dispatched,
    held,
    refused,
    samples,
    seen,
)
from tests.ledger.drawn import CASE_TYPES, STRATEGIES
from tests.matrix import every
from tests.rounds import rounds

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


@every("step", ["identify_records", "decide"])
def test_no_search_is_made_for_a_request_that_is_refused(step: str) -> None:
    with pytest.raises(CaseStatusError):
        _step(refused(), step)


@every("way", [(), ("submit",)])
def test_papers_that_come_while_a_refusal_is_prepared_are_looked_at(way: tuple[str, ...]) -> None:
    desk = _step(refused(), *way)
    _step(desk, "resubmit")
    assert (desk.status, desk.case.decision) == (CaseStatus.RESUBMITTED, None)


def _looked(form: str, **written: str) -> Desk:
    """A desk at which the addresses were judged to be one, of a form with that address."""
    asked = application(form={"name": "見本 花子", "address": form})
    return Desk().receive(asked).do(CheckDocuments(seen(**written)))


HERE, THERE = "東京都千代田区永田町2-11-1", "大阪府大阪市北区梅田3-1-3"


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


# -- the clocks of a case, the steps that are open, and whose work it is ---------------------------


def runs(desk: Desk) -> set[str]:
    return set(running(desk.case, PUBLISHED_2022))


FROM_ARRIVAL = {"two_weeks_end", "interim", "hard_stop"}


def test_each_clock_runs_until_what_it_counts_to_has_come() -> None:
    desk = Desk().receive()
    assert runs(desk) == FROM_ARRIVAL | {"acknowledge", "completeness"}
    assert runs(desk.do(CheckDocuments(SHORT))) == FROM_ARRIVAL | {"completeness"}
    assert runs(desk.do(RequestCorrection())) == FROM_ARRIVAL | {"correction_due_on"}
    resubmitted = desk.do(samples(desk.today)["resubmit"])
    assert runs(resubmitted) == FROM_ARRIVAL | {"completeness"}
    assert runs(desk.do(CheckDocuments(GOOD), Verify())) == FROM_ARRIVAL | {"decision"}
    assert runs(desk.do(IDENTIFY, DISCLOSE)) == FROM_ARRIVAL | {"decision"}
    assert runs(desk.do(SUBMIT)) == FROM_ARRIVAL
    assert runs(desk.do(APPROVE, by=APPROVER)) == FROM_ARRIVAL | {"dispatch"}
    assert runs(desk.do(dispatched(desk.today))) == set()
    assert next_due(desk.case, PUBLISHED_2022) is None
    desk.do(samples(desk.today)["reopen"])
    assert runs(desk) == set()
    assert runs(desk.do(IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)) == {"dispatch"}


def test_what_is_sent_back_or_looked_at_again_has_its_clock_again() -> None:
    desk = Desk().submitted().do(SendBack("宛名"))
    assert "decision" in runs(desk)
    assert "completeness" in runs(desk.do(CheckDocuments(GOOD)))
    assert days_of(desk.case).complete_on is None


def test_the_papers_are_complete_on_the_day_of_the_verification() -> None:
    desk = Desk().receive().do(CheckDocuments(GOOD)).later(3).do(Verify())
    assert days_of(desk.case).complete_on == desk.today
    assert days_of(desk.later(5).do(IDENTIFY).case).complete_on == desk.today - timedelta(days=5)


def test_who_is_refused_in_part_may_sue_from_that_day() -> None:
    record = IDENTIFY.provided[0]
    for withheld, expected in (((), False), ((held(record),), True)):
        one = Desk().verified().do(IDENTIFY)
        step = Decide(IDENTIFY.provided, IDENTIFY.received, withheld)
        one.do(step, SUBMIT).do(APPROVE, by=APPROVER).do(dispatched(one.today))
        day = all_clocks(one.case, PUBLISHED_2022)["suit_possible_from"]
        assert (day == one.today) is expected
        assert expected or day == ARRIVED + timedelta(days=15)


def test_who_is_refused_for_form_or_identity_may_sue_from_that_day() -> None:
    desk = refused().do(SUBMIT).do(APPROVE, by=APPROVER)
    desk.do(dispatched(desk.today))
    # The two weeks were over long before.
    assert all_clocks(desk.case, PUBLISHED_2022)["suit_possible_from"] < desk.today


def test_an_ended_case_has_no_clock() -> None:
    for end in ("withdraw", "record_death"):
        desk = Desk().receive()
        desk.do(samples(desk.today)[end])
        assert runs(desk) == set()


@settings(max_examples=rounds(60), deadline=None)
@given(st.lists(st.sampled_from(list(samples(Desk().today))), max_size=14))
def test_a_step_is_open_exactly_when_its_status_does_not_refuse_it(names: list[str]) -> None:
    desk = Desk().receive()
    for name in ("check_documents", "verify", *names):
        opened = {case.step_name(one) for one in open_steps(desk.case, PUBLISHED_2022)}
        by_name = samples(desk.today)
        assert opened == {one for one in by_name if not closed(desk, one)}
        by = APPROVER if name in ("approve", "confirm_mistake") else OFFICER
        try:
            desk.do(by_name[name], by=by)
        except LedgerError:
            continue


def closed(desk: Desk, name: str) -> bool:
    """Whether the domain refuses the step for where the case stands."""
    command = case.StepCase(COMMAND, APPROVER, CASE, desk.case.version, samples(desk.today)[name])
    try:
        case.decide(command, desk.case, desk.procedures, desk.now, HEAD)
    except (CaseStatusError, MistakeReportedError):
        return True
    except LedgerError:
        return False
    return False


def test_a_review_of_what_is_excluded_moves_nothing_whoever_seals_it() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    at = (len(desk.facts) + 1, CASE, len(desk.facts) + 1, desk.now)
    after = case.evolve(desk.state, Fact(*at, "chief-1", ReviewSealed(())))
    assert after is not None
    assert after.in_charge == OFFICER
    assert after.version == desk.case.version + 1


_APPROVERS: Final = frozenset(
    ("case-approved", "reply-stored", "answer-committed", "case-sent-back", "case-mistake-reported")
) | {"case-mistake-dismissed", "case-entered-in-error", "case-resumed"}
"""Types that move no work, written out once more."""


@every("kind", sorted(CASE_TYPES))
def test_every_event_moves_the_work_or_leaves_it(kind: str) -> None:
    """Whatever the event says."""

    @settings(max_examples=rounds(20))
    @given(STRATEGIES[kind], st.text(min_size=1), st.text(min_size=1))
    def holds(event: CaseEvent, before: str, actor: str) -> None:
        assert in_charge(before, event, actor) == (before if kind in _APPROVERS else actor)

    holds()
    assert len(CASE_TYPES) == len(get_args(CaseEvent))
