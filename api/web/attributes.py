"""The rules of CloudEvents attributes: names, values, headers, and that none names a person.

Source: CloudEvents 1.0.2, sections "Context attributes" and "Type system"; HTTP binding 3.1.3.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import unquote

from api.contract.pointers import is_field_name
from ledger.errors import DEFECTS_MAX, Defect, MalformedError
from ledger.policies.wellformedness import DATE_TIME
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
            defects.append(Defect(f"{pointer}/{shown(name)}", "SCHEMA", detail))
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


def shown(name: str) -> str:
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


def told_of_attributes(error: MalformedError, pointer: str) -> list[Defect]:
    """The item's defects, told of the attributes that its members came from."""
    places = {f"{pointer}/{member}": f"{pointer}/{name}" for name, member in MEMBERS.items()}
    return [
        Defect(places.get(defect.pointer, defect.pointer), defect.code, defect.detail)
        for defect in error.defects
    ]


def is_json(stated: str) -> bool:
    """Whether a media type is JSON."""
    return _JSON.fullmatch(stated.partition(";")[0].strip().lower()) is not None
