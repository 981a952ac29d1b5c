"""Small counts: none is told, and none follows from what is told, for who knows the rule."""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.exports.small_cells import suppressed
from tests.database import Database
from tests.exports.world import World, world
from tests.ledger.excluding import Case
from tests.ledger.given import data

_counts = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 40), min_size=1)
_smallest = st.just(1) | st.integers(3, 12)


def sums(total: int, ranges: Sequence[range]) -> Iterator[tuple[int, ...]]:
    """Every choice of one number of each range that adds up to the total."""
    *firsts, last = ranges
    for chosen in itertools.product(*firsts):
        left = total - sum(chosen)
        if left in last:
            yield (*chosen, left)


@given(_counts, _smallest)
@example({"a": 1, "b": 1, "c": 100}, 10)
@example({"a": 9, "b": 9, "c": 100}, 10)
@example({"a": 9, "b": 9}, 10)
@example({"a": 1}, 10)
@example({"a": 2, "b": 3}, 10)
@example({"a": 0, "b": 5, "c": 12}, 10)
def test_every_hidden_count_could_be_another_one(counts: dict[str, int], smallest: int) -> None:
    total, [told] = suppressed([counts], smallest)
    assert told.keys() == counts.keys()
    for key, count in told.items():
        assert count in (None, counts[key])
        assert count is None or count == 0 or count >= smallest
    assert total in (None, sum(counts.values()))
    hidden = [counts[key] for key, count in told.items() if count is None]
    if total is None:
        assert hidden
        assert all(told[key] is None for key, count in counts.items() if count)
        return
    assert total == 0 or total >= smallest
    if not hidden:
        return
    rest = total - sum(count or 0 for count in told.values())
    readings = [range(1, rest + 1)]  # zeros are told, and more than what is small is hidden
    if rest <= len(hidden) * (smallest - 1):
        readings.append(range(1, smallest))  # who takes it that only what is small is hidden
    for reading in readings:
        possible = list(sums(rest, [reading] * len(hidden)))
        for values in zip(*possible, strict=True):
            assert len(set(values)) >= 2, (told, total, values[0])


def tables(total: int, cells: int) -> Iterator[dict[int, int]]:
    for counts in sums(total, [range(total + 1)] * cells):
        yield dict(enumerate(counts))


@pytest.mark.parametrize("smallest", [3, 4])
def test_who_knows_the_rule_learns_no_count_from_two_tables_of_one_total(smallest: int) -> None:
    # Every pair of tables there is, by what is told of it: whoever knows the rule knows that it
    # was one of these.
    alike: defaultdict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
    for total in range(16):
        pairs = itertools.product(tables(total, 2), tables(total, 3))
        for pair in pairs:
            shown, (first, second) = suppressed(pair, smallest)
            told = (shown, *first.values(), *second.values())
            alike[told].append((total, *pair[0].values(), *pair[1].values()))
    for told, possible in alike.items():
        # Greater totals than are looked at here belong to what is told of the greatest ones.
        if possible[0][0] > 9:
            continue
        for count, values in zip(told, zip(*possible, strict=True), strict=True):
            assert set(values) == {count} if count is not None else len(set(values)) >= 2, told


def test_no_more_is_hidden_than_must_be() -> None:
    counts = {"a": 4, "b": 30, "c": 20, "d": 0}
    assert suppressed([counts]) == (54, [{"a": None, "b": 30, "c": None, "d": 0}])
    counts = {"a": 4, "b": 5, "c": 20}
    assert suppressed([counts]) == (29, [{"a": None, "b": None, "c": 20}])
    counts = {"a": 4, "b": 20, "c": 20, "d": 30}  # of two alike, none would be hidden alone
    assert suppressed([counts]) == (74, [{"a": None, "b": None, "c": None, "d": 30}])
    assert suppressed([{}, {}]) == (0, [{}, {}])


@given(_counts)
def test_a_smallest_count_of_one_hides_nothing(counts: dict[str, int]) -> None:
    assert suppressed([counts], 1) == (sum(counts.values()), [counts])


@pytest.fixture
def asked(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.house.record("t1", data("P1"))
        yield made


def requests(bag: Path) -> object:
    return json.loads((bag / "data/requests.json").read_text())


def test_a_few_requests_are_not_told_and_none_is(asked: World) -> None:
    none: dict[str, object] = {"smallest": 10, "received": 0, "by_kind": {}, "by_outcome": {}}
    assert requests(asked.bag("none")) == none
    kind = "provision_records"
    Case.begun(asked.house)
    told = {"smallest": 10, "received": None, "by_kind": {kind: None}, "by_outcome": {"open": None}}
    assert requests(asked.bag("few")) == told
    told = {"smallest": 1, "received": 1, "by_kind": {kind: 1}, "by_outcome": {"open": 1}}
    assert requests(asked.bag("all", smallest=1)) == told


def test_what_stood_later_is_not_counted(asked: World) -> None:
    signed = asked.signed()
    Case.begun(asked.house)
    assert signed.checkpoint.size < asked.house.head()
    assert requests(asked.bag("before", signed=signed, smallest=1)) == {
        "smallest": 1,
        "received": 0,
        "by_kind": {},
        "by_outcome": {},
    }
