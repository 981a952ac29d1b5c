"""What the end points of bulk transfers read and say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from api.resources.transfers.receipts import result_of
from api.web.examples import ITEM, PROVIDED, RESULT
from api.web.items import ParsedItem, Sender, item_of
from api.web.schemas import RESULT_SCHEMA, Schema, closed
from ledger.errors import Defect, MalformedError
from ledger.format.header import instant_text
from ledger.lifetimes import staging_day
from ledger.streams.outcome import RECORDED
from ledger.transfers.bulk.errors import NAMED_MAX
from ledger.transfers.bulk.outcome import BulkOutcome
from ledger.transfers.bulk.staging_area import StoredPart, UnderWay
from ledger.transfers.bulk.upload import (
    LINES_MAX,
    PARTS_MAX,
    STAND_IN,
    BulkAnnouncement,
    announced_defects,
)
from ledger.values import CheckedTransfer, Json

PATH: Final = "/v1/bulk-transfers"
PART_PATH: Final = f"{PATH}/{{bulk}}/parts/{{number}}"
STATES: Final = ("uploading", "committing", "committed", "aborted")

_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")
_OWN: Final = ("lines", "parts", "sha256")
_DATA: Final = {name: value for name, value in PROVIDED.items() if name != "principals"}
_BULK_ID: Final = "7d1c0c4e-93a1-4f0b-8b62-5f6a0e2c9d11"
_FIGURES: Final[dict[str, Json]] = {"lines": 1_000_000, "parts": 10}
REQUEST_EXAMPLE: Final[dict[str, Json]] = {
    "source": ITEM["source"],
    "id": "2026-11-24/bulk-1",
    "data": _DATA,
    **_FIGURES,
    "sha256": "9f0c" * 16,
}
BEGUN_EXAMPLE: Final[dict[str, Json]] = {
    "bulk": _BULK_ID,
    "state": "uploading",
    **_FIGURES,
    "there": {"parts": 0, "lines": 0},
    "missing": {"count": 10, "numbers": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]},
    "begun_at": "2026-11-24T00:03:02.120Z",
    "changed_at": "2026-11-24T00:03:02.120Z",
    "expires_on": "2026-12-01",
}
_WHOLE: Final[dict[str, Json]] = {
    **{name: value for name, value in BEGUN_EXAMPLE.items() if name != "missing"},
    "there": {"parts": 10, "lines": 1_000_000},
    "changed_at": "2026-11-24T00:09:41.077Z",
}
COMMITTING_EXAMPLE: Final[dict[str, Json]] = {**_WHOLE, "state": "committing", "expires_on": None}
COMMITTED_EXAMPLE: Final[dict[str, Json]] = {
    **_WHOLE,
    "state": "committed",
    "result": {**RESULT, "persons": 999_998, "repeated": 2},
}
PART_EXAMPLE: Final[dict[str, Json]] = {
    "bulk": _BULK_ID,
    "part": 3,
    "lines": 100_000,
    "sha256": "1d7e" * 16,
}
LINES_EXAMPLE: Final = (
    '{"scheme":"member","id":"M-0042-7781","name":"見本 太郎"}\n'
    '{"scheme":"member","id":"M-0042-7782"}\n'
)
TABLE_EXAMPLE: Final = "scheme,id,name\r\nmember,M-0042-7781,見本 太郎\r\nmember,M-0042-7782,\r\n"

_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_HASH: Final[Schema] = {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_BULK: Final[Schema] = {**_UUID, "description": "its id"}
REQUEST: Final[Schema] = closed(
    {
        "source": {"type": "string", "minLength": 1, "description": "as of an ordinary transfer"},
        "id": {"type": "string", "minLength": 1, "description": "as of an ordinary transfer"},
        "data": {
            "type": "object",
            "description": "the transfer as `Transfer` describes it, without `principals`",
        },
        "lines": {
            "type": "integer",
            "minimum": 1,
            "maximum": LINES_MAX,
            "description": "persons in all parts together, also those who stand there twice; the "
            "heading of a CSV does not count",
        },
        "parts": {
            "type": "integer",
            "minimum": 1,
            "maximum": PARTS_MAX,
            "description": "how many there are, numbered from 1",
        },
        "sha256": {
            **_HASH,
            "description": "SHA-256, in hex, over the SHA-256 of each part (32 bytes each, of the "
            "content before compression), in the order of their numbers",
        },
    },
    {"order_11": {"enum": ["i", "ii", "iii", "iv"], "description": "as of an ordinary transfer"}},
)
_RESULT: Final[Schema] = {
    **RESULT_SCHEMA,
    "properties": {
        **cast("Schema", RESULT_SCHEMA["properties"]),
        "persons": {**_COUNT, "description": "in the record, each once"},
        "repeated": {**_COUNT, "description": "lines of persons who stand there already"},
    },
}
BULK: Final[Schema] = closed(
    {
        "bulk": _BULK,
        "state": {"enum": list(STATES)},
        "lines": {**_COUNT, "description": "as announced"},
        "parts": {**_COUNT, "description": "as announced"},
        "there": closed({"parts": _COUNT, "lines": _COUNT}),
        "begun_at": _INSTANT,
        "changed_at": _INSTANT,
        "expires_on": {
            "type": ["string", "null"],
            "format": "date",
            "description": "as this day begins, in Japan, nobody knows of it any more; null while "
            "it is committed",
        },
    },
    {
        "missing": {
            **closed(
                {
                    "count": _COUNT,
                    "numbers": {"type": "array", "items": _COUNT, "maxItems": NAMED_MAX},
                }
            ),
            "description": f"parts that are not there: how many, and the first {NAMED_MAX}",
        },
        "result": {**_RESULT, "description": "once it is committed: what became of it"},
    },
)
PART: Final[Schema] = closed(
    {
        "bulk": _BULK,
        "part": {**_COUNT, "description": "its number"},
        "lines": _COUNT,
        "sha256": {**_HASH, "description": "of the content, before compression"},
    }
)


def announced_of(given: Json, sender: Sender, at: datetime) -> BulkAnnouncement:
    """What a body announces.

    Raises:
        MalformedError: names every defect.
        SourceNotAllowedError, ScopeMissingError: as of an ordinary transfer.
    """
    if not isinstance(given, dict):
        detail = "send {source, id, data, lines, parts, sha256}"
        raise MalformedError((Defect("", "SCHEMA", detail),))
    data = given.get("data")
    envelope = {name: value for name, value in given.items() if name not in _OWN}
    if isinstance(data, dict):
        # The contract asks for persons, who come in the parts.
        envelope["data"] = {**data, "principals": [STAND_IN]}
    item = item_of(envelope, "", sender, at)
    lines, parts = (_int_or_zero(given.get(name)) for name in ("lines", "parts"))
    digest = given.get("sha256")
    is_hash = isinstance(digest, str) and _HEX.fullmatch(digest) is not None
    digest = bytes.fromhex(cast("str", digest)) if is_hash else b""
    found = announced_defects(data if isinstance(data, dict) else {}, lines, parts, digest)
    if isinstance(item.error, MalformedError):
        found = [*item.error.defects, *found]
    elif item.error is not None:
        raise item.error
    if found or item.command is None:
        raise MalformedError(tuple(found))
    checked = {name: value for name, value in item.command.data.items() if name != "principals"}
    command = replace(item.command, data=CheckedTransfer(checked))
    return BulkAnnouncement(command, lines, parts, digest)


def _int_or_zero(given: Json) -> int:
    """A whole number; 0, which nothing has, for anything else."""
    return given if isinstance(given, int) and not isinstance(given, bool) else 0


def render_bulk(
    one: UnderWay, missing: Sequence[int], result: BulkOutcome | None, language: str
) -> dict[str, Json]:
    """A bulk transfer as it stands.

    Args:
        missing: numbers of the parts that are not there.
        result: what became of it; None while it is not committed.
        language: of the problem in the result of one that was not recorded.
    """
    is_whole = one.state in ("committing", "committed")  # its parts are let go of by and by
    shown: dict[str, Json] = {
        "bulk": str(one.bulk),
        "state": one.state,
        "lines": one.lines,
        "parts": one.parts,
        "there": {
            "parts": one.parts if is_whole else one.parts_there,
            "lines": one.lines if is_whole else one.lines_there,
        },
        "begun_at": instant_text(one.begun_at),
        "changed_at": instant_text(one.changed_at),
        "expires_on": _expires_on(one),
    }
    if one.state == "uploading":
        numbers: list[Json] = [*missing[:NAMED_MAX]]
        shown["missing"] = {"count": len(missing), "numbers": numbers}
    if result is not None:
        shown["result"] = _result(result, language)
    return shown


def render_part(one: UnderWay, part: StoredPart) -> dict[str, Json]:
    """A part that is there whole."""
    return {
        "bulk": str(one.bulk),
        "part": part.number,
        "lines": part.lines,
        "sha256": part.sha256.hex(),
    }


def _expires_on(one: UnderWay) -> str | None:
    if one.state == "committing":
        return None
    # What is told of one that was committed lies under the key of that day.
    kept_at = one.changed_at if one.state == "committed" else one.begun_at
    return staging_day(kept_at).isoformat()


def _result(result: BulkOutcome, language: str) -> dict[str, Json]:
    shown = result_of(ParsedItem(None, "", None, None), result.outcome, language)
    if result.outcome.status == RECORDED:
        shown |= {"persons": result.persons, "repeated": result.repeated}
    return shown
