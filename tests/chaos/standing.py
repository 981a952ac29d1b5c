"""What stands in a ledger once everything has arrived, read from the log itself."""

import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager

import psycopg

from api.container import Container
from ledger.crypto.epoch import FixedMasters
from ledger.crypto.secrets import Secrets
from ledger.format.envelope import StoredFact
from ledger.format.event_reader import event_of
from ledger.format.events import RecordedEvent
from projections.verification import differences
from tests.chaos.ledger import MASTER, PATIENCE_S, SECRET, Ledger
from tests.projections.log import log_of
from tests.transfers import SOURCE

_ALL = 1_000_000


@contextmanager
def house_of(ledger: Ledger) -> Generator[Container]:
    """The ledger, read by another process than those that it has."""
    secrets = Secrets(SECRET, FixedMasters({"2026-W48": MASTER}))
    with closing(Container(ledger.urls, "test-ledger", secrets)) as house:
        yield house


def recorded(ledger: Ledger, source: str = SOURCE, after: int = 0) -> Counter[str]:
    """How often each id of a source is recorded beyond a position."""
    with house_of(ledger) as house:
        facts = house.reads.facts_after(after, _ALL)
        events = [event_of(one) for one in house.streams.opened(facts)]
    entries = [event.entry for event in events if isinstance(event, RecordedEvent)]
    return Counter(entry.id for entry in entries if entry.source == source)


def head(ledger: Ledger) -> int:
    """The ledger's last position."""
    with psycopg.connect(ledger.urls.reader) as connection:
        row = connection.execute("SELECT position FROM ledger.head").fetchone()
    assert row is not None
    return row[0]


def facts_of(house: Container) -> Sequence[StoredFact]:
    """Everything that stands, at dense positions."""
    facts = house.reads.facts_after(0, _ALL)
    assert [fact.position for fact in facts] == list(range(1, house.reads.head() + 1))
    return facts


def check_index(ledger: Ledger, house: Container, position: int) -> None:
    """The follower arrives, and what it keeps is what a full scan gives."""
    deadline = time.monotonic() + PATIENCE_S
    while house.histories.reached() < position:
        assert time.monotonic() < deadline, "the follower does not arrive"
        time.sleep(0.05)
    with psycopg.connect(ledger.urls.projector) as connection:
        assert list(differences(connection, log_of(house), house.secret)) == []
