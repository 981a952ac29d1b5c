"""CloudEvents 1.0 in: structured, binary, batch, and one event a line (NDJSON).

Source: CloudEvents 1.0.2, HTTP protocol binding and JSON event format. An event's `source` and `id`
are the transfer's key; its `data` is one transfer.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.answers import language_of
from api.problems.documentation import problems
from api.problems.refusals import (
    BatchTooLargeError,
    DuplicateMemberError,
    MalformedBodyError,
    NotUtf8Error,
    UnsupportedMediaTypeError,
)
from api.resources.transfers.receipts import Make, counted, recorded, single_problem
from api.settings.settings import Settings
from api.web.answers import JsonResponse
from api.web.attributes import (
    MEMBERS,
    TRANSFER_TYPE,
    attribute_defects,
    decoded_header,
    is_json,
    shown,
    told_of_attributes,
)
from api.web.bare_route import DirectRoute
from api.web.examples import BATCHED, CLOUDEVENT, LINES_EXAMPLE, PROVIDED, RESULT, RESULTS_EXAMPLE
from api.web.intake import media_type, parse_json, read_body
from api.web.items import DefectBudget, ParsedItem, Sender, item_of, malformed, sender_of
from api.web.schemas import RESULT_SCHEMA, RESULTS
from api.web.services import ServicesDep
from ledger.errors import Defect, LedgerError, MalformedError
from ledger.quarantine.marks import DATA_BASE64, LINE, LINE_BASE64, may_be_marked
from ledger.values import Json

router = APIRouter(prefix="/v1/events", tags=["transfers"], route_class=DirectRoute)

Emitter = Annotated[Caller, Depends(requires("events:write"))]

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
LINES: Final = "application/x-ndjson"
_SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "type": {"const": TRANSFER_TYPE},
        "datacontenttype": {"const": "application/json"},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "description": "a batch or dataset; never a person"},
        "order11": {"enum": ["i", "ii", "iii", "iv"], "description": "Order 11, marked"},
        "data": {"$ref": "#/components/schemas/Transfer"},
    },
}
_EXTRA: dict[str, Json] = {
    "requestBody": {
        "required": True,
        "description": "Batches are solicited: up to 1,000 events and 5 MiB. Binary mode is taken "
        "too: the transfer as `application/json`, the attributes as `ce-*` headers.",
        "content": {
            STRUCTURED: {
                "schema": _SCHEMA,
                "examples": {"one provision": {"value": CLOUDEVENT}},
            },
            BATCH: {
                "schema": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _SCHEMA},
                "examples": {"one provision": {"value": BATCHED}},
            },
            LINES: {
                "schema": {"type": "string", "description": "one event a line"},
                "examples": {"one provision": {"value": LINES_EXAMPLE}},
            },
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Transfer"},
                "examples": {"binary mode": {"value": PROVIDED}},
            },
        },
    }
}


@router.post(
    "",
    summary="Record CloudEvents",
    openapi_extra=_EXTRA,
    responses={
        200: {
            "description": "The result of the event, or of each event of a batch",
            "content": {
                "application/json": {
                    "schema": {"anyOf": [RESULTS, RESULT_SCHEMA]},
                    "examples": {
                        "one": {"value": RESULT},
                        "batch": {"value": RESULTS_EXAMPLE},
                    },
                }
            },
        },
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def post_events(request: Request, caller: Emitter, services: ServicesDep) -> Response:
    """Record one CloudEvent or a batch; the same rules and results as `POST /v1/transfers`."""
    stated = media_type(request)
    is_batch = stated in (BATCH, LINES)
    is_binary = is_json(stated or "application/json") and _is_binary(request)
    if not (is_batch or is_binary or stated == STRUCTURED):
        raise UnsupportedMediaTypeError
    body, at = await read_body(request), services.now()

    def intake(naming: DefectBudget) -> _Intake:
        return _Intake(sender_of(caller), at, naming)

    def read() -> tuple[int, Make]:
        if stated == LINES:
            lines = _lines_of(body, services.settings)
            return len(lines), lambda naming: intake(naming).lines(lines)
        given = parse_json(body)
        if stated == BATCH:
            events = _batch_of(given, services.settings)
            return len(events), lambda naming: intake(naming).batch(events)
        if is_binary:
            return 1, lambda naming: [intake(naming).binary(request, given)]
        return 1, lambda naming: [intake(naming).item(given, "")]

    language = language_of(request)
    results = await recorded(len(body), read, caller.actor, services, language)
    if is_batch:
        return JsonResponse(counted(results))
    if "problem" in results[0]:
        return single_problem(results[0], language)
    return JsonResponse(results[0])


def _is_binary(request: Request) -> bool:
    """Whether an attribute stands in a header, so that the one that is missing can be named."""
    return any(name.startswith("ce-") for name in request.headers)


def _batch_of(events: Json, settings: Settings) -> list[Json]:
    """The events of a JSON batch.

    Raises:
        MalformedError, BatchTooLargeError: it is none, or too long.
    """
    if not isinstance(events, list) or not events:
        raise MalformedError((Defect("", "SCHEMA", "send an array of 1 to 1,000 events"),))
    _check_count(len(events), settings)
    return events


def _lines_of(body: bytes, settings: Settings) -> list[bytes]:
    """The lines of a body, one event each.

    Raises:
        MalformedError, BatchTooLargeError: there are no lines, or too many.
    """
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise MalformedError((Defect("", "SCHEMA", "send one event a line"),))
    _check_count(len(lines), settings)
    return lines


def _check_count(count: int, settings: Settings) -> None:
    if count > settings.items_per_request_max:
        raise BatchTooLargeError(settings.body_bytes_max, settings.items_per_request_max)


class _Intake:
    """From events to items, on one sender's word."""

    def __init__(self, sender: Sender, at: datetime, naming: DefectBudget) -> None:
        self._sender = sender
        self._at = at
        self._naming = naming

    def batch(self, events: Sequence[Json]) -> list[ParsedItem]:
        """The items of the events of a batch."""
        return [self._naming.counted(self.item(event, f"/{n}")) for n, event in enumerate(events)]

    def lines(self, lines: Sequence[bytes]) -> list[ParsedItem]:
        """The items of the lines; a line that cannot be read is refused alone."""
        return [self._naming.counted(self._line(line, f"/{n}")) for n, line in enumerate(lines)]

    def _line(self, line: bytes, pointer: str) -> ParsedItem:
        try:
            return self.item(parse_json(line), pointer)
        except (MalformedBodyError, DuplicateMemberError) as error:
            # Kept in quarantine as it came, like any other malformed item.
            if isinstance(error, NotUtf8Error):
                given: Json = {LINE_BASE64: base64.b64encode(line).decode()}
            else:
                given = {LINE: line.decode()}
            return self._refused(given, pointer, [_unreadable(error, pointer)])

    def binary(self, request: Request, data: Json) -> ParsedItem:
        """The item of binary mode: the attributes are headers, the data is the body.

        Raises:
            DuplicateMemberError: an attribute stands twice, as a member of an object must not.
        """
        defects: list[Defect] = []
        event: dict[str, Json] = {}
        seen: set[str] = set()
        for name, value in request.headers.items():
            if name.startswith("ce-"):
                if name in seen:
                    raise DuplicateMemberError
                seen.add(name)
                attribute = name.removeprefix("ce-")
                try:
                    event[attribute] = decoded_header(value)
                except ValueError:
                    detail = "percent-encode what is not printable ASCII, as UTF-8"
                    defects.append(Defect(f"/{shown(attribute)}", "NOT_UTF8", detail))
                    if may_be_marked(attribute):
                        event[attribute] = value
        event["datacontenttype"] = "application/json"
        return self.item({**event, "data": data}, "", defects)

    def item(self, event: Json, pointer: str, found: list[Defect] | None = None) -> ParsedItem:
        """The item of one event; an event that cannot be one carries what is wrong with it."""
        if not isinstance(event, dict):
            defect = Defect(pointer, "SCHEMA", "an event is an object")
            return self._refused(event, pointer, [defect])
        defects = [*(found or ()), *attribute_defects(event, pointer)]
        given: dict[str, Json] = {
            member: event[attribute]
            for attribute, member in MEMBERS.items()
            if event.get(attribute) is not None
        }
        if "data" in event:
            given["data"] = event["data"]
        elif isinstance(event.get("data_base64"), str):
            try:
                given["data"] = _decoded(cast("str", event["data_base64"]))
            except (binascii.Error, ValueError, LedgerError):
                detail = "give JSON in UTF-8 in base64"
                defects.append(Defect(f"{pointer}/data_base64", "SCHEMA", detail))
        item = item_of(given, pointer, self._sender, self._at, self._naming.most)
        if isinstance(item.error, MalformedError):
            defects += told_of_attributes(item.error, pointer)
        if isinstance(item.error, MalformedError) or (defects and item.error is None):
            return self._refused({**_besides(event, given), **given}, pointer, defects)
        return replace(item, mark="order11") if "order11" in event else item

    def _refused(self, given: Json, pointer: str, defects: list[Defect]) -> ParsedItem:
        error = malformed(defects, pointer, self._naming.most)
        return ParsedItem(given, pointer, self._sender.within, None, error)


def _besides(event: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """What a refused item keeps of the rest of its event: whatever may be a mark, and unread data.

    Without them it would be shown, and repaired, as one that nobody marked (Order 11).
    """
    read = {DATA_BASE64} if "data" in given and "data" not in event else set[str]()
    return {
        name: value
        for name, value in event.items()
        if name not in MEMBERS and name not in {"data", *read} and may_be_marked({name: value})
    }


def _unreadable(error: LedgerError, pointer: str) -> Defect:
    at = f" at its byte {error.byte}" if isinstance(error, MalformedBodyError) else ""
    return Defect(pointer, error.code, f"the line cannot be read{at}: give one JSON object")


def _decoded(text: str) -> Json:
    return parse_json(base64.b64decode(text, validate=True))
