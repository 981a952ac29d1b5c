"""Schemas of what the endpoints of cases answer."""

from typing import Final

from api.case_replies.since import FLAGS
from api.resources.cases.schemas.case_view import LINKS_MAX
from api.resources.cases.schemas.print_choices import SUBSTITUTES
from api.resources.cases.schemas.replacement import MISTAKE, WAITING
from api.web.schemas import Schema, closed
from ledger.cases.case import CaseStatus
from ledger.cases.identification import WARNINGS
from ledger.cases.points import KINDS
from ledger.policies.name_comparison import CHECKS, DIFFERS, MIXED
from ledger.values import Json

_STRING: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_FLAG: Final[Schema] = {"type": "boolean"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_DAY_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_OBJECT: Final[Schema] = {"type": "object"}
_OBJECT_OR_NULL: Final[Schema] = {"type": ["object", "null"]}
STATUS: Final[Schema] = {"enum": [one.value for one in CaseStatus]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, schema]}


_CASE: Final[Schema] = {
    "case": _UUID,
    "number": {"type": "string", "description": "what the desk and the letters call it"},
}
_IDENTIFIER: Final[Schema] = closed({"scheme": _STRING, "id": _STRING})
_NAME_CHECK: Final[Schema] = {
    "enum": [*CHECKS, None],
    "description": "how the records found, and later names, name the person: as the form does;"
    " otherwise; some so and some otherwise; null: no record found has a name, so nothing can be"
    " said",
}
_LINKED: Final[Schema] = closed({"scheme": _STRING, "id": _STRING, "name_check": _NAME_CHECK})
_NAMES_DIFFER: Final[Schema] = {
    "type": "array",
    "items": closed(
        {
            "identifier": _IDENTIFIER,
            "because": _STRING,
            "name_check": {"enum": [DIFFERS, MIXED]},
        }
    ),
    "description": "identifiers whose records bear another name than the form, alone or besides:"
    " why they are the person's all the same, for the approver to judge",
}
_LEFT_OUT: Final[Schema] = {
    "type": "array",
    "items": closed({"identifier": _IDENTIFIER, "name": _STRING, "because": _STRING}),
    "description": "whom a name of the application finds, or, as `name`, an identifier in another"
    " spelling: why they are somebody else, for the approver to judge",
}
_POINT: Final[Schema] = closed(
    {
        "point": {
            "enum": list(KINDS),
            "description": "findings on the records; rejected items that may be the person's; days"
            " that emitters have not declared, or closed with transfers that are not there;"
            " transfers that would be judged otherwise now, so that the reply would tell something"
            " else",
        },
        "digest": {"type": "string", "description": "of all that it is about: give it back"},
        "count": _COUNT,
        "subjects": {
            **_list(closed({"subject": _STRING, "label": _STRING})),
            "description": "what it is about, the first 100: a record and its findings, a rejected"
            " item, the days, a transfer as it would be; each in Japanese besides. Of rejected"
            " items, `not_exhaustive`: more wait than are read for one case; `unreadable`:"
            " something waits that is no JSON, or too large to be compared, the same for every"
            " case",
        },
        "answer": {
            **closed({"influence": _FLAG, "because": _STRING, "by": _TEXT_OR_NULL}),
            "type": ["object", "null"],
            "description": "what was said to exactly this, and by whom; null: nothing yet",
        },
    }
)
_IDENTIFIED: Final[Schema] = {
    **_OBJECT_OR_NULL,
    "description": "`name_checks`, of each of `identifiers` in order: what comparing the names in"
    " its records with the form came to. `unnamed`: there are records, and they or the form bear"
    " no name; `no_records`: none is found. Neither was compared. `names_searched`: the names by"
    " which the ledger itself searched; absent: before it did. `left_out`, `others_left_out`: whom"
    " they find, and why they are somebody else",
}
_NEXT: Final[Schema] = {
    "type": "array",
    "items": _STRING,
    "description": "doors below the case that are open to it and to the caller",
}
_LINK: Final[Schema] = closed({**_CASE, "arrived_on": _DAY, "status": STATUS})
_SIMILAR: Final[Schema] = {
    **_list(_LINK),
    "maxItems": LINKS_MAX,
    "description": "earlier cases that name one of the identifiers, the newest: links, nothing is"
    " taken over",
}
_DUE: Final[Schema] = _or_null(closed({"clock": _STRING, "on": _DAY}))
_STEP: Final[Schema] = {
    **_CASE,
    "position": {**_POSITION, "description": "where the last event of the step stands"},
    "version": {"type": "integer", "minimum": 1, "description": "the ETag without its quotes"},
    "status": STATUS,
    "next": _NEXT,
}
_STEP_MORE: Final[Schema] = {
    "check": closed({"outcome": _TEXT_OR_NULL, "reasons": _list(_STRING), "open": _list(_STRING)}),
    "search": closed({"as_of": _COUNT, "provided": _COUNT, "received": _COUNT}),
    "outcome": _STRING,
}
STEP: Final[Schema] = closed(_STEP, _STEP_MORE)
RECEIVED: Final[Schema] = closed({**_STEP, "similar": _SIMILAR})
SIMILAR: Final[Schema] = closed({"similar": _SIMILAR})
WORK_LIST: Final[Schema] = closed(
    {
        "cases": _list(
            closed(
                {
                    **_CASE,
                    "position": _POSITION,
                    "version": {"type": "integer", "minimum": 1},
                    "kind": _STRING,
                    "arrived_on": _DAY,
                    "name": {"type": "string", "description": "masked"},
                    "requester": _STRING,
                    "status": STATUS,
                    "due": _DUE,
                    "mistake": WAITING,
                }
            )
        ),
        "cursor": {
            "type": ["integer", "null"],
            "description": "give it back to get the next page; null at the end",
        },
    }
)
CANDIDATES: Final[Schema] = closed(
    {
        "as_of": _POSITION,
        "candidates": _list(
            closed(
                {
                    "asked": _IDENTIFIER,
                    "matched": {
                        "enum": ["identifier", "name", "spelling"],
                        "description": "a name proves nothing: an identifier says who it is."
                        " `spelling`: an identifier that was asked for, in another width or case or"
                        " with another hyphen, has records",
                    },
                    "name_check": _NAME_CHECK,
                    "identifiers": _list(_LINKED),
                    "provided": _COUNT,
                    "received": _COUNT,
                    "first_day": _DAY_OR_NULL,
                    "last_day": _DAY_OR_NULL,
                }
            )
        ),
        "more": {
            **_FLAG,
            "description": "others bear the name, too: ask the person for an identifier",
        },
        "viewed_at_position": _POSITION,
    }
)
_COMPARISON: Final[Schema] = _or_null(
    closed(
        {
            "proposal": {"enum": ["same", "spelling", "unsure", "differs"]},
            "differences": _list(
                closed({"part": _STRING, "left": _STRING, "right": _STRING, "weighs": _FLAG})
            ),
        }
    )
)
_CHECK: Final[Schema] = closed(
    {
        "outcome": _TEXT_OR_NULL,
        "ground": _TEXT_OR_NULL,
        "reasons": _list(_STRING),
        "shortcomings": _list(
            closed(
                {"code": _STRING, "label": _STRING, "cure": _STRING},
                {"person": _STRING, "need": _STRING, "paper": _COUNT},
            )
        ),
        "open": _list(closed({"fact": _STRING}, {"paper": _COUNT})),
    }
)
_REPLY: Final[Schema] = closed(
    {
        "position": _POSITION,
        "outcome": _STRING,
        "dispatched_on": _DAY,
        "item_number": _STRING,
        "password_letter": {
            **closed({"dispatched_on": _DAY, "item_number": _STRING}),
            "type": ["object", "null"],
            "description": "of a reply on a medium: the post of its own that opens it",
        },
        "content": _STRING,
        "supplementary": _FLAG,
        "superseded": _FLAG,
        "delivered_on": _DAY_OR_NULL,
        "returned": _TEXT_OR_NULL,
    }
)
WHOLE: Final[Schema] = closed(
    {
        **_CASE,
        "position": _POSITION,
        "version": {"type": "integer", "minimum": 1},
        "status": STATUS,
        "procedure": {**_DAY, "description": "the version of the procedure that applies"},
        "received_at": _INSTANT,
        "ended_at": {"type": ["string", "null"], "format": "date-time"},
        "application": _OBJECT,
        "examination": _OBJECT_OR_NULL,
        "check": _CHECK,
        "addresses": closed(
            {
                **dict.fromkeys(("form", "on_papers", "registered"), _TEXT_OR_NULL),
                **dict.fromkeys(
                    ("form_registered", "identity_form", "identity_registered"), _COMPARISON
                ),
            }
        ),
        "correction": _OBJECT_OR_NULL,
        "reply_to": _OBJECT_OR_NULL,
        "search": _IDENTIFIED,
        "person": _IDENTIFIED,
        "decision": _OBJECT_OR_NULL,
        "substitutes": SUBSTITUTES,
        "submission": _or_null(
            closed(
                {
                    "content": {"type": "string", "description": "SHA-256 of what is approved"},
                    "preparers": _list(_STRING),
                    "approved_on": _DAY_OR_NULL,
                    "approver": _TEXT_OR_NULL,
                    "already_posted_only": {
                        **_FLAG,
                        "description": "approved before an end that was undone: put down that it"
                        " left before, or send it back",
                    },
                    "names_differ": _NAMES_DIFFER,
                    "left_out": _LEFT_OUT,
                    "others_left_out": {
                        **_TEXT_OR_NULL,
                        "description": "why none of the others who bear the name is the person;"
                        " null: there are no others",
                    },
                }
            )
        ),
        "points": {
            **_list(_POINT),
            "description": "what may make the decision wrong, until the reply is in the post; each"
            " is answered with the decision",
        },
        "replies": _list(_REPLY),
        "flags": {
            **_list({"enum": list(FLAGS)}),
            "description": "what has become of the replies, and of the decision, since",
        },
        "warnings": {
            **_list({"enum": list(WARNINGS)}),
            "description": "what to know before an answer is approved: the records of an identifier"
            " bear no name, so it alone says who the person is; under one of the person's there is"
            " no record, so compare it with the paper; who asks in their own name was a minor on"
            " the day of arrival, or states no birth date; or nothing was found, and no name in"
            " kana was searched for, or no birth date is stated",
        },
        "clocks": {
            "type": "object",
            "additionalProperties": closed({"on": _DAY, "runs": _FLAG}),
        },
        "due": _DUE,
        "next": _NEXT,
        "events": _list(
            closed(
                {
                    "position": _POSITION,
                    "version": {"type": "integer", "minimum": 1},
                    "type": _STRING,
                    "at": _INSTANT,
                    "actor": _STRING,
                }
            )
        ),
        "mistake": MISTAKE,
        "replaced_by": {
            **_or_null(_LINK),
            "description": "the case in which the request goes on; null: none, or it is gone",
        },
        "replaces": {
            **_list(_LINK),
            "description": "cases that were entered in error and go on in this one",
        },
        "envelope": {**_list(_LINK), "description": "cases that came in the same envelope"},
        "similar": _SIMILAR,
        "viewed_at_position": {**_POSITION, "description": "where the look is on record"},
    }
)
_BINARY: Final[Json] = {"type": "string", "format": "binary"}


def document(description: str, *media_types: str) -> dict[int | str, dict[str, Json]]:
    """The documented 200 of a route that gives a document."""
    content: dict[str, Json] = {one: {"schema": _BINARY} for one in media_types}
    return {200: {"description": description, "content": content}}
