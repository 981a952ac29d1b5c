"""The key ring as a whole: gone through for a rotation and a check, sampled for readiness."""

import hmac
import logging
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Final, LiteralString

import psycopg

from api.server.secrets import escrow_of, secrets_of
from api.settings.settings import Settings
from ledger.clock import now
from ledger.crypto.epoch import KeyWorkRefusedError
from ledger.crypto.escrow import SECRET
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.rotation import Rotation, rotated
from ledger.crypto.row_macs import RowMac
from ledger.postgres.roles import RoleUrls
from ledger.store.advisory_lock import Lease, LeaseLostError, exclusive_lock
from ledger.store.connections import PURGER, WRITER, Connections
from ledger.store.keys import KeyRows
from ledger.store.secret_check import KIND, check_secret

_log: Final = logging.getLogger(__name__)

SAMPLE_AGE_MAX: Final = timedelta(minutes=5)

_IN_USE: LiteralString = "DELETE FROM ledger.idle_epochs WHERE epoch = ANY(%s)"
_NOT_IDLE: LiteralString = "DELETE FROM ledger.idle_epochs WHERE NOT epoch = ANY(%s)"
_IDLE: LiteralString = """
    INSERT INTO ledger.idle_epochs (epoch, since, mac) VALUES (%s, %s, %s)
"""
_SINCE: LiteralString = "SELECT epoch, since, mac FROM ledger.idle_epochs"
_LOCK: Final = 7_091_726_530_417
"""Key of the advisory lock of a rotation; any number that no other program uses here."""
_OTHER: Final = "another process changes the epoch masters just now"


class RingTable(KeyRows):
    """`ledger.crypto.rotation.RingRows` in PostgreSQL. Thread-safe.

    Args:
        connections: of the role purger; of one that only reads, if nothing is replaced.
        mac: `LedgerSecret.row_mac`.
        lease: of a rotation. A row is replaced only as it was read, and needs none.
    """

    def __init__(self, connections: Connections, mac: RowMac, lease: Lease | None = None) -> None:
        super().__init__(connections, mac)
        self._all = connections
        self._row_mac = mac
        self._lease = lease

    def in_use(self, epochs: Collection[str]) -> None:
        """Note that keys are wrapped under these epochs' masters.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        self._all.read(lambda c: c.execute(_IN_USE, (list(epochs),)))

    def idle_since(self, epochs: Collection[str], today: date) -> dict[str, date]:
        """Note that these epochs, and no others, wrap nothing; since when each does not.

        Masters are destroyed by what it returns, so a day without the ledger's MAC counts from
        `today` (0120).

        Raises:
            LeaseLostError: another rotation has taken over; nothing was noted.
            StoreUnavailableError: the database cannot be reached.
        """

        def noted(connection: psycopg.Connection) -> dict[str, date]:
            with connection.transaction():
                if self._lease is not None:
                    self._lease.check(connection)
                connection.execute(_NOT_IDLE, (list(epochs),))
                found = connection.execute(_SINCE).fetchall()
                since = {name: day for name, day, mac in found if self._is_noted(name, day, mac)}
                for name in {name for name, _, _ in found} - since.keys():
                    _log.error(
                        "the day of an idle epoch is not the ledger's: it counts from today",
                        extra={"epoch": name},
                    )
                    connection.execute(_IN_USE, ([name],))
                for name in set(epochs) - since.keys():
                    connection.execute(_IDLE, (name, today, self._idle_mac(name, today)))
                    since[name] = today
                return since

        return self._all.read(noted)

    def _is_noted(self, epoch: str, since: date, mac: bytes | None) -> bool:
        return hmac.compare_digest(mac or b"", self._idle_mac(epoch, since))

    def _idle_mac(self, epoch: str, since: date) -> bytes:
        return self._row_mac("idle-epochs", (epoch, since.isoformat()))


class RingSample:
    """A living key of each epoch, as its row is now. Thread-safe enough: the last look counts.

    Which epochs wrap keys takes a look at the whole ring, so it is asked every five minutes.
    """

    def __init__(
        self, connections: Connections, mac: RowMac, clock: Callable[[], datetime] = now
    ) -> None:
        self._rows = KeyRows(connections, mac)
        self._clock = clock
        self._known: tuple[datetime, list[bytes]] | None = None

    def rows(self) -> list[KeyRow]:
        """The rows; none in a new ledger.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        at = self._clock()
        if self._known is None or not timedelta() <= at - self._known[0] < SAMPLE_AGE_MAX:
            self._known = at, [row.key_id for row in self._rows.one_of_each_epoch()]
        return self._rows.get(self._known[1])


def rotate(settings: Settings, urls: RoleUrls, today: date, *, confirmed: bool = False) -> Rotation:
    """Run `ledger.crypto.rotation.rotated` on the ledger of the settings, alone.

    Args:
        urls: of a database with every migration applied.
        today: the day in Japan.
        confirmed: an operator says that the clock is right.

    Raises:
        SettingsError: a secret is missing, or half of the escrow.
        KeyWorkRefusedError: there is no escrow, another process does the same, or see `rotated`.
        OtherSecretError: the ledger was begun with another secret: it believes no row of the ring.
        BrokenWorldError, MastersUnavailableError, StoreUnavailableError: see `rotated`.
    """
    secrets, escrow = secrets_of(settings), escrow_of(settings)
    if escrow is None and settings.kms_url is None:
        raise KeyWorkRefusedError(
            "a new epoch master needs a copy in escrow before it wraps anything: set "
            "LEDGER_ESCROW_RECIPIENT and LEDGER_ESCROW_DIR"
        )
    secret = LedgerSecret(secrets.secret, settings.name)
    with closing(Connections(urls.writer, WRITER)) as writer:
        check_secret(writer, secret.lookup_key(KIND))
    with (
        closing(Connections(urls.purger, PURGER)) as connections,
        exclusive_lock(connections, _LOCK) as lease,
    ):
        if lease is None:
            raise KeyWorkRefusedError(_OTHER)
        if escrow is not None:
            escrow.keep(SECRET, secrets.secret)
        table = RingTable(connections, secret.row_mac, lease)
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
