"""The key ring as a whole: gone through for a rotation and a check, sampled for readiness."""

from collections.abc import Callable, Collection
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Final, LiteralString

import psycopg
from psycopg.rows import args_row

from api.server.secrets import escrow_of, secrets_of
from api.settings.settings import Settings
from ledger.clock import now
from ledger.crypto.epoch import KeyWorkRefusedError
from ledger.crypto.escrow import SECRET
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow
from ledger.crypto.rotation import Rotation, rotated
from ledger.postgres.roles import RoleUrls
from ledger.store.advisory_lock import Lease, LeaseLostError, exclusive_lock
from ledger.store.connections import PURGER, Connections
from ledger.store.keys import KeyRows

SAMPLE_AGE_MAX: Final = timedelta(minutes=5)

_COUNTS: LiteralString = "SELECT epoch, count(*) FROM ledger.data_keys GROUP BY epoch"
_EPOCHS: LiteralString = "SELECT DISTINCT epoch FROM ledger.data_keys"
_ONE_OF: LiteralString = "SELECT key_id FROM ledger.data_keys WHERE epoch = %s LIMIT 1"
_BY_ID: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys
     WHERE key_id = ANY(%b)
"""
_IN_USE: LiteralString = "DELETE FROM ledger.idle_epochs WHERE epoch = ANY(%s)"
_NOT_IDLE: LiteralString = "DELETE FROM ledger.idle_epochs WHERE NOT epoch = ANY(%s)"
_IDLE: LiteralString = """
    INSERT INTO ledger.idle_epochs (epoch, since) SELECT unnest(%s::text[]), %s
    ON CONFLICT DO NOTHING
"""
_SINCE: LiteralString = "SELECT epoch, since FROM ledger.idle_epochs"
_LOCK: Final = 7_091_726_530_417
"""Key of the advisory lock of a rotation; any number that no other program uses here."""
_OTHER: Final = "another process changes the epoch masters just now"


class RingTable(KeyRows):
    """`ledger.crypto.rotation.RingRows` in PostgreSQL. Thread-safe.

    Args:
        connections: of the role purger; of one that only reads, if nothing is replaced.
        lease: of a rotation. A row is replaced only as it was read, and needs none.
    """

    def __init__(self, connections: Connections, lease: Lease | None = None) -> None:
        super().__init__(connections)
        self._all = connections
        self._lease = lease

    def counts(self) -> dict[str, int]:
        """How many rows each epoch's master wraps; epochs that wrap none are absent.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        return dict(self._all.read(lambda c: c.execute(_COUNTS).fetchall()))

    def in_use(self, epochs: Collection[str]) -> None:
        """Note that keys are wrapped under these epochs' masters.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        self._all.read(lambda c: c.execute(_IN_USE, (list(epochs),)))

    def idle_since(self, epochs: Collection[str], today: date) -> dict[str, date]:
        """Note that these epochs, and no others, wrap nothing; since when each does not.

        Masters are destroyed by what it returns.

        Raises:
            LeaseLostError: another rotation has taken over; nothing was noted.
            StoreUnavailableError: the database cannot be reached.
        """

        def noted(connection: psycopg.Connection) -> dict[str, date]:
            with connection.transaction():
                if self._lease is not None:
                    self._lease.check(connection)
                connection.execute(_NOT_IDLE, (list(epochs),))
                connection.execute(_IDLE, (list(epochs), today))
                return dict(connection.execute(_SINCE).fetchall())

        return self._all.read(noted)


class RingSample:
    """A living key of each epoch, as its row is now. Thread-safe enough: the last look counts.

    Which epochs wrap keys takes a look at the whole ring, so it is asked every five minutes.
    """

    def __init__(self, connections: Connections, clock: Callable[[], datetime] = now) -> None:
        self._connections = connections
        self._clock = clock
        self._known: tuple[datetime, list[bytes]] | None = None

    def rows(self) -> list[KeyRow]:
        """The rows; none in a new ledger.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        at = self._clock()
        if self._known is None or not timedelta() <= at - self._known[0] < SAMPLE_AGE_MAX:
            self._known = at, self._connections.read(_sampled)
        ids = self._known[1]
        return self._connections.read(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(KeyRow))
                .execute(_BY_ID, (ids,))
                .fetchall()
            )
        )


def _sampled(connection: psycopg.Connection) -> list[bytes]:
    epochs = connection.execute(_EPOCHS).fetchall()
    found = [connection.execute(_ONE_OF, epoch).fetchone() for epoch in epochs]
    return [bytes(row[0]) for row in found if row is not None]


def rotate(settings: Settings, urls: RoleUrls, today: date, *, confirmed: bool = False) -> Rotation:
    """Run `ledger.crypto.rotation.rotated` on the ledger of the settings, alone.

    Args:
        urls: of a database with every migration applied.
        today: the day in Japan.
        confirmed: an operator says that the clock is right.

    Raises:
        SettingsError: a secret is missing, or half of the escrow.
        KeyWorkRefusedError: there is no escrow, another process does the same, or see `rotated`.
        BrokenWorldError, MastersUnavailableError, StoreUnavailableError: see `rotated`.
    """
    secrets, escrow = secrets_of(settings), escrow_of(settings)
    if escrow is None and settings.kms_url is None:
        raise KeyWorkRefusedError(
            "a new epoch master needs a copy in escrow before it wraps anything: set "
            "LEDGER_ESCROW_RECIPIENT and LEDGER_ESCROW_DIR"
        )
    with (
        closing(Connections(urls.purger, PURGER)) as connections,
        exclusive_lock(connections, _LOCK) as lease,
    ):
        if lease is None:
            raise KeyWorkRefusedError(_OTHER)
        if escrow is not None:
            escrow.keep(SECRET, secrets.secret)
        table = RingTable(connections, lease)
        try:
            return rotated(
                KeyRing(table, secrets.masters, settings.name, now),
                table,
                today,
                timedelta(days=settings.backup_horizon_days),
                escrow=escrow,
                confirmed=confirmed,
            )
        except LeaseLostError:
            raise KeyWorkRefusedError(_OTHER) from None
