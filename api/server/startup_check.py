"""Opens the ledger only where its database and its erasure journal agree, and notes how far it is.

The head that was seen last stands outside the database, so that a restore to an older state is
noticed at the next start.
"""

import logging
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Final

import psycopg

from api.database import journal_of
from api.settings.settings import Settings
from ledger.backup.agreement import JournalLostError, agree
from ledger.backup.table_state import head_of, journal_id
from ledger.clock import now
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres.roles import RoleUrls
from ledger.retention.journal_file import SEEN_EVERY, Journal, JournalError
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


@contextmanager
def agreeing(settings: Settings, urls: RoleUrls) -> Generator[None]:
    """Check the agreement; then note the head every minute, and once more at the end.

    Raises:
        DisagreementError, JournalError: see `check_agreement`.
    """
    journal = check_agreement(settings, urls)
    if journal is None:
        yield
        return
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(journal, urls, ended), name="journal")
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()
        _note(journal, urls)


def _watch(journal: Journal, urls: RoleUrls, ended: threading.Event) -> None:
    while True:
        _note(journal, urls)
        if ended.wait(SEEN_EVERY.total_seconds()):
            return


def _note(journal: Journal, urls: RoleUrls) -> None:
    try:
        with psycopg.connect(urls.reader, autocommit=True) as connection:
            head = head_of(connection)
        journal.saw(head, now())
    except (psycopg.Error, OSError, JournalError) as error:
        # The ledger works without; what is lost is how soon a restore to an older state is noticed.
        log.warning("the head was not noted", extra={"error": type(error).__name__})
