"""Keys of the demo's callers: three platforms and their desks, each with what it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import psycopg

from api.auth import ApiKeyTable, Scope, make, person_owner
from api.demo.plan import PLATFORMS
from ledger.crypto.epoch import demo_secret
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres.roles import RoleUrls

DAYS: Final = 7
"""A demo's key does not live long, should somebody keep the demo."""

_OFFICER: Final[frozenset[Scope]] = frozenset(
    ("records:read", "records:write", "cases:read", "cases:write", "reply:download")
)
_APPROVER: Final[frozenset[Scope]] = frozenset(("cases:read", "cases:approve"))
_CHIEF: Final[frozenset[Scope]] = frozenset(("records:exclude",))
_AUDITOR: Final[frozenset[Scope]] = frozenset(("audit:read", "exports:create", "exports:read"))
_LEGAL: Final[frozenset[Scope]] = frozenset(("notices:write",))
_KEEPER: Final[frozenset[Scope]] = frozenset(("quarantine:write",))
_EMITTER: Final[frozenset[Scope]] = frozenset(("events:write", "events:read.own", "coverage:write"))
_OPERATOR: Final[frozenset[Scope]] = frozenset(("admin:config",))


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """What the callers present.

    Attributes:
        platforms: source → its key.
        officer, colleague: two officers (開示担当), who correct records and work on cases.
        approver: approves what one of them prepared (承認者).
        chief: excludes records (管理責任者).
        auditor: lists who looked at what, and exports (監査者).
        legal: publishes notices.
        keeper: looks after what was rejected.
        operator: registers the platforms.
    """

    platforms: dict[str, str]
    officer: str
    colleague: str
    approver: str
    chief: str
    auditor: str
    legal: str
    keeper: str
    operator: str

    def of(self, who: str) -> str:
        """The key of an officer, the approver or the chief, by the name of the attribute.

        Raises:
            KeyError: nobody who works on cases.
        """
        return dict(self.desk())[who]

    def desk(self) -> Iterator[tuple[str, str]]:
        """(name of the attribute, key) of everybody who works on cases."""
        yield "officer", self.officer
        yield "colleague", self.colleague
        yield "approver", self.approver
        yield "chief", self.chief
        yield "auditor", self.auditor


def make_keys(urls: RoleUrls, ledger: str, at: datetime) -> DemoKeys:
    """Make the keys of the demo's ledger and store them."""
    secret = LedgerSecret(demo_secret(), ledger)
    table = ApiKeyTable(lambda: psycopg.connect(urls.owner), secret.row_mac)

    def key(label: str, scopes: frozenset[Scope], source: str | None = None) -> str:
        # Everybody of the demo's desk is somebody else.
        owner = None if source is not None else person_owner(label)
        row, credential = make(f"demo {label}", scopes, source, at=at, days=DAYS, owner=owner)
        table.add(row)
        return credential

    return DemoKeys(
        platforms={
            source: key(str(urlsplit(source).hostname), _EMITTER, source) for source in PLATFORMS
        },
        officer=key("officer", _OFFICER),
        colleague=key("colleague", _OFFICER),
        approver=key("approver", _APPROVER),
        chief=key("chief", _CHIEF),
        auditor=key("auditor", _AUDITOR),
        legal=key("legal", _LEGAL),
        keeper=key("quarantine", _KEEPER),
        operator=key("operator", _OPERATOR),
    )
