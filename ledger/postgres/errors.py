"""What can be wrong with the database before the ledger runs at all."""

from collections.abc import Iterable

from ledger.errors import BrokenWorldError


class PostgresError(BrokenWorldError):
    """PostgreSQL could not be found, started, reached or prepared; the message says what to do."""


class BinariesError(PostgresError):
    """No PostgreSQL that runs here was found."""


class UnreachableFolderError(PostgresError):
    """The server's OS user cannot reach a folder it needs; nothing was changed on it."""


class ServerStartError(PostgresError):
    """The server did not start; the end of its log is in the message."""


class MajorVersionError(PostgresError):
    """The data folder belongs to another major version of PostgreSQL than the binaries."""


class PreparationError(PostgresError):
    """The connection's user may not do what preparing the database needs.

    Attributes:
        statements: what somebody with more rights must run, in order.
    """

    def __init__(self, statements: tuple[str, ...]) -> None:
        super().__init__("a database administrator must run:\n" + "\n".join(statements))
        self.statements = statements


class LoginSettingsError(PostgresError):
    """A login has settings that the ledger did not make; each login may give some to itself."""

    def __init__(self, users: Iterable[str], statements: Iterable[str]) -> None:
        super().__init__(
            f"settings that the ledger did not make are with the login {', '.join(users)}: they "
            "can stop its work, and whoever has the login can make them; find out who did (one of "
            "your own goes to the database: ALTER DATABASE … SET), then run:\n"
            + "\n".join(statements)
        )


class MigrationError(PostgresError):
    """The schema in the database and the migration files do not fit together."""


class LedgerNameError(PostgresError):
    """The database holds a ledger of another name; one database holds one ledger."""


class OwnerNeededError(PostgresError):
    """The database's owner is needed, and this process has the logins of the other roles alone."""

    def __init__(self) -> None:
        super().__init__(
            "this needs the login that owns the database: set LEDGER_DATABASE_URL for this command"
        )


class NotMigratedError(PostgresError):
    """The database is not that of this program, and this process may not change it."""

    def __init__(self) -> None:
        super().__init__(
            "the database is empty or of an older program: run `ledger migrate` with the login "
            "that owns it (LEDGER_DATABASE_URL)"
        )
