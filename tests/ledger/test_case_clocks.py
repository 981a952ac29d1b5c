"""The clocks of a case run until something meets them; and a case opens the steps it would take."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import CaseStatus, open_steps
from ledger.cases.clocks import all_clocks, days_of, next_due, running
from ledger.cases.refusals import CaseStatusError, MistakeReportedError
from ledger.cases.steps import (
    CheckDocuments,
    Decide,
    Deliver,
    RequestCorrection,
    Return,
    SendBack,
    Verify,
)
from ledger.errors import LedgerError
from tests.law.papers import PUBLISHED_2022
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    ARRIVED,
    CASE,
    COMMAND,
    DISCLOSE,
    GOOD,
    HEAD,
    IDENTIFY,
    OFFICER,
    SHORT,
    SUBMIT,
    Desk,
    dispatched,
    held,
    refused,
    samples,
)
from tests.rounds import rounds


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


def test_what_falls_due_next_is_the_first_of_those_that_run() -> None:
    desk = Desk().receive()
    found = next_due(desk.case, PUBLISHED_2022)
    assert found is not None
    assert found[1] == min(running(desk.case, PUBLISHED_2022).values())


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


@pytest.mark.parametrize(
    "step", [Deliver(date(2026, 11, 24)), Return(date(2026, 11, 24), "refused")]
)
def test_the_post_speaks_only_of_what_was_posted(step: Deliver | Return) -> None:
    desk = Desk().approved()
    assert desk.status == CaseStatus.NOTICE_READY
    assert type(step) not in open_steps(desk.case, PUBLISHED_2022)
