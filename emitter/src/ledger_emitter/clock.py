"""The only place of the client that asks what time it is."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def now_ms() -> int:
    """The instant, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def instant(milliseconds: int) -> datetime:
    """The instant, UTC, of so many milliseconds since 1970."""
    return _EPOCH + milliseconds * _MS


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of a moment with an offset.

    Raises:
        ValueError: it has no offset, so that nobody knows which instant it is.
    """
    if moment.tzinfo is None:
        raise ValueError("give the moment with its offset from UTC")
    return (moment - _EPOCH) // _MS
