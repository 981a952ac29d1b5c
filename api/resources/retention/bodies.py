"""What the end points of retention read and say; nothing here names a person."""

from typing import Annotated, Final

from fastapi import Body
from pydantic import Field

from api.resources.holds.schemas import ACTIVE, ACTIVE_EXAMPLE, ACTIVE_MAX
from api.resources.retention.pending_reasons import WHY
from api.web.bodies import Model
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.values import Json

NAMELESS_MAX: Final = 100
"""Open cases that are listed, each with two members; a desk that has more of them knows."""

_PLAN_ID: Final = "b3f0a6de-1f0c-4d5e-9a57-7b2f0c9d8e11"
_COUNTS_SAMPLE: Final[dict[str, Json]] = {
    "cases": 0,
    "events": 2_417,
    "holds": 1,
    "keys": 3,
    "lookups": 12,
}
_NAMELESS_EXAMPLE: Final[dict[str, Json]] = {
    "case": "7d2f8c51-0b3e-8a64-9f10-2c5b7e9d4a38",
    "number": "2029-003977",
}
PLAN_EXAMPLE: Final[dict[str, Json]] = {
    "plan": _PLAN_ID,
    "position": 4021,
    "planned_at": "2029-11-11T15:05:00.310Z",
    "through": "2029-11-26",
    "keys": 3,
    "destroyed": 1,
    "state": "open",
    "counts": _COUNTS_SAMPLE,
    "confirmed": False,
    "holds": 1,
    "cases": 0,
}
WHOLE_PLAN_EXAMPLE: Final[dict[str, Json]] = {
    **PLAN_EXAMPLE,
    "keys": 1,
    "key_ids": ["5f" * 32],
    "hold_ids": ["0f6c1b9e-3a1d-4c55-8f0e-6f1f2f5b7a20"],
    "case_ids": [],
    "erasures": [{"position": 4100, "at": "2029-11-25T15:05:02.004Z"}],
}
RETENTION_EXAMPLE: Final[dict[str, Json]] = {
    "at": "2029-11-12T01:12:00.000Z",
    "today": "2029-11-12",
    "window_days": 14,
    "expires_by_itself": True,
    "ends": [
        {"month": "2029-11", "class": "record", "keys": 3, "events": 2_417},
        {"month": None, "class": "series", "keys": 2, "events": 904},
    ],
    "next_plan": {"through": "2029-11-26", "keys": 3, "counts": _COUNTS_SAMPLE},
    "due": {
        "reasons": ["ready"],
        "keys": 1,
        "events": 12,
        "late_keys": 0,
        "why": {"ready": 1},
    },
    "clock": {"ahead": False},
    "holds_standing": 1,
    "holds": [ACTIVE_EXAMPLE],
    "cases_open": 4,
    "nameless_cases": [_NAMELESS_EXAMPLE],
    "last_run": {
        "plan": _PLAN_ID,
        "planned_at": "2029-11-11T15:05:00.310Z",
        "destroyed_at": "2029-11-11T15:05:02.004Z",
    },
    "plans": [PLAN_EXAMPLE],
    "cursor": None,
    "expired": {"2026-10": 1_204},
}
REPORT_EXAMPLE: Final[dict[str, Json]] = {
    "plan": _PLAN_ID,
    "position": 4021,
    "through": "2029-11-26",
    "keys": 3,
    "counts": _COUNTS_SAMPLE,
    "days_moved": 0,
    "needed": 0,
    "nameless_cases": [],
}
EXPIRED_EXAMPLE: Final[dict[str, Json]] = {
    "erasures": [{"position": 4100, "keys": 1, "events": 1_204, "lookups": 9}],
    "carried": 2,
    "days_moved": 0,
    "needed": 0,
    "unnamed": 0,
}

_STRING: Final[Schema] = {"type": "string"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_CHIEF: Final = "for those alone who may exclude records"
_COUNTS: Final[Schema] = {"type": "object", "additionalProperties": _COUNT}
_EXPIRING: Final[Schema] = {**_COUNTS, "description": _CHIEF}
_NAMELESS: Final[Schema] = {
    "type": "array",
    "description": "open cases that give a name alone: nothing is kept for them until somebody "
    f"finds the person; oldest first, at most {NAMELESS_MAX}",
    "items": closed({"case": _UUID, "number": _STRING}),
}
_PLAN_MEMBERS: Final[Schema] = {
    "plan": _UUID,
    "position": _POSITION,
    "planned_at": _INSTANT,
    "through": {
        "type": ["string", "null"],
        "format": "date",
        "description": "it names every key that dies by then; null once its own key is dead",
    },
    "state": {"enum": ["open", "done"]},
    "confirmed": {"type": "boolean", "description": "a person vouched for the clock"},
}
_KEEPING: Final[Schema] = {
    "keys": {**_COUNT, "description": f"how many it names; {_CHIEF}"},
    "destroyed": {
        **_COUNT,
        "description": f"of those, under this plan or another one; {_CHIEF}",
    },
    "counts": _EXPIRING,
    "holds": {**_COUNT, "description": f"holds that keep something back; {_CHIEF}"},
    "cases": {**_COUNT, "description": f"open cases that keep something back; {_CHIEF}"},
}
PLAN: Final[Schema] = closed(
    {
        **_PLAN_MEMBERS,
        "erasures": {"type": "array", "items": closed({"position": _POSITION, "at": _INSTANT})},
    },
    {
        **_KEEPING,
        "key_ids": {"type": "array", "items": _STRING, "description": _CHIEF},
        "hold_ids": {"type": "array", "items": _UUID},
        "case_ids": {"type": "array", "items": _UUID},
    },
)
RETENTION: Final[Schema] = closed(
    {
        "at": _INSTANT,
        "today": {**_DAY, "description": "in Japan"},
        "window_days": _COUNT,
        "expires_by_itself": {"type": "boolean"},
        "next_plan": closed({"through": _DAY}, {"keys": _COUNT, "counts": _EXPIRING}),
        "due": closed(
            {
                "reasons": {
                    "type": "array",
                    "items": _STRING,
                    "description": "why something that is due is still there, as in `why`; empty:"
                    " nothing is due",
                },
            },
            {
                "keys": {**_COUNT, "description": _CHIEF},
                "late_keys": {**_COUNT, "description": f"whose day was before today; {_CHIEF}"},
                "why": {
                    **_COUNTS,
                    "description": "; ".join(f"{code}: {text}" for code, text in WHY.items())
                    + f"; {_CHIEF}",
                },
                "events": {**_COUNT, "description": _CHIEF},
            },
        ),
        "clock": closed({"ahead": {"type": "boolean"}}, {"days": _COUNT}),
        "holds_standing": {**_COUNT, "description": "whether they keep anything or not"},
        "holds": {
            "type": "array",
            "description": f"those that stand, newest first, at most {ACTIVE_MAX}",
            "items": ACTIVE,
        },
        "cases_open": {**_COUNT, "description": "whether they keep anything or not"},
        "nameless_cases": _NAMELESS,
        "last_run": {
            "anyOf": [
                {"type": "null"},
                closed(
                    {
                        "plan": _UUID,
                        "planned_at": _INSTANT,
                        "destroyed_at": {
                            **_INSTANT,
                            "type": ["string", "null"],
                            "description": "when anything was destroyed last",
                        },
                    }
                ),
            ]
        },
        "plans": {"type": "array", "items": closed(_PLAN_MEMBERS, _KEEPING)},
        "cursor": {
            "type": ["integer", "null"],
            "description": "give it back to get older plans; null at the end",
        },
    },
    {
        "expired": {
            **_COUNTS,
            "description": "month of recording → transfers of the ledger whose content is gone;"
            f" {_CHIEF}",
        },
        "ends": {
            "type": "array",
            "description": f"what dies in which month; null: no day is known yet; {_CHIEF}",
            "items": closed(
                {
                    "month": {"type": ["string", "null"]},
                    "class": _STRING,
                    "keys": _COUNT,
                    "events": _COUNT,
                }
            ),
        },
    },
)
PLANNED: Final[Schema] = closed(
    {
        "plan": _UUID,
        "position": _POSITION,
        "through": _DAY,
        "nameless_cases": _NAMELESS,
    },
    {
        "keys": {**_COUNT, "description": _CHIEF},
        "counts": _EXPIRING,
        "needed": {**_COUNT, "description": f"keys that are due and stay; {_CHIEF}"},
        "days_moved": {
            **_COUNT,
            "description": f"keys of series, holds, cases, links and stops; {_CHIEF}",
        },
    },
)
DESTROYED: Final[Schema] = closed(
    {
        "erasures": {
            "type": "array",
            "items": closed(
                {"position": _POSITION, "keys": _COUNT, "events": _COUNT, "lookups": _COUNT}
            ),
        },
        "carried": {**_COUNT, "description": "copies of what must live on"},
        "days_moved": _COUNT,
        "needed": _COUNT,
        "unnamed": {**_COUNT, "description": "keys that are due and in no plan"},
    }
)


class PlanRequest(Model):
    """Make a plan now. `confirm_clock` vouches for the date after a standstill of days."""

    confirm_clock: Annotated[bool, Field(description="somebody has looked at a calendar")] = False


class DestructionRequest(Model):
    """Destroy now what is due and named. No member is needed."""


OfPlan = Annotated[
    PlanRequest,
    Body(openapi_examples={"now": example("A plan as of now", {"confirm_clock": False})}),
]
OfExpiry = Annotated[
    DestructionRequest, Body(openapi_examples={"now": example("What is due and named", {})})
]
