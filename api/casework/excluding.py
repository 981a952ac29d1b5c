"""Records are excluded, or shown again, as a request says (Order 11)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from api.wire.exclusions import Change
from ledger.application.exclusions import Exclusions, Named
from ledger.exclusions import Exclude, LiftExclusion


def change(
    body: Change, exclusions: Exclusions, command_id: UUID, actor: str, at: datetime
) -> tuple[Exclude | LiftExclusion, Sequence[Named]]:
    """Carry it out; what was carried out, and the transfers that it names by their ids.

    Raises:
        MalformedError: a transfer is unknown, or more than one person may be in it and the request
            does not say that it means all of them; see `Exclusions.change`.
        LedgerError: see `Exclusions.change`.
    """
    named, spans = exclusions.named(body.transfers), body.spans()
    if body.action == "exclude" and not body.for_all_persons:
        exclusions.check_persons(named, spans)
    where = spans + tuple(one.span for one in named)
    command = body.command(command_id, actor, where)
    exclusions.change(command, at)
    return command, named
