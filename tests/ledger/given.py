"""What the domain tests begin with: transfers, facts at their places, contexts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest

from ledger.commands import CorrectTransfer, ReclassifyTransfer, RecordTransfer
from ledger.errors import MalformedError
from ledger.format.events import Event, ExpiredEvent, Fact, RecordedEvent, TransferCorrected
from ledger.policies.context import ActiveStop, Context
from ledger.transfers import transfer
from ledger.transfers.correction import changed_data, correct
from ledger.transfers.events import TransferReclassified
from ledger.values import CheckedTransfer, Json, PrincipalRef, transfer_of

AT = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
ACTOR = "a" * 32
COMMAND = UUID(int=7)
STREAM = UUID(int=11)
OTHER = UUID(int=12)
SOURCE = "https://one.example"
PARTY: dict[str, Json] = {
    "party_id": "x",
    "kind": "corporation",
    "name": "青空商事株式会社",
    "address": "東京都港区芝1-1-1",
    "representative": "代表取締役 見本一郎",
}
FINGERPRINT = bytes(32)
E = TypeVar("E")


def person(identifier: str = "P1", scheme: str = "member", name: str | None = None) -> PrincipalRef:
    return PrincipalRef(scheme, identifier, name)


def data(*people: str, **changes: object) -> dict[str, Any]:
    """A consented provision about `people`, with some members changed; None removes one."""
    base: dict[str, Any] = {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": "2026-04-01",
        "counterparty": PARTY,
        "principals": [{"scheme": "member", "id": one} for one in people or ("P1",)],
        "items": ["氏名", "ご利用履歴"],
        "consent": {"obtained": True},
        **changes,
    }
    return {member: value for member, value in base.items() if value is not None}


def received(*people: str, **changes: object) -> dict[str, Any]:
    return data(*people, direction="received", acquisition="本人から取得", **changes)


def command(content: Mapping[str, Json], order_11: int = 0) -> RecordTransfer:
    return RecordTransfer(COMMAND, ACTOR, SOURCE, "t1", CheckedTransfer(content), order_11)


def record(
    content: Mapping[str, Json],
    state: transfer.State | None = None,
    context: Context | None = None,
    fingerprint: bytes = FINGERPRINT,
    order_11: int = 0,
) -> tuple[RecordedEvent, ...]:
    """What recording `content` decides."""
    asked = command(content, order_11)
    known = context or Context()
    return transfer.record(asked, transfer_of(content), state, known, AT, fingerprint)


def recorded(content: Mapping[str, Json], **given: Any) -> RecordedEvent:  # noqa: ANN401 -- handed on
    [event] = record(content, **given)
    return event


def facts(events: Iterable[E], stream: UUID = STREAM, first: int = 1) -> list[Fact[E]]:
    """The events at their places: versions from 1, positions from `first`."""
    return [
        Fact(first + n, stream, n + 1, AT, ACTOR, event, judged_at=0)
        for n, event in enumerate(events)
    ]


def state_after(*events: Any) -> transfer.State:  # noqa: ANN401 -- events of a transfer
    state = transfer.fold(None, facts(events))
    assert state is not None
    return state


def corrected(
    state: transfer.State, changes: Mapping[str, Json], context: Context | None = None
) -> TransferCorrected | TransferReclassified:
    """What correcting the members in `changes` decides."""
    asked = CorrectTransfer(COMMAND, ACTOR, STREAM, changes, "誤記")
    whole = CheckedTransfer(changed_data(state, changes))
    return correct(asked, state, whole, context or Context())


def reclassified(
    state: transfer.State, changes: Mapping[str, Json], context: Context | None = None
) -> TransferCorrected | TransferReclassified:
    asked = ReclassifyTransfer(COMMAND, ACTOR, STREAM, changes, "範囲外", cause_position=5)
    whole = CheckedTransfer(changed_data(state, changes))
    return correct(asked, state, whole, context or Context())


def stopped(*indexes: int, kind: str = "consent_withdrawn") -> Context:
    """A context in which the persons at `indexes` have a stop that applies."""
    return Context(stops=dict.fromkeys(indexes, (ActiveStop(kind, date(2026, 1, 1)),)))


def ids(lines: Mapping[int, Any]) -> dict[int, str]:
    return {n: line.principal.id for n, line in sorted(lines.items())}


def expired(event_type: str) -> ExpiredEvent:
    return ExpiredEvent(event_type)


def malformed(taken: Callable[..., object], *given: object, **more: object) -> set[tuple[str, str]]:
    """(pointer, code) of each defect for which it is refused."""
    with pytest.raises(MalformedError) as error:
        taken(*given, **more)
    return {(one.pointer, one.code) for one in error.value.defects}


def typed(events: Sequence[Event]) -> list[str]:
    return [event.TYPE for event in events]
