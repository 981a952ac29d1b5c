"""Records are looked at, excluded, or shown again, as a request says (Order 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.auth import Caller
from api.resources.exclusions.schemas import ExclusionAccessRequest, ExclusionChange
from ledger.exclusions.exclusion import AccessRecords, Exclude, LiftExclusion
from ledger.exclusions.ranges import Span, joined, within
from ledger.exclusions.service import Exclusions, NamedTransfer
from ledger.transfers.transfer import State


@dataclass(frozen=True, slots=True)
class ChangedExclusions:
    """What a request excluded or lifted.

    Attributes:
        named: the transfers that it names by their ids.
        waiting: where a lift waits for a second person; empty: it was carried out.
    """

    command: Exclude | LiftExclusion
    named: Sequence[NamedTransfer]
    waiting: Sequence[Span]


def change(
    body: ExclusionChange, exclusions: Exclusions, command_id: UUID, caller: Caller, at: datetime
) -> ChangedExclusions:
    """Carry it out.

    Raises:
        MalformedError: a transfer is unknown; the person is in none of what is named, or, where
            nobody is named, more than one person may be meant; see `Exclusions.change`.
        LedgerError: see `Exclusions.change`.
    """
    named, spans = exclusions.named(body.transfers), body.spans()
    where = spans + tuple(one.span for one in named)
    command = body.command(command_id, caller, where, _whom(body, exclusions, named, where))
    active = exclusions.change(command, at)
    own = (one for one in active.pending if one.act is not None and one.act.actor in caller.actors)
    waiting = [(p.first, p.last) for one in own for span in where for p in within((one,), span)]
    is_lift = isinstance(command, LiftExclusion)
    return ChangedExclusions(command, named, joined(waiting) if is_lift else ())


def _whom(
    body: ExclusionChange,
    exclusions: Exclusions,
    named: Sequence[NamedTransfer],
    where: Sequence[Span],
) -> tuple[tuple[bytes | None, ...], ...] | None:
    """Of each span, the keys of whom the request means; None: all who stand in it."""
    if body.person is not None:
        return tuple((bytes.fromhex(body.person),) for _ in where)
    if body.principal is not None:
        return exclusions.keys_in(body.principal.ref(), where)
    if body.for_all_persons:
        return None
    if body.action == "lift":
        exclusions.check_lifted(named, body.spans())
        return None
    exclusions.check_persons(named, body.spans())
    return exclusions.keys_of_all(where)


def read_records(
    body: ExclusionAccessRequest, exclusions: Exclusions, actor: str, case: int | None, at: datetime
) -> Mapping[UUID, State]:
    """The records that the body names, as they stand; the look is on record before they are read.

    Args:
        case: the position where the case began that they are looked at for; None: for none.

    Raises:
        MalformedError: a transfer is unknown; see `Exclusions.read_records`.
        LedgerError: see `Exclusions.read_records`.
    """
    named = exclusions.named(body.transfers)
    spans = body.spans() + tuple(one.span for one in named)
    exclusions.record_access(AccessRecords(actor, spans, body.reason, case), at)
    return exclusions.states_at(spans)
