"""Keys of the demo's callers: three platforms and their desks, each with what it needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import psycopg

from api.auth import KeyTable, Scope, make
from api.demo.plan import PLATFORMS
from ledger.postgres.roles import RoleUrls

DAYS: Final = 7
"""A demo's key does not live long, should somebody keep the demo."""

_OFFICER: Final[frozenset[Scope]] = frozenset(("records:read", "records:write"))
_LEGAL: Final[frozenset[Scope]] = frozenset(("notices:write",))
_KEEPER: Final[frozenset[Scope]] = frozenset(("quarantine:write",))
_EMITTER: Final[frozenset[Scope]] = frozenset(("events:write", "events:read.own", "coverage:write"))
_OPERATOR: Final[frozenset[Scope]] = frozenset(("admin:config",))


@dataclass(frozen=True, slots=True)
class Keys:
    """What the callers present.

    Attributes:
        platforms: source → its key.
        officer: reads and corrects records.
        legal: publishes notices.
        keeper: looks after what was rejected.
        operator: registers the platforms.
    """

    platforms: dict[str, str]
    officer: str
    legal: str
    keeper: str
    operator: str


def made(urls: RoleUrls, at: datetime) -> Keys:
    """Make the keys and store them."""
    table = KeyTable(lambda: psycopg.connect(urls.owner))

    def key(label: str, scopes: frozenset[Scope], source: str | None = None) -> str:
        row, credential = make(f"demo {label}", scopes, source, at=at, days=DAYS)
        table.add(row)
        return credential

    return Keys(
        platforms={
            source: key(str(urlsplit(source).hostname), _EMITTER, source) for source in PLATFORMS
        },
        officer=key("officer", _OFFICER),
        legal=key("legal", _LEGAL),
        keeper=key("quarantine", _KEEPER),
        operator=key("operator", _OPERATOR),
    )
