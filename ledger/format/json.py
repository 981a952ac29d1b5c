"""JSON of the event format: RFC 8785 narrowed, so that a value has one encoding.

Sorted keys of `[a-z0-9_]+`, no white space, integers only, null only where the transfer schema
gives it a meaning.

Source: `docs/reference/event-format.md`, Notation; RFC 8785.
"""

import re
from collections.abc import Mapping
from typing import cast

import orjson

from ledger.errors import CorruptRecordError
from ledger.values import Json

NULLABLE = frozenset({"acquisition", "address", "notice_id", "representative", "transferred_to"})
"""Members whose null says "known to be missing" (`transfer.schema.json`), in sealed JSON only."""

# Objects of other types would be encoded in some way of the encoder's own: they are refused.
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_KEY = re.compile(r"[a-z0-9_]+")
# Keys come from closed lists; the bound is for readers of foreign bytes.
_known_keys: set[str] = set()
_KNOWN_KEYS_MAX = 10_000


def encoded(value: object) -> bytes:
    """The encoding of a value that is known to be allowed; no check of keys, floats and nulls.

    Raises:
        CorruptRecordError: a type, an integer or a text that JSON of the format cannot hold.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError:
        raise CorruptRecordError("a value has no JSON of the event format") from None


def canonical(value: Json | Mapping[str, Json]) -> bytes:
    """The one encoding of `value`.

    Raises:
        CorruptRecordError: a float, a key, a null or an integer that the format does not allow.
    """
    _check(value)
    return encoded(value)


def parse(content: bytes) -> Json:
    """The value of bytes that were checked before (`canonical` wrote them, or `strict` read them).

    Raises:
        CorruptRecordError: no JSON at all.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise CorruptRecordError("the bytes are no JSON") from None


def strict(content: bytes) -> Json:
    """The value of `content`, which is its own re-encoding and holds what the format allows.

    Raises:
        CorruptRecordError: anything else.
    """
    value = parse(content)
    if canonical(value) != content:
        raise CorruptRecordError("the JSON is not its own re-encoding")
    return value


def _check(value: object) -> None:
    kind = type(value)
    if kind is dict:
        for key, inner in cast("dict[str, object]", value).items():
            if key not in _known_keys:
                _learn(key)
            kind = type(inner)
            if kind is str or kind is int or kind is bool:
                continue
            if inner is None:
                if key not in NULLABLE:
                    raise CorruptRecordError("a null has no meaning there")
                continue
            _check(inner)
    elif kind is list:
        for inner in cast("list[object]", value):
            if type(inner) is not str:
                _check(inner)
    elif kind is not str and kind is not int and kind is not bool:
        raise CorruptRecordError("JSON of the event format holds no such value")


def _learn(key: object) -> None:
    if type(key) is not str or not _KEY.fullmatch(key):
        raise CorruptRecordError("a key is not of [a-z0-9_]+")
    if len(_known_keys) < _KNOWN_KEYS_MAX:
        _known_keys.add(key)
