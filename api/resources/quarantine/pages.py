"""隔離: what emitters sent and the ledger refused, listed without what it says.

What an item says may name a person, and so may the place in it that was wrong: here stand codes and
numbers. Who repairs opens the page of the item (`repair_pages`), where the look is put on record.
"""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.resources.quarantine.schemas import (
    done_to_rejected,
    known_rejected,
    recorded_since,
    rejected_page,
)
from api.web.cursors import CHARACTERS
from api.web.items import MARKING
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import go, page
from api.web.pages.route import PageRoute
from ledger.clock import day_in_japan
from ledger.lifetimes import quarantine_day

router = APIRouter(route_class=PageRoute)

# As the endpoints of `/v1/quarantine`. To discard is to let something go that nobody can bring
# back.
Keeper = Annotated[Visit, Depends(signed("quarantine:write"))]
Discarder = Annotated[Visit, Depends(signed("quarantine:write", proved=True))]

ADDRESS: Final = "/desk/emitters/quarantine"
ROWS_MAX: Final = 50
SOON_DAYS: Final = 30
"""So many days before an item that nobody settled goes with its key the page warns of it."""
DONE: Final = "^(discard_proposed|discarded|repaired)$"


@router.get(ADDRESS)
async def get_quarantine(
    visit: Keeper,
    cursor: Annotated[str | None, Query(max_length=CHARACTERS)] = None,
    done: Annotated[str | None, Query(pattern=DONE)] = None,
) -> Response:
    """Items that wait, oldest first. Marked ones (Order 11) for those alone who may mark."""
    caller = visit.caller
    rows, following = await rejected_page(caller, visit.services, cursor, ROWS_MAX)
    includes_hidden = caller.may(MARKING)
    waiting = await run_in_threadpool(
        lambda: visit.services.quarantine.waiting(includes_hidden=includes_hidden)
    )
    since = await recorded_since(caller, visit.services) if cursor is None else []
    ends = {one.id: quarantine_day(one.received_at) for one in rows}
    soon = day_in_japan(visit.services.now()) + timedelta(days=SOON_DAYS)
    return page(
        visit.request,
        "quarantine/quarantine.html",
        rows=[(one, tuple(dict.fromkeys(bad.code for bad in one.defects))) for one in rows],
        ends=ends,
        ending=sum(day <= soon for day in ends.values()),
        following=following,
        is_first=cursor is None,
        waiting=waiting,
        since=since,
        names_transfers=includes_hidden,
        done=done,
        actors=caller.actors,
    )


@router.post(f"{ADDRESS}/{{rejected}}/discard")
async def discard(rejected: UUID, visit: Discarder) -> Response:
    """The first person proposes, another one discards; a form sent twice is one proposal."""
    caller = visit.caller
    done = await done_to_rejected(rejected, caller, visit.services, "discard_proposed", "discarded")
    if done is not None:
        return go(f"{ADDRESS}?done={done[0]}")
    await known_rejected(rejected, caller, visit.services)
    discarding = visit.services.quarantine.discard
    state = await run_in_threadpool(discarding, rejected, caller.actor, caller.earlier)
    return go(f"{ADDRESS}?done={state}")
