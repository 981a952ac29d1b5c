"""The inside of the house on a test's own database, with a clock that the test moves."""

from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from api.container import Container
from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import RecordTransfer
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.secrets import Secrets
from ledger.service import Ledger, RecordOutcome
from projections.histories import HistoryPage
from tests.database import Database
from tests.ledger.given import ACTOR, AT, SOURCE, data, person
from tests.oracle.decoder import Seen, read_all


@dataclass(slots=True)
class Inside:
    """One `Ledger`, one follower, and an eye on the tables."""

    house: Container
    database: Database
    connection: psycopg.Connection
    now: datetime = AT
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = self.house.ledger()

    def asked(
        self, key: str, content: dict[str, Any] | None = None, mark: int = 0
    ) -> RecordTransfer:
        """A command of its own to record `content` under `key`."""
        checked = check(data() if content is None else content, day_in_japan(self.now))
        return RecordTransfer(random_uuid(), ACTOR, SOURCE, key, checked, mark)

    def record(
        self, key: str, content: dict[str, Any] | None = None, mark: int = 0
    ) -> RecordOutcome:
        [outcome] = self.send([self.asked(key, content, mark)])
        return outcome

    def send(self, commands: Sequence[RecordTransfer]) -> list[RecordOutcome]:
        return self.ledger.record(commands, self.now)

    def head(self) -> int:
        return self.house.reads.head()

    def follow(self) -> int:
        """Let the read side reach the head."""
        head = self.head()
        self.house.follower().catch_up(self.connection, head)
        return head

    def page(self, *identifiers: str, as_of: int | None = None) -> HistoryPage:
        """The person's whole history, as of the head unless said otherwise."""
        who = [person(one) for one in identifiers]
        position = self.follow() if as_of is None else as_of
        return self.house.histories.page(who, position, None, 1_000)

    def events(self) -> list[Seen]:
        with psycopg.connect(self.database.admin) as connection:
            return read_all(connection, self.database.ledger_name, demo_masters().masters)


@contextmanager
def inside(database: Database) -> Generator[Inside]:
    made: list[Inside] = []
    secrets = Secrets(demo_secret(), demo_masters())
    house = Container(database.urls, database.ledger_name, secrets, lambda: made[0].now)
    with (
        closing(house),
        psycopg.connect(database.urls.projector, autocommit=True) as connection,
    ):
        made.append(Inside(house, database, connection))
        yield made[0]
