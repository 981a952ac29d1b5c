"""A rejected item in a repaired form: what it would be, and how it is recorded.

For the door and for the page alike.
"""

from typing import Final, cast
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from api.auth import Caller
from api.services import Services
from api.wire.items import MARKING, Item, Sender, item_of, random_command
from api.wire.receipts import record
from ledger.access import REJECTED_ITEMS
from ledger.application import Receipt
from ledger.commands import ViewDocument
from ledger.quarantine import Rejected
from ledger.values import Json

REASON: Final = "repair"
"""Why, as an auditor reads it: rejected items are looked at for nothing else."""


async def looked_at_rejected(caller: Caller, inside: Services) -> Receipt:
    """Put on record that somebody reads what rejected items say; which of them is not told."""
    look = ViewDocument(random_command(), caller.actor, None, REJECTED_ITEMS, reason=REASON)
    return await inside.run(lambda ledger, at: ledger.view(look, at))


def repaired_item(given: Json, kept: Rejected, caller: Caller, inside: Services) -> Item:
    """The item that `given` states in place of `kept`.

    The emitter's own key let the item in: a repair stays within the sources of that key.
    """
    sender = Sender(caller.actor, kept.within, caller.may(MARKING))
    return item_of(given, "", sender, inside.now())


async def repaired(
    rejected: UUID, item: Item, caller: Caller, inside: Services, language: str
) -> dict[str, Json]:
    """Record the item; what was kept is let go with its position on record. The item's result.

    A result with a `problem` says that nothing was recorded, and that the item waits still.

    Raises:
        LedgerError: the item states no transfer.
        StoreUnavailableError: send it again.
    """
    if item.error is not None:
        raise item.error
    [result] = await record(lambda: [item], inside, language)
    if "problem" not in result:
        position = cast("int", result["position"])
        await run_in_threadpool(inside.quarantine.repaired, rejected, caller.actor, position)
    return result
