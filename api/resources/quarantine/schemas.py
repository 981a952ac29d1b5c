"""Rejected items as they are listed: page by page, and to whom."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from api.auth import Caller
from api.web.items import MARKING
from api.web.services import Services
from ledger.errors import NotFoundError
from ledger.quarantine.recorded_since import SettledItem
from ledger.quarantine.service import RejectedItem, RejectedPage

LIST: Final = "quarantine"
"""The list that a cursor belongs to."""
SETTLED_MAX: Final = 50
"""Of those that were recorded since the newest are told."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOW_BITS: Final = 65
"""Of an id, besides the 63 that a cursor has room for."""


async def rejected_page(
    caller: Caller, services: Services, cursor: str | None, limit: int
) -> tuple[tuple[RejectedItem, ...], str | None]:
    """Items that wait, oldest first, and the cursor of the next page; None at the end.

    Items that were sent with a mark under Order 11 are there for those alone who may mark: for
    everybody else they fill no page. What was recorded since leaves the list as it is read. A page
    ends before its limit where its items are large.

    Raises:
        MalformedError: the cursor is none of this list.
    """
    after = (
        None
        if cursor is None
        else _cursor_position(services.cursors.read(cursor, "/query/cursor", LIST))
    )
    includes_hidden = caller.may(MARKING)

    def read() -> RejectedPage:
        while True:
            found = services.quarantine.page(after, limit, includes_hidden=includes_hidden)
            beyond = () if found.beyond is None else (found.beyond,)
            if not services.recorded_since.settle((*found.items, *beyond)):
                return found

    found = await run_in_threadpool(read)
    is_last = found.beyond is None
    following = None if is_last else services.cursors.make(_numbers(found.items[-1]), LIST)
    return found.items, following


async def recorded_since(caller: Caller, services: Services) -> list[SettledItem]:
    """The newest items that wait no more because their transfer was recorded since."""
    includes_hidden = caller.may(MARKING)
    return await run_in_threadpool(
        lambda: services.recorded_since.settled(SETTLED_MAX, includes_hidden=includes_hidden)
    )


def _numbers(last: RejectedItem) -> tuple[int, int]:
    """An item's place in the list: microseconds since 1970, and the first 63 bits of its id."""
    return (last.received_at - _EPOCH) // timedelta(microseconds=1), last.id.int >> _LOW_BITS


def _cursor_position(numbers: tuple[int, int]) -> tuple[datetime, UUID]:
    """The place after all items with these numbers; ids are random, and no two begin alike."""
    microseconds, begin = numbers
    last = (begin << _LOW_BITS) | ((1 << _LOW_BITS) - 1)
    return _EPOCH + timedelta(microseconds=microseconds), UUID(int=last)


async def known_rejected(rejected: UUID, caller: Caller, services: Services) -> RejectedItem:
    """The waiting item, if the caller may know of it.

    Raises:
        NotFoundError: no such item waits for this caller.
    """
    kept = await run_in_threadpool(services.quarantine.one, rejected)
    # What was sent with a mark (Order 11) is for those alone who may mark records.
    if kept.restricted and not caller.may(MARKING):
        raise NotFoundError
    return kept


async def done_to_rejected(
    rejected: UUID, caller: Caller, services: Services, *states: str
) -> tuple[str, int | None] | None:
    """What the caller did to the item, if it is one of these: the answer got lost."""
    done = await run_in_threadpool(services.quarantine.done_by, rejected, caller.actor)
    return done if done is not None and done[0] in states else None
