"""Letters that come back to a closed case: how long its key lives by them."""

from datetime import date
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.refusals import CaseExpiringError
from ledger.cases.steps import Reopen, Return
from tests.ledger.test_case_stored import state, step
from tests.retaining.desk import closed, received, reopened, sent, verified
from tests.retaining.keeper import Keeper
from tests.retaining.test_cases_put_right import case_keys


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
