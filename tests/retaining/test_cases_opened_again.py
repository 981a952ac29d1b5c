"""What is asked for while a run is on its way is kept; and so is what a case opened again finds."""

from datetime import date, timedelta

import pytest

from tests.retaining.desk import closed, held_keys, received, reopened, sent, verified
from tests.retaining.keeper import Keeper, retaining
from tests.retaining.test_holds_and_copies import content_of, told

DAY = "2024-04-01"
AFTER = date(2027, 4, 2)
LATER = "2027-06-01"
DAY_AFTER = "2027-06-02"


def test_a_case_that_is_opened_again_keeps_again_also_whom_it_had_identified(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.sent("b", "P2")
    kept.on("2027-02-01")
    case = received(kept, "P1")
    verified(kept, case)
    sent(kept, case, "P1", "P2")
    closed(kept, case)
    kept.on("2027-03-01")
    reopened(kept, case)
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"a", "b"}
    kept.on(LATER)
    sent(kept, case, "P1", "P2")
    closed(kept, case)
    kept.on(DAY_AFTER)
    kept.purge()
    assert kept.living() == set()


def test_a_case_that_is_opened_again_before_its_copies_are_gone_keeps_them(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    case = received(kept, "P1")
    verified(kept, case)
    kept.on(AFTER)
    kept.purge()
    sent(kept, case, "P1")
    closed(kept, case)
    kept.on("2027-04-04")
    kept.plan()
    [(_, day)] = held_keys(kept)
    assert day == AFTER + timedelta(days=1)
    before = content_of(told(kept, "P1"))
    # It is named, and due: what a run knows of the case is not what was planned.
    reopened(kept, case)
    assert kept.expire().expired == ()
    assert held_keys(kept) == [(case, None)]
    assert content_of(told(kept, "P1")) == before
    sent(kept, case, "P1")
    closed(kept, case)
    kept.on("2027-04-06")
    kept.purge()
    assert kept.living() == set()
    assert held_keys(kept) == []


@pytest.mark.parametrize("moment", [1, 2], ids=["before the first look", "after it"])
def test_a_case_that_is_opened_again_while_a_run_is_on_its_way_keeps_its_copies(
    kept: Keeper, moment: int
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    case = received(kept, "P1")
    verified(kept, case)
    kept.on(AFTER)
    kept.purge()
    sent(kept, case, "P1")
    closed(kept, case)
    kept.on("2027-04-04")
    kept.plan()
    before = content_of(told(kept, "P1"))
    waits = 0

    def followed() -> None:
        nonlocal waits
        waits += 1
        if waits == moment:
            reopened(kept, case)
        kept.inside.follow()

    kept.retaining = retaining(kept.inside, followed)
    report = kept.expire()
    assert waits >= moment
    assert (report.carried, report.expired) == (0, ())
    assert content_of(told(kept, "P1")) == before
    kept.plan()
    assert held_keys(kept) == [(case, None)]


def test_a_case_that_is_opened_again_after_its_copies_are_gone_brings_nothing_back(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    case = received(kept, "P1")
    verified(kept, case)
    kept.on(AFTER)
    kept.purge()
    sent(kept, case, "P1")
    closed(kept, case)
    kept.on("2027-04-04")
    kept.sent("b", "P1", recorded_on="2024-04-20", transferred_on="2024-04-20")
    kept.purge()
    assert kept.living() == {"b"}
    reopened(kept, case)
    kept.on("2027-05-05")
    kept.purge()
    assert kept.living() == {"b"}
    assert held_keys(kept) == [(case, None)]


def test_a_series_is_kept_for_a_request_that_arrives_while_a_run_is_on_its_way(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    series = {"method": "collective", "series_id": "s"}
    ends = {"transferred_on": None, "transferred_from": DAY, "transferred_to": DAY}
    kept.sent("s", "P1", **series, **ends)
    kept.on(AFTER)
    kept.plan()
    before = content_of(told(kept, "P1"))
    waits = 0

    def followed() -> None:
        nonlocal waits
        waits += 1
        if waits == 1:
            received(kept, "P1")
        kept.inside.follow()

    kept.retaining = retaining(kept.inside, followed)
    assert kept.expire().expired == ()
    assert content_of(told(kept, "P1")) == before
