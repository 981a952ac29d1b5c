"""What an operator is told of an error that may happen in a sound program: a sentence, no frames.

A message of PostgreSQL's client is never repeated: where a password in the URL holds an `@` or a
`/`, the client takes a part of it for the host and quotes it.
"""

from typing import Final

import psycopg

from api.server.projection_metrics import ProjectionLagError
from api.server.secrets import OtherMastersError
from api.server.supervisor import AddressError, ProcessEndedError
from api.settings.settings import SettingsError
from api.signed_log import LogFolderError
from ledger.crypto.epoch import KeyWorkRefusedError
from ledger.errors import (
    BrokenWorldError,
    CorruptRecordError,
    IndexDiffersError,
    LedgerError,
    StoreUnavailableError,
)
from ledger.postgres.errors import PostgresError, PreparationError
from ledger.store.secret_check import OtherSecretError

UNREACHABLE: Final = (
    "the database cannot be reached: see that it runs and that LEDGER_DATABASE_URL leads to it"
)
BEHIND: Final = (
    "the read side is further behind than LEDGER_PROJECTION_LAG_S_MAX allows: see that a follower "
    "runs, and how far it is with `ledger projections status`"
)
_REFUSED: Final = (
    # Words of libpq and of a server that speaks English, and what they mean.
    (("Connection refused", "No such file"), "nothing listens where LEDGER_DATABASE_URL leads to"),
    (("resolve host", "translate host"), "nobody knows the host that LEDGER_DATABASE_URL names"),
    (("timeout expired", "timed out"), "the host that LEDGER_DATABASE_URL names does not answer"),
    (
        ("authentication failed", "no password supplied", "no pg_hba.conf entry"),
        "the server refuses the user or the password of LEDGER_DATABASE_URL",
    ),
    (
        ("too many clients", "too many connections", "connection slots"),
        "the server has no connection left: see its max_connections",
    ),
    (("starting up", "shutting down", "recovery"), "the server starts or ends: try again"),
    (
        ("permission denied to set role",),
        "the login may not take a role of the ledger: run `ledger migrate` as its administrator",
    ),
)
_ADMINISTRATOR: Final = (
    "the database is not prepared for this program: an administrator of it must run the statements "
    "above"
)
_LOST: Final = ("08", "28", "53", "57")
"""Classes of SQLSTATE in which the server, not the statement, is the matter (appendix A)."""


def lines(error: Exception) -> tuple[str, ...] | None:
    """What to print of `error`, the last line being the sentence to act on.

    Returns:
        None for an error that nobody expects: its traceback is needed.
    """
    if isinstance(error, SettingsError):
        return ("; ".join(error.wrong),)
    if isinstance(error, PreparationError):
        return _preparation(error)
    sentence = _sentence(error)
    if sentence is None:
        return None
    head, *details = sentence.strip().splitlines()
    # The last line is what a service manager shows.
    return (*(line for line in details if line.strip()), head) if details else (head,)


def why(error: Exception) -> str:
    """One sentence on `error`, also on one that nobody expects."""
    explanation = lines(error)
    return (
        f"unexpected {type(error).__name__}: its place is in the log"
        if explanation is None
        else explanation[-1]
    )


def is_operators(error: Exception) -> bool:
    """Whether the sentence is all there is to know, and its place in the source tells no more."""
    if isinstance(error, BrokenWorldError):
        named = PostgresError | OtherSecretError | OtherMastersError | IndexDiffersError
        return isinstance(error, named)
    return lines(error) is not None


def _preparation(error: PreparationError) -> tuple[str, ...]:
    if all(line.startswith("--") for line in error.statements):
        return tuple(line.removeprefix("--").strip() for line in error.statements)
    return (*error.statements, _ADMINISTRATOR)


def _sentence(error: Exception) -> str | None:
    match error:
        case StoreUnavailableError():
            # With words it is another place than the database that cannot be reached.
            return str(error) or UNREACHABLE
        case ProjectionLagError():
            return BEHIND
        case OtherSecretError():
            return f"{error}: see LEDGER_SECRET_FILE (or LEDGER_SECRET)"
        case LogFolderError():
            return str(error)
        case AddressError():
            return f"{error}; LEDGER_HTTP_HOST and LEDGER_HTTP_PORT say where to listen"
        case ProcessEndedError() | KeyWorkRefusedError():
            return str(error)
        case LedgerError():
            return str(error) or error.code
        case CorruptRecordError():
            return f"{error}: run `ledger fsck`"
        case BrokenWorldError():
            return str(error) or type(error).__name__
        case psycopg.OperationalError() if _is_lost(error):
            return _refused(str(error))
        case _:
            return None


def _is_lost(error: psycopg.OperationalError) -> bool:
    return error.sqlstate is None or error.sqlstate[:2] in _LOST


def _refused(text: str) -> str:
    for words, meaning in _REFUSED:
        if any(word in text for word in words):
            return f"the database cannot be reached: {meaning}"
    return UNREACHABLE
