"""The real ledger that emitters send to, and what it holds in the end."""

from collections import Counter
from contextlib import closing

import psycopg

from api.auth import KeyTable, Scope, make
from api.house import House
from ledger.clock import now
from ledger.crypto.epoch import FixedMasters
from ledger.crypto.secrets import Secrets
from ledger.drafts.reading import event_of
from ledger.events import RecordedEvent
from ledger_emitter import Destination
from tests.chaos.ledger import MASTER, SECRET, Ledger
from tests.emitter.transfers import SOURCE


def address(ledger: Ledger) -> str:
    return f"http://127.0.0.1:{ledger.port}"


def destination(ledger: Ledger, **changes: object) -> Destination:
    """The ledger, with a key of `SOURCE` unless changed."""
    members = {"credential": changes.pop("credential", None) or ledger.key(), **changes}
    return Destination(address(ledger), **members)  # pyright: ignore[reportArgumentType] -- a test's own changes


def key(ledger: Ledger, source: str | None = SOURCE, *scopes: Scope) -> str:
    """A key with other scopes, or of another source."""
    chosen = frozenset(scopes or ("events:write",))
    made, credential = make("load", chosen, source, at=now(), days=1)
    with psycopg.connect(ledger.urls.owner) as connection:
        KeyTable(lambda: connection).add(made)
    return credential


def recorded(ledger: Ledger, source: str = SOURCE) -> Counter[str]:
    """How often each id of a source is recorded, read from the log itself."""
    secrets = Secrets(SECRET, FixedMasters({"2026-W48": MASTER}))
    with closing(House(ledger.urls, "test-ledger", secrets)) as house:
        facts = house.reads.facts_after(0, 1_000_000)
        events = [event_of(one) for one in house.streams.opened(facts)]
    entries = [event.entry for event in events if isinstance(event, RecordedEvent)]
    return Counter(entry.id for entry in entries if entry.source == source)
