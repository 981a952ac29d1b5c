"""How many verdicts what was last published about a notice, or its withdrawal, would change.

The number is that of the work list of 判定の見直し; nobody is named.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller
from api.resources.notices.forms.about import About, state_at
from api.web.bodies import POSITION_MAX
from api.web.items import MARKING
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import NOTICES
from api.web.pages.renderer import page
from api.web.pages.route import EvenPageRoute
from api.web.services import Services
from ledger.errors import LedgerError
from ledger.format.events import NoticePublished, NoticeWithdrawn
from ledger.notices.notice import State
from ledger.service import Ledger

# It looks at records, hidden ones too, so it answers on the grid, as the work list does.
router = APIRouter(prefix=f"{NOTICES.address}/{{notice}}/waiting", route_class=EvenPageRoute)

Writer = Annotated[Visit, Depends(signed("notices:write"))]

DONE: Final = "^(published|withdrawn)$"
COUNTED_MAX: Final = 500
_PAGES_MAX: Final = 20
"""Of the work list: each looks at 200 transfers at most."""


@dataclass(frozen=True, slots=True)
class PendingVerdicts:
    """How many.

    Attributes:
        position: of what they wait for.
        count: None: it cannot be told now.
        is_all: there are no more of them.
    """

    position: int
    count: int | None
    is_all: bool


@router.get("")
async def get_waiting(
    notice: Annotated[int, Path(ge=1, le=POSITION_MAX)],
    visit: Writer,
    done: Annotated[str, Query(pattern=DONE)] = "published",
) -> Response:
    """What came of it: that it stands, and how many verdicts wait to be reassessed for it."""

    def read(ledger: Ledger, _: datetime) -> tuple[About, int]:
        state = state_at(ledger, notice)
        return About(str(notice), state.kind, state), _newest(ledger, state)

    about, cause = await visit.run(read)
    counted = await run_in_threadpool(_counted, visit.services, visit.caller, cause)
    return page(
        visit.request,
        "notices/published.html",
        about=about,
        # Who types the address learns nothing that is not so.
        done=done if about.state and about.state.withdrawn_on else "published",
        waiting=counted,
        may_reassess=visit.caller.may("records:write"),
    )


def _newest(ledger: Ledger, state: State) -> int:
    """Where the newest publication about the notice stands, or its withdrawal."""
    streams = ledger.streams
    stream = streams.find_stream("notice", streams.notice_key(state.notice_id))
    assert stream is not None, "a notice that stands has a stream"
    return max(
        one.position
        for one in streams.facts([stream], None)[stream]
        if isinstance(one.event, NoticePublished | NoticeWithdrawn)
    )


def _counted(services: Services, caller: Caller, cause: int) -> PendingVerdicts:
    try:
        # What the index has not followed yet would not be counted.
        services.histories.wait(cause, services.settings.projection_wait_s)
    except LedgerError:
        return PendingVerdicts(cause, None, is_all=False)
    count, place = 0, (cause, 0)
    includes_hidden = caller.may(MARKING)
    for _ in range(_PAGES_MAX):
        limit = COUNTED_MAX - count
        proposals, following = services.reassessing.page(
            place, limit, includes_hidden=includes_hidden
        )
        count += sum(one.cause_position == cause for one in proposals)
        if following is None or following[0] > cause:
            return PendingVerdicts(cause, count, is_all=True)
        if count >= COUNTED_MAX:
            break
        place = following
    return PendingVerdicts(cause, count, is_all=False)
