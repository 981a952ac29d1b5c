"""One item, and the bytes that it is for ever once it was put into the outbox."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ledger_emitter.errors import UnfitItemError

NAME_BYTES_MAX: Final = 512
"""Longest `source` and `id`, bytes in UTF-8. Source: the ledger's API, section "Limits"."""

BODY_BYTES_MAX: Final = 5 * 1024 * 1024
"""Longest request, in bytes, that a ledger takes unless it is set otherwise."""

ITEMS_MAX: Final = 1_000
"""Most items in a request."""

_HEAD: Final = b'{"items":['
_TAIL: Final = b"]}"
ITEM_BYTES_MAX: Final = BODY_BYTES_MAX - len(_HEAD) - len(_TAIL)
"""Longest item, in bytes: it fills a request alone."""

_MARKS: Final = frozenset({"i", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True)
class Item:
    """One transfer to be recorded.

    Attributes:
        source: the sending system, an URI below the prefix to which the key is bound.
        id: with `source` the transfer's key. The caller chooses it, so that whoever puts the same
            transfer again after a crash names the same one. Never made of a person's identifiers.
        data: the transfer as `transfer.schema.json` describes it: dicts, lists, strings, numbers,
            booleans and None.
        order_11: the Order-11 item under which nobody may learn of it, if any.
    """

    source: str
    id: str = field(repr=False)
    data: Mapping[str, object] = field(repr=False)
    order_11: Literal["i", "ii", "iii", "iv"] | None = field(default=None, repr=False)


def encoded(item: Item) -> bytes:
    """The item as it goes over the wire: equal items have equal bytes, in whatever order.

    Raises:
        UnfitItemError: no ledger could take it.
    """
    for member, value in (("source", item.source), ("id", item.id)):
        _check_name(member, value)
    if item.order_11 is not None and item.order_11 not in _MARKS:
        raise UnfitItemError("order_11", "give i, ii, iii or iv")
    members: dict[str, object] = {"source": item.source, "id": item.id, "data": dict(item.data)}
    if item.order_11 is not None:
        members["order_11"] = item.order_11
    try:
        text = json.dumps(
            members, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
        content = text.encode()
    except (TypeError, ValueError, RecursionError):
        # What failed is not told: the text of the error may quote it.
        raise UnfitItemError("data", "holds something that JSON in UTF-8 has not") from None
    if len(content) > ITEM_BYTES_MAX:
        raise UnfitItemError("", f"has more than {ITEM_BYTES_MAX} bytes")
    return content


def _check_name(member: str, value: object) -> None:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise UnfitItemError(member, "give a string of printable characters, not empty")
    if len(value.encode()) > NAME_BYTES_MAX:
        raise UnfitItemError(member, f"give at most {NAME_BYTES_MAX} bytes in UTF-8")


def body_of(contents: list[bytes]) -> bytes:
    """The request that sends these items."""
    return _HEAD + b",".join(contents) + _TAIL


def body_bytes(count: int, content_bytes: int) -> int:
    """The length of the request with `count` items of `content_bytes` in all."""
    return len(_HEAD) + len(_TAIL) + content_bytes + max(count - 1, 0)
