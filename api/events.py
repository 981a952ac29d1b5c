"""CloudEvents 1.0 in: structured, binary, batch, and one event a line (NDJSON).

Source: CloudEvents 1.0.2, HTTP protocol binding and JSON event format. An event's `source` and `id`
are the transfer's key; its `data` is one transfer.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, cast
from urllib.parse import unquote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JsonResponse
from api.auth import Caller, requires
from api.examples import CLOUDEVENT
from api.intake import parse_json
from api.items import Item, item_of, sender_of
from api.problems import BatchTooLargeError, UnsupportedMediaTypeError, language_of, problems
from api.receipts import RESULT_SCHEMA, counted, record
from api.services import Inside, Services
from api.transfers import RESULTS, single_problem
from ledger.errors import Defect, MalformedError
from ledger.values import Json

router = APIRouter(prefix="/v1/events", tags=["transfers"])

Emitter = Annotated[Caller, Depends(requires("events:write"))]

TRANSFER_TYPE = "jp.example.ledger.transfer.v1"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"
# CloudEvents: attribute names are lower-case letters and digits, and should have at most 20.
_NAME = re.compile(r"[a-z0-9]{1,20}")
_JSON = re.compile(r"application/([a-z0-9.+-]+\+)?json")

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
                "examples": {"one provision": {"value": [CLOUDEVENT]}},
            },
            LINES: {"schema": {"type": "string"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/Transfer"}},
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
            "content": {"application/json": {"schema": {"anyOf": [RESULT_SCHEMA, RESULTS]}}},
        },
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def post_events(request: Request, caller: Emitter, inside: Inside) -> Response:
    """Record one CloudEvent or a batch; the same rules and results as `POST /v1/transfers`."""
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == BATCH:
        items = _items(parse_json(body), caller, inside)
    elif media_type == LINES:
        items = _lines(body, caller, inside)
    elif media_type == STRUCTURED:
        items = [_item(parse_json(body), "", caller, inside)]
    elif "ce-specversion" in request.headers and _JSON.fullmatch(media_type or "application/json"):
        items = [
            _item(_attributes(request, media_type) | {"data": parse_json(body)}, "", caller, inside)
        ]
    else:
        raise UnsupportedMediaTypeError
    language = language_of(request)
    results = await record(items, inside, language)
    if media_type in (BATCH, LINES):
        return JsonResponse(counted(results))
    if "problem" in results[0]:
        return single_problem(results[0], language)
    return JsonResponse(results[0])


def _items(events: Json, caller: Caller, inside: Services) -> list[Item]:
    if not isinstance(events, list) or not events:
        raise MalformedError((Defect("", "SCHEMA", "send an array of 1 to 1,000 events"),))
    _check_count(len(events), inside)
    return [_item(event, f"/{n}", caller, inside) for n, event in enumerate(events)]


def _lines(body: bytes, caller: Caller, inside: Services) -> list[Item]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise MalformedError((Defect("", "SCHEMA", "send one event a line"),))
    _check_count(len(lines), inside)
    return [_item(parse_json(line), f"/{n}", caller, inside) for n, line in enumerate(lines)]


def _check_count(count: int, inside: Services) -> None:
    settings = inside.settings
    if count > settings.items_per_request_max:
        raise BatchTooLargeError(settings.body_bytes_max, settings.items_per_request_max)


def _attributes(request: Request, media_type: str) -> dict[str, Json]:
    """The attributes of binary mode: `ce-` headers, percent-encoded where not printable ASCII."""
    attributes: dict[str, Json] = {
        name.removeprefix("ce-"): unquote(value)
        for name, value in request.headers.items()
        if name.startswith("ce-")
    }
    if media_type:
        attributes["datacontenttype"] = media_type
    return attributes


def _item(event: Json, pointer: str, caller: Caller, inside: Services) -> Item:
    """The item of one event; an event that cannot be one carries what is wrong with it."""
    sender = sender_of(caller)
    if not isinstance(event, dict):
        return Item(
            event, None, MalformedError((Defect(pointer, "SCHEMA", "an event is an object"),))
        )
    defects = _defects(event, pointer)
    given: dict[str, Json] = {}
    for attribute, member in (("source", "source"), ("id", "id"), ("order11", "order_11")):
        if attribute in event:
            given[member] = event[attribute]
    if "data" in event:
        given["data"] = event["data"]
    elif isinstance(event.get("data_base64"), str):
        given["data"] = _decoded(cast("str", event["data_base64"]), pointer, defects)
    item = item_of(given, pointer, sender, inside.now())
    if not defects:
        return item
    if isinstance(item.error, MalformedError):
        defects += item.error.defects
    elif item.error is not None:
        return item
    return Item(given, None, MalformedError(tuple(defects)))


def _defects(event: Mapping[str, Json], pointer: str) -> list[Defect]:
    defects: list[Defect] = []
    if event.get("specversion") != "1.0":
        defects.append(Defect(f"{pointer}/specversion", "SCHEMA", 'give "1.0"'))
    if event.get("type") != TRANSFER_TYPE:
        defects.append(Defect(f"{pointer}/type", "SCHEMA", f"give {TRANSFER_TYPE}"))
    content = event.get("datacontenttype")
    if content is not None and not (isinstance(content, str) and _is_json(content)):
        defects.append(Defect(f"{pointer}/datacontenttype", "SCHEMA", "give application/json"))
    for name, value in event.items():
        if name in ("data", "data_base64"):
            continue
        if not _NAME.fullmatch(name):
            detail = "attribute names have lower-case letters and digits, at most 20"
            defects.append(Defect(f"{pointer}/{name[:40]}", "SCHEMA", detail))
        elif not isinstance(value, str | int | bool):
            detail = "an attribute is a string, a whole number or a boolean"
            defects.append(Defect(f"{pointer}/{name}", "SCHEMA", detail))
    if "data" in event and "data_base64" in event:
        defects.append(Defect(f"{pointer}/data_base64", "SCHEMA", "give data or data_base64"))
    return defects


def _is_json(media_type: str) -> bool:
    return _JSON.fullmatch(media_type.partition(";")[0].strip().lower()) is not None


def _decoded(text: str, pointer: str, defects: list[Defect]) -> Json:
    try:
        return parse_json(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, MalformedError):
        defects.append(Defect(f"{pointer}/data_base64", "SCHEMA", "give JSON in base64"))
        return None
