"""Proofs that were used, in PostgreSQL: a proof is accepted once, whichever process it comes to.

There are no more rows than proofs that were accepted within the life of one: an accepted proof
takes rows away whose time is over, and what was not accepted leaves none.
"""

from datetime import datetime
from typing import Final

import psycopg

from api.auth.key_table import Connect
from ledger.errors import StoreUnavailableError

# Of those that two transactions would take away, each takes the ones that the other has not.
TAKE: Final = (
    "WITH over AS (SELECT digest FROM ledger.used_proofs WHERE until < %(at)s"
    " ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED),"
    " gone AS (DELETE FROM ledger.used_proofs WHERE digest IN (SELECT digest FROM over))"
    " INSERT INTO ledger.used_proofs (digest, until) VALUES (%(digest)s, %(until)s)"
    " ON CONFLICT (digest) DO NOTHING RETURNING true"
)


class UsedProofs:
    """The table of proofs that were used, with the rights of the writer."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def take(self, digest: bytes, until: datetime, at: datetime) -> bool:
        """Use a proof; False: it was used before.

        Args:
            digest: of the proof, 32 bytes.
            until: from when on its time makes it worthless; before, it is remembered.
            at: now, UTC.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        given = {"digest": digest, "until": until, "at": at}
        try:
            with self._connect() as connection:
                return connection.execute(TAKE, given).fetchone() is not None
        except psycopg.OperationalError:
            raise StoreUnavailableError from None
