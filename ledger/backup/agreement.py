"""A ledger opens only where its database and its erasure journal agree.

They disagree after a restore: keys stand again that were destroyed since the backup was taken, or
the log ends before a position that was seen. Somebody may have restored it with other tools, so it
is asked at every start, not only by `ledger restore`.
"""

from datetime import datetime
from uuid import UUID

import psycopg

from ledger.backup.table_state import (
    event_hash_at,
    find_live_keys,
    head_of,
    journal_id,
    journal_is_keyed,
    leave_journal_id,
    leave_journal_keyed,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.row_macs import RowMac
from ledger.errors import BrokenWorldError
from ledger.format.header import Prove
from ledger.retention.journal_file import Journal, JournalError
from ledger.retention.proved_expiries import expiries


class DisagreementError(BrokenWorldError):
    """Database and erasure journal disagree; the message says what to do."""


class JournalLostError(DisagreementError):
    """The journal that belongs to this database is not where it should be."""


class DestroyedKeysPresentError(DisagreementError):
    """Keys that were destroyed stand again.

    Attributes:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} destroyed keys stand again, so the database was restored: "
            "`ledger restore` destroys them again"
        )
        self.count = count


class LogBehindError(DisagreementError):
    """The log ends before a position that was seen, or holds another event there.

    Attributes:
        head: the last position.
        seen: the last one that was seen.
    """

    def __init__(self, head: int, seen: int) -> None:
        what = f"ends at position {head}" if head < seen else f"holds another event at {seen}"
        super().__init__(
            f"the log {what}, and position {seen} was seen: it was restored to an older state; "
            "restore a newer backup, or let `ledger restore --accept-loss` say that what followed "
            "is lost"
        )
        self.head = head
        self.seen = seen


def agree(
    journal: Journal, connection: psycopg.Connection, at: datetime, prove: Prove, mac: RowMac
) -> list[int]:
    """Pass when both agree; begin a journal for a database that never had one.

    Args:
        connection: of the role writer, in autocommit.
        prove: `LedgerSecret.expiry_proof`.
        mac: `LedgerSecret.row_mac`; a key that somebody added without it stands in nobody's way.

    Returns:
        See `adopt`.

    Raises:
        DisagreementError: see its kinds.
        JournalError: the journal is damaged, or another ledger's.
    """
    known = journal_id(connection)
    if known is None and not journal.exists:
        journal.begin(random_uuid(), at)
    check_belongs(journal, known)
    check_sums(journal, connection)
    unproven = adopt(journal, connection, prove)
    if live_keys := find_live_keys(connection, journal.erased(), mac):
        raise DestroyedKeysPresentError(len(live_keys))
    check_head(journal, connection)
    if known is None:
        leave_journal_id(connection, journal.id())
    journal.key_sums(at)
    leave_journal_keyed(connection, journal.id())
    return unproven


def check_belongs(journal: Journal, known: UUID | None) -> None:
    """Pass when the journal is there, and is the one that `known` names; None: any.

    Raises:
        JournalLostError: it is not.
        JournalError: it is damaged, or another ledger's.
    """
    if not journal.exists or (known is not None and journal.id() != known):
        raise JournalLostError(
            f"the erasure journal of this ledger is not in {journal.folder}: set "
            "LEDGER_JOURNAL_DIR to where it is, or see `ledger restore --help` if it is lost"
        )


def check_sums(journal: Journal, connection: psycopg.Connection) -> None:
    """Pass unless a journal that has had keyed check sums has none: it was made by somebody else.

    Raises:
        JournalError: it was, or it is damaged.
    """
    if journal_is_keyed(connection, journal.id()) and not journal.is_keyed:
        raise JournalError(
            f"the erasure journal in {journal.folder} has no keyed check sum, and it had: somebody "
            "without the ledger secret wrote it; take a copy of it that is whole"
        )


def adopt(journal: Journal, connection: psycopg.Connection, prove: Prove) -> list[int]:
    """Let the journal know what the log proves was destroyed.

    A process may have been killed between the commit and the line about it.

    Returns:
        Positions of events that say that keys were destroyed, and the ledger did not decide it:
        the journal learns nothing from them, so that a backup of before still opens.
    """
    erased, unproven = journal.erased(), list[int]()
    for one in expiries(connection, prove):
        if not one.is_believed:
            unproven.append(one.position)
        elif not erased.issuperset(one.keys):
            journal.settle(one.keys, one.position)
    return unproven


def check_head(journal: Journal, connection: psycopg.Connection) -> None:
    """Pass when the log holds what was seen last.

    Raises:
        LogBehindError: it does not.
    """
    seen = journal.last_head()
    if seen is None or seen.position == 0:
        return
    if event_hash_at(connection, seen.position) != seen.event_hash:
        raise LogBehindError(head_of(connection).position, seen.position)
