"""A process that knows the cases forgets the one whose key has died, at once."""

from datetime import date

from ledger.cases.caseload import Caseload
from ledger.cases.steps import Withdraw
from ledger.clock import day_in_japan
from tests.ledger.case_given import ARRIVED, NOON
from tests.ledger.test_case_stored import begun, step
from tests.retaining.keeper import Keeper


def test_a_case_whose_key_died_is_not_known_any_more(kept: Keeper) -> None:
    inside = kept.inside
    gone, open_still = begun(inside), begun(inside)
    kept.witnessed = day_in_japan(NOON)
    step(inside, gone, Withdraw(ARRIVED, "書面"))
    load = Caseload(inside.house.streams)
    ended = day_in_japan(inside.now)
    kept.on(date(ended.year + 3, ended.month, ended.day))
    kept.plan()
    # Just read, so that nothing but the expiry itself makes it look again.
    assert [one.case for one in load.states(inside.now)] == [gone, open_still]
    kept.expire()
    assert [one.case for one in load.states(inside.now)] == [open_still]
    assert load.states(inside.now) == inside.ledger.cases()
