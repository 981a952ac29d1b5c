"""Checks the logins of the database's roles: all of them or none, and each another one."""

from collections.abc import Mapping
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from api.environment.values import Values

_PLACES: Final = ("host", "hostaddr", "port", "dbname")


class DatabaseLogins(Values):
    """Checks the logins of the database's roles."""

    def check_logins(self, owner: str | None, logins: Mapping[str, str | None]) -> None:
        """Note what is missing where one of `logins` (by role) is set, and who is named twice."""
        if not any(logins.values()):
            return
        users = {conninfo_to_dict(owner).get("user")} if owner else set[object]()
        places = {_place(url) for url in (owner, *logins.values()) if url}
        for role, url in logins.items():
            name = f"LEDGER_DATABASE_URL_{role.removeprefix('ledger_').upper()}"
            if url is None:
                # A value that was refused is named already.
                if not any(line.startswith(name) for line in self.wrong):
                    self.refuse(name, "each role needs a login where one of them has its own")
                continue
            user = conninfo_to_dict(url).get("user")
            if user is None or user in users:
                self.refuse(name, "expected a user of its own: each role, and the owner, another")
            users.add(user)
        if len(places) > 1:
            self.refuse("LEDGER_DATABASE_URL_WRITER", "all logins lead to one database")


def _place(url: str) -> tuple[object, ...]:
    parts = conninfo_to_dict(url)
    return tuple(parts.get(name) for name in _PLACES)
