"""Schemas of the answers that are made by hand, for the OpenAPI document and its readers.

Large answers are written as plain JSON, not through models: a model would check each member of
each record once more. A test holds the schemas and the answers together.
"""

from typing import Final

from ledger.law.notice_changes import CHANGE_VERDICTS
from ledger.values import Json

Schema = dict[str, Json]

_STRING: Final[Schema] = {"type": "string"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_DAY_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_CODES: Final[Schema] = {"type": "array", "items": _STRING}
_PROBLEM: Final[Schema] = {"$ref": "#/components/schemas/Problem"}
_CURSOR: Final[Schema] = {
    "type": ["string", "null"],
    "description": "opaque; give it back with the same question for the next page; null at the end",
}


def answer(
    schema: Schema,
    description: str,
    example: Json,
    others: Schema | None = None,
    status: int = 200,
) -> dict[int | str, dict[str, Json]]:
    """The documented success of a route.

    Args:
        others: media type → content, beside JSON.
    """
    content: Schema = {"schema": schema, "examples": {"sample": {"value": example}}}
    contents: Schema = {"application/json": content, **(others or {})}
    return {status: {"description": description, "content": contents}}


def closed(required: Schema, optional: Schema | None = None) -> Schema:
    """An object of exactly these members."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_VERDICT: Final[Schema] = {
    "duty": {"enum": ["art29", "art30", "art31_provider", "none"]},
    "statutory_items": _CODES,
    "retain_through": _DAY_OR_NULL,
    "findings": _CODES,
    "lawful": {"type": "boolean"},
}

RESULT_SCHEMA: Final[Schema] = closed(
    {
        "status": {
            "enum": ["recorded", "duplicate", "duplicate_expired", "conflict", "rejected"],
            "description": "recorded and duplicate mean: it stands in the ledger, once",
        }
    },
    {
        "position": {**_POSITION, "description": "where it is recorded, 1-based"},
        "transfer": _UUID,
        **_VERDICT,
        "persons_with_findings": {"type": "integer", "minimum": 1},
        "quarantine": {**_UUID, "description": "where the malformed item is kept"},
        "problem": _PROBLEM,
    },
)
RESULTS: Final[Schema] = closed(
    {
        "results": {"type": "array", "items": RESULT_SCHEMA, "minItems": 1},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    {"position": {**_POSITION, "description": "give it back as `after` when you read"}},
)
CHECKED: Final[Schema] = closed(
    {
        "results": _list(
            closed(
                {"status": {"enum": ["checked", "rejected"]}},
                {
                    "judged_at": {"type": "integer", "minimum": 0},
                    **_VERDICT,
                    "persons": _list(closed({"index": {"type": "integer"}, **_VERDICT})),
                    "problem": _PROBLEM,
                },
            )
        )
    }
)
_EVENT: Final[Schema] = closed(
    {
        "position": _POSITION,
        "type": _STRING,
        "at": _INSTANT,
        "version": {"type": "integer", "minimum": 1},
    }
)
_HANDLING: Final[Schema] = {
    **closed(
        {
            "findings": _list(_STRING),
            "open": _list(_STRING),
            "settled": _list(
                closed(
                    {
                        "position": _POSITION,
                        "codes": _list(_STRING),
                        "action": _STRING,
                        "reason": _STRING,
                    }
                )
            ),
        }
    ),
    "description": "for who may correct: all findings that stand, those of single persons among"
    " them; those about which nothing was done; and what was done, oldest first",
}
TRANSFER: Final[Schema] = closed(
    {
        "transfer": _UUID,
        "source": _STRING,
        "id": _STRING,
        "data": {
            "anyOf": [
                {"$ref": "#/components/schemas/Transfer"},
                {"type": "object", "description": "of more than 1,000 persons: without them"},
            ]
        },
        "recorded_on": {"type": "string", "format": "date"},
        **_VERDICT,
        "persons": {
            "type": "integer",
            "minimum": 0,
            "description": "who stands in it; of more than 1,000 `data` names none",
        },
        "retracted": {"type": ["string", "null"]},
        "position": _POSITION,
        "events": _list(_EVENT),
    },
    {"viewed_at_position": _POSITION, "handling": _HANDLING},
)
_IDENTIFIER: Final[Schema] = closed({"scheme": _STRING, "id": _STRING})
_ENTRY: Final[Schema] = closed(
    {
        "position": _POSITION,
        "positions": _list(_POSITION),
        "transfer": _UUID,
        "recorded_at": _INSTANT,
        "statutory": _list(closed({"code": _STRING, "value": {}})),
        "rest": {"type": "object"},
        **_VERDICT,
    },
    {
        "retracted": _STRING,
        "messages": _list(closed({"transfer": _UUID, "position": _POSITION})),
    },
)
HISTORY: Final[Schema] = closed(
    {
        "as_of": {"type": "integer", "minimum": 0},
        "identifiers": _list(_IDENTIFIER),
        "names_since": _list(_STRING),
        "provisions": _list(_ENTRY),
        "receipts": _list(_ENTRY),
        "referable_provisions": _list(_ENTRY),
        "joint_uses": _list(_ENTRY),
        "voluntary_entries": _list(_ENTRY),
        "retracted_entries": _list(_ENTRY),
        "cursor": _CURSOR,
        "viewed_at_position": _POSITION,
    },
    {
        "expired": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "month of recording → transfers whose content is gone: of the whole"
            " ledger, as of now; whose records they were is not known any more; told to whoever may"
            " exclude",
        },
    },
)
_DEFECT: Final[Schema] = closed({"pointer": _STRING, "code": _STRING, "detail": _STRING})
QUARANTINE: Final[Schema] = closed(
    {
        "items": _list(
            closed(
                {
                    "id": _UUID,
                    "received_at": _INSTANT,
                    "item": {"description": "as it came in; null once its key is dead"},
                    "errors": _list(_DEFECT),
                    "attempts": {"type": "integer", "minimum": 1},
                    "state": {"enum": ["open", "discard_proposed"]},
                }
            )
        ),
        "cursor": {"type": ["string", "null"]},
    },
    {"viewed_at_position": _POSITION},
)
RECORDED_SINCE: Final[Schema] = closed(
    {
        "items": _list(
            closed(
                {
                    "id": _UUID,
                    "received_at": _INSTANT,
                    "codes": _list({"type": "string", "description": "what was wrong with it"}),
                    "attempts": {"type": "integer", "minimum": 1},
                    "state": {"const": "recorded_since"},
                },
                # For whoever may exclude.
                {"transfer": _UUID, "position": _POSITION},
            )
        )
    }
)
DISCARD: Final[Schema] = closed({"id": _UUID, "state": {"enum": ["discard_proposed", "discarded"]}})
REASSESSMENTS: Final[Schema] = closed(
    {
        "proposals": _list(
            closed(
                {
                    "transfer": _UUID,
                    "cause_position": {
                        "anyOf": [{"type": "null"}, _POSITION],
                        "description": "null: the reading of the law is another one now",
                    },
                    "judged_at": _POSITION,
                    "before": closed(_VERDICT),
                    "after": closed(_VERDICT),
                    "persons": _list(
                        closed(
                            {
                                "scheme": _STRING,
                                "id": _STRING,
                                "before": {"anyOf": [{"type": "null"}, closed(_VERDICT)]},
                                "after": {"anyOf": [{"type": "null"}, closed(_VERDICT)]},
                            }
                        )
                    ),
                }
            )
        ),
        "cursor": _CURSOR,
    },
    {"viewed_at_position": _POSITION},
)
_CHANGES: Final[Schema] = _list(
    closed(
        {
            "kind": _STRING,
            "pointer": {**_STRING, "description": "JSON Pointer to what is changed, in the body"},
            "code": {"enum": list(CHANGE_VERDICTS)},
            "lawful": {"type": "boolean"},
            "article": _STRING,
        }
    )
)
PUBLISHED: Final[Schema] = closed(
    {
        "position": {**_POSITION, "description": "give it back as `after` when you read"},
        "stream": _UUID,
        "changes": {**_CHANGES, "description": "against the version in force before (Art. 27(6))"},
    }
)
NOTICES: Final[Schema] = closed(
    {
        "notices": _list(
            {
                "type": "object",
                "required": ["notice_id", "kind", "withdrawn_on", "versions", "positions"],
                "properties": {
                    "notice_id": _STRING,
                    "kind": {"enum": ["joint_use", "opt_out"]},
                    "withdrawn_on": _DAY_OR_NULL,
                    "versions": _list(
                        {
                            "type": "object",
                            "required": ["version", "position", "stated", "changes", "findings"],
                            "properties": {"changes": _CHANGES, "findings": _CODES},
                        }
                    ),
                    "positions": _list(_POSITION),
                },
            }
        )
    }
)
