"""Generates the tables of `docs/reference/configuration.md` from the modules of the settings."""

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import cast

from api.environment import ALGORITHMS, JwtIssuer
from api.log_settings import LogSettings
from api.settings import Settings
from tests.docs.markdown import ROOT, table

SOURCE = ROOT / "api" / "settings.py"
# The functions that make settings: a class method, and the log's own.
MADE_BY = {SOURCE: "cls", ROOT / "api" / "log_settings.py": LogSettings.__name__}

# What a reader of `api.environment` takes, and the variants of the name it looks at besides.
_TYPES = {
    "text": "text, 1–{0} bytes",
    "path": "path",
    "database_url": "connection string",
    "secret": "64 hex digits",
    "secret_text": "text",
    "optional_text": "text",
    "origin": "origin",
    "roles": "JSON object",
    "identifier_kinds": "JSON object",
    "epoch_masters": "`NAME:` and 64 hex digits",
    "epoch_folder": "path",
    "url": "address",
    "recipient": "`age1…`",
    "log_origin": "name of a log",
    "signing_engine": "address",
    "key_name": "name of a key",
    "public_key": "`NAME+ID+KEY`",
    "log_policy": "path",
    "log_authority": "path",
    "jwt_issuers": "JSON list",
    "whole": "whole number, {0}–{1}",
    "number": "number, {0}–{1}",
    "flag": "`true` or `false`",
    "choice": "{0}",
}
_VARIANTS = {"database_url": "_FILE", "secret": "_FILE", "secret_text": "_FILE"}
# A name says its unit at its end; the longest ending that fits counts.
_UNITS = (
    ("_bytes_max", "bytes"),
    ("_s_max", "seconds"),
    ("_s", "seconds"),
    ("_days", "days"),
    ("_minutes", "minutes"),
    ("_minutes_max", "minutes"),
    ("_hours_max", "hours"),
    ("_per_request_max", "items"),
)


def tables() -> dict[str, str]:
    """The generated regions of the page, by name."""
    return {"settings": _settings(), "issuer": _issuer()}


def names() -> set[str]:
    """Every name in the environment that has a meaning."""
    found: set[str] = set()
    for call in _reads().values():
        name = cast("str", ast.literal_eval(call.args[0]))
        found.add(name)
        if variant := _VARIANTS.get(_method(call)):
            found.add(name + variant)
    return found


def _settings() -> str:
    told, defaults = _docstrings(), Settings()
    rows: list[tuple[str, str, str, str, str]] = []
    for field, call in _reads().items():
        name = cast("str", ast.literal_eval(call.args[0]))
        variant = _VARIANTS.get(_method(call))
        shown = f"`{name}`" + (f" or `{name}{variant}`" if variant else "")
        default = _shown(getattr(defaults, field))
        rows.append((shown, _type(call), default, _unit(field), _told(told[field])))
    return table(("setting", "type", "default", "unit", "what it is"), rows)


def _issuer() -> str:
    told = inspect.getdoc(JwtIssuer) or ""
    rows = [
        (
            f"`{one.name}`",
            "required" if one.name in ("issuer", "audience") else _shown(one.default),
            _told(_attribute(told, one.name)),
        )
        for one in fields(JwtIssuer)
    ]
    algorithms = ", ".join(f"`{name}`" for name in sorted(ALGORITHMS))
    return table(("member", "default", "what it is"), rows) + f"\nAlgorithms: {algorithms}.\n"


def _attribute(docstring: str, name: str) -> str:
    found = re.search(rf"^    {name}: (.*?)(?=^    \w+: |\Z)", docstring, re.DOTALL | re.MULTILINE)
    assert found is not None, f"{name} has no word of explanation"
    return found[1]


def _reads() -> dict[str, ast.Call]:
    """Field → the call that reads it, in the order of the source."""
    made = [
        node
        for source, maker in MADE_BY.items()
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == maker
    ]
    assert len(made) == len(MADE_BY)
    return {
        one.arg: one.value
        for call in made
        for one in call.keywords
        if one.arg is not None and isinstance(one.value, ast.Call) and one.value.args
    }


def _class() -> ast.ClassDef:
    [found] = [
        node
        for node in ast.parse(Path(SOURCE).read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == Settings.__name__
    ]
    return found


def _docstrings() -> dict[str, str]:
    """Field → the text below it."""
    log = ast.parse(inspect.getsource(LogSettings)).body[0]
    assert isinstance(log, ast.ClassDef)
    body = [*_class().body, *log.body]
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _method(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def _type(call: ast.Call) -> str:
    method = _method(call)
    if method == "choice":
        options = cast("tuple[str, ...]", ast.literal_eval(call.args[2]))
        return " · ".join(f"`{one}`" for one in options)
    bounds = [_number(one) for one in call.args[2:]]
    bounds += [_number(one.value) for one in call.keywords if one.arg == "bytes_max"]
    return _TYPES[method].format(*bounds)


def _number(node: ast.expr) -> str:
    """A bound as it stands in the source: a number, or one shifted to the left."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift):
        left = cast("int", ast.literal_eval(node.left))
        return _figure(left << cast("int", ast.literal_eval(node.right)))
    return _figure(cast("float", ast.literal_eval(node)))


def _figure(number: float) -> str:
    """A number; with separators where it would be hard to read without."""
    return f"{number:,}" if number >= 100_000 else f"{number:g}"


def _shown(default: object) -> str:
    match default:
        case None | () | "":
            return "–"
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return _figure(default)
        case tuple():
            return ", ".join(f"`{one}`" for one in cast("tuple[object, ...]", default))
        case Mapping():
            return "–"
        case _:
            return f"`{default}`"


def _unit(field: str) -> str:
    return next((unit for ending, unit in _UNITS if field.endswith(ending)), "")


def _told(text: str) -> str:
    """A docstring as one cell: fields by their names in the environment, `None` as unset."""
    for field in fields(Settings):
        text = text.replace(f"`{field.name}`", f"`LEDGER_{field.name.upper()}`")
    text = text.replace("`JwtIssuer`", "the table below").replace("None", "unset")
    # Bounds have a column of their own; the source is for who changes the code.
    text = re.sub(r"Source: [^.]*\.| \([0-9][^();]*–[^();]*\)|, 1–100 bytes", "", text)
    return re.sub(r"\s+", " ", text).strip()
