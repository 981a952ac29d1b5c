"""Back into agreement after a restore: the dead die again, a loss is admitted by a person.

Nobody else works on the database meanwhile: every process of the ledger refuses to start until
`ledger.backup.agreement` passes.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from ledger.backup.agreement import (
    DisagreementError,
    JournalLostError,
    adopt,
    agree,
    check_belongs,
    check_sums,
)
from ledger.backup.manifest import BackupError, Manifest
from ledger.backup.table_state import find_live_keys, frontier_up_to, head_of, journal_id
from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.row_macs import RowMac
from ledger.format.header import Prove
from ledger.postgres.roles import RoleUrls
from ledger.retention.expiry_write import DestroyedKeys
from ledger.retention.journal_file import Journal
from ledger.store.keys import live_rows

Destroy = Callable[[Collection[bytes], datetime], Sequence[DestroyedKeys]]
"""Destroys these keys at that instant, after it copied what must live on; what it destroyed."""


class ClockBehindError(DisagreementError):
    """A key was destroyed on its day, and by the clock that day has not come."""

    def __init__(self) -> None:
        super().__init__(
            "a destroyed key stands again whose day of death has not come: set the clock right"
        )


@dataclass(frozen=True, slots=True)
class RestoreAgreement:
    """What it took.

    Attributes:
        destroyed: keys that were destroyed again.
        unproven: positions of events that say that keys were destroyed, and the ledger did not
            decide it: nothing is destroyed for them, and what is gone is lost.
        open: keys that were about to be destroyed when the log ended, and stand: they are due, and
            the next expiry destroys them.
        head: the last position now.
    """

    destroyed: int
    open: int
    head: int
    unproven: tuple[int, ...] = ()


def check_restored(connection: psycopg.Connection, manifest: Manifest) -> None:
    """Pass when the log holds the events of the backup, all and unchanged.

    Raises:
        BackupError: it does not.
    """
    tree = frontier_up_to(connection, manifest.head)
    if tree.size != manifest.head or tree.root().hex() != manifest.root:
        raise BackupError("what was restored is not the log that the manifest speaks of")


def bring_back(  # noqa: PLR0913 -- both sides, and the two keys that they are believed by
    journal: Journal,
    urls: RoleUrls,
    destroy: Destroy,
    at: datetime,
    prove: Prove,
    mac: RowMac,
    *,
    accept_loss: bool = False,
) -> RestoreAgreement:
    """Destroy again what the journal says is destroyed, then let both agree.

    Args:
        destroy: see `ledger.retention`, `Retaining.destroy_again`; it must not wait for
            a follower.
        prove: `LedgerSecret.expiry_proof`.
        mac: `LedgerSecret.row_mac`.
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
        check_sums(journal, connection)
        # Who signed out since the backup is not let in again; everybody signs in anew.
        connection.execute("DELETE FROM ledger.sessions")
        adopt(journal, connection, prove)
        destroyed = reapply(journal, urls, destroy, at, mac)
        if accept_loss:
            journal.accept(head_of(connection), at)
        unproven = agree(journal, connection, at, prove, mac)
        left = find_live_keys(connection, journal.intended(), mac)
        head = head_of(connection).position
        return RestoreAgreement(destroyed, len(left), head, tuple(unproven))


def reapply(journal: Journal, urls: RoleUrls, destroy: Destroy, at: datetime, mac: RowMac) -> int:
    """Destroy the keys that stand although the journal says that they were destroyed.

    All at once: what lives under one of them is no reason to keep what dies with another. The log
    says so in new `records-expired` events, in streams of their own: the plan that named the keys
    may not be in the log that came back. When it is cut off, the keys that are left stand again.

    Returns:
        How many keys.
    """
    with psycopg.connect(urls.reader) as connection:
        rows = live_rows(connection, journal.erased(), mac)
    today = day_in_japan(at)
    if any(row.day is not None and row.day > today for row in rows):
        raise ClockBehindError
    live_keys = sorted(row.key_id for row in rows)
    if live_keys:
        for expired in destroy(live_keys, at):
            journal.settle(expired.keys, expired.position)
    return len(live_keys)
