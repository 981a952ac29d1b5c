"""A ledger as an application of the eventsourcing library, for projections of other teams.

What they are given is the header of each event: what happened, when, by whom, and the facts of the
header. Nothing sealed is read, and whose record it is cannot be told without the ledger's secret.

Source: eventsourcing 9.5, `eventsourcing.projection`.
"""

from typing import Any, Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    StoredEvent,
)
from eventsourcing.popo import POPOFactory
from eventsourcing.utils import Environment
from typing_extensions import override

from ledger.format.envelope import Header
from ledger.format.header import read_header
from ledger.store.connections import READER, Connections
from ledger.store.recorder import LedgerRecorder

URL: Final = "LEDGER_DATABASE_URL_READER"


class LedgerHeaders(Application[UUID]):
    """The headers of a ledger, in position order; the number of a notification is the position.

    The environment names the database: `LEDGER_DATABASE_URL_READER`, the connection string of a
    login that may read `ledger.events` and `ledger.head`. Nothing can be written.

    Raises:
        KeyError: the environment names no database.
    """

    name = "ledger"

    @override
    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """The application itself stores nothing, wherever the projection keeps its view."""
        return POPOFactory(env)

    @override
    def construct_mapper(self) -> Mapper[UUID]:
        return _HeaderMapper(self.construct_transcoder())

    @override
    def construct_recorder(self) -> ApplicationRecorder:
        url = self.env.get(URL)
        if url is None:
            raise KeyError(URL)
        self._connections = Connections(url, READER)
        return LedgerRecorder(self._connections)

    @override
    def close(self) -> None:
        """Close the connections, too."""
        super().close()
        self._connections.close()


class _HeaderMapper(Mapper[UUID]):
    @override
    def to_domain_event(self, stored_event: StoredEvent) -> Header:  # pyright: ignore[reportIncompatibleMethodOverride] -- the library hands it to the projection as it is
        """The header of a stored event.

        Raises:
            CorruptRecordError: see `read_header`.
        """
        return read_header(stored_event.state)
