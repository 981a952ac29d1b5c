"""The JSON Schema of a transfer: whether an input fits it, and in words where it does not."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import jsonschema_rs

from api.contract.member_reasons import date_defect, why_required
from api.contract.pointers import is_field_name, pointer_to
from ledger.errors import Defect
from ledger.policies.wellformedness import DATE, DATE_TIME
from ledger.policies.wellformedness import SCHEMA as CODE

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "schema" / "transfer.schema.json").read_bytes()
)
"""The packaged input contract, as a document."""

PERSONS_MAX: Final[int] = SCHEMA["properties"]["principals"]["maxItems"]
"""Persons in one transfer; those of a larger one come in bulk."""

_VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
_EACH: Final = {
    name: jsonschema_rs.Draft202012Validator(one["items"], validate_formats=True)
    for name, one in SCHEMA["properties"].items()
    if "items" in one
}
"""For each list of a transfer what its elements must fit."""
_TOO_DEEP = Defect("", CODE, "is nested too deeply, or holds what JSON cannot say")


def is_well_shaped(data: object) -> bool:
    """Whether `data` fits the schema."""
    try:
        return _VALIDATOR.is_valid(data)
    except ValueError:
        return False


def shape_defects(data: object, most: int) -> Iterator[Defect]:
    """Every place where `data` does not fit the schema; of a list, `most` wrong elements.

    Each is made when it is taken.
    """
    if not isinstance(data, dict):
        yield Defect("", CODE, "a transfer is an object")
        return
    whole = cast("dict[str, object]", data)
    members = {name: _cut(name, value, most) for name, value in whole.items()}
    try:
        errors = _errors(members)
    except (ValueError, RecursionError):
        yield _TOO_DEEP
        return
    for error in errors:
        yield from _defects_of(error, members)


def _cut(name: str, value: object, most: int) -> object:
    """A list up to the last wrong element that is named: each error takes its time to be made."""
    if name not in _EACH or not isinstance(value, list):
        return value
    elements, wrong = cast("list[object]", value), 0
    for n, one in enumerate(elements, 1):
        try:
            wrong += not _EACH[name].is_valid(one)
        except ValueError:
            wrong += 1
        if wrong == most:
            return elements[:n]
    return elements


def _errors(data: Mapping[str, object]) -> list[jsonschema_rs.ValidationError]:
    try:
        return list(_VALIDATOR.iter_errors(data))
    except ValueError:
        # It reads no lone surrogate; that one is named elsewhere, the other faults here.
        readable = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
        return list(_VALIDATOR.iter_errors(json.loads(readable)))


def _defects_of(
    error: jsonschema_rs.ValidationError, data: Mapping[str, object]
) -> Iterator[Defect]:
    path = error.instance_path
    facts = error.kind.as_dict()
    keyword = error.kind.name
    match keyword:
        case "required":
            member = cast("str", facts["property"])
            yield Defect(pointer_to([*path, member]), CODE, why_required(member, data))
        case "additionalProperties":
            for member in cast("list[str]", facts["unexpected"]):
                if is_field_name(member):
                    detail = "the contract does not know this member"
                    yield Defect(pointer_to([*path, member]), CODE, detail)
                else:
                    detail = "holds a member that the contract does not know"
                    yield Defect(pointer_to(path), CODE, detail)
        case "oneOf":
            yield date_defect(data)
        case "not":
            detail = "the sender of received data is known (Rule 24(1)(i)ロ)"
            yield Defect(pointer_to([*path, "kind"]), CODE, detail)
        case "anyOf" if not path:
            detail = "a collective record needs `series_id`, or the period it covers"
            yield Defect("/series_id", CODE, detail)
        case "anyOf":
            yield Defect(pointer_to(path), CODE, f"{DATE}, or null while the series is open")
        case _:
            yield Defect(pointer_to(path), CODE, _detail(keyword, facts))


def _detail(keyword: str, facts: Mapping[str, Any]) -> str:
    """What the schema wants; every value in it comes from the schema."""
    match keyword:
        case "type":
            return f"must be of type {_either(facts['types'])}"
        case "enum":
            return f"must be {_either(facts['options'])}"
        case "const":
            return f"must be {json.dumps(facts['expected_value'])} here, or left out"
        case "pattern":
            return f"must match {facts['pattern']}"
        case "format":
            return DATE_TIME if facts["format"] == "date-time" else DATE
        case "minLength" | "minItems":
            return "must not be empty"
        case "maxLength":
            return f"must not be longer than {facts['limit']} characters"
        case "maxItems":
            return f"must not hold more than {facts['limit']} elements; more go by the bulk upload"
        case "uniqueItems":
            return "must not hold the same element twice"
        case _:
            return "does not fit the schema"


def _either(choices: Iterable[object]) -> str:
    return " or ".join(str(choice) for choice in choices)
