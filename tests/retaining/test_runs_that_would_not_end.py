"""A fault in what is spared or kept ends a run with an error; it never hangs.

Each world has the fault planted: what the run is told is wrong, all else is real.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import pytest

from ledger.errors import BrokenWorldError
from ledger.retention import destruction
from ledger.retention.reasons import Need
from tests.retaining.keeper import Keeper

DAY = "2024-04-01"


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
