"""The deletion certificate in JSON: its schema, and a sample as `ledger.retention` writes it."""

from typing import Final

from api.web.schemas import Schema, closed
from ledger.values import Json

_STRING: Final[Schema] = {"type": "string"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_COUNTS: Final[Schema] = {"type": "object", "additionalProperties": _COUNT}
_HEX: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}

CERTIFICATE: Final[Schema] = closed(
    {
        "type": {"const": "deletion-certificate"},
        "v": {"const": 2},
        "ledger": _STRING,
        "plan": closed(
            {
                "stream": {"type": "string", "format": "uuid"},
                "position": _POSITION,
                "at": _INSTANT,
                "on": _DAY,
                "through": _DAY,
                "confirmed": {"type": "boolean"},
            },
            # For whoever may exclude.
            {"keys": _COUNT, "counts": _COUNTS},
        ),
        "erasures": {
            "type": "array",
            "items": closed(
                {
                    "position": _POSITION,
                    "version": {"type": "integer", "minimum": 2},
                    "at": _INSTANT,
                    "on": _DAY,
                    "keys": {"type": "array", "items": _HEX},
                    "counts": _COUNTS,
                }
            ),
        },
        "totals": _COUNTS,
        "law": {**_STRING, "description": "version of the Act in force at the last event"},
        "rules": {
            "type": "array",
            "items": closed(
                {"class": _STRING, "label": _STRING, "articles": _STRING, "period": _STRING}
            ),
        },
        "tree": closed({"size": _POSITION, "root": _HEX}),
    },
    {
        "backup_days": {
            **_COUNT,
            "description": "after these no backup opens any more; absent: one may open for ever",
        }
    },
)
_COUNTED: Final[dict[str, Json]] = {
    "events": 1_204,
    "keys": 1,
    "lookups": 9,
}
CERTIFICATE_EXAMPLE: Final[dict[str, Json]] = {
    "type": "deletion-certificate",
    "v": 2,
    "ledger": "provision-ledger",
    "plan": {
        "stream": "b3f0a6de-1f0c-4d5e-9a57-7b2f0c9d8e11",
        "position": 4021,
        "at": "2029-11-11T15:05:00.310Z",
        "on": "2029-11-12",
        "through": "2029-11-26",
        "keys": 1,
        "counts": _COUNTED,
        "confirmed": False,
    },
    "erasures": [
        {
            "position": 4100,
            "version": 2,
            "at": "2029-11-25T15:05:02.004Z",
            "on": "2029-11-26",
            "keys": ["5f" * 32],
            "counts": _COUNTED,
        }
    ],
    "totals": {"events": 1_204, "keys": 1, "lookups": 9, "remaining": 0, "unplanned": 0},
    "law": "2025-06-01",
    "rules": [
        {
            "class": "record",
            "label": "第三者提供の記録",
            "articles": "法第29条第2項",
            "period": "3年",
        }
    ],
    "backup_days": 42,
    "tree": {"size": 4100, "root": "a1" * 32},
}
