"""The key of a disclosure case: none of its days while it is open, three years after its end."""

from datetime import date

from ledger.cases.steps import Withdraw
from ledger.clock import day_in_japan
from tests.ledger.case_given import ARRIVED, NOON
from tests.ledger.test_case_stored import begun, step
from tests.retaining.keeper import Keeper


def _day(kept: Keeper) -> date | None:
    row = kept.inside.connection.execute(
        "SELECT day FROM ledger.data_keys WHERE key_class = 'case'"
    ).fetchone()
    assert row is not None
    return row[0]


def test_a_case_has_no_day_of_death_until_it_has_ended(kept: Keeper) -> None:
    stream = begun(kept.inside)
    kept.witnessed = day_in_japan(NOON)
    kept.plan()
    assert _day(kept) is None
    step(kept.inside, stream, Withdraw(ARRIVED, "書面"))
    kept.plan()
    ended = day_in_japan(kept.inside.now)
    assert _day(kept) == date(ended.year + 3, ended.month, ended.day)
    kept.on(date(ended.year + 3, ended.month, ended.day - 1))
    kept.purge()
    assert kept.inside.ledger.case(stream) is not None
    kept.on(date(ended.year + 3, ended.month, ended.day))
    kept.purge()
    assert kept.inside.ledger.case(stream) is None
