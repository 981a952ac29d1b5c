"""The command line: `ledger …`. Each group of commands is a module with a typer app of its own.

A command's module is imported when the command is called: each starts without what the others need.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Protocol, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

_MODULES: Final[Mapping[str, str]] = {
    "serve": "serve",
    "follow": "serve",
    "migrate": "serve",
    "demo": "demo",
    "import": "import_command",
    "export": "export",
    "verify": "export",
    "backup": "backup",
    "bench": "bench",
    "bulk": "bulk",
    "fsck": "fsck",
    "audit": "audit",
    "audit-bag": "audit_bag",
    "headers": "headers",
    "proof": "proof",
    "replies": "replies",
    "restore": "restore",
    "exclusions": "exclusions",
    "keys": "keys",
    "log": "log",
    "notices": "notices",
    "officers": "officers",
    "projections": "projections",
    "retention": "retention",
    "secrets": "secrets",
}
"""Command → its module, in the order in which help tells them."""


class _Module(Protocol):
    def register(self, app: typer.Typer, /) -> None: ...


class Commands(TyperGroup):
    """The commands, each imported when it is asked for."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        return list(_MODULES)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """The command of that name; None when there is none."""
        if cmd_name not in _MODULES:
            return None
        module = cast("_Module", import_module(f"{__name__}.{_MODULES[cmd_name]}"))
        part = typer.Typer()
        part.callback()(_nothing)  # a group, also of one command
        module.register(part)
        group = cast("TyperGroup", typer.main.get_command(part))
        return cast("TyperCommand", group.get_command(ctx, cmd_name))


def _nothing() -> None:
    pass


app: Final = typer.Typer(
    name="ledger",
    help="A record ledger for third-party provision under Japan's APPI.",
    cls=Commands,
    callback=_nothing,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: keys and records
)


def main() -> None:
    """Run one command; what an operator can mend is told in words, the rest with a traceback."""
    from ledger.core_dumps import forbid_core_dumps  # noqa: PLC0415 -- an import of this starts without it

    forbid_core_dumps()
    try:
        app()
    except Exception as error:
        from api.server.reasons import lines  # noqa: PLC0415 -- what ends well starts without it

        explanation = lines(error)
        if explanation is None:
            raise
        *details, sentence = explanation
        for line in details:
            typer.echo(line, err=True)
        typer.echo(f"ledger: {sentence}", err=True)
        sys.exit(1)
