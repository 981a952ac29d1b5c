"""Reads acceptance cases from a folder and refuses what it does not know.

A folder holds `*.jsonl`, one case a line, and may hold its own `notices.json`. An unknown kind,
step or field is an error of the whole run: a case that is not understood must not pass.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from api.contract import SCHEMA as TRANSFER_SCHEMA

_HERE = Path(__file__).parent
OWN_FOLDER = _HERE / "cases"

RUNNING_KINDS = (
    "classify",
    "retention",
    "joint_use_change",
    "notice_version",
    "malformed",
    "identity",
    "deadline",
    "citation",
)
"""The kinds that ask one question of the domain."""

STORY_KINDS = ("timeline", "masking")
"""The kinds that are played step by step through HTTP (`tests.acceptance.through_http`)."""


class CaseError(Exception):
    """A folder or a case that the runner does not understand."""


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    kind: str
    given: Mapping[str, Any]
    expect: Mapping[str, Any]
    notices: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Folder:
    running: tuple[Case, ...]
    stories: tuple[Case, ...]


@cache
def read_folder(path: Path) -> Folder:
    files = sorted(path.glob("*.jsonl"))
    if not files:
        raise CaseError(f"{path} holds no *.jsonl")
    own_notices = path / "notices.json"
    notices = _notices(own_notices if own_notices.exists() else _HERE / "notices.json")
    cases: dict[str, Case] = {}
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            case = _case(json.loads(line), f"{file.name}:{number}", notices)
            if case.id in cases:
                raise CaseError(f"{file.name}:{number}: {case.id} stands twice")
            cases[case.id] = case
    return Folder(
        tuple(case for case in cases.values() if case.kind in RUNNING_KINDS),
        tuple(case for case in cases.values() if case.kind in STORY_KINDS),
    )


def first_keys(steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Key of a recorded message → the key of its record: of the first message of its series."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for step in steps:
        if step["do"] == "record":
            series: str | None = step["transfer"].get("series_id")
            found[step["key"]] = first.setdefault(series, step["key"]) if series else step["key"]
    return found


def _notices(file: Path) -> dict[str, Mapping[str, Any]]:
    notices = cast("list[dict[str, Any]]", json.loads(file.read_bytes())["notices"])
    return {notice["notice_id"]: notice for notice in notices}


def _case(data: dict[str, Any], place: str, notices: Mapping[str, Mapping[str, Any]]) -> Case:
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in (*RUNNING_KINDS, *STORY_KINDS):
        raise CaseError(f"{place}: unknown kind {kind!r}")
    validator = _validators().get(kind)
    if validator is None:
        raise CaseError(f"{place}: the schema has no kind {kind!r}")
    error = next(_errors(validator, data), None)
    if error is not None:
        raise CaseError(f"{place}: {error.json_path}: {error.message}")
    return Case(data["id"], kind, data["given"], data["expect"], notices)


def _errors(validator: Draft202012Validator, data: dict[str, Any]) -> Iterator[ValidationError]:
    yield from validator.iter_errors(data)  # pyright: ignore[reportUnknownMemberType] -- its stub leaves an old overload untyped


@cache
def _validators() -> dict[str, Draft202012Validator]:
    """One validator a kind: a union would only say that nothing fits."""
    schema = cast("dict[str, Any]", json.loads((_HERE / "case.schema.json").read_bytes()))
    resource = Resource[Any].from_contents(TRANSFER_SCHEMA)
    registry = Registry[Any]().with_resource(TRANSFER_SCHEMA["$id"], resource)
    checker = Draft202012Validator.FORMAT_CHECKER
    return {
        branch["properties"]["kind"]["const"]: Draft202012Validator(
            {**branch, "$schema": schema["$schema"], "$defs": schema["$defs"]},
            registry=registry,
            format_checker=checker,
        )
        for branch in schema["oneOf"]
    }
