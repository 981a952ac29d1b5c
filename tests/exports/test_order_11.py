"""No bag betrays to who may not know that a record is there of which nobody may know."""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.exports.filters import Filters
from ledger.exports.guide import guide
from ledger.exports.small_cells import suppressed
from ledger.exports.verify import CONSISTENT
from ledger.values import PrincipalRef
from tests.database import Database
from tests.exports.world import WHY, World, checked, flat, rows, world
from tests.ledger.carrying import die
from tests.ledger.excluding import Case, exclude, lift, store_version_1
from tests.ledger.given import data
from tests.ledger.test_exclusions_stored import daily, repeat


@pytest.fixture
def hiding(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.beside = True
        made.house.record("t1", data("P1"))
        # Of another day of death: it can die alone.
        made.house.record("t2", data("P2", recorded_on="2026-05-01"))
        made.house.record("t3", data("P3"), mark=2)
        made.house.record("t4", data("P4"))
        yield made


def positions(bag: Path) -> list[int]:
    return [row["events"][0]["position"] for row in rows(bag)]


def but_proofs(bag: Path) -> dict[str, bytes]:
    """Files that do not depend on how long the log is, and which event is where."""
    names = ("counts.json", "versions.json", "records.ndjson", "records.csv")
    names += ("records.xlsx", "coverage.json", "requests.json")
    return {name: (bag / "data" / name).read_bytes() for name in names}


def test_a_marked_and_an_excluded_record_are_left_out_and_not_counted(hiding: World) -> None:
    exclude(hiding.house, 2)
    bag = hiding.bag()
    assert positions(bag) == [1, 4]
    assert checked(bag)[0] == CONSISTENT
    assert json.loads((bag / "data/counts.json").read_text())["records"] == 2
    assert not (bag / "data/proofs/headers.ndjson").exists()


def test_a_plain_bag_tells_positions_and_its_guide_says_what_follows_from_them(
    hiding: World,
) -> None:
    """Events that one request recorded stand beside each other: what misses there is hidden."""
    exclude(hiding.house, 2)
    bag = hiding.bag("plain")
    assert positions(bag) == [1, 4]
    said = "存否を明らかにしないために除いたものと推測できることがあります。"
    assert said in (bag / "VERIFY.ja.md").read_text()
    assert said not in guide(Filters(whole=True), 4, is_signed=True).decode()


def test_what_is_withheld_is_told_alike_whether_anything_was(hiding: World) -> None:
    before = json.loads((hiding.bag("before") / "data/filters.json").read_text())
    exclude(hiding.house, 2)
    after = json.loads((hiding.bag("after") / "data/filters.json").read_text())
    assert before["withheld"] == after["withheld"]
    assert before["asked"] == after["asked"]
    guides = [(hiding.folder / name / "VERIFY.ja.md").read_text() for name in ("before", "after")]
    assert guides[0] == guides[1]


def test_a_destroyed_record_is_left_out_like_an_excluded_one(hiding: World) -> None:
    exclude(hiding.house, 2)
    excluded = but_proofs(hiding.bag("excluded"))
    lift(hiding.house, 2)
    die(hiding.house, 2)
    assert but_proofs(hiding.bag("destroyed")) == excluded


def test_a_report_does_not_tell_whether_a_record_was_excluded_or_destroyed(hiding: World) -> None:
    exclude(hiding.house, 2)
    excluded = hiding.bag("excluded")
    lift(hiding.house, 2)
    die(hiding.house, 2)
    said = [_but_the_log(one) for one in (excluded, hiding.bag("destroyed"))]
    assert said[0] == said[1]
    assert "記録2" in said[0]


def _but_the_log(bag: Path) -> str:
    """The text of the report without how long the log is, and its root."""
    told = json.loads((bag / "data/filters.json").read_text())
    said = flat(bag).replace(told["root"], "根").replace(f"台帳の位置{told['size']}", "位置")
    return said.replace(f"木の大きさ{told['size']}", "大きさ")


def test_a_whole_bag_shows_every_record_and_marks_none(hiding: World) -> None:
    exclude(hiding.house, 2)
    bag = hiding.bag(whole=True, reason=WHY)
    assert positions(bag) == [1, 2, 3, 4]
    assert checked(bag)[0] == CONSISTENT
    shown = [{name for name in row if name != "events"} for row in rows(bag)]
    assert shown == [{"row", "stream", "status", "source"}] * 4
    assert all(
        event.keys() == {"header", "position", "statement", "lines"}
        for row in rows(bag)
        for event in row["events"]
    )


def test_what_is_excluded_while_records_are_written_is_not_in_the_bag(
    hiding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = hiding.house.house.streams.exclusions
    read, asked = type(hidden).active, 0

    def standing(_self: object) -> object:
        nonlocal asked
        asked += 1
        if asked == 2:  # once read before, once after the records: between the two
            exclude(hiding.house, 2)
        return read(hidden)

    monkeypatch.setattr(type(hidden), "active", standing)
    bag = hiding.bag()
    monkeypatch.undo()
    assert positions(bag) == [1, 4]
    assert checked(bag)[0] == CONSISTENT


def test_of_one_person_a_bag_is_as_if_nothing_were_excluded_for_another(hiding: World) -> None:
    hiding.house.record("t5", data("P5", "P6", "P7"))
    before = {one: everything(of_person(hiding, one, "before")) for one in ("P5", "P7")}
    nobody = everything(of_person(hiding, "P9", "nobody"))
    exclude(hiding.house, 5, of="P6")
    for one, files in before.items():
        assert everything(of_person(hiding, one, "after")) == files, one
        assert positions(hiding.folder / f"after-{one}") == [5]
        assert checked(hiding.folder / f"after-{one}")[0] == CONSISTENT
    assert everything(of_person(hiding, "P6", "after")) == nobody


def test_of_all_a_record_that_is_excluded_for_one_is_left_out_as_a_destroyed_one(
    hiding: World,
) -> None:
    # Of another day of death: it can die alone.
    hiding.house.record("t5", data("P5", "P6", "P7", recorded_on="2026-05-02"))
    exclude(hiding.house, 5, of="P6")
    bag = hiding.bag("excluded")
    assert (positions(bag), checked(bag)[0]) == ([1, 2, 4], CONSISTENT)
    excluded = but_proofs(bag)
    lift(hiding.house, 5, of="P6")
    assert positions(hiding.bag("lifted")) == [1, 2, 4, 5]
    die(hiding.house, 5)
    assert but_proofs(hiding.bag("destroyed")) == excluded


def test_a_ledger_with_both_versions_of_the_daily_event_is_exported_and_verified(
    hiding: World,
) -> None:
    store_version_1(hiding.house.house, hiding.house.now)
    exclude(hiding.house, 4, of="P4")
    repeat(hiding.house)
    told = [one.excluded for one in daily(hiding.house.house)]
    assert [[one.first for one in excluded] for excluded in told] == [[1], [1, 4]]
    plain, whole = hiding.bag("plain"), hiding.bag("whole", whole=True, reason=WHY)
    assert (positions(plain), positions(whole)) == ([2], [1, 2, 3, 4])
    assert (checked(plain)[0], checked(whole)[0]) == (CONSISTENT, CONSISTENT)
    headers = (whole / "data/proofs/headers.ndjson").read_text().splitlines()
    assert sum(json.loads(one)["type"] == "exclusions-sealed" for one in headers) == 2


def of_person(world: World, member: str, name: str) -> Path:
    who = (PrincipalRef("member", member),)
    return world.bag(f"{name}-{member}", person=who, case="2026-000001", reason=WHY)


def everything(bag: Path) -> dict[str, bytes]:
    return {
        one.relative_to(bag).as_posix(): one.read_bytes() for one in bag.rglob("*") if one.is_file()
    }


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
def asking(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.house.record("t1", data("P1"))
        yield made


def requests(bag: Path) -> object:
    return json.loads((bag / "data/requests.json").read_text())


def test_a_few_requests_are_not_told_and_none_is(asking: World) -> None:
    none: dict[str, object] = {"smallest": 10, "received": 0, "by_kind": {}, "by_outcome": {}}
    assert requests(asking.bag("none")) == none
    kind = "provision_records"
    Case.begun(asking.house)
    told = {"smallest": 10, "received": None, "by_kind": {kind: None}, "by_outcome": {"open": None}}
    assert requests(asking.bag("few")) == told
    told = {"smallest": 1, "received": 1, "by_kind": {kind: 1}, "by_outcome": {"open": 1}}
    assert requests(asking.bag("all", smallest=1)) == told


def test_what_stood_later_is_not_counted(asking: World) -> None:
    signed = asking.signed()
    Case.begun(asking.house)
    assert signed.checkpoint.size < asking.house.head()
    assert requests(asking.bag("before", signed=signed, smallest=1)) == {
        "smallest": 1,
        "received": 0,
        "by_kind": {},
        "by_outcome": {},
    }
