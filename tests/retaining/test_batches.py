"""What dies in several transactions: between two of them nothing that lives lacks what it needs."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from ledger.retention.batches import transactions
from ledger.retention.expiry import KEYS_PER_EVENT_MAX
from ledger.retention.expiry_write import (
    AppendCheck,
    BeforeCommit,
    DestroyedKeys,
    ExpiryBatch,
    ExpiryWriter,
    refuse_bases,
)
from projections.expired_rows import forget
from tests.retaining.keeper import Keeper, retaining
from tests.retaining.test_holds_and_copies import told
from tests.retaining.test_kept_by_each_other import (
    BASED,
    DAY,
    ENDED,
    LAST,
    SHUT,
    correct,
    nothing_is_wrong,
    retract,
)

_KEYS: Final = [bytes([number]) for number in range(60)]
_key = st.sampled_from(_KEYS)


@given(st.dictionaries(_key, st.integers(0, 2)), st.lists(st.tuples(_key, _key), max_size=90))
def test_no_key_dies_after_one_that_may_not_outlive_it(
    named: dict[bytes, int], drawn: list[tuple[bytes, bytes]]
) -> None:
    ties = [(key, first) for key, first in drawn if {key, first} <= named.keys()]
    found = transactions(named, ties)
    place = {key: number for number, one in enumerate(found) for keys in one for key in keys}
    assert place.keys() == named.keys()
    assert all(place[first] <= place[key] for key, first in ties)
    for one in found:
        assert all(0 < len(keys) <= KEYS_PER_EVENT_MAX for keys in one)
        assert all(len({named[key] for key in keys}) == 1 for keys in one)


@given(st.sets(_key), st.lists(st.tuples(_key, _key), max_size=90), st.integers(0, 9))
def test_a_run_that_was_cut_off_goes_on_with_what_would_have_been_next(
    keys: set[bytes], drawn: list[tuple[bytes, bytes]], done: int
) -> None:
    ties = [(key, first) for key, first in drawn if {key, first} <= keys]
    named = dict.fromkeys(sorted(keys), 0)
    found = transactions(named, ties)
    left = {key: 0 for key in named if not any(key in one for each in found[:done] for one in each)}
    rest = [(key, first) for key, first in ties if key in left and first in left]
    assert transactions(left, rest) == found[done:]


def test_keys_that_hang_on_nothing_die_as_many_at_a_time_as_an_event_lists() -> None:
    named = {key: number // 50 for number, key in enumerate(_KEYS)}
    assert [[len(keys) for keys in one] for one in transactions(named, ())] == [[32], [18], [10]]


class Interrupted(ExpiryWriter):
    """After its first transaction something happens."""

    happens: Callable[[], object]
    seen: list[list[DestroyedKeys]]

    @override
    def expire(
        self,
        batches: Sequence[ExpiryBatch],
        checked: int,
        before_commit: BeforeCommit | None = None,
        check: AppendCheck = refuse_bases,
    ) -> list[DestroyedKeys]:
        expired = super().expire(batches, checked, before_commit, check)
        self.seen.append(expired)
        if len(self.seen) == 1:
            self.happens()
        return expired


def interrupted(kept: Keeper, happens: Callable[[], object]) -> Interrupted:
    house = kept.inside.house
    made = Interrupted(house.purger, forget, house.secret.event_mac)
    made.happens, made.seen = happens, []
    house.expiring = made
    kept.retaining = retaining(kept.inside, kept.inside.follow)
    return made


PAIRS: Final = 20


def series(kept: Keeper, number: int, base: str) -> None:
    """Closed, and one of its messages takes items from `base`."""
    name = {"method": "collective", "series_id": f"S{number}"}
    kept.sent(f"m{number}", f"P{number}", **name, **BASED, base_record=base)
    kept.sent(f"c{number}", f"P{number}", **{**name, **SHUT})


def hold_what_lives(kept: Keeper, *keys: str) -> Callable[[], None]:
    def happens() -> None:
        living = kept.living()
        for key in keys:
            if key in living:
                kept.hold("訴訟", transfer=kept.transfers[key])

    return happens


def test_what_takes_items_from_each_other_dies_in_one_transaction_or_lives(kept: Keeper) -> None:
    kept.on(DAY)
    bases = {n: n + 1 if n % 2 else n - 1 for n in range(1, 2 * PAIRS + 1)}
    for number, base in bases.items():
        series(kept, number, f"m{base}")
    kept.on(ENDED)
    kept.plan()
    run = interrupted(kept, hold_what_lives(kept, *(f"m{n}" for n in range(1, 2 * PAIRS, 2))))
    kept.expire()
    [first] = run.seen
    assert [len(one.keys) for one in first] == [KEYS_PER_EVENT_MAX]
    living = kept.living()
    assert len(living) == 2 * (2 * PAIRS - KEYS_PER_EVENT_MAX)
    assert all((f"m{n}" in living) == (f"m{base}" in living) for n, base in bases.items())
    nothing_is_wrong(kept)


def test_more_of_them_than_an_event_lists_die_in_one_transaction(kept: Keeper) -> None:
    count = KEYS_PER_EVENT_MAX + 2
    kept.on(DAY)
    for number in range(count):
        series(kept, number, f"m{(number + 1) % count}")
    kept.on(ENDED)
    kept.plan()
    run = interrupted(kept, lambda: None)
    report = kept.expire()
    assert [[len(one.keys) for one in each] for each in run.seen] == [[KEYS_PER_EVENT_MAX, 2]]
    first, second = report.expired
    assert second.position == first.position + 1
    assert kept.living() == set()
    nothing_is_wrong(kept)


def test_a_base_dies_behind_those_who_take_items_from_it(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("b", "P0")
    for number in range(1, 2 * PAIRS):
        series(kept, number, "b")
    kept.on(LAST)
    kept.plan()
    happens = hold_what_lives(kept, *(f"m{n}" for n in range(1, 2 * PAIRS)))
    interrupted(kept, happens)
    kept.expire()
    living = kept.living()
    assert "b" in living
    assert len(living - {"b"}) == 2 * (2 * PAIRS - 1 - KEYS_PER_EVENT_MAX)
    nothing_is_wrong(kept)


def test_what_a_record_has_under_several_keys_dies_at_once(kept: Keeper) -> None:
    kept.on(DAY)
    keys = [f"a{number}" for number in range(PAIRS)]
    for number, key in enumerate(keys):
        kept.sent(key, f"P{number}", **SHUT)
    kept.on("2024-06-01")
    for key in keys:
        correct(kept, key, transferred_to=None, items=["氏名"])
    kept.on(LAST)
    kept.purge()
    for key in keys:
        retract(kept, key)
    before = {key: told(kept, f"P{number}") for number, key in enumerate(keys)}
    kept.on(LAST + timedelta(days=31))
    kept.plan()
    interrupted(kept, hold_what_lives(kept, *keys))
    kept.expire()
    living = kept.living()
    assert 0 < len(living) < PAIRS
    for number, key in enumerate(keys):
        assert told(kept, f"P{number}") == (before[key] if key in living else [])
    nothing_is_wrong(kept)
