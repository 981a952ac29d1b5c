"""判定の見直し: who judged a record anew, or changed it, before a form that came second."""

from datetime import datetime
from uuid import UUID

from api.oversight.transfers import looked_at
from api.pages.oversight.exceptions.transfer_timeline import happened
from api.pages.views.oversight.conflict import Did, Overtaken, overtaken
from api.pages.views.oversight.exceptions.transfer_view import HANDLED
from api.people import Visitor
from api.services import Services
from ledger.errors import ExpiredError, NotFoundError
from ledger.service import Ledger

REASON = "判断の理由"


async def came_first(
    transfer: UUID, cause: int | None, typed: str, visitor: Visitor, services: Services
) -> Overtaken | None:
    """What officers did to the record since the late event, which had made it wait.

    Of a reading of the law it is not known since when it waits: whatever was done to it counts.

    That the record is looked at is put on record. None: nothing was done, or the visitor may not
    know of the record.

    Args:
        cause: the position of the late event; None: the reading of the law.
        typed: the reason of the form.
    """

    def looked(ledger: Ledger, at: datetime) -> Overtaken | None:
        try:
            seen = looked_at(ledger, visitor.caller, transfer, HANDLED, at)
        except (NotFoundError, ExpiredError):
            return None
        told = [
            Did(one.at, one.words, one.actor, one.is_own, one.reason)
            for one in happened(seen.facts, visitor.caller.actor)
            if one.actor is not None and (cause is None or 0 < cause < one.position)
        ]
        return overtaken(told, REASON, typed)

    return await services.run(looked)
