"""An office whose answers are audited from a bag alone, in another database and under a secret."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from typing_extensions import override

from api.cli.audit import Audit
from api.server.loaded_bag import filled, indexed
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError
from ledger.exports.audit_bag import AuditExporter, AuditRequest, FinishedAuditBag
from ledger.exports.audit_reader import AuditBag
from ledger.exports.export_request import SignedCheckpoint
from tests.database import Server, cloned_database
from tests.replying.auditing import Office


@dataclass(slots=True)
class BagOffice(Office):
    """Makes a bag whenever it is audited."""

    server: Server = field(kw_only=True)
    folder: Path = field(kw_only=True)

    def bagged(self, signed: SignedCheckpoint | None = None) -> tuple[Path, FinishedAuditBag]:
        """A new bag of the ledger as it stands."""
        inside = self.kept.inside
        house = inside.house
        place = self.folder / str(random_uuid())
        exporter = AuditExporter(house.streams, house.reader, house.macs, house.keys)
        return place, exporter.make(AuditRequest(random_uuid(), inside.now), signed, place)

    @override
    def audit(self) -> tuple[list[str], dict[str, int]]:
        with self._loaded(self.bagged()[0]) as made:
            return list(made.lines()), dict(made.counts)

    def named_in(self, place: Path) -> list[str]:
        """What an audit of that bag names, as far as it can be made."""
        found: list[str] = []
        with self._loaded(place) as made, suppress(CorruptRecordError):
            found.extend(made.lines())
        return found

    @contextmanager
    def _loaded(self, place: Path) -> Generator[Audit]:
        bag = AuditBag(str(place))
        bag.check(None)
        with (
            cloned_database(self.server) as database,
            filled(bag, database.urls, lambda: self.kept.inside.now) as container,
        ):
            yield Audit(container, before=indexed(container))

    def break_events(self, statement: LiteralString, *values: object) -> None:
        """Change rows of events as the owner of the database may."""
        with psycopg.connect(self.kept.inside.database.admin) as connection:
            connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER USER")
            connection.execute(sql.SQL(statement).format(*map(sql.Literal, values)))
