"""Opens the ledger only where its database and its erasure journal agree, and notes how far it is.

The head that was seen last stands outside the database, so that a restore to an older state is
noticed within a second, or at the next start.
"""

import logging
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Final

import psycopg
from prometheus_client import CollectorRegistry

from api.database import journal_of
from api.server.silence import SilenceWatch
from api.settings.settings import Settings
from ledger.backup.agreement import JournalLostError, LogBehindError, agree, check_head
from ledger.backup.table_state import head_of, journal_id
from ledger.clock import now
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import BrokenWorldError, StoreUnavailableError
from ledger.postgres.roles import RoleUrls
from ledger.retention.journal_file import SEEN_EVERY, Head, Journal, JournalError
from ledger.store.connections import WRITER, Connections
from ledger.store.secret_check import KIND, check_secret

log: Final = logging.getLogger(__name__)


def check_agreement(settings: Settings, urls: RoleUrls) -> Journal | None:
    """The journal, once it agrees with the database; None where there is none to agree with.

    Raises:
        DisagreementError: the database was restored, or the journal is lost.
        JournalError: the journal is damaged, or another ledger's.
        OtherSecretError: the ledger was begun with another secret.
    """
    journal = journal_of(settings)
    secret = None if settings.secret is None else LedgerSecret(settings.secret, settings.name)
    if journal is not None and secret is None:
        raise JournalError("the erasure journal is compared with the ledger secret at hand only")
    if journal is not None and secret is not None:
        # Under another secret every line of the journal looks damaged: say what it is.
        with closing(Connections(urls.writer, WRITER)) as writer:
            check_secret(writer, secret.lookup_key(KIND))
    with psycopg.connect(urls.writer, autocommit=True) as connection:
        if journal is not None and secret is not None:
            prove = secret.expiry_proof
            for position in agree(journal, connection, now(), prove, secret.row_mac):
                log.error(
                    "a records-expired has no proof: the ledger did not decide on it; see "
                    "`ledger fsck`",
                    extra={"position": position},
                )
        elif journal_id(connection) is not None:
            raise JournalLostError(
                "this ledger has an erasure journal: set LEDGER_JOURNAL_DIR to where it is"
            )
    if journal is None:
        log.warning("no erasure journal: set LEDGER_JOURNAL_DIR; nothing is destroyed without it")
    return journal


class AgreementWatch:
    """Notes the head while the ledger is open, and whether the log still holds what was seen.

    A database can be put back under a running ledger: a standby that lags takes over, a snapshot
    is restored in place. What went on from there must not become what was seen last.
    """

    def __init__(self, journal: Journal | None, urls: RoleUrls) -> None:
        self._journal = journal
        self.connections = Connections(urls.writer, WRITER, size_max=1)
        self._noted: Head | None = None
        self._is_failing = False
        self._lost: LogBehindError | None = None

    def check(self) -> None:
        """Pass while nothing else is known than that the log holds what was seen.

        Raises:
            LogBehindError: it does not.
        """
        if self._lost is not None:
            raise self._lost

    def note(self) -> None:
        """Compare, and keep the head as the last one seen; nothing more once they differ."""
        journal = self._journal
        if journal is None or self._lost is not None:
            return

        def compared(connection: psycopg.Connection) -> Head:
            check_head(journal, connection)
            return head_of(connection)

        try:
            head = self.connections.read(compared)
            if head != self._noted:
                journal.saw(head, now())
                self._noted = head
        except LogBehindError as error:
            log.exception("the database was put back to an older state")
            self._lost = error
        except (StoreUnavailableError, BrokenWorldError, OSError, JournalError) as error:
            # The ledger works without; what is lost is how soon it is noticed.
            if not self._is_failing:
                log.warning("the head is not noted", extra={"error": type(error).__name__})
            self._is_failing = True
        else:
            if self._is_failing:
                log.info("the head is noted again")
            self._is_failing = False

    def run(self, ended: threading.Event) -> None:
        """Note it every second."""
        while True:
            self.note()
            if ended.wait(SEEN_EVERY.total_seconds()):
                return


@contextmanager
def noting(
    journal: Journal | None, urls: RoleUrls, answer_s_max: float
) -> Generator[AgreementWatch]:
    """Watch the agreement, and note the head once more at the end.

    Args:
        answer_s_max: seconds for one answer of the database; then it is hung up on and asked anew.
    """
    watch = AgreementWatch(journal, urls)
    silence = SilenceWatch({watch.connections: answer_s_max})
    ended, closed = threading.Event(), threading.Event()
    note = threading.Thread(target=watch.run, args=(ended,), name="journal")
    checker = threading.Thread(
        target=silence.keep_checking, args=(CollectorRegistry(), closed), name="journal-silence"
    )
    note.start()
    checker.start()
    try:
        yield watch
    finally:
        ended.set()
        note.join()
        watch.note()
        closed.set()
        checker.join()
        watch.connections.close()


@contextmanager
def agreeing(settings: Settings, urls: RoleUrls) -> Generator[AgreementWatch]:
    """Check the agreement; then watch it, as `noting` does.

    Raises:
        DisagreementError, JournalError: see `check_agreement`.
    """
    journal = check_agreement(settings, urls)
    with noting(journal, urls, settings.database_answer_s_max) as watch:
        yield watch
