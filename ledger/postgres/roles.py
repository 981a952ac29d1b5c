"""The database roles, and how a connection takes one.

One login is enough: it is a member of the five roles, inherits nothing from them, and each
connection takes one role at its start (`options=-c role=…`), so a pool of the writer works with
the writer's rights and no others.

What that protects against: a mistake in a statement, a forgotten WHERE, a component that does
more than its task, SQL that a bug lets in where only one statement runs. What it does not protect
against: whoever can run statements of their own choice on that connection can `SET ROLE` to
another role of the same login, `ledger_owner` included. Where that matters (a process for the API
that must never be able to delete), give each process a login of its own that is a member of its
role alone, and build `RoleUrls` from those.

A pooler that refuses the start-up parameter `options` (PgBouncer without
`ignore_startup_parameters`) needs such separate logins too, with `ALTER ROLE … SET role` and
`ALTER ROLE … SET timezone = 'UTC'`.
"""

from dataclasses import dataclass, field
from typing import Final, LiteralString

from psycopg.conninfo import conninfo_to_dict, make_conninfo

OWNER: Final = "ledger_owner"
WRITER: Final = "ledger_writer"
PROJECTOR: Final = "ledger_projector"
PURGER: Final = "ledger_purger"
READER: Final = "ledger_reader"

ROLES: Final[tuple[LiteralString, ...]] = (OWNER, WRITER, PROJECTOR, PURGER, READER)
"""Role names are the same in every database; PostgreSQL's roles belong to the whole server."""


@dataclass(frozen=True, slots=True)
class RoleUrls:
    """Connection strings, one a role; each may hold a password, so none is printed.

    Attributes:
        owner: migrations; may do everything in the schemas.
        writer: the append: SELECT and INSERT on the write side, UPDATE of the head.
        projector: SELECT on the write side; owns the read side.
        purger: appends retention events; moves days; deletes sealed parts, keys, index rows.
        reader: SELECT.
    """

    owner: str = field(repr=False)
    writer: str = field(repr=False)
    projector: str = field(repr=False)
    purger: str = field(repr=False)
    reader: str = field(repr=False)


def as_role(url: str, role: str) -> str:
    """`url` (a URL or key=value string), taking `role` when it connects, in UTC.

    Instants are read in the zone of the session, and the code takes and gives UTC alone: whatever
    zone the server, the database or the login is set to does not count.
    """
    options = conninfo_to_dict(url).get("options")
    taken = f"-c role={role} -c timezone=UTC"
    return make_conninfo(
        url,
        options=f"{options} {taken}" if options else taken,
        application_name=role.replace("_", "-"),
    )


def role_urls(url: str) -> RoleUrls:
    """All roles through the one login of `url`."""
    return RoleUrls(
        owner=as_role(url, OWNER),
        writer=as_role(url, WRITER),
        projector=as_role(url, PROJECTOR),
        purger=as_role(url, PURGER),
        reader=as_role(url, READER),
    )
