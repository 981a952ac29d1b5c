"""Commands that arrive at the same instant, each of which would be refused after the other.

Attack: somebody with the scope for it sends many at once, so that each is decided before any other
stands: a person of more identifiers than anything can answer for, two emitters of one source, the
same hold twice.

Held off by: an append names the events that may not have come since its caller looked, and the lock
of the head refuses it where one came (`ledger.format.envelope.AppendCondition`).
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from typing import Final

import pytest

from ledger.commands import LinkIdentifiers, PlaceHold
from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters.emitter import RegisterEmitter
from ledger.emitters.events import Registration
from ledger.errors import LedgerError
from ledger.format.events import HoldPlaced
from ledger.persons import service
from ledger.service import Ledger
from ledger.values import PrincipalRef
from tests.database import Database
from tests.ledger.given import ACTOR, AT, SOURCE
from tests.ledger.inside import inside

MANY: Final = 12
HUB: Final = PrincipalRef("member", "HUB")


def member(number: int) -> PrincipalRef:
    return PrincipalRef("member", f"SPOKE-{number}")


def linked(ledger: Ledger, number: int) -> None:
    ledger.link(LinkIdentifiers(random_uuid(), ACTOR, HUB, member(number), "同じ住所"), AT)


def held(ledger: Ledger, number: int) -> None:
    del number
    ledger.hold(PlaceHold(random_uuid(), ACTOR, HoldPlaced("訴訟", None, (HUB,))), AT)


def registered(ledger: Ledger, number: int) -> None:
    registration = Registration(f"emitter-{number}", SOURCE, "名簿", date(2026, 4, 1))
    ledger.register_emitter(RegisterEmitter(random_uuid(), ACTOR, registration), AT)


@dataclass(frozen=True, slots=True)
class Rush:
    """One kind of command, and how many of `MANY` may stand; the others are refused."""

    act: Callable[[Ledger, int], None]
    stands: int
    code: str


RUSHES: Final[dict[str, Rush]] = {
    "links of one person": Rush(linked, 3, "TOO_MANY_IDENTIFIERS"),
    "the same hold": Rush(held, 1, "ALREADY_STANDS"),
    "emitters of one source": Rush(registered, 1, "SCHEMA_VIOLATION"),
}


@pytest.mark.parametrize("name", RUSHES)
def test_what_is_sent_at_once_stands_as_what_is_sent_one_after_the_other(
    name: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CLUSTER_MAX", 4)
    # Several processes: they do not wait for each other as the threads of one do.
    monkeypatch.setattr(service, "_LINKING", nullcontext())
    rush, start = RUSHES[name], Barrier(MANY)

    def outcome(ledger: Ledger, number: int) -> str:
        start.wait(30)
        try:
            rush.act(ledger, number)
        except LedgerError as refusal:
            return refusal.code
        return "stands"

    with ExitStack() as stack, ThreadPoolExecutor(MANY) as pool:
        processes = [stack.enter_context(inside(database)) for _ in range(2)]
        ledgers = [processes[number % 2].house.ledger() for number in range(MANY)]
        outcomes = Counter(pool.map(outcome, ledgers, range(MANY)))
        assert outcomes == {"stands": rush.stands, rush.code: MANY - rush.stands}
