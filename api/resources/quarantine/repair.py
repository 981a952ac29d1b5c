"""A rejected item in a repaired form: what it would be, and how it is recorded.

For the endpoint and for the page alike.
"""

from dataclasses import replace
from typing import Final, cast

from starlette.concurrency import run_in_threadpool

from api.auth import Caller
from api.resources.transfers.receipts import record
from api.web.items import MARKING, ParsedItem, Sender, item_key, item_of, random_command
from api.web.services import Services
from ledger.accesses.access import REJECTED_ITEMS
from ledger.commands import ViewDocument
from ledger.errors import Defect, MalformedError
from ledger.quarantine.service import RejectedItem
from ledger.service import CommandReceipt
from ledger.streams.outcome import RECORDED
from ledger.values import Json

_KEY_MEMBERS: Final = 2
_KNOWN: Final = (
    "a transfer was recorded under this source and id before; "
    "an item that is not needed is discarded, by two persons"
)
REASON: Final = "repair"
"""Why, as an auditor reads it: rejected items are looked at for nothing else."""


async def record_access(caller: Caller, services: Services) -> CommandReceipt:
    """Put on record that somebody reads what rejected items say; which of them is not told."""
    access = ViewDocument(random_command(), caller.actor, None, REJECTED_ITEMS, reason=REASON)
    return await services.run(lambda ledger, at: ledger.view(access, at))


def repaired_item(
    given: Json, kept: RejectedItem, caller: Caller, services: Services
) -> ParsedItem:
    """The item that `given` states in place of `kept`.

    The emitter's own key let the item in: a repair stays within the sources of that key, and under
    the source and id that the item states, or one person could let go of what takes two to discard.
    """
    sender = Sender(caller.actor, kept.within, caller.may(MARKING))
    item = item_of(given, "", sender, services.now())
    if kept.is_unopened:  # whose source and id it was, nobody can tell
        return replace(item, command=None, error=MalformedError(kept.defects))
    if item.command is None:
        return item
    sent = {"source": item.command.source, "id": item.command.id}
    defects = tuple(
        Defect(f"/{member}", "REPAIR_OF_ANOTHER", f"keep the {member} of the rejected item")
        for member, value in item_key(kept.item).items()
        if sent[member] != value
    )
    if defects:
        return replace(item, command=None, error=MalformedError(defects))
    # What the keeper adds or changes is not the emitter's word about records that are hidden.
    data = kept.item.get("data") if isinstance(kept.item, dict) else None
    stated = data if isinstance(data, dict) else {}
    return replace(item, command=replace(item.command, stated=stated))


async def repaired(
    kept: RejectedItem, item: ParsedItem, caller: Caller, services: Services, language: str
) -> dict[str, Json]:
    """Record the item; what was kept is let go with its position on record. The item's result.

    A result with a `problem` says that nothing was recorded, and that the item waits still.

    Raises:
        MalformedError: the item states no transfer; or `REPAIR_KNOWN`, a transfer was recorded
            under its key before, and the rejected item does not state that key, or the caller may
            not exclude: whether it says the same, is hidden (Order 11) or destroyed, is not told.
        LedgerError: another refusal of the item.
        StoreUnavailableError: send it again.
    """
    if item.error is not None:
        raise item.error
    [result] = await record(lambda: [item], services, language)
    if result["status"] != RECORDED and "transfer" in result:
        is_stated = len(item_key(kept.item)) == _KEY_MEMBERS
        if not is_stated or not caller.may(MARKING):
            raise MalformedError((Defect("/id", "REPAIR_KNOWN", _KNOWN),))
    if "problem" not in result:
        position = cast("int", result["position"])
        await run_in_threadpool(services.quarantine.repaired, kept.id, caller.actor, position)
    return result
