"""Runs that take turns, their medians, and how a benchmark prints."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, cast

import orjson
import typer

ROUNDS: Final = 3
_FLUSHES: Final = 200
_BLOCK: Final = bytes(8192)

Figure = bool | float | int | str | None


def cores() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0))


def flush_ms(folder: Path) -> float:
    """Median milliseconds of writing 8 KiB and fdatasync, as a commit does, in `folder`."""
    file = folder / "flush"
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        return median(_flushed(descriptor) for _ in range(_FLUSHES)) * 1000
    finally:
        os.close(descriptor)
        file.unlink()


def _flushed(descriptor: int) -> float:
    os.pwrite(descriptor, _BLOCK, 0)
    started = time.perf_counter()
    os.fdatasync(descriptor)
    return time.perf_counter() - started


def interleaved(
    runs: Mapping[str, Callable[[], float]], rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Run each of `runs` once a round, in their order, so that a slow minute meets all of them."""
    figures: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(1, rounds + 1):
        for name, run in runs.items():
            figures[name].append(run())
        shown = ", ".join(f"{name} {figures[name][-1]:,.2f}" for name in runs)
        typer.echo(f"round {number}: {shown}", err=True)
    return figures


def ratio(above: list[float], below: list[float]) -> float:
    """The median of the rounds' own ratios: what slows a whole round leaves it alone."""
    return median(a / b for a, b in zip(above, below, strict=True))


def report(bench: str, figures: Mapping[str, Figure]) -> None:
    """Print each figure on a line of its own, then all of them as one JSON object.

    Args:
        figures: `ratio` first; numbers are cut to four digits after the point.
    """
    rounded = {
        name: round(figure, 4) if isinstance(figure, float) else figure
        for name, figure in figures.items()
    }
    for name, figure in rounded.items():
        typer.echo(f"{name:<28}{figure:,}" if _is_number(figure) else f"{name:<28}{figure}")
    typer.echo(orjson.dumps({"bench": bench, **rounded}).decode())


def over(figures: Mapping[str, Figure], limit: float, *names: str) -> list[str]:
    """Those of `names` whose figure is above `limit`, each in words."""
    values = {name: cast("float", figures[name]) for name in names}
    return [
        f"{name} is {value:.3g}, above {limit:g}" for name, value in values.items() if value > limit
    ]


def judged(bench: str, figures: Mapping[str, Figure], failed: Sequence[str], passed: str) -> None:
    """Print what failed, or what passed; then the figures with their `verdict`, as `report` does.

    Args:
        failed: what did, each in words; nothing: `passed` says what holds.

    Raises:
        typer.Exit: with 1, when something failed.
    """
    for one in failed:
        typer.echo(f"FAIL: {one}")
    if not failed:
        typer.echo(f"PASS: {passed}")
    report(bench, {**figures, "verdict": "FAIL" if failed else "PASS"})
    if failed:
        raise typer.Exit(1)


def _is_number(figure: Figure) -> bool:
    return isinstance(figure, int | float) and not isinstance(figure, bool)
