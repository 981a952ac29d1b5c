"""The clocks of a case, the steps that are open, and whose work it is."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import CaseStatus, open_steps
from ledger.cases.clocks import all_clocks, days_of, next_due, running
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd
from ledger.cases.refusals import CaseStatusError, MistakeReportedError
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Decide,
    Deliver,
    RecordDeath,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    Verify,
    Withdraw,
)
from ledger.cases.transitions import in_charge
from ledger.errors import LedgerError
from ledger.format.events import CaseEvent, Fact, ReviewSealed
from tests.law.papers import PUBLISHED_2022
from tests.ledger.case_drawn import CASE_STRATEGIES
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
    PERSON,
    PRINT_AS,
    SHORT,
    SUBMIT,
    Desk,
    application,
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


OTHER: Final = "officer-2"
SECOND: Final = (APPROVE, SendBack("宛名が違う"))
WORDS: Final = (DismissMistake("誤りではない"), ConfirmMistake())


def short() -> Desk:
    return Desk().receive().do(CheckDocuments(SHORT))


def measures() -> Desk:
    return Desk().receive(application(kind="provision_stop")).do(CheckDocuments(GOOD), Verify())


AT_THE_DESK: Sequence[tuple[str, Callable[[], Desk], Callable[[Desk], Step]]] = (
    ("looks at the papers", lambda: Desk().receive(), lambda _: CheckDocuments(GOOD)),
    ("asks for a correction", short, lambda _: RequestCorrection()),
    ("verifies", lambda: Desk().receive().do(CheckDocuments(GOOD)), lambda _: Verify()),
    (
        "takes further papers in",
        lambda: short().do(RequestCorrection()),
        lambda desk: Resubmit(desk.today),
    ),
    ("identifies the records", lambda: Desk().verified(), lambda _: IDENTIFY),
    ("identifies the person", measures, lambda _: PERSON),
    ("decides", lambda: Desk().verified().do(IDENTIFY), lambda _: DISCLOSE),
    ("submits", lambda: Desk().verified().do(IDENTIFY, DISCLOSE), lambda _: SUBMIT),
    ("chooses a printed form", lambda: Desk().receive(), lambda _: PRINT_AS),
    ("posts", lambda: Desk().approved(), lambda desk: dispatched(desk.today)),
    ("puts the delivery down", lambda: Desk().sent(), lambda desk: Deliver(desk.today)),
    ("takes the letter back", lambda: Desk().sent(), lambda desk: Return(desk.today, "lost")),
    ("opens it again", lambda: Desk().sent(), lambda _: Reopen("記録の訂正")),
    ("closes it", lambda: Desk().sent(), lambda _: Close()),
    ("puts a withdrawal down", lambda: Desk().receive(), lambda desk: Withdraw(desk.today, "書面")),
    (
        "learns of a death",
        lambda: Desk().receive(),
        lambda desk: RecordDeath(desk.today, "ご家族からの電話"),
    ),
)


def test_a_case_is_the_work_of_who_took_it_in() -> None:
    assert Desk().receive(by=OTHER).case.in_charge == OTHER


@pytest.mark.parametrize(
    ("begun", "step"), [one[1:] for one in AT_THE_DESK], ids=[one[0] for one in AT_THE_DESK]
)
def test_whoever_takes_the_next_step_has_taken_the_case_over(
    begun: Callable[[], Desk], step: Callable[[Desk], Step]
) -> None:
    desk = begun()
    assert desk.case.in_charge == OFFICER
    assert desk.do(step(desk), by=OTHER).case.in_charge == OTHER


@pytest.mark.parametrize("step", SECOND, ids=case.step_name)
def test_who_approves_or_sends_back_leaves_the_work_with_who_prepared_it(step: Step) -> None:
    desk = Desk().submitted().do(step, by=APPROVER)
    assert desk.case.in_charge == OFFICER


def test_an_approval_that_is_taken_back_leaves_it_there_too() -> None:
    desk = Desk().approved().do(SendBack("発送前に誤りを見つけた"), by=APPROVER)
    assert desk.case.in_charge == OFFICER


@pytest.mark.parametrize("word", WORDS, ids=case.step_name)
def test_a_word_of_a_mistake_moves_nothing(word: Step) -> None:
    entry = Desk().receive().do(ENTRY, by=OTHER)
    assert entry.case.in_charge == OFFICER
    assert entry.do(word, by=APPROVER).case.in_charge == OFFICER
    ended = Desk().receive()
    ended.do(Withdraw(ended.today, "書面")).do(ReportEnd("別の方の取下書"), by=OTHER)
    assert ended.do(word, by=APPROVER).case.in_charge == OFFICER


def test_a_review_of_what_is_excluded_moves_nothing_whoever_seals_it() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    at = (len(desk.facts) + 1, CASE, len(desk.facts) + 1, desk.now)
    after = case.evolve(desk.state, Fact(*at, "chief-1", ReviewSealed(())))
    assert after is not None
    assert after.in_charge == OFFICER
    assert after.version == desk.case.version + 1


_APPROVERS: Final = frozenset(
    ("case-approved", "reply-stored", "case-sent-back", "case-mistake-reported")
) | {"case-mistake-dismissed", "case-entered-in-error", "case-resumed"}
"""Types that move no work, written out once more."""


@pytest.mark.parametrize("kind", sorted(CASE_STRATEGIES))
def test_every_event_moves_the_work_or_leaves_it(kind: str) -> None:
    """Whatever the event says."""

    @given(CASE_STRATEGIES[kind], st.text(min_size=1), st.text(min_size=1))
    def holds(event: CaseEvent, before: str, actor: str) -> None:
        assert in_charge(before, event, actor) == (before if kind in _APPROVERS else actor)

    holds()
    assert len(CASE_STRATEGIES) == len(get_args(CaseEvent))
