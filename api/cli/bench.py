"""`ledger bench NAME`: the house's speed as ratios, measured on this machine."""

import importlib
from types import ModuleType
from typing import Annotated, Final

import typer

NAMES: Final = ("append", "batch", "history", "rebuild")


def _module(name: str) -> ModuleType:
    """The benchmark of that name; benchmarks come with a clone, not with the installed package."""
    if name not in NAMES:
        raise typer.BadParameter(f"one of {', '.join(NAMES)}")
    try:
        return importlib.import_module(f"benchmarks.{name}")
    except ModuleNotFoundError as error:
        if error.name not in ("benchmarks", f"benchmarks.{name}"):
            raise
        typer.echo("Benchmarks are part of the repository: run this in a clone of it.", err=True)
        raise typer.Exit(2) from None


def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}.")],
) -> None:
    """Measure one ratio: three interleaved runs, the median; the last line is JSON."""
    _module(name).run()
