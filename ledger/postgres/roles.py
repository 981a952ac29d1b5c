"""The database roles, and how a connection takes one.

Each connection takes one role at its start (`options=-c role=…`), so a pool of the writer works
with the writer's rights and no others. There is a login for each role that serves, a member of that
role alone, and one for the owner, which migrates: whoever runs statements of their own choice on a
connection of the writer can `SET ROLE` to nothing else.

One login is enough: it is then a member of the five roles and inherits nothing from them. What that
protects against: a mistake in a statement, a forgotten WHERE, a component that does more than its
task. What it does not protect against: whoever runs statements of their own can `SET ROLE` to every
role, `ledger_owner` included. `ledger.postgres.logins.taking_more` says so at each start.

A pooler that refuses the start-up parameter `options` (PgBouncer without
`ignore_startup_parameters`) needs such separate logins too, with `ALTER ROLE … SET role` and
`ALTER ROLE … SET timezone = 'UTC'`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, LiteralString

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.postgres.errors import OwnerNeededError

OWNER: Final = "ledger_owner"
WRITER: Final = "ledger_writer"
PROJECTOR: Final = "ledger_projector"
PURGER: Final = "ledger_purger"
READER: Final = "ledger_reader"

ROLES: Final[tuple[LiteralString, ...]] = (OWNER, WRITER, PROJECTOR, PURGER, READER)
"""Role names are the same in every database; PostgreSQL's roles belong to the whole server."""

SERVING: Final[tuple[LiteralString, ...]] = (WRITER, PROJECTOR, PURGER, READER)
"""Those of the processes that serve, in the order of `RoleUrls`."""

Logins = Mapping[str, str]
"""Role that serves → connection string of its own login, all four of them."""


@dataclass(frozen=True, slots=True)
class RoleUrls:
    """Connection strings, one a role; each may hold a password, so none is printed.

    Attributes:
        writer: the append: SELECT and INSERT on the write side, UPDATE of the head.
        projector: SELECT on the write side; changes rows of the read side.
        purger: appends retention events; moves days; deletes sealed parts, keys, index rows.
        reader: SELECT.
    """

    writer: str = field(repr=False)
    projector: str = field(repr=False)
    purger: str = field(repr=False)
    reader: str = field(repr=False)
    owner_or_none: str | None = field(repr=False)

    @property
    def owner(self) -> str:
        """For migrations; may do everything in the schemas. No process that serves has it.

        Raises:
            OwnerNeededError: this process was given the logins of the other roles alone.
        """
        if self.owner_or_none is None:
            raise OwnerNeededError
        return self.owner_or_none

    @property
    def serving(self) -> Mapping[str, str]:
        """Role that serves → its connection string."""
        return dict(
            zip(SERVING, (self.writer, self.projector, self.purger, self.reader), strict=True)
        )


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


def role_urls(url: str, logins: Logins | None = None) -> RoleUrls:
    """The owner through the login of `url`, the others through their own, or through it as well."""
    of = logins or {str(role): url for role in SERVING}
    return replace(serving_urls(of), owner_or_none=as_role(url, OWNER))


def serving_urls(logins: Logins) -> RoleUrls:
    """The roles that serve, through their logins; no owner."""
    return RoleUrls(
        writer=as_role(logins[WRITER], WRITER),
        projector=as_role(logins[PROJECTOR], PROJECTOR),
        purger=as_role(logins[PURGER], PURGER),
        reader=as_role(logins[READER], READER),
        owner_or_none=None,
    )
