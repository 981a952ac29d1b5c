"""What fails a run, on figures that are made up; the runs themselves are in `test_benchmarks`."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType

import orjson
import pytest
import typer

from benchmarks import order11, register, reply
from benchmarks.figures import Figure
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


def test_every_door_that_tells_or_would_hide_a_millisecond_and_every_dumb_control_is_named() -> (
    None
):
    assert order11.failures(doors()) == []
    hidden = "a millisecond more would not be found, p "
    for door in DOORS:
        [failed] = order11.failures(doors(**{door: APART}))
        assert failed.startswith(f"{door} tells the sides apart: D 1.0000, ")
        [failed] = order11.failures(doors(**{door: SCATTERED}))
        assert failed.startswith(f"{door}: {hidden}")
    for control, found, wrong in (
        ("before", APART, "the grid does not hide a millisecond of work, p "),
        ("after", ALIKE, "a millisecond behind the grid is not found, p 1"),
        ("no_grid", ALIKE, "the sides are not told apart without the grid, p 1"),
    ):
        [failed] = order11.failures(doors(**{control: found}))
        assert failed.startswith(f"{control}: {wrong}")


def test_a_letter_that_takes_too_long_and_memory_that_grows_are_named() -> None:
    letters: dict[str, Figure] = {"ratio_small": 1.5, "ratio_large": 1.5}
    assert reply.failures(letters, reply.LIMIT) == []
    for of in letters:
        assert reply.failures({**letters, of: 1.513}, reply.LIMIT) == [f"{of} is 1.51, above 1.5"]
    memory: dict[str, Figure] = {"memory_growth": 1.15, "page_memory_growth": 1.15}
    limit = register.GROWTH_LIMIT
    assert register.failures(memory, limit) == []
    for of in memory:
        assert register.failures({**memory, of: 1.6}, limit) == [f"{of} is 1.6, above 1.15"]


FIGURES: Mapping[str, Figure] = {"ratio": 2.0, "cores": 2}


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
    ("bench", "wrong", "right"),
    [
        (
            order11,
            (doors(submit=APART), "submit tells the sides apart"),
            (doors(), "no endpoint tells the sides apart"),
        ),
        (
            reply,
            (LETTERS, "ratio_large is 2, above 1.5"),
            ({**LETTERS, "ratio_large": 1.5}, "no letter takes more than 1.5 times"),
        ),
        (
            register,
            (MEMORY, "page_memory_growth is 1.5, above 1.15"),
            ({**MEMORY, "page_memory_growth": 1}, "100,000 rows take at most 1.15 times"),
        ),
    ],
    ids=["order11", "reply", "register"],
)
def test_a_run_names_what_is_wrong_and_ends_with_1_or_says_what_holds(
    bench: ModuleType,
    wrong: tuple[object, str],
    right: tuple[object, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made_up(monkeypatch, bench, wrong[0])
    with pytest.raises(typer.Exit) as ended:
        bench.run()
    assert ended.value.exit_code == 1
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"FAIL: {wrong[1]}")
    assert orjson.loads(last)["verdict"] == "FAIL"
    made_up(monkeypatch, bench, right[0])
    bench.run()
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"PASS: {right[1]}")
    assert orjson.loads(last)["verdict"] == "PASS"
