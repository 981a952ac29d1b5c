"""What the list of looks reads and says: who saw what, never whom."""

from typing import Final, cast

from api.web.schemas import Schema, closed
from ledger.accesses.access import BY_NAME, EXPORT, HISTORY, WHAT
from ledger.accesses.service import AccessPage, PersonAccess, case_text
from ledger.format.events import DocumentViewed, ExportProduced, HistoryViewed
from ledger.format.header import instant_text
from ledger.values import Json

_STRING: Final[Schema] = {"type": "string"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_CODES: Final[Schema] = {"type": "array", "items": _STRING}
_MADE: Final[Schema] = closed(
    {
        "records": _COUNT,
        "whole": {
            "type": "boolean",
            "description": "whether it holds what nobody else may know of, and what is destroyed",
        },
        "identified": {"type": "boolean", "description": "whether persons are named in it"},
        "by_counterparty": {
            "type": "boolean",
            "description": "whether one counterparty was asked for; which is not told, as it may be"
            " a person",
        },
    },
    {
        "first": {**_STRING, "format": "date"},
        "last": {**_STRING, "format": "date"},
        "bases": _CODES,
        "findings": _CODES,
        "source": _STRING,
    },
)
_ACCESS: Final[Schema] = closed(
    {
        "position": _POSITION,
        "at": {"type": "string", "format": "date-time"},
        "actor": {**_STRING, "description": "the opaque id of who looked"},
        "what": {"enum": [HISTORY, EXPORT, *WHAT]},
    },
    {
        "case": {
            **_STRING,
            "description": "of a history or an export the reference as it was typed, else the"
            " case's number, or the one that was given by who may read no cases; absent of what was"
            " not looked at for a case",
        },
        "case_known": {
            "type": "boolean",
            "description": "whether `case` names a case of this ledger that had begun by then",
        },
        "reason": {
            **_STRING,
            "description": "as it was typed, the status of the case whose document it was, or a"
            " code; absent of histories of the time when none had to be given, and of exports that"
            " need none",
        },
        "as_of": {**_COUNT, "description": "of a history or an export: the position that it shows"},
        "entries": {
            **_COUNT,
            "description": "of a history: how many were shown; told to whoever may exclude records,"
            " as two looks at one position may differ by what was hidden between them",
        },
        "identifiers": {
            **closed({"count": _COUNT, "schemes": {"type": "array", "items": _STRING}}),
            "description": "of a history: under how many, of which schemes; of a search by a name,"
            " which finds them, and of an export, told as `entries` are",
        },
        "export": {**_STRING, "format": "uuid", "description": "its id, which the bag bears"},
        "made": {
            **_MADE,
            "description": "of an export: what was asked for and what is in it; told as `entries`"
            " are",
        },
        "case_id": {**_STRING, "format": "uuid"},
        "number": {**_POSITION, "description": "which reply of the case"},
        "document": {**_STRING, "description": "the name of the file"},
        "transfer": {
            **_STRING,
            "format": "uuid",
            "description": "which transfer; told to whoever may exclude records, as it may be"
            " hidden from others",
        },
    },
)
ACCESSES: Final[Schema] = closed(
    {
        "accesses": {"type": "array", "items": _ACCESS},
        "expired": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "month → looks passed over on this page whose content is gone, whatever"
            " their case was; the pages add up to all of them",
        },
        "as_of": _COUNT,
        "cursor": {
            "type": ["string", "null"],
            "description": "opaque; give it back with the same question for the next page; null at"
            " the end. A page may hold fewer than `limit`, or none, and still have one",
        },
    }
)
ACCESSES_EXAMPLE: Final[dict[str, Json]] = {
    "accesses": [
        {
            "position": 1842,
            "at": "2026-11-24T03:12:09.480Z",
            "actor": "5e2b8c1a0f6d4e7793ab02c4d1f8e650",
            "what": "history",
            "case": "C-2026-0031",
            "case_known": False,
            "reason": "開示請求の調査",
            "as_of": 1841,
            "identifiers": {"count": 1, "schemes": ["member"]},
        },
        {
            "position": 1907,
            "at": "2026-11-25T01:40:11.003Z",
            "actor": "0a91d3c67be24f58a6f0137bc2e9d4f1",
            "what": "letter",
            "case": "2026-001790",
            "case_known": True,
            "reason": "notice_ready",
            "case_id": "7d9a51b2-90b3-8b7e-a2f4-0a4c8f0f6d31",
            "number": 1,
            "document": "reply.pdf",
        },
        {
            "position": 1910,
            "at": "2026-11-25T02:10:40.117Z",
            "actor": "c41f0b6de2a84795b3d0187f6ae2c953",
            "what": "export",
            "export": "3f0c5a1e-6d27-8b94-a1c8-52e79d04b6fa",
            "reason": "報告の求めへの回答",
            "as_of": 1909,
        },
    ],
    "expired": {"2022-11": 4},
    "as_of": 1911,
    "cursor": None,
}


def render_accesses(
    page: AccessPage, as_of: int, cursor: str | None, *, includes_hidden: bool
) -> dict[str, Json]:
    """The answer.

    Args:
        includes_hidden: whether the caller may know of transfers that are hidden under Order 11;
            others are not told how many records or persons a look found.
    """
    return {
        "accesses": [_render_access(one, includes_hidden=includes_hidden) for one in page.accesses],
        "expired": cast("Json", dict(page.expired)),
        "as_of": as_of,
        "cursor": cursor,
    }


def _render_access(access: PersonAccess, *, includes_hidden: bool) -> Json:
    event = access.event
    members: dict[str, Json] = {
        "position": access.position,
        "at": instant_text(access.at),
        "actor": access.actor,
    }
    if isinstance(event, HistoryViewed):
        schemes = sorted({one.scheme for one in event.identifiers})
        # What a look found is counted after exclusion: at one position, as of two moments, the
        # counts would tell of what was hidden between them (Order 11).
        is_found = event.reason == BY_NAME
        identifiers: Json = {"count": len(event.identifiers), "schemes": cast("Json", schemes)}
        members |= {
            "what": HISTORY,
            "case": event.case,
            "case_known": access.case_known,
            "reason": event.reason,
            "as_of": event.as_of,
            "entries": event.entries if includes_hidden else None,
            # An auditor checks who looks, and why: whom they looked at is not for more eyes.
            "identifiers": identifiers if includes_hidden or not is_found else None,
        }
    elif isinstance(event, ExportProduced):
        members |= _render_export(access, event, includes_hidden=includes_hidden)
    else:
        members |= _render_document(access, event, includes_hidden=includes_hidden)
    return {name: value for name, value in members.items() if value is not None}


def _render_export(
    access: PersonAccess, event: ExportProduced, *, includes_hidden: bool
) -> dict[str, Json]:
    case = case_text(event)
    shown: dict[str, Json] = {
        "what": EXPORT,
        "export": str(access.stream),
        "case": case,
        "case_known": None if case is None else access.case_known,
        "reason": event.reason,
        "as_of": event.as_of,
    }
    if not includes_hidden:
        # Two bags of one question at one position would differ by what was hidden between them.
        # And an export with a reason, without a case, that names nobody, would be a whole one.
        return shown
    made: dict[str, Json] = {
        "records": event.records,
        "whole": event.whole,
        "identified": event.identified,
        "by_counterparty": "counterparty" in event.asked,
    }
    names = ("first", "last", "bases", "findings", "source")
    shown["made"] = made | {name: event.asked[name] for name in names if name in event.asked}
    if event.identifiers:
        schemes = sorted({one.scheme for one in event.identifiers})
        shown["identifiers"] = {"count": len(event.identifiers), "schemes": cast("Json", schemes)}
    return shown


def _render_document(
    access: PersonAccess, event: DocumentViewed, *, includes_hidden: bool
) -> dict[str, Json]:
    case = None if event.case is None else str(event.case)
    return {
        "what": event.what,
        "case": access.number or case or event.case_given,
        "case_known": access.case_known if case or event.case_given else None,
        "case_id": case,
        "reason": event.reason,
        "number": event.number,
        "document": event.document,
        "transfer": str(event.transfer) if event.transfer and includes_hidden else None,
    }
