"""Golden events of what is excluded under Order 11, of both versions of their sealed record."""

from typing import Any

from ledger.values import Json
from tests.format.golden.building import Book, Counter
from tests.format.golden.story import EXCLUSION_KEY

_KEYS = ("11" * 16, "fe" * 16)
_ACT: dict[str, Json] = {
    "at": "2026-11-24T00:03:02.120Z",
    "actor": "0f6c1b9e3a1d4c558f0e6f1f2f5b7a20",
    "reason": "身体に危害が及ぶおそれ",
}
_BY_TWO: dict[str, Json] = {**_ACT, "actor": "7" * 32, "reason": "消滅を確認", "requested": _ACT}
_BEGIN = "2026-11-23T04:00:00.000Z"
RECORDS: dict[str, tuple[str, dict[str, Json]]] = {
    "daily, version 1": (
        "exclusions-sealed",
        {
            "excluded": [[2, 2, "ii", 0], [4, 9, "iii", 0]],
            "lifted": [[11, 12, "iv", 0]],
            "looked": [[2, 2, 0], [4, 4, 0, 1]],
            "acts": [_ACT],
        },
    ),
    "review, version 1": ("review-sealed", {"excluded": [[2, 2, "ii"]]}),
    "daily, version 2": (
        "exclusions-sealed",
        {
            "v": 2,
            "excluded": [[2, 2, "ii", "", 0], [2, 3, "i", _KEYS[0], 0], [2, 2, "iv", _KEYS[1], 0]],
            "lifted": [[5, 5, "iii", _KEYS[0], 1]],
            "unmarked": [[5, 5, "iii", _KEYS[0], 1], [7, 7, "i", "", 1]],
            "pending": [[2, 3, "i", _KEYS[0], 0]],
            "looked": [[2, 2, 0], [4, 4, 0, 1]],
            "acts": [_ACT, _BY_TWO],
        },
    ),
    "review, version 2": (
        "review-sealed",
        {
            "v": 2,
            "excluded": [[2, 2, "ii", ""], [2, 3, "i", _KEYS[0]]],
            "unmarked": [[5, 5, "iii", _KEYS[0]]],
        },
    ),
    "daily, version 2, of nothing": ("exclusions-sealed", {"v": 2, "excluded": []}),
    "daily, version 2, since when": (
        "exclusions-sealed",
        {
            "v": 2,
            "excluded": [[2, 2, "ii", "", 0], [3, 3, "ii", "", 1]],
            "lifted": [[5, 5, "iii", _KEYS[0], 3], [7, 7, "i", _KEYS[0], 2]],
            "unmarked": [[7, 7, "i", _KEYS[0], 2]],
            "acts": [_ACT, {**_ACT, "since": _BEGIN}, _BY_TWO, {**_BY_TWO, "since": _BEGIN}],
        },
    ),
}
"""What it is → (type, sealed record)."""


def exclusions_json() -> dict[str, Any]:
    """A ledger of these events alone, and the record that each of them seals."""
    book = Book(Counter("exclusions"))
    for event_type, record in RECORDS.values():
        book.put(event_type, event_type, EXCLUSION_KEY, record=record)
    return {"names": list(RECORDS), "store": book.store()}
