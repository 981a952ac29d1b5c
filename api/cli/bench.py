"""`ledger bench NAME`: speed as ratios, measured on this machine."""

import importlib
from types import ModuleType
from typing import Annotated, Final

import typer

NAMES: Final = (
    *("append", "batch", "history", "rebuild", "expiry", "reply", "order11", "register"),
    *("pages", "tree", "export", "verify", "bulk", "lookup", "mixed", "strangers"),
)
SIZED: Final = ("expiry", "export", "verify")
"""Those that `--records` is for."""


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(bench)


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
    *,
    records: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many records die (expiry: 1,000,000) or leave (export, verify: 20,000).",
        ),
    ] = None,
) -> None:
    """Measure one ratio against a baseline of the same run; the last line is JSON."""
    module = _module(name)
    if records is None:
        module.run()
    elif name in SIZED:
        module.run(module.Size(records=records))
    else:
        raise typer.BadParameter(f"--records is for {', '.join(SIZED)}")
