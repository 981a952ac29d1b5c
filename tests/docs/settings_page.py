"""Generates the tables of `docs/reference/configuration.md` from the settings' classes."""

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from typing import cast

from api.settings.environment import ALGORITHMS, JwtIssuer, SettingReader, declared
from api.settings.log import LogSettings
from api.settings.settings import Settings
from tests.docs.markdown import table

# What a parser of `api.settings.environment` takes.
_TYPES = {
    "text": "text, 1–{0} bytes",
    "Path": "path",
    "postgres_url": "connection string",
    "hex_secret": "64 hex digits",
    "hidden_text": "text",
    "optional_text": "text",
    "safe_origin": "origin",
    "role_lists": "JSON object",
    "kind_names": "JSON object",
    "epoch_master": "`NAME:` and 64 hex digits",
    "master_folder": "path",
    "safe_url": "address",
    "age_recipient": "`age1…`",
    "log_name": "name of a log",
    "key_name": "name of a key",
    "verifier_key": "`NAME+ID+KEY`",
    "policy_file": "path",
    "authority_file": "path",
    "issuer_list": "JSON list",
    "whole": "whole number, {0}–{1}",
    "number": "number, {0}–{1}",
    "flag": "`true` or `false`",
    "choice": "{0}",
}
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
    return {
        one.name_of(field) + ending
        for field, one in declared(Settings).items()
        for ending in ("", "_FILE")[: 1 + one.in_file]
    }


def _settings() -> str:
    told, defaults = _docstrings(), Settings()
    rows: list[tuple[str, str, str, str, str]] = []
    of_log = declared(LogSettings)
    for field, one in declared(Settings).items():
        name = one.name_of(field)
        shown = f"`{name}`" + (f" or `{name}_FILE`" if one.in_file else "")
        default = _shown(getattr(defaults, field))
        rows.append((shown, _type(one), default, _unit(field), _told(told[field])))
    # The base class comes first in Python, and last on the page.
    rows = rows[len(of_log) :] + rows[: len(of_log)]
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


def _docstrings() -> dict[str, str]:
    """Field → the text below it."""
    return {
        field.target.id: text.value.value
        for one in (Settings, LogSettings)
        for field, text in pairwise(
            cast("ast.ClassDef", ast.parse(inspect.getsource(one)).body[0]).body
        )
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _type(one: SettingReader) -> str:
    kind = one.kind or getattr(one.parse, "__name__", "")
    if kind == "choice":
        return " · ".join(f"`{allowed}`" for allowed in one.bounds)
    return _TYPES[kind].format(*(_figure(cast("float", bound)) for bound in one.bounds))


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
