"""CloudEvents 1.0 in: structured, binary, batch, and one event a line (NDJSON).

Source: CloudEvents 1.0.2, HTTP protocol binding and JSON event format. An event's `source` and `id`
are the transfer's key; its `data` is one transfer.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Final, cast
from urllib.parse import unquote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.contract.pointers import is_field_name
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
from api.web.bare_route import DirectRoute
from api.web.examples import BATCHED, CLOUDEVENT, LINES_EXAMPLE, PROVIDED, RESULT, RESULTS_EXAMPLE
from api.web.intake import media_type, parse_json, read_body
from api.web.items import DefectBudget, ParsedItem, Sender, item_of, malformed, sender_of
from api.web.schemas import RESULT_SCHEMA, RESULTS
from api.web.services import ServicesDep
from ledger.errors import DEFECTS_MAX, Defect, LedgerError, MalformedError
from ledger.policies.wellformedness import DATE_TIME
from ledger.quarantine.marks import DATA_BASE64, LINE, LINE_BASE64, may_be_marked
from ledger.values import Json

TRANSFER_TYPE: Final = "jp.example.ledger.transfer.v1"
# CloudEvents: attribute names are lower-case letters and digits, and should have at most 20.
_NAME = re.compile(r"[a-z0-9]{1,20}")
_JSON = re.compile(r"application/([a-z0-9.+-]+\+)?json")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
# RFC 3339, section 5.6; whether the day exists is asked apart. A leap second is 60.
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_KNOWN = frozenset(
    {"datacontenttype", "dataschema", "id", "order11", "source", "specversion", "subject", "time"}
)
_ATTRIBUTE = str | int | bool | None
# Attributes that become members of the item: what is wrong with one is told of the attribute.
MEMBERS = {"source": "source", "id": "id", "order11": "order_11"}


def decoded_header(value: str) -> str:
    """A header value: quotes off, then percent-decoded once (HTTP binding, 3.1.3.2).

    Raises:
        ValueError: what it encodes is not UTF-8, or it holds characters that must be encoded.
    """
    if not value.isascii():
        raise ValueError("a header is ASCII")
    if quoted := _QUOTED.fullmatch(value):
        value = re.sub(r"\\(.)", r"\1", quoted[1])
    return unquote(value, errors="strict")


def attribute_defects(event: Mapping[str, Json], pointer: str) -> list[Defect]:
    """What is wrong with the attributes of one event."""
    defects: list[Defect] = []
    if event.get("specversion") != "1.0":
        defects.append(Defect(f"{pointer}/specversion", "SCHEMA", 'give "1.0"'))
    if event.get("type") != TRANSFER_TYPE:
        defects.append(Defect(f"{pointer}/type", "SCHEMA", f"give {TRANSFER_TYPE}"))
    content = event.get("datacontenttype")
    if content is not None and not (isinstance(content, str) and is_json(content)):
        defects.append(Defect(f"{pointer}/datacontenttype", "SCHEMA", "give application/json"))
    for name, value in event.items():
        if name in ("data", "data_base64"):
            continue
        if len(defects) >= DEFECTS_MAX:
            break
        if not _NAME.fullmatch(name):
            detail = "attribute names have lower-case letters and digits, at most 20"
            place = f"{pointer}/{name}" if is_field_name(name) else pointer
            defects.append(Defect(place, "SCHEMA", detail))
        elif not isinstance(value, _ATTRIBUTE):
            detail = "an attribute is a string, a whole number or a boolean"
            defects.append(Defect(f"{pointer}/{safe_name(name)}", "SCHEMA", detail))
        elif name not in _KNOWN and may_be_marked(name):
            # Unknown attributes are passed over, and a mark must not be (Order 11).
            detail = "an attribute is called much like order11, the mark under Order 11"
            defects.append(Defect(pointer, "SCHEMA", detail))
        elif name == "time" and value is not None and not _is_instant(value):
            defects.append(Defect(f"{pointer}/time", "SCHEMA", DATE_TIME))
    if "data" in event and "data_base64" in event:
        defects.append(Defect(f"{pointer}/data_base64", "SCHEMA", "give data or data_base64"))
    subject = event.get("subject")
    if isinstance(subject, str) and subject in _persons(event.get("data")):
        # Attributes travel in clear, in headers and logs of everything on the way.
        detail = "name a batch or dataset, never a person"
        defects.append(Defect(f"{pointer}/subject", "SUBJECT_IS_PERSON", detail))
    return defects


def _is_instant(value: object) -> bool:
    """Whether `value` is an RFC 3339 date-time, as the type system wants a timestamp to be."""
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return False
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return False
    return True


def safe_name(name: str) -> str:
    """The attribute's name, unless it may be something else that was typed there."""
    return name if name in _KNOWN or is_field_name(name) else ""


def _persons(data: Json) -> set[str]:
    """Identifiers and names of the persons in a transfer that may be malformed."""
    principals = data.get("principals") if isinstance(data, dict) else None
    return {
        value
        for one in (principals if isinstance(principals, list) else ())
        if isinstance(one, dict)
        for member in ("id", "name")
        if isinstance(value := one.get(member), str)
    }


def map_to_attributes(error: MalformedError, pointer: str) -> list[Defect]:
    """The item's defects, told of the attributes that its members came from."""
    places = {f"{pointer}/{member}": f"{pointer}/{name}" for name, member in MEMBERS.items()}
    return [
        Defect(places.get(defect.pointer, defect.pointer), defect.code, defect.detail)
        for defect in error.defects
    ]


def is_json(stated: str) -> bool:
    """Whether a media type is JSON."""
    return _JSON.fullmatch(stated.partition(";")[0].strip().lower()) is not None


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
                    defects.append(Defect(f"/{safe_name(attribute)}", "NOT_UTF8", detail))
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
        repeat = None if defects else item.repeat
        if isinstance(item.error, MalformedError):
            defects += map_to_attributes(item.error, pointer)
        if isinstance(item.error, MalformedError) or (defects and item.error is None):
            refused = self._refused({**_besides(event, given), **given}, pointer, defects)
            return replace(refused, repeat=repeat, mark="order11")
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
