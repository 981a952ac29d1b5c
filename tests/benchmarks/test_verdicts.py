"""What fails a run, on figures that are made up; the runs themselves are in `test_benchmarks`."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType

import orjson
import pytest
import typer

from benchmarks import order11, register, reply
from benchmarks.figures import Figure, judged
from benchmarks.ks import LEVEL
from benchmarks.sides import Pair

DOORS = ("histories", "candidates", "principal", "decisions", "submit", "dispatch")
HIDDEN = "before"
FOUND = ("after", "no_grid")
SAMPLES = 200


def answers(begin_ms: float, spread_ms: float = 0.2) -> list[float]:
    """Seconds of so many answers, as far apart from one another as they can be."""
    return [(begin_ms + spread_ms * n / SAMPLES) / 1000 for n in range(SAMPLES)]


ALIKE = Pair(answers(50), answers(50))
APART = Pair(answers(50), answers(51))
SCATTERED = Pair(answers(50, 500), answers(50, 500))
"""A millisecond more is lost among them."""


def doors(**other: Pair) -> dict[str, Pair]:
    """As a run finds them in which all is well, but for some."""
    return {**dict.fromkeys((*DOORS, HIDDEN), ALIKE), **dict.fromkeys(FOUND, APART), **other}


def test_the_made_up_samples_are_what_they_are_called() -> None:
    assert [one.p < LEVEL for one in (ALIKE, APART, SCATTERED)] == [False, True, False]
    assert [one.shifted().p < LEVEL for one in (ALIKE, SCATTERED)] == [True, False]


def test_nothing_fails_where_no_door_tells_and_every_control_does_as_it_must() -> None:
    assert order11.failures(doors()) == []


@pytest.mark.parametrize("door", DOORS)
def test_a_door_that_tells_the_sides_apart_is_named(door: str) -> None:
    [failed] = order11.failures(doors(**{door: APART}))
    assert failed.startswith(f"{door} tells the sides apart: D 1.0000, ")


@pytest.mark.parametrize("door", DOORS)
def test_a_door_at_which_a_millisecond_would_be_lost_is_named(door: str) -> None:
    [failed] = order11.failures(doors(**{door: SCATTERED}))
    assert failed.startswith(f"{door}: a millisecond more would not be found, p ")


def test_a_millisecond_that_the_grid_does_not_hide_fails() -> None:
    [failed] = order11.failures(doors(before=APART))
    assert failed.startswith("before: the grid does not hide a millisecond of work, p ")


@pytest.mark.parametrize(
    ("control", "wrong"),
    [
        ("after", "a millisecond behind the grid is not found"),
        ("no_grid", "the sides are not told apart without the grid"),
    ],
)
def test_a_control_that_finds_nothing_fails(control: str, wrong: str) -> None:
    [failed] = order11.failures(doors(**{control: ALIKE}))
    assert failed == f"{control}: {wrong}, p 1"


def test_all_that_is_wrong_is_named_at_once() -> None:
    failed = order11.failures(dict.fromkeys((*DOORS, HIDDEN, *FOUND), SCATTERED))
    assert [one.partition(":")[0] for one in failed] == [*DOORS, *FOUND]


@pytest.mark.parametrize("of", ["ratio_small", "ratio_large"])
def test_a_letter_that_takes_too_long_is_named(of: str) -> None:
    figures: dict[str, Figure] = {"ratio_small": 1.5, "ratio_large": 1.5}
    assert reply.failures(figures, reply.LIMIT) == []
    assert reply.failures({**figures, of: 1.513}, reply.LIMIT) == [f"{of} is 1.51, above 1.5"]


@pytest.mark.parametrize("of", ["memory_growth", "page_memory_growth"])
def test_memory_that_grows_with_the_register_is_named(of: str) -> None:
    figures: dict[str, Figure] = {"memory_growth": 1.15, "page_memory_growth": 1.15}
    limit = register.GROWTH_LIMIT
    assert register.failures(figures, limit) == []
    assert register.failures({**figures, of: 1.6}, limit) == [f"{of} is 1.6, above 1.15"]


FIGURES: Mapping[str, Figure] = {"ratio": 2.0, "cores": 2}


def test_what_passed_is_said_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    judged("made-up", FIGURES, [], "all of it holds")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "PASS: all of it holds"
    assert orjson.loads(lines[-1]) == {"bench": "made-up", **FIGURES, "verdict": "PASS"}


def test_each_thing_that_failed_is_said_before_the_figures_and_ends_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended:
        judged("made-up", FIGURES, ["this", "and that"], "all of it holds")
    assert ended.value.exit_code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["FAIL: this", "FAIL: and that"]
    assert not any(line.startswith("PASS") for line in lines)
    assert orjson.loads(lines[-1]) == {"bench": "made-up", **FIGURES, "verdict": "FAIL"}


def made_up(monkeypatch: pytest.MonkeyPatch, bench: ModuleType, found: object) -> None:
    """Let a run find that, and start nothing."""

    def nothing(*_: object) -> AbstractContextManager[None]:
        return nullcontext()

    def measured(*_: object) -> object:
        return found

    def figures(*_: object) -> Mapping[str, Figure]:
        return FIGURES

    for name in ("durable_place", "following", "serving"):
        monkeypatch.setattr(bench, name, nothing, raising=False)
    monkeypatch.setattr(bench, "_measured", measured)
    monkeypatch.setattr(bench, "_figures", figures, raising=False)


LETTERS: Mapping[str, Figure] = {"ratio": 2.0, "ratio_small": 1.2, "ratio_large": 2.0}
MEMORY: Mapping[str, Figure] = {"ratio": 0.4, "memory_growth": 1.01, "page_memory_growth": 1.5}


@pytest.mark.parametrize(
    ("bench", "found", "named"),
    [
        (order11, doors(submit=APART), "submit tells the sides apart"),
        (reply, LETTERS, "ratio_large is 2, above 1.5"),
        (register, MEMORY, "page_memory_growth is 1.5, above 1.15"),
    ],
    ids=["order11", "reply", "register"],
)
def test_a_run_that_finds_something_wrong_names_it_and_ends_with_1(
    bench: ModuleType,
    found: object,
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made_up(monkeypatch, bench, found)
    with pytest.raises(typer.Exit) as ended:
        bench.run()
    assert ended.value.exit_code == 1
    lines = capsys.readouterr().out.splitlines()
    [failed] = [line for line in lines if line.startswith("FAIL")]
    assert failed.startswith(f"FAIL: {named}")
    assert orjson.loads(lines[-1])["verdict"] == "FAIL"


@pytest.mark.parametrize(
    ("bench", "found", "holds"),
    [
        (order11, doors(), "no door tells the sides apart"),
        (reply, {**LETTERS, "ratio_large": 1.5}, "no letter takes more than 1.5 times"),
        (register, {**MEMORY, "page_memory_growth": 1}, "100,000 rows take at most 1.15 times"),
    ],
    ids=["order11", "reply", "register"],
)
def test_a_run_that_finds_nothing_wrong_says_what_holds_and_ends_well(
    bench: ModuleType,
    found: object,
    holds: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made_up(monkeypatch, bench, found)
    bench.run()
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"PASS: {holds}")
    assert orjson.loads(last)["verdict"] == "PASS"
