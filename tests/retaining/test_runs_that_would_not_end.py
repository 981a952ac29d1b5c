"""A fault in what is spared or kept harms nothing, or ends a run with an error; it never hangs.

Each world has the fault planted: what the run is told is wrong, all else is real.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import pytest

from ledger.errors import BrokenWorldError
from ledger.retention import destruction
from ledger.retention.days import ObjectDays
from ledger.retention.reasons import Need
from tests.retaining.desk import closed, received, reopened, sent, verified
from tests.retaining.keeper import Keeper, retaining

DAY = "2024-04-01"


def opened_again_in_a_run(kept: Keeper) -> None:
    """A case whose copies are due, and which is opened again while they die."""
    kept.on(DAY)
    kept.sent("a", "P1")
    case = received(kept, "P1")
    verified(kept, case)
    kept.on("2027-04-02")
    kept.purge()
    sent(kept, case, "P1")
    closed(kept, case)
    kept.on("2027-04-04")
    kept.plan()
    waits = 0

    def followed() -> None:
        nonlocal waits
        waits += 1
        # The first time is before the run looks at anything.
        if waits == 2:
            reopened(kept, case)
        kept.inside.follow()

    kept.retaining = retaining(kept.inside, followed)


def copies(kept: Keeper) -> int:
    return sum(one.type == "record-carried-forward" for one in kept.inside.events())


def test_a_run_that_spares_no_case_opened_again_copies_what_it_kept_under_another_key(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_again_in_a_run(kept)
    before = copies(kept)

    def nothing(*_: object) -> set[bytes]:
        return set()

    monkeypatch.setattr(ObjectDays, "standing", nothing)
    assert kept.expire().expired
    assert copies(kept) - before == 1
    assert kept.living() == {"a"}


def test_a_run_whose_copies_live_by_a_dying_key_ends_with_an_error(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.on(DAY)
    kept.sent("base", "P1")
    shorter = {"recorded_on": "2024-03-14", "transferred_on": "2024-03-14"}
    kept.sent("dependant", "P1", base_record="base", omitted_items=["COUNTERPARTY"], **shorter)
    hold = kept.hold("訴訟", transfer=kept.transfers["dependant"])
    kept.on("2027-03-16")
    kept.purge()
    kept.on("2027-04-01")
    kept.plan()
    kept.release(hold)
    kept.clock_says(date(2027, 4, 2))

    def as_they_are(needs: Mapping[UUID, Sequence[Need]], _: date) -> Mapping[UUID, Sequence[Need]]:
        return needs

    # The dependant is due and in no plan, so it gives its base the day on which both die.
    monkeypatch.setattr(destruction, "_beyond", as_they_are)
    with pytest.raises(BrokenWorldError, match="dies with this run"):
        kept.expire()


def test_a_run_of_which_no_event_names_the_keys_ends_with_an_error(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2027-04-02")
    kept.plan()

    def none(_: object) -> list[tuple[bytes, ...]]:
        return []

    monkeypatch.setattr(destruction.expiry, "in_events", none)
    with pytest.raises(BrokenWorldError, match="no event names"):
        kept.expire()
    assert kept.living() == {"a"}
