"""The keys of cases, of those entered or ended by mistake, and of letters that come back.

A case has no day of death while it is open; three years after its end it dies.
"""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.caseload import Caseload
from ledger.cases.mistake_steps import ConfirmMistake, ReportEnd
from ledger.cases.refusals import CaseExpiringError, StaleApprovalError
from ledger.cases.steps import CheckDocuments, Refuse, Reopen, RequestCorrection, Return
from tests.ledger.case_given import APPROVE, APPROVER, ENTRY, SHORT, SUBMIT, dispatched
from tests.ledger.test_case_stored import state, step
from tests.retaining.desk import (
    approved,
    closed,
    held_keys,
    identified,
    received,
    reopened,
    sent,
    verified,
    withdrawn,
)
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import content_of, told

DAY = "2024-04-01"
AFTER = date(2027, 4, 2)
END, CONFIRM = ReportEnd("別の方の取下書だった"), ConfirmMistake()


def in_error(kept: Keeper, case: UUID) -> None:
    step(kept.inside, case, ENTRY)
    step(kept.inside, case, CONFIRM, by=APPROVER)


def resumed(kept: Keeper, case: UUID) -> None:
    step(kept.inside, case, END)
    step(kept.inside, case, CONFIRM, by=APPROVER)


def case_keys(kept: Keeper) -> list[tuple[object, ...]]:
    return kept.inside.connection.execute(
        "SELECT owner, day FROM ledger.data_keys WHERE key_class = 'case' ORDER BY owner"
    ).fetchall()


def test_a_case_that_was_entered_in_error_keeps_nothing_from_the_next_day_on(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    case = received(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"a"}
    # While it is only said to be a mistake, somebody may still be waiting for an answer.
    step(kept.inside, case, ENTRY)
    kept.on(AFTER + timedelta(days=3))
    kept.purge()
    assert (kept.living(), held_keys(kept)) == ({"a"}, [(case, None)])
    step(kept.inside, case, CONFIRM, by=APPROVER)
    kept.on(AFTER + timedelta(days=4))
    kept.purge()
    assert (kept.living(), held_keys(kept)) == (set(), [])


def test_the_key_of_a_case_that_was_entered_in_error_dies_three_years_later(kept: Keeper) -> None:
    kept.on(AFTER)
    case = received(kept, "P1")
    kept.plan()
    assert case_keys(kept) == [(case, None)]
    in_error(kept, case)
    kept.plan()
    assert case_keys(kept) == [(case, AFTER.replace(year=2030))]
    other = received(kept, "P2")
    kept.on("2030-04-01")
    kept.purge()
    assert state(kept.inside, case).status == CaseStatus.ENTERED_IN_ERROR
    # A process that knows the cases forgets the one whose key has died, at once.
    load = Caseload(kept.inside.house.streams)
    kept.on("2030-04-02")
    kept.plan()
    assert [one.case for one in load.states(kept.inside.now)] == [case, other]
    kept.expire()
    assert kept.inside.ledger.case(case) is None
    assert [one.case for one in load.states(kept.inside.now)] == [other]


def test_a_case_whose_end_is_undone_keeps_again_and_its_key_lives_on(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2027-03-01")
    case = received(kept, "P1")
    withdrawn(kept, case)
    kept.plan()
    assert case_keys(kept) == [(case, date(2030, 3, 1))]
    step(kept.inside, case, END)
    kept.plan()
    assert case_keys(kept) == [(case, date(2030, 3, 1))], "a report alone opens nothing"
    step(kept.inside, case, CONFIRM, by=APPROVER)
    before = content_of(told(kept, "P1"))
    kept.on(AFTER)
    kept.purge()
    assert content_of(told(kept, "P1")) == before
    assert held_keys(kept) == [(case, None)]
    # The day of the case's own key is judged again when it comes near.
    kept.on("2030-03-02")
    kept.purge()
    assert case_keys(kept) == [(case, None)]
    assert content_of(told(kept, "P1")) == before


@pytest.mark.parametrize("day", ["2027-03-20", "2027-04-20"], ids=["in time", "too late"])
def test_what_expired_while_a_case_was_ended_by_mistake_the_new_search_tells(
    kept: Keeper, day: str
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2027-03-01")
    case = received(kept, "P1")
    verified(kept, case)
    assert identified(kept, case, "P1") == 1
    withdrawn(kept, case)
    kept.on(day)
    kept.purge()
    resumed(kept, case)
    found = state(kept.inside, case)
    assert (found.status, found.search) == (CaseStatus.SEARCH, None)
    kept.on("2027-05-10")
    kept.purge()
    lives = day == "2027-03-20"
    assert kept.living() == ({"a"} if lives else set())
    assert sent(kept, case, *(("P1",) if lives else ())) == (
        "full_disclosure" if lives else "not_exist"
    )


def test_a_case_whose_key_is_due_or_dead_does_not_go_on(kept: Keeper) -> None:
    kept.on("2027-03-01")
    case = received(kept, "P1")
    withdrawn(kept, case)
    kept.on("2030-02-28")
    step(kept.inside, case, END)
    kept.on("2030-03-01")
    version = state(kept.inside, case).version
    with pytest.raises(CaseExpiringError):
        step(kept.inside, case, CONFIRM, by=APPROVER)
    assert state(kept.inside, case).version == version
    kept.purge()
    assert kept.inside.ledger.case(case) is None
    assert case_keys(kept) == []


def test_a_case_that_goes_on_on_its_last_day_outlives_the_run_that_had_named_it(
    kept: Keeper,
) -> None:
    kept.on("2027-03-01")
    case = received(kept, "P1")
    withdrawn(kept, case)
    kept.on("2030-02-28")
    planned = kept.plan().planned
    assert planned is not None
    assert len(planned.keys) >= 1
    resumed(kept, case)
    kept.on("2030-03-02")
    kept.purge()
    assert state(kept.inside, case).status == CaseStatus.RECEIVED
    assert case_keys(kept) == [(case, None)]


def test_what_expired_while_a_letter_was_in_the_post_is_told_by_the_letter(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2027-03-01")
    case = received(kept, "P1")
    verified(kept, case)
    approved(kept, case, "P1")
    withdrawn(kept, case)
    kept.on("2027-04-20")
    kept.purge()
    assert kept.living() == set()
    resumed(kept, case)
    posted = dispatched(date(2027, 3, 1))
    with pytest.raises(StaleApprovalError):
        step(kept.inside, case, posted)
    step(kept.inside, case, replace(posted, rendered=None, already_posted=True))
    found = state(kept.inside, case)
    assert (found.status, len(found.replies)) == (CaseStatus.DISPATCHED, 1)
    assert found.replies[0].changed_since


def test_a_refusal_that_comes_back_after_the_closing_keeps_again_and_its_key_lives_on(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2027-01-10")
    case = received(kept, "P1")
    step(kept.inside, case, CheckDocuments(SHORT))
    step(kept.inside, case, RequestCorrection())
    kept.on("2027-03-01")
    for one in (Refuse(), SUBMIT):
        step(kept.inside, case, one)
    step(kept.inside, case, APPROVE, by=APPROVER)
    step(kept.inside, case, dispatched(kept.today))
    closed(kept, case)
    kept.plan()
    assert case_keys(kept) == [(case, date(2030, 3, 1))]
    step(kept.inside, case, Return(kept.today, "unknown_address"))
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"a"}
    kept.on("2030-03-02")
    kept.purge()
    assert case_keys(kept) == [(case, None)]
    assert state(kept.inside, case).status == CaseStatus.RETURNED


def two_out(kept: Keeper) -> UUID:
    """A case that was closed with two letters out, the second on the day after the first."""
    kept.on("2027-03-01")
    case = received(kept, "P1")
    verified(kept, case)
    sent(kept, case, "P1")
    kept.on("2027-03-02")
    reopened(kept, case)
    sent(kept, case, "P1")
    closed(kept, case)
    return case


def test_an_earlier_letter_keeps_the_case_closed_and_its_file_for_three_years_more(
    kept: Keeper,
) -> None:
    case = two_out(kept)
    kept.plan()
    assert case_keys(kept) == [(case, date(2030, 3, 2))]
    kept.on("2027-03-20")
    step(kept.inside, case, Return(kept.today, "refused", 1))
    found = state(kept.inside, case)
    assert (found.status, [one.returned for one in found.replies]) == (
        CaseStatus.CLOSED,
        ["refused", None],
    )
    kept.on("2030-03-10")
    kept.purge()
    assert case_keys(kept) == [(case, date(2030, 3, 20))]
    kept.on("2030-03-20")
    kept.purge()
    assert kept.inside.ledger.case(case) is None


@pytest.mark.parametrize("again", [Return(date(2030, 3, 2), "refused"), Reopen("訂正")])
def test_nothing_goes_on_on_the_day_on_which_the_key_of_a_closed_case_dies(
    kept: Keeper, again: Return | Reopen
) -> None:
    case = two_out(kept)
    kept.on("2030-03-02")
    version = state(kept.inside, case).version
    with pytest.raises(CaseExpiringError):
        step(kept.inside, case, again)
    assert state(kept.inside, case).version == version
    kept.purge()
    assert kept.inside.ledger.case(case) is None
