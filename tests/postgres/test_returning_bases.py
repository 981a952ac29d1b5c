"""After a restore bases go again with who took items from them, or are copied again."""

from tests.ledger.given import data
from tests.postgres.returned import AFTER, BEFORE, Ledger
from tests.retaining.keeper import Keeper
from tests.retaining.test_kept_by_each_other import BASED, SHUT, retract, undated


def based_on_each_other(kept: Keeper) -> None:
    """Two closed series, and a record that one of them takes items from."""
    kept.sent("b", "P3")
    for own, other in (("1", "2"), ("2", "1")):
        series = {**BASED, "method": "collective", "series_id": f"s{own}"}
        kept.sent(f"m{own}", f"P{own}", **series, base_record=f"m{other}")
        kept.sent(f"c{own}", f"P{own}", **{**series, **SHUT}, base_record="b")


def test_series_that_take_items_from_each_other_die_again_before_their_days_were_known(
    ledger: Ledger,
) -> None:
    kept = ledger.kept
    based_on_each_other(kept)
    ledger.back_up()
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == set()
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 3
        assert again.living() == set()


def test_a_record_of_such_a_series_is_copied_out_for_a_hold_whose_end_is_lost(
    ledger: Ledger,
) -> None:
    kept = ledger.kept
    based_on_each_other(kept)
    hold = kept.hold("investigation", "P1")
    kept.on(BEFORE)
    ledger.back_up()
    kept.release(hold)
    kept.on("2027-09-10")
    kept.purge()
    assert kept.living() == set()
    with ledger.restored() as (again, _):
        # The others are what these two take items from.
        assert again.living() == {"m1", "c1", "m2", "b"}
        again.release(hold)
        again.on("2027-12-10")
        again.purge()
        assert again.living() == set()


def based_on_an_open_period(ledger: Ledger) -> None:
    """The record from which a period without an end takes items lives by its copy."""
    kept = ledger.kept
    kept.sent("a", "P1")
    kept.record(
        "o",
        {**data("P2", base_record="a", **BASED, **SHUT), "transferred_to": None},
    )
    kept.on(AFTER)
    assert kept.purge().carried == 1
    ledger.back_up()


def test_the_base_of_a_period_is_needed_again_where_the_end_of_the_period_is_lost(
    ledger: Ledger,
) -> None:
    kept = ledger.kept
    based_on_an_open_period(ledger)
    retract(kept, "o")
    kept.on("2027-04-03")
    kept.purge()
    assert kept.living() == {"o"}
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 1
        assert again.living() == {"a", "o"}
        again.on("2027-04-10")
        assert (again.purge().expired, again.living()) == ((), {"a", "o"})
        retract(again, "o")
        again.on("2027-05-20")
        again.purge()
        assert again.living() == set()


def test_the_base_of_a_period_dies_again_with_the_period(ledger: Ledger) -> None:
    kept = ledger.kept
    based_on_an_open_period(ledger)
    retract(kept, "o")
    # The last of its keys and that of the base die in one run.
    kept.on("2027-05-20")
    kept.purge()
    assert kept.living() == set()
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 3
        assert again.living() == set()
        again.plan(confirmed=True)
        assert (again.expire().expired, undated(again)) == ((), [])
