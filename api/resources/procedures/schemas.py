"""What the end points of the procedure read and say."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, cast

from fastapi import Body
from pydantic import AfterValidator

from api.contract import control_characters
from api.web.bodies import check_characters
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.errors import Defect, MalformedError
from ledger.format.header import instant_text
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.questions import QUESTIONS
from ledger.law.procedure.version import Procedure, procedure_on
from ledger.law.procedure.version_differences import (
    ADDED,
    CHANGED,
    REMOVED,
    RowDifference,
    differences,
)
from ledger.law.procedure.writer import document_of
from ledger.procedures.service import ProcedureVersion
from ledger.values import Json

_STRING: Final[Schema] = {"type": "string"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_DAY_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_ROWS: Final[Schema] = {"type": "array", "minItems": 1, "items": {"type": "object"}}
_TABLES: Final = (
    "reception",
    "desk",
    "documents",
    "matrix",
    "validity",
    "refusal_grounds",
    "reply",
    "reply_media",
    "fee",
    "correction",
    "notes",
)
DOCUMENT: Final[Schema] = closed(
    {
        "effective_from": {**_DAY, "description": "the version's name, and its first day"},
        "procedure": {**_STRING, "description": "its title"},
        "operator": {"type": "object"},
        **dict.fromkeys(_TABLES, _ROWS),
    },
    {
        "readings": {"type": "object", "description": "answers to open questions"},
        "targets": {"type": "object", "description": "handling times, and days without work"},
    },
)
"""The document of a version, as far as its tables go; every defect below them is named."""

_DEFAULTS: Final[Schema] = _list(
    closed(
        {"setting": {**_STRING, "description": "JSON Pointer in the document"}, "value": {}},
        {"point": {**_STRING, "description": "what is open"}, "reason": _STRING},
    )
)
PUBLISHED_ANSWER: Final[Schema] = closed(
    {
        "version": _DAY,
        "position": _POSITION,
        "defaults": {**_DEFAULTS, "description": "settings that were left out, as they now stand"},
    }
)
CHECKED: Final[Schema] = closed(
    {
        "publishable": {"type": "boolean"},
        "defects": _list(closed({"pointer": _STRING, "code": _STRING, "detail": _STRING})),
    },
    {
        "version": _DAY,
        "compared_with": {**_DAY, "description": "the version that it would follow"},
        "differences": _list(
            closed(
                {
                    "table": _STRING,
                    "row": {
                        **_STRING,
                        "description": "what the row is of; empty where there is one",
                    },
                    "change": {"enum": [ADDED, REMOVED, CHANGED]},
                    "pointer": {"type": ["string", "null"]},
                    "members": _list(_STRING),
                }
            )
        ),
        "defaults": _DEFAULTS,
    },
)
PROCEDURES: Final[Schema] = closed(
    {
        "procedures": _list(
            closed(
                {
                    "version": _DAY,
                    "title": _STRING,
                    "effective_from": _DAY,
                    "effective_to": {**_DAY_OR_NULL, "description": "last day; null of the newest"},
                    "in_force": {"type": "boolean", "description": "for what arrives today"},
                    "built_in": {"type": "boolean"},
                },
                {
                    "position": _POSITION,
                    "published_at": {"type": "string", "format": "date-time"},
                    "published_by": _STRING,
                },
            )
        )
    }
)

DOCUMENT_EXAMPLE: Final[dict[str, Json]] = {
    **document_of(PUBLISHED[0]),
    "effective_from": "2027-04-01",
}
_DEFAULT_EXAMPLE: Final[dict[str, Json]] = {
    "setting": "/readings/own_papers",
    "value": "all",
    "point": QUESTIONS["own_papers"].point,
    "reason": QUESTIONS["own_papers"].reason,
}
PUBLISHED_EXAMPLE: Final[dict[str, Json]] = {
    "version": "2027-04-01",
    "position": 2143,
    "defaults": [_DEFAULT_EXAMPLE],
}
CHECKED_EXAMPLE: Final[dict[str, Json]] = {
    "publishable": True,
    "defects": [],
    "version": "2027-04-01",
    "compared_with": "2022-10-01",
    "differences": [
        {
            "table": "correction",
            "row": "",
            "change": CHANGED,
            "pointer": "/correction/0",
            "members": ["days"],
        },
        {
            "table": "documents",
            "row": "health_insurance_card",
            "change": REMOVED,
            "pointer": None,
            "members": [],
        },
    ],
    "defaults": [_DEFAULT_EXAMPLE],
}
PROCEDURES_EXAMPLE: Final[dict[str, Json]] = {
    "procedures": [
        {
            "version": "2022-10-01",
            "title": PUBLISHED[0].title,
            "effective_from": "2022-10-01",
            "effective_to": "2027-03-31",
            "in_force": True,
            "built_in": True,
        },
        {
            "version": "2027-04-01",
            "title": PUBLISHED[0].title,
            "effective_from": "2027-04-01",
            "effective_to": None,
            "in_force": False,
            "built_in": False,
            "position": 2143,
            "published_at": "2027-02-01T02:10:00.000Z",
            "published_by": "5e2b8c1a0f6d4e7793ab02c4d1f8e650",
        },
    ]
}


def _printable(given: dict[str, Any]) -> dict[str, Any]:
    check_characters(given)
    if found := control_characters(given):
        raise MalformedError(found)
    return given


_EXAMPLES: Final = {
    "version": example("The version that is built in, to begin later", DOCUMENT_EXAMPLE)
}
OfProcedure = Annotated[
    dict[str, Any],
    AfterValidator(_printable),
    Body(json_schema_extra=cast("dict[str, Any]", DOCUMENT), openapi_examples=_EXAMPLES),
]
OfDraft = Annotated[
    dict[str, Any],
    AfterValidator(_printable),
    Body(
        description="a version as it would be published; its defects are the answer",
        openapi_examples=_EXAMPLES,
    ),
]


def defaults_of(given: Mapping[str, Json], document: Mapping[str, Json]) -> list[Json]:
    """The settings that `given` left out, with the values that `document` states for them."""
    found: list[Json] = []
    for part in ("readings", "targets"):
        stated = given.get(part)
        named = cast("dict[str, Json]", stated) if isinstance(stated, dict) else {}
        for name, value in cast("dict[str, Json]", document[part]).items():
            if named.get(name) is not None:
                continue
            members: dict[str, Json] = {"setting": f"/{part}/{name}", "value": value}
            question = QUESTIONS.get(name)
            if question is not None:
                members |= {"point": question.point, "reason": question.reason}
            found.append(members)
    return found


def refused(defects: Sequence[Defect]) -> dict[str, Json]:
    """The answer of a check that found defects."""
    return {
        "publishable": False,
        "defects": [
            {"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in defects
        ],
    }


def compared(
    given: Mapping[str, Json], document: Mapping[str, Json], before: Procedure
) -> dict[str, Json]:
    """The answer of a check that found none: what the version changes."""
    changed = differences(document_of(before), document)
    return {
        "publishable": True,
        "defects": [],
        "version": document["effective_from"],
        "compared_with": before.version,
        "differences": [_difference(one) for one in changed],
        "defaults": defaults_of(given, document),
    }


def _difference(one: RowDifference) -> Json:
    return {
        "table": one.table,
        "row": one.row,
        "change": one.change,
        "pointer": one.pointer,
        "members": list(one.members),
    }


def render_procedures(versions: Sequence[ProcedureVersion], today: date) -> list[Json]:
    """All versions, ascending."""
    days = [one.procedure.effective_from for one in versions]
    ends = [date.fromordinal(day.toordinal() - 1).isoformat() for day in days[1:]]
    in_force = procedure_on([one.procedure for one in versions], today)
    shown: list[Json] = []
    for version, last in zip(versions, [*ends, None], strict=True):
        members: dict[str, Json] = {
            "version": version.procedure.version,
            "title": version.procedure.title,
            "effective_from": version.procedure.version,
            "effective_to": last,
            "in_force": version.procedure is in_force,
            "built_in": version.published is None,
        }
        if version.published is not None:
            members |= {
                "position": version.published.position,
                "published_at": instant_text(version.published.at),
                "published_by": version.published.actor,
            }
        shown.append(members)
    return shown
