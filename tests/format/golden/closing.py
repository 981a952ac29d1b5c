"""The golden events of the daily close."""

from hashlib import sha256

from ledger.crypto.keys import DataKey
from ledger.values import Json
from tests.format.golden.building import Book


def days_closed(book: Book, key: DataKey) -> None:
    """Days of an emitter closed: all there, and with a transfer that is missing."""
    known: dict[str, Json] = {"id": "ads", "source": "https://a.example", "name": "広告配信基盤"}
    known |= {"since": "2026-01-01", "count": 2, "hash": sha256(b"two ids").hexdigest()}
    facts: dict[str, Json] = {"day": "2026-11-22", "matches": True, "as_of": 40}
    book.put("day-closed", "emitter", key, facts=facts, record={**known, "recorded": 2})
    short: dict[str, Json] = {**known, "recorded": 1, "missing": 1, "unnamed": 0}
    short["named"] = [["https://a.example", "t-2", "missing"]]
    facts = {"day": "2026-11-23", "matches": False, "as_of": 41}
    book.put("day-closed", "emitter", key, facts=facts, record=short)
