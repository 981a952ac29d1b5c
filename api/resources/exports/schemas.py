"""What the end points of exports read and say."""

from datetime import date
from typing import Annotated, Final, cast

from fastapi import Body
from pydantic import Field

from api.resources.exports.stored_request import confirmed_state
from api.web.bodies import Day, Identifier, Model, WithoutMyNumber, Written, refs
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.exports.filters import TEXT_MAX, VALUES_MAX, Filters
from ledger.exports.small_cells import SMALLEST
from ledger.exports.store import ExportRow
from ledger.format.header import instant_text
from ledger.lifetimes import staging_day
from ledger.values import Json

STATES: Final = ("waiting", "making", "ready", "failed")

_EXPORT_ID: Final = "3b0f2a64-8f1e-4c7d-9a53-2f1d6f0b7c19"
PERIOD: Final[dict[str, Json]] = {"first": "2026-04-01", "last": "2026-09-30"}
PERSON: Final[dict[str, Json]] = {
    "person": [{"scheme": "member", "id": "M-0042-7781"}],
    "case": "C-2026-0031",
    "reason": "委員会からの報告徴収",
    "identified": True,
}
EXPORT_EXAMPLE: Final[dict[str, Json]] = {
    "export": _EXPORT_ID,
    "state": "ready",
    "actor": "5e2b8c1a0f6d4e7793ab02c4d1f8e650",
    "asked_at": "2026-11-24T03:12:09.480Z",
    "changed_at": "2026-11-24T03:12:31.004Z",
    "expires_on": "2026-12-01",
    "asked": {**PERIOD, "identified": False, "whole": False, "smallest": SMALLEST},
    "done": 12_408,
    "of": 12_408,
    "made": {
        "as_of": 12_408,
        "position": 12_415,
        "records": 9_120,
        "events": 9_377,
        "persons": 11_052,
        "signed": True,
        "digest": "9f0c" * 16,
        "bytes": 4_821_190,
        "sha256": "1d7e" * 16,
    },
}
REQUEST_EXAMPLE: Final[dict[str, Json]] = {
    **{name: value for name, value in EXPORT_EXAMPLE.items() if name not in ("made", "of")},
    "state": "waiting",
    "changed_at": "2026-11-24T03:12:09.480Z",
    "done": 0,
    "of": None,
}
EXPORTS_EXAMPLE: Final[dict[str, Json]] = {"exports": [EXPORT_EXAMPLE], "cursor": None}

_STRING: Final[Schema] = {"type": "string"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_CODES: Final[Schema] = {"type": "array", "items": _STRING}
_HASH: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_REQUEST: Final[Schema] = closed(
    {"identified": {"type": "boolean"}, "whole": {"type": "boolean"}, "smallest": _COUNT},
    {
        "first": _DAY,
        "last": _DAY,
        "counterparty": _STRING,
        "bases": _CODES,
        "findings": _CODES,
        "source": _STRING,
        "identifiers": {**_COUNT, "description": "of the person, how many; whose is not repeated"},
        "case": _STRING,
        "reason": _STRING,
    },
)
_MADE: Final[Schema] = closed(
    {
        "as_of": {**_COUNT, "description": "the position of the ledger that the bag shows"},
        "position": {**_COUNT, "description": "where the export is on record"},
        "records": _COUNT,
        "events": _COUNT,
        "persons": {**_COUNT, "description": "lines, one a person of an event"},
        "signed": {"type": "boolean", "description": "whether the log is, and with it the bag"},
        "digest": {**_HASH, "description": "of the bag's tag manifest, as its event has it"},
        "bytes": {**_COUNT, "description": "of the zip file"},
        "sha256": {**_HASH, "description": "of the zip file, and in quotes its ETag"},
    }
)
EXPORT: Final[Schema] = closed(
    {
        "export": {**_STRING, "format": "uuid", "description": "its id, which the bag bears"},
        "state": {"enum": list(STATES)},
        "actor": {**_STRING, "description": "the opaque id of who asked for it"},
        "asked_at": _INSTANT,
        "changed_at": _INSTANT,
        "expires_on": {**_DAY, "description": "as this day begins, in Japan, the bag is gone"},
        "asked": _REQUEST,
        "done": {**_COUNT, "description": "events that were read"},
        "of": {"type": ["integer", "null"], "description": "how many there are to read"},
    },
    {
        "made": {**_MADE, "description": "once it is ready"},
        "error": {
            **_STRING,
            "description": "of one that failed: LOG_DIFFERS, CHECKPOINT_PENDING, "
            "DESTROYED_SINCE_CHECKPOINT, RECORD_CORRUPT, NO_SPACE, MALFORMED: tell the operator; "
            "INTERRUPTED: ask for it anew; FAULT: a fault of ours",
        },
    },
)
EXPORTS: Final[Schema] = closed(
    {
        "exports": {"type": "array", "items": EXPORT},
        "cursor": {
            "type": ["string", "null"],
            "description": "opaque; give it back for the next page; null at the end",
        },
    }
)

_Code = Annotated[str, Field(max_length=60), WithoutMyNumber]
_Codes = Annotated[list[_Code], Field(max_length=VALUES_MAX)]
_Text = Annotated[Written, Field(max_length=TEXT_MAX)]


class ExportQuery(Model):
    """Which records are wanted, and how they are shown. Nothing given: all, with pseudonyms.

    A pseudonym is of one bag. Whoever holds two bags that show the same record can tell that two
    pseudonyms are one person, and beside a bag with `identified` who.

    `identified` and `person` need the scope `exports:identified` beside `exports:create`, and
    `whole` needs `records:exclude`. Each of the three needs a `reason`, and a `person` a `case`.
    """

    first: Annotated[Day, Field(description="first day of the period, in Japan")] | None = None
    last: Annotated[Day, Field(description="last day, inclusive")] | None = None
    counterparty: (
        Annotated[_Text, Field(description="its party_id; where persons are named, or its name")]
        | None
    ) = None
    bases: Annotated[_Codes, Field(description="codes; none: any")] = Field(
        default_factory=list[str]
    )
    findings: Annotated[_Codes, Field(description="codes, or `any`")] = Field(
        default_factory=list[str]
    )
    source: Annotated[_Text, Field(description="of the emitter, or a prefix of it")] | None = None
    person: Annotated[list[Identifier], Field(max_length=VALUES_MAX)] = Field(
        default_factory=list[Identifier], description="identifiers of the only person"
    )
    case: _Text | None = None
    reason: _Text | None = None
    identified: Annotated[bool, Field(description="persons as recorded, not pseudonyms")] = False
    whole: Annotated[
        bool,
        Field(description="also what nobody else may know of, and every header of the ledger"),
    ] = False
    smallest: Annotated[
        int,
        Field(ge=1, le=1_000, description="smaller counts of requests are not told; never 2"),
    ] = SMALLEST

    def filters(self) -> Filters:
        """The question as the ledger knows it; `check` judges it."""
        return Filters(
            first=self.first,
            last=self.last,
            counterparty=self.counterparty,
            bases=tuple(sorted(set(self.bases))),
            findings=tuple(sorted(set(self.findings))),
            source=self.source,
            person=refs(self.person),
            case=self.case,
            reason=self.reason,
            identified=self.identified,
            whole=self.whole,
            smallest=self.smallest,
        )


OfExport = Annotated[
    ExportQuery,
    Body(
        openapi_examples={
            "period": example("Half a year, with pseudonyms", PERIOD),
            "person": example("One person, named", PERSON),
        }
    ),
]


def render_export(
    one: ExportRow, filters: Filters, made: dict[str, Json] | None
) -> dict[str, Json]:
    """An export as it stands.

    Args:
        made: what is told of its bag; None: it has none.
    """
    reason_member = {"reason": filters.reason} if filters.reason is not None else {}
    shown: dict[str, Json] = {
        "export": str(one.export),
        "state": public_state(one),
        "actor": one.actor,
        "asked_at": instant_text(one.requested_at),
        "changed_at": instant_text(one.changed_at),
        "expires_on": expires_on(one).isoformat(),
        "asked": {
            **filters.members,
            **reason_member,
            "identified": filters.identified,
            "whole": filters.whole,
            "smallest": filters.smallest,
        },
        "done": one.done,
        "of": one.of_all,
    }
    if made is not None:
        shown["made"] = made
    if one.error is not None:
        shown["error"] = one.error
    return shown


def public_state(one: ExportRow) -> str:
    """Its state, as callers know it: until it is on record, a bag is being made."""
    state = confirmed_state(one)
    return "making" if state == "packed" else cast("str", state)


def expires_on(one: ExportRow) -> date:
    """The day on which its key dies."""
    return staging_day(one.requested_at)
