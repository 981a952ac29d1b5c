"""Records are looked at, excluded, or shown again, as a request says (Order 11)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from api.wire.exclusions import Change, Looking
from ledger.application.exclusions import Exclusions, Named
from ledger.exclusions import Exclude, LiftExclusion, LookAt
from ledger.transfer import State


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


def look(
    body: Looking, exclusions: Exclusions, actor: str, case: int | None, at: datetime
) -> Mapping[UUID, State]:
    """The records that the body names, as they stand; the look is on record before they are read.

    Args:
        case: the position where the case began that they are looked at for; None: for none.

    Raises:
        MalformedError: a transfer is unknown; see `Exclusions.look`.
        LedgerError: see `Exclusions.look`.
    """
    named = exclusions.named(body.transfers)
    spans = body.spans() + tuple(one.span for one in named)
    exclusions.look(LookAt(actor, spans, body.reason, case), at)
    return exclusions.states_at(spans)
