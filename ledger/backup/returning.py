"""Back into agreement after a restore: the dead die again, a loss is admitted by a person.

Nobody else works on the database meanwhile: every process of the ledger refuses to start until
`ledger.backup.agreement` passes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg

from ledger.backup.agreement import (
    DisagreementError,
    JournalLostError,
    adopt,
    agree,
    check_belongs,
)
from ledger.backup.manifest import BackupError, Manifest
from ledger.clock import day_in_japan
from ledger.codec import seal
from ledger.crypto.pseudonyms import random_uuid
from ledger.drafts import Place, draft_of
from ledger.events import RecordsExpired
from ledger.postgres.roles import RoleUrls
from ledger.store.comparing import frontier_upto, head_of, journal_id, standing_keys
from ledger.store.connections import WRITER, Connections
from ledger.store.expiring import KEYS_MAX, Expiring, Forget, Seal
from ledger.store.journal import Journal

ACTOR = "restore"
"""Who destroys again, in the headers."""

# An object's key that was destroyed had a day; the state that came back may be from before it had.
# Wrapped for another day it opens no more, which is just as well: it is about to die.
_SET_DAY: LiteralString = """
    UPDATE ledger.data_keys SET day = %s WHERE day IS NULL AND key_id = ANY(%s)
"""


_LATER: LiteralString = """
    SELECT key_id FROM ledger.data_keys WHERE day > %s AND key_id = ANY(%s) LIMIT 1
"""


class ClockBehindError(DisagreementError):
    """A key was destroyed on its day, and by the clock that day has not come."""

    def __init__(self) -> None:
        super().__init__(
            "a destroyed key stands again whose day of death has not come: set the clock right"
        )


@dataclass(frozen=True, slots=True)
class Returned:
    """What it took.

    Attributes:
        destroyed: keys that were destroyed again.
        open: keys that were about to be destroyed when the log ended, and stand: they are due, and
            the next expiry destroys them.
        head: the last position now.
    """

    destroyed: int
    open: int
    head: int


def check_restored(connection: psycopg.Connection, manifest: Manifest) -> None:
    """Pass when the log holds the events of the backup, all and unchanged.

    Raises:
        BackupError: it does not.
    """
    tree = frontier_upto(connection, manifest.head)
    if tree.size != manifest.head or tree.root().hex() != manifest.root:
        raise BackupError("what was restored is not the log that the manifest speaks of")


def bring_back(
    journal: Journal,
    urls: RoleUrls,
    ledger: str,
    forget: Forget,
    at: datetime,
    *,
    accept_loss: bool = False,
) -> Returned:
    """Destroy again what the journal says is destroyed, then let both agree.

    Args:
        forget: deletes index rows, see `ledger.store.expiring`; it must not wait for a follower.
        accept_loss: a person says that what followed the log's end, or what a lost journal knew, is
            lost.

    Raises:
        DisagreementError: they still disagree, and nobody accepts the loss.
        JournalError: the journal is damaged, or another ledger's.
    """
    with psycopg.connect(urls.writer, autocommit=True) as connection:
        known = journal_id(connection)
        if not journal.exists and (known is None or accept_loss):
            journal.begin(known or random_uuid(), at)
        if not journal.exists:
            raise JournalLostError(
                f"there is no erasure journal in {journal.folder}: put it back; if it is lost, "
                "--accept-loss begins one from what the log says"
            )
        # Before anything is written: another's journal must not learn what died here.
        check_belongs(journal, known)
        adopt(journal, connection)
        destroyed = reapply(journal, urls, ledger, forget, at)
        if accept_loss:
            journal.accept(head_of(connection), at)
        agree(journal, connection, at)
        left = standing_keys(connection, journal.intended())
        return Returned(destroyed, len(left), head_of(connection).position)


def reapply(journal: Journal, urls: RoleUrls, ledger: str, forget: Forget, at: datetime) -> int:
    """Destroy the keys that stand although the journal says that they were destroyed.

    The log says so in new `records-expired` events, in streams of their own: the plan that named
    the keys may not be in the log that came back.

    Returns:
        How many keys.
    """
    with psycopg.connect(urls.purger, autocommit=True) as connection:
        standing = sorted(standing_keys(connection, journal.erased()))
        today = day_in_japan(at)
        connection.execute(_SET_DAY, (today, standing))
        if connection.execute(_LATER, (today, standing)).fetchone() is not None:
            raise ClockBehindError
        checked = head_of(connection).position
    purger = Connections(urls.purger, WRITER)
    try:
        expiring = Expiring(purger, forget)
        for begin in range(0, len(standing), KEYS_MAX):
            keys = tuple(standing[begin : begin + KEYS_MAX])
            expired = expiring.expire(keys, _sealer(keys, ledger, at), checked)
            journal.settle(keys, expired.position)
            checked = expired.position
    finally:
        purger.close()
    return len(standing)


def _sealer(keys: tuple[bytes, ...], ledger: str, at: datetime) -> Seal:
    place = Place(random_uuid(), 1, at, ACTOR, random_uuid())
    return lambda counts: seal(draft_of(RecordsExpired(keys, counts), place), None, ledger)
